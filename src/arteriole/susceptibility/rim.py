"""How far chi at the rim of the mask departs from that deeper inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.morphology import distance_inside

Size3 = tuple[float, float, float]


def rim_index(
    chi_ppm: NDArray[np.float32],
    mask: NDArray[np.bool_],
    *,
    voxel_size_mm: Size3,
    rim_mm: float = 3.0,
    deeper_mm: tuple[float, float] = (5.0, 12.0),
) -> float:
    """Return how wide chi spreads at the rim of the mask relative to the cortex below.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility, any unit.
    mask : ndarray, bool, (x, y, z)
        Where chi is valid.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    rim_mm : float
        Voxels at most this far from the outside (centre to nearest centre outside), or beside it,
        are the rim, mm.
    deeper_mm : tuple of 2 float
        Depths of the voxels that they are compared with, mm.

    Returns
    -------
    float
        Dimensionless: 1 where the rim is as the tissue below, larger with a rim of artefact.

    Raises
    ------
    ValueError
        If shapes differ, chi is not finite in the mask, a depth is impossible, the mask has no
        voxels at those depths, or chi does not vary there.

    Notes
    -----
    ``q(rim) / q(deeper)`` with q the 90th percentile of ``|chi - m|`` and m the median of the
    deeper voxels. Both layers hold cortex, white matter below it and fluid between; nuclei lie
    deeper than either, and a tenth of the voxels may be veins or bleeds without a change. It
    cannot tell a rim of artefact from disease of the whole surface (superficial siderosis).
    """
    if chi_ppm.shape != mask.shape or chi_ppm.ndim != 3:
        raise ValueError(f"chi {chi_ppm.shape} and mask {mask.shape} must share one 3-D shape")
    if not 0 < rim_mm <= deeper_mm[0] < deeper_mm[1]:
        raise ValueError(f"depths are positive and rise, unlike {rim_mm} and {deeper_mm} mm")
    if not np.isfinite(chi_ppm[mask]).all():
        raise ValueError("chi is not finite everywhere in the mask")
    depth = distance_inside(mask, voxel_size_mm=voxel_size_mm)
    # With thick slices not even the voxels beside the outside may be that near.
    outer = mask & (depth <= max(rim_mm, *voxel_size_mm))
    below = mask & (depth > max(deeper_mm[0], *voxel_size_mm)) & (depth <= deeper_mm[1])
    if not outer.any() or not below.any():
        raise ValueError(f"the mask has no voxels {deeper_mm} mm below its rim")
    middle = np.median(chi_ppm[below])
    rim, deeper = (np.quantile(np.abs(chi_ppm[at] - middle), 0.9) for at in (outer, below))
    if not deeper > 0:
        raise ValueError("chi does not vary below the rim of the mask")
    return float(rim / deeper)
