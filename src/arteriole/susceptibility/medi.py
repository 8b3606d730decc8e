"""MEDI: dipole inversion whose edges may lie where the magnitude has its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.gradients import gradient
from arteriole.susceptibility.splitting import (
    Bits,
    check_weights,
    free_differences,
    least_variation,
    pose,
)

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_MERIT_STEPS = (10, 15, 20)


def invert_medi(
    field_ppm: Float32,
    mask: Mask,
    magnitude: Float32,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    weight: float = 1e-4,
    noise_ppm: Float32 | None = None,
    noise_factor: float = 0.08,
    edge_share: float = 0.1,
    merit: bool = True,
    radians_per_ppm: float | None = None,
    tolerance: float = 5e-3,
    iterations: int = 60,
    pad_mm: float = 20.0,
) -> Float32:
    """Return the susceptibility (ppm) whose variation away from the magnitude's edges is least.

    Parameters
    ----------
    field_ppm : ndarray, float, (x, y, z)
        Local field, ppm of B0, finite inside the mask. It may be wrapped if ``radians_per_ppm``
        is given.
    mask : ndarray, bool, (x, y, z)
        Where the local field is valid; the field elsewhere is not used.
    magnitude : ndarray, float, (x, y, z)
        Magnitude that shows the anatomy (root of the sum of squares over echoes), any unit,
        finite inside the mask.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.
    weight : float
        Weight of the total variation without noise, ppm mm, positive.
    noise_ppm : ndarray, float, (x, y, z), optional
        Standard deviation of the field, ppm. Voxels count by the inverse of its square, relative
        to the median and four times at most. Without it all count the same, and the noise is
        estimated from differences between neighbours.
    noise_factor : float
        Share of the (median) noise times the voxel size (mm, cube root of the volume) that is
        added to the weight, not negative; 0 makes the weight what it says.
    edge_share : float
        Share of the differences between neighbours that are edges of the magnitude, where chi
        varies for free, in [0, 1). The published 0.9 per voxel is 0.3 of the three directions.
    merit : bool
        Trust voxels less that cannot be fitted (MERIT), three times on the way.
    radians_per_ppm : float, optional
        Phase that one ppm makes at the echo time that the noise is that of, positive: 2 pi times
        hertz per ppm times seconds. Given, the misfit is that of the complex signal, and whole
        turns of the field do not matter. Without it the misfit is linear.
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
        If shapes differ, field, noise or magnitude are not finite in the mask, or a weight or
        share is impossible.

    Notes
    -----
    Minimises ``sum trust (D x - f)^2 / 2 + weight sum |E grad x|``, E zero at edges; nonlinear,
    the first term is ``trust (1 - cos(p (D x - f))) / p^2``. The weight has the unit ppm mm and
    is one over the published lambda (a lambda for radians is to be divided by p). The length is
    taken over the three directions that are no edges, variation is free outside the mask, and the
    solver is ADMM in place of Gauss-Newton with conjugate gradients.

    Where the magnitude has an edge that chi lacks, noise and streaks pass; where chi has one that
    the magnitude lacks it is smoothed as by `invert_tv`. MERIT divides the trust of a voxel whose
    residual exceeds six standard deviations by the square of the excess.

    References
    ----------
    Liu 2012, doi:10.1016/j.neuroimage.2011.08.082; nonlinear and MERIT: Liu 2013,
    doi:10.1002/mrm.24272.
    """
    check_weights(weight, noise_factor)
    if not 0 <= edge_share < 1:
        raise ValueError(f"the share of edges is from 0 to below 1, not {edge_share}")
    problem = pose(
        field_ppm,
        mask,
        noise_ppm,
        voxel_size_mm=voxel_size_mm,
        b0_direction=b0_direction,
        pad_mm=pad_mm,
        radians_per_ppm=radians_per_ppm,
    )
    if magnitude.shape != mask.shape:
        raise ValueError(f"magnitude {magnitude.shape} and mask {mask.shape} must share one shape")
    if not np.isfinite(magnitude[mask]).all():
        raise ValueError("the magnitude is not finite everywhere in the mask")
    inside = mask[problem.box]
    free = free_differences(problem.inside)
    edges = magnitude_edges(
        magnitude[problem.box], inside, voxel_size_mm=voxel_size_mm, share=edge_share
    )
    free[tuple(slice(n) for n in inside.shape)] |= edges
    chi = least_variation(
        problem,
        free,
        problem.weight(weight, noise_factor),
        voxel_size_mm=voxel_size_mm,
        tolerance=tolerance,
        iterations=iterations,
        radians=radians_per_ppm,
        doubt_at=_MERIT_STEPS if merit else (),
        least_steps=_MERIT_STEPS[-1] + 1,
    )
    return problem.restored(chi, mask)


def magnitude_edges(magnitude: Float32, mask: Mask, *, voxel_size_mm: Size3, share: float) -> Bits:
    """Return which forward differences are edges of the magnitude: bits 1, 2, 4 for x, y, z.

    They are the given share of all differences inside the mask, those with the steepest change
    per mm.
    """
    quiet = np.where(mask, magnitude, 0).astype(np.float32)
    steep = np.abs(gradient(quiet, voxel_size_mm=voxel_size_mm))
    # Differences wrap around; those across the volume's border are none.
    joined = np.stack([mask & np.roll(mask, -1, axis) for axis in range(3)])
    joined[0, -1] = joined[1, :, -1] = joined[2, :, :, -1] = False
    out = np.zeros(mask.shape, np.uint8)
    if share == 0 or not joined.any():
        return out
    threshold = np.quantile(steep[joined], 1.0 - share)
    for axis in range(3):
        out |= ((steep[axis] > threshold) & joined[axis]).astype(np.uint8) << axis
    return out
