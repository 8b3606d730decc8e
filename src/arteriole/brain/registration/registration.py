"""What a registration gives: the transform, how sure it is, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from arteriole.brain.registration.transforms import Affine, Transform


@dataclass(frozen=True, eq=False)
class Registration:
    """A transform from the fixed image's world to the moving image's, and what speaks for it.

    Parameters
    ----------
    transform : ndarray (4, 4) or Warp
        Takes a point of the fixed world (RAS+ mm) to the moving world.
    confidence : float
        Probability that no place of the brain is off by more than 2 mm (rigid) or 5 mm (to a
        template), 0 to 1.
    assessable : bool
        Whether the confidence reaches the least that is asked for. What would be measured through
        a transform that is not assessable must be given as not assessable.
    reason : str
        Why it is not assessable, in words; empty if it is.
    measures : mapping of str to float
        What the confidence was made of; names end in their unit.
    """

    transform: Transform
    confidence: float
    assessable: bool
    reason: str
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def affine(self) -> Affine:
        """The transform as an affine.

        Raises
        ------
        ValueError
            If it is a warp.
        """
        import numpy as np

        if not isinstance(self.transform, np.ndarray):
            raise ValueError("the transform is a warp, not an affine")
        return self.transform
