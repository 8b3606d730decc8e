"""Masks of what the skull holds, and of the brain with its folds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.registration.resample import resample
from arteriole.grid import Grid
from arteriole.numerics.morphology import (
    bounding_box,
    closed,
    fill_holes,
    largest_component,
)

Mask = NDArray[np.bool_]
Size3 = tuple[float, float, float]

FOLDS_MM = 8.0
"""Clefts of the brain narrower than twice this belong to its mask."""


def inside_skull(probabilities: NDArray[np.float32], work: Grid, grid: Grid) -> Mask:
    """Return the voxels that are inside the skull by probabilities on another grid.

    Parameters
    ----------
    probabilities : ndarray, float32, (18, p, q, r)
        Of each part; the first is outside.
    work, grid : Grid
        Where the probabilities are, and where the mask is wanted.

    Returns
    -------
    ndarray of bool, shape of ``grid``
        One connected region without holes; empty where nothing is likelier than outside.
    """
    within = resample(1 - probabilities[c.OUTSIDE], work, onto=grid)
    return fill_holes(largest_component(within > 0.5))


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
