"""How far voxels are from the cortex and from the lateral ventricles, in millimetres."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.brain import classes as c

Size3 = tuple[float, float, float]


def distance_to(
    labels: NDArray[Any], parts: tuple[int, ...], *, voxel_size_mm: Size3
) -> NDArray[np.float32]:
    """Return for each voxel the distance (mm) to the nearest voxel of some parts, 0 in them.

    Parameters
    ----------
    labels : ndarray, (x, y, z)
        Parts of `arteriole.brain.classes.CLASSES`.
    parts : tuple of int
        Which parts.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm; distances are between centres of voxels.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Infinite where the labels hold none of the parts.
    """
    away = ~np.isin(labels, parts)
    if away.all():
        return np.full(labels.shape, np.inf, dtype=np.float32)
    distance = scipy.ndimage.distance_transform_edt(away, sampling=voxel_size_mm)
    return np.asarray(distance, dtype=np.float32)


def ventricle_distance(labels: NDArray[Any], *, voxel_size_mm: Size3) -> NDArray[np.float32]:
    """Return the distance (mm) to the lateral ventricles alone: the periventricular measure."""
    return distance_to(labels, (c.LATERAL,), voxel_size_mm=voxel_size_mm)


def cortex_distance(labels: NDArray[Any], *, voxel_size_mm: Size3) -> NDArray[np.float32]:
    """Return the distance (mm) to the cortex of the cerebrum."""
    return distance_to(labels, (c.CORTEX,), voxel_size_mm=voxel_size_mm)
