"""Dipole inversion with total variation, by ADMM, with the data weighted inside the mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.susceptibility.splitting import (
    border_differences,
    check_weights,
    least_variation,
    pose,
)

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


def invert_tv(
    field_ppm: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    weight: float = 1e-4,
    noise_ppm: Float32 | None = None,
    noise_factor: float = 0.08,
    outside: float = 0.1,
    tolerance: float = 3e-3,
    iterations: int = 60,
    pad_mm: float = 20.0,
) -> Float32:
    """Return the susceptibility (ppm) of least misfit and total variation.

    Parameters
    ----------
    field_ppm : ndarray, float, (x, y, z)
        Local field, ppm of B0, finite inside the mask.
    mask : ndarray, bool, (x, y, z)
        Where the local field is valid; the field elsewhere is not used.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.
    weight : float
        Weight of the total variation without noise, ppm mm, positive: what texture and model
        error ask for.
    noise_ppm : ndarray, float, (x, y, z), optional
        Standard deviation of the field, ppm. Voxels count by the inverse of its square, relative
        to the median and four times at most. Without it all count the same, and the noise is
        estimated from differences between neighbours.
    noise_factor : float
        Share of the (median) noise times the voxel size (mm, cube root of the volume) that is
        added to the weight, not negative; 0 makes the weight what it says.
    outside : float
        Share of the weight that counts outside the mask, in [0, 1].
    tolerance : float
        The end is when a step changes chi in the mask by less than this share of its norm.
    iterations : int
        Most steps.
    pad_mm : float
        Room around the mask's box for sources outside and against wrap-around, mm.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Susceptibility, ppm, 0 outside the mask, its zero arbitrary.

    Raises
    ------
    ValueError
        If shapes differ, field or noise are not finite in the mask, or a weight is impossible.

    Notes
    -----
    Minimises ``sum trust (D x - f)^2 / 2 + weight sum |grad x|``, the gradient per mm, its length
    taken over the three axes, so that the weight has the unit ppm mm and a noise-free scan asks
    for the same weight at every resolution. White noise of ``s`` ppm in voxels of ``h`` mm asks
    for more in proportion to ``s h``. Twice the field needs twice the weight for twice the chi.
    On a textured head after RESHARP (12 to 2 mm) with 0.0006, 0.0025 and 0.006 ppm of noise the
    error in tissue (NRMSE, %) was 55, 61, 83 with a fixed 2e-4 and 56, 58, 66 with the defaults.

    Variation across the mask's border is free, and outside it a share ``outside`` counts: sources
    there explain what background removal left or took away that is harmonic inside. On a simulated
    head the error was 30.5, 33.8, 35.2 % with a share of 1, 0.1, 0.01 from the true local field,
    and 50.8, 47.3, 46.7 % after a background removal.

    ADMM with copies of the field and of the gradient. With few steps the largest scales are not
    settled; bleeds with fields above a wrap per voxel keep streaks unless ``noise_ppm`` is given.

    References
    ----------
    Bilgic 2014, doi:10.1002/mrm.25029; weighted data by splitting: Milovic 2018,
    doi:10.1002/mrm.27073.
    """
    check_weights(weight, noise_factor)
    if not 0 <= outside <= 1:
        raise ValueError(f"the share of the weight outside lies in [0, 1], not at {outside}")
    problem = pose(
        field_ppm,
        mask,
        noise_ppm,
        voxel_size_mm=voxel_size_mm,
        b0_direction=b0_direction,
        pad_mm=pad_mm,
    )
    chi = least_variation(
        problem,
        border_differences(problem.inside),
        problem.weight(weight, noise_factor),
        voxel_size_mm=voxel_size_mm,
        outside=outside,
        tolerance=tolerance,
        iterations=iterations,
    )
    return problem.restored(chi, mask)
