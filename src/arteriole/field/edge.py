"""Whether a mask is cut off by the edge of the volume, and how badly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class EdgeTouch:
    """Where a mask reaches the faces of the volume.

    Parameters
    ----------
    shares : tuple of 3 float
        Largest part of a face across each axis that the mask covers, [0, 1].
    slab_axis : int
        The axis whose faces are covered most: a slab of the head ends there.
    aside : float
        The largest share across the other two axes.
    """

    shares: tuple[float, float, float]
    slab_axis: int
    aside: float


def touch_edge(mask: NDArray[np.bool_]) -> EdgeTouch:
    """Measure how much of the volume's faces a mask covers.

    Parameters
    ----------
    mask : ndarray, bool, (x, y, z)
        Brain.

    Raises
    ------
    ValueError
        If the mask has not three dimensions.

    Notes
    -----
    A slab that ends inside the head covers parts of the two faces across one axis, which is normal.
    A mask that also covers a good part of faces across another axis either leaks to where there is
    no head, or belongs to a volume that was cropped inside the brain: the field of what lies
    beyond is unknown on several sides, and no method of background removal is made for that.
    """
    if mask.ndim != 3:
        raise ValueError(f"a mask has three dimensions, not shape {mask.shape}")
    faces = [np.moveaxis(mask, axis, 0) for axis in range(3)]
    covered = [max(float(m[side].mean()) for side in (0, -1)) for m in faces]
    slab = int(np.argmax(covered))
    aside = max(share for axis, share in enumerate(covered) if axis != slab)
    return EdgeTouch((covered[0], covered[1], covered[2]), slab, aside)
