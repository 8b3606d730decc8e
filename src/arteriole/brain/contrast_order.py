"""Whether the contrast of an image is the one that its name says."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c

LEAST_VOXELS = 50
MARGIN = 1.1
"""So many times brighter is taken to be meant."""

_SHOULD_BE: dict[str, tuple[tuple[str, str], ...]] = {
    "t1w": (("white matter", "fluid"), ("white matter", "grey matter")),
    "flair": (("white matter", "fluid"), ("grey matter", "fluid")),
    "t2w": (("fluid", "white matter"), ("grey matter", "white matter")),
}
"""What is brighter than what: the first of each pair."""
_PARTS = {"white matter": (c.WHITE,), "grey matter": (c.CORTEX,), "fluid": (c.LATERAL,)}


def unlike_kind(image: NDArray[Any], labels: NDArray[Any], kind: str) -> str:
    """Return in words how the contrast differs from what the kind of image should show.

    Parameters
    ----------
    image : ndarray, (x, y, z)
        The image.
    labels : ndarray, (x, y, z)
        Parts of `arteriole.brain.classes.CLASSES`.
    kind : str
        ``t1w``, ``flair`` or ``t2w``; other kinds have no rule.

    Returns
    -------
    str
        Empty where all is as it should be, or where there is too little of a tissue to tell.

    Notes
    -----
    Medians are compared; only a difference of 10 % the wrong way round counts. Babies, strong bias,
    and contrast agent may be told of wrongly: it is a flag, nothing more.

    Examples
    --------
    >>> labels = np.repeat([c.WHITE, c.CORTEX, c.LATERAL], 60).reshape(3, 6, 10)
    >>> unlike_kind(np.choose(labels, np.arange(18.0)), labels, "t1w")
    'fluid is brighter than white matter, unlike in T1w'
    """
    middle = {
        name: float(np.median(image[found]))
        for name, parts in _PARTS.items()
        if np.count_nonzero(found := np.isin(labels, parts)) >= LEAST_VOXELS
    }
    for brighter, darker in _SHOULD_BE.get(kind, ()):
        if brighter in middle and darker in middle and middle[darker] > MARGIN * middle[brighter]:
            return f"{darker} is brighter than {brighter}, unlike in {_NAMES[kind]}"
    return ""


_NAMES = {"t1w": "T1w", "flair": "FLAIR", "t2w": "T2w"}
