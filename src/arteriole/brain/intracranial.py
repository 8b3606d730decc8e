"""Masks of what the skull holds, and of the brain with its folds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.grid import Grid
from arteriole.numerics.morphology import (
    bounding_box,
    closed,
    fill_holes,
    largest_component,
    opened,
)

Mask = NDArray[np.bool_]
Size3 = tuple[float, float, float]

BRIDGE_MM, GAP_MM = 2.0, 3.0
"""Radii of bridges to what is outside, which are cut, and of gaps, which are closed."""
FOLDS_MM = 8.0
"""Clefts of the brain narrower than twice this belong to its mask."""


def inside_skull(labels: NDArray[Any], *, voxel_size_mm: Size3) -> Mask:
    """Return the voxels that are inside the skull: one region without holes.

    Parameters
    ----------
    labels : ndarray, (x, y, z)
        Parts of `arteriole.brain.classes.CLASSES`.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.

    Returns
    -------
    ndarray of bool, (x, y, z)
        What a ball of 2 mm can reach without leaving it, gaps of less than 6 mm closed; empty
        where no voxel is of a brain.
    """
    out = np.zeros(labels.shape, dtype=np.bool_)
    if (labels > c.OUTSIDE).any():
        box = bounding_box(labels > c.OUTSIDE)
        within = opened(labels[box] > c.OUTSIDE, BRIDGE_MM, voxel_size_mm=voxel_size_mm)
        whole = largest_component(within)
        out[box] = fill_holes(closed(whole, GAP_MM, voxel_size_mm=voxel_size_mm))
    return out


def brain_with_folds(labels: NDArray[Any], *, voxel_size_mm: Size3) -> Mask:
    """Return brain, ventricles and the fluid of folds narrower than 16 mm.

    Parameters
    ----------
    labels : ndarray, (x, y, z)
        Parts of `arteriole.brain.classes.CLASSES`.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.

    Returns
    -------
    ndarray of bool, (x, y, z)
        Empty where there is no brain.
    """
    brain = np.isin(labels, c.BRAIN)
    out = np.zeros(labels.shape, dtype=np.bool_)
    if brain.any():
        box = bounding_box(brain)
        folds = closed(largest_component(brain[box]), FOLDS_MM, voxel_size_mm=voxel_size_mm)
        out[box] = fill_holes(folds & (labels[box] > 0))
    return out


def volume_ml(mask: Mask, grid: Grid) -> float:
    """Return the volume of a mask, mL."""
    return float(mask.sum() * grid.voxel_volume_mm3 / 1000)
