"""The raw material of every susceptibility marker: complex echoes on one grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid


@dataclass(frozen=True, eq=False)
class GradientEcho:
    """A multi- or single-echo gradient-echo scan of one session.

    Parameters
    ----------
    magnitude : ndarray, float32, (e, x, y, z)
        Signal magnitude, any unit, not negative.
    phase : ndarray, float32, (e, x, y, z), or None
        Wrapped phase in radians, [-pi, pi]; it grows with time where the field is above B0.
    te_s : tuple of float
        Echo times in seconds, increasing.
    b0_tesla : float
        Main field strength.
    grid : Grid
        Where the voxels are.
    b0_direction : tuple of 3 float, optional
        Unit vector of the main field in voxel axes; from the grid unless given.

    Raises
    ------
    ValueError
        If the arrays do not fit the grid or each other, the times do not increase, or the field
        strength is not positive.
    """

    magnitude: NDArray[np.float32]
    phase: NDArray[np.float32] | None
    te_s: tuple[float, ...]
    b0_tesla: float
    grid: Grid
    b0_direction: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        expected = (len(self.te_s), *self.grid.shape)
        if self.magnitude.shape != expected:
            raise ValueError(f"magnitude has shape {self.magnitude.shape}, expected {expected}")
        if self.phase is not None and self.phase.shape != expected:
            raise ValueError(f"phase has shape {self.phase.shape}, expected {expected}")
        if not all(a < b for a, b in zip((0.0, *self.te_s), self.te_s, strict=False)):
            raise ValueError(f"echo times must be positive and increase, not {self.te_s}")
        if not self.b0_tesla > 0:
            raise ValueError(f"field strength must be positive, not {self.b0_tesla} T")
        if self.b0_direction == (0.0, 0.0, 0.0):
            object.__setattr__(self, "b0_direction", self.grid.b0_direction)

    @property
    def echoes(self) -> int:
        """Number of echoes."""
        return len(self.te_s)
