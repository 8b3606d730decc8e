"""Zones of white matter by distance: periventricular and deep, as in the Fazekas scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

PERIVENTRICULAR, DEEP = 1, 2


def fazekas_zones(
    white: NDArray[np.bool_], ventricle_distance_mm: NDArray[Any], *, limit_mm: float = 10.0
) -> NDArray[np.uint8]:
    """Divide white matter, or lesions in it, by distance from the lateral ventricles.

    Parameters
    ----------
    white : ndarray of bool, (x, y, z)
        What is to be divided.
    ventricle_distance_mm : ndarray, (x, y, z)
        Distance from the nearest lateral ventricle, mm; NaN where it is not known.
    limit_mm : float
        Periventricular reaches so far, the limit with it. 10 mm is common for volumes; 2 mm makes
        zones of what touches the ventricle; 13 mm is how far confluent lesions are followed.

    Returns
    -------
    ndarray, uint8, (x, y, z)
        1 periventricular, 2 deep, 0 elsewhere and where the distance is not known.

    Raises
    ------
    ValueError
        If the shapes differ, or the limit is not positive.

    Notes
    -----
    A rule on voxels, not on lesions: one lesion may have parts in both zones. The scale itself
    grades what a reader sees as caps, lining and halo, which a distance only stands for.

    References
    ----------
    Fazekas 1987, doi:10.2214/ajr.149.2.351; DeCarli 2005, doi:10.1161/01.STR.0000150668.58689.f2.
    """
    if white.shape != ventricle_distance_mm.shape:
        raise ValueError(
            f"white matter has shape {white.shape}, its distances {ventricle_distance_mm.shape}"
        )
    if not limit_mm > 0:
        raise ValueError(f"the limit is a positive distance, not {limit_mm} mm")
    zones = np.zeros(white.shape, dtype=np.uint8)
    zones[white & (ventricle_distance_mm <= limit_mm)] = PERIVENTRICULAR
    zones[white & (ventricle_distance_mm > limit_mm)] = DEEP
    return zones
