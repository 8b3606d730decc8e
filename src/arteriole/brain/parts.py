"""Volumes of the parts of a head, of both sides and of each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.region_map import Region
from arteriole.grid import Grid

SIDED = (
    c.LATERAL, c.THALAMUS, c.CAUDATE, c.PUTAMEN, c.ACCUMBENS, c.PALLIDUM, c.HIPPOCAMPUS,
    c.AMYGDALA, c.CORTEX, c.WHITE,
)  # fmt: skip
"""Parts of which each side is told."""


def volumes_of(
    shares: NDArray[np.float32], labels: NDArray[Any], intracranial: NDArray[np.bool_], grid: Grid
) -> dict[str, Any]:
    """Return the volumes of a head, mL.

    Parameters
    ----------
    shares : ndarray, (3, x, y, z)
        Probability of fluid, grey and white matter.
    labels : ndarray, (x, y, z)
        Parts of `arteriole.brain.classes.CLASSES`.
    intracranial : ndarray of bool
        What the skull holds.
    grid : Grid
        Where the voxels are.

    Returns
    -------
    dict
        ``intracranial_ml``, ``fluid_ml``, ``grey_ml``, ``white_ml`` (partial volumes),
        ``brain_ml`` (grey and white), ``parts_ml`` (voxels of each part, by name).
    """
    ml = grid.voxel_volume_mm3 / 1000.0
    fluid, grey, white = (float(one.sum(dtype=np.float64)) * ml for one in shares)
    counts = np.bincount(labels.ravel(), minlength=len(c.CLASSES))
    return {
        "intracranial_ml": round(float(intracranial.sum()) * ml, 3),
        "fluid_ml": round(fluid, 3),
        "grey_ml": round(grey, 3),
        "white_ml": round(white, 3),
        "brain_ml": round(grey + white, 3),
        "parts_ml": {
            name: round(float(counts[n]) * ml, 4) for n, name in enumerate(c.CLASSES) if n
        },
    }


def sided_volumes(
    labels: NDArray[Any], left: NDArray[np.bool_], grid: Grid
) -> dict[str, dict[str, float]]:
    """Return the volume of each side of the parts that have two, mL."""
    ml = grid.voxel_volume_mm3 / 1000.0
    both = np.bincount(labels.ravel(), minlength=len(c.CLASSES))
    ours = np.bincount(labels[left], minlength=len(c.CLASSES))
    return {
        c.CLASSES[part]: {
            "left": round(float(ours[part]) * ml, 4),
            "right": round(float(both[part] - ours[part]) * ml, 4),
        }
        for part in SIDED
    }


def part_names() -> dict[int, Region]:
    """Return what the labels of parts stand for, without what is outside."""
    return {number: Region(name) for number, name in enumerate(c.CLASSES) if number}
