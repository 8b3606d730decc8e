"""Whether a scan holds the whole head: where its edge cuts what the skull holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid

Mask = NDArray[np.bool_]

LEAST_CUT_MM2 = 400.0
"""A mask that touches an edge of the volume with less than this is taken to end there."""
HALF_MM2 = 4000.0
"""So much is cut at a side only where a large part of the head was not scanned."""

FACES = {
    (0, -1): "the left side", (0, 1): "the right side", (1, -1): "the back", (1, 1): "the front",
    (2, -1): "the base", (2, 1): "the vertex",
}  # fmt: skip
"""World axis (RAS) and direction of each face, and what lies there."""


def cut_faces(mask: Mask, grid: Grid) -> dict[str, float]:
    """Return what the scan's edges cut off of a mask, and the area of each cut, mm2.

    Parameters
    ----------
    mask : ndarray of bool, (x, y, z)
        What the skull holds.
    grid : Grid
        Where its voxels are.

    Returns
    -------
    dict of str to float
        By the words of `FACES`; faces that cut less than 4 cm2 are left out.

    Raises
    ------
    ValueError
        If the mask does not fit the grid.

    Notes
    -----
    Each face of the volume counts for the world's direction closest to its normal. A skull-stripped
    image that was cropped to the brain touches its edges over small areas only.
    """
    if mask.shape != grid.shape:
        raise ValueError(f"a mask of {mask.shape} on a grid of {grid.shape}")
    sizes = grid.voxel_size_mm
    cuts = {}
    for axis in range(3):
        area = grid.voxel_volume_mm3 / sizes[axis]
        world = int(np.argmax(np.abs(grid.rotation[:, axis])))
        forward = 1 if grid.rotation[world, axis] > 0 else -1
        for index, sign in ((0, -forward), (-1, forward)):
            cut = float(np.take(mask, index, axis=axis).sum() * area)
            if cut >= LEAST_CUT_MM2:
                cuts[FACES[world, sign]] = cut
    return cuts


def words_of_cuts(cuts: Mapping[str, float]) -> str:
    """Return in words what a scan misses; empty when it is whole.

    Examples
    --------
    >>> words_of_cuts({"the base": 900.0, "the vertex": 500.0})
    'the field of view misses the base and the vertex'
    >>> words_of_cuts({"the left side": 9000.0})
    'the field of view misses a large part of the head (the left side)'
    """
    if not cuts:
        return ""
    named = " and ".join(cuts)
    ends = (FACES[2, -1], FACES[2, 1])
    if any(area >= HALF_MM2 for name, area in cuts.items() if name not in ends):
        return f"the field of view misses a large part of the head ({named})"
    return f"the field of view misses {named}"


def regions_cut(labels: NDArray[Any], grid: Grid, cuts: Collection[str]) -> set[int]:
    """Return the labels that touch an edge of the volume which cuts the head."""
    found: set[int] = set()
    for axis in range(3):
        world = int(np.argmax(np.abs(grid.rotation[:, axis])))
        forward = 1 if grid.rotation[world, axis] > 0 else -1
        for index, sign in ((0, -forward), (-1, forward)):
            if FACES[world, sign] in cuts:
                found |= {int(one) for one in np.unique(np.take(labels, index, axis=axis)) if one}
    return found
