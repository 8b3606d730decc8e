"""Dipole inversion with total variation and a weakly harmonic field found along with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.gradients import add_divergence, gradient_power, per_mm
from arteriole.numerics.jit import kernel, prange
from arteriole.susceptibility.splitting import (
    Problem,
    check_weights,
    fit_field,
    fit_phase,
    free_differences,
    has_settled,
    pose,
    shrink_gradient,
)

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Complex64 = NDArray[np.complex64]
Mask = NDArray[np.bool_]

# Penalty of the Laplacian's copy as a share of the harmonic weight (published: 3 of 150).
_MU_HARMONIC = 0.02


def invert_weak_harmonic(
    field_ppm: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    weight: float = 1e-4,
    noise_ppm: Float32 | None = None,
    noise_factor: float = 0.08,
    harmonic_mm4: float = 500.0,
    radians_per_ppm: float | None = None,
    tolerance: float = 5e-3,
    iterations: int = 60,
    pad_mm: float = 20.0,
) -> Float32:
    """Return the susceptibility (ppm) whose field and a nearly harmonic one make the data.

    Parameters
    ----------
    field_ppm : ndarray, float, (x, y, z)
        Local field with a rest of background, ppm of B0, finite inside the mask. It may be
        wrapped if ``radians_per_ppm`` is given.
    mask : ndarray, bool, (x, y, z)
        Where the field is valid; the field elsewhere is not used.
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
    harmonic_mm4 : float
        Weight of the squared Laplacian of the harmonic field in the mask against the squared
        misfit, mm4, positive; it has no part in ppm or radians. The original has 150 voxels to the
        fourth; less takes more of the largest-scale field of the tissue itself.
    radians_per_ppm : float, optional
        Phase that one ppm makes at the echo time that the noise is that of, positive: 2 pi times
        hertz per ppm times seconds. Given, the misfit is that of the complex signal, and whole
        turns of the field do not matter. Without it the misfit is linear.
    tolerance : float
        The end is when a step changes chi in the mask by less than this share of its norm.
    iterations : int
        Most steps.
    pad_mm : float
        Room around the mask's box against wrap-around, mm.

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
    Minimises ``sum trust (D x + h - f)^2 / 2 + weight sum |grad x| + harmonic_mm4 sum (M lap h)^2
    / 2`` over chi x and the field h, M the mask; nonlinear, the first term is ``trust (1 - cos(p
    (D x + h - f))) / p^2``. Fields of sources outside the mask, and what background removal left
    or took away, have no Laplacian inside: they go to h. The weight has the unit ppm mm (a
    published weight in radians is to be divided by p). As in `invert_tv` variation is free
    outside the mask, where the original counts it.

    Error in the brain (NRMSE, %), `invert_tv` and this, same weights: from local fields that a
    whole chain had left, on two simulated heads, 45.7 and 44.1, 53.3 and 50.9; from the true local
    field 34.2 and 34.6, since some of the largest-scale field of the tissue goes to h too.
    A total field is not for this: at the strength of air the first steps settle nothing.

    ADMM with copies of the field, of the gradient and of the Laplacian; chi and h are solved
    together, not in turn.

    References
    ----------
    Milovic 2019, doi:10.1002/mrm.27483; nonlinear: Milovic 2018, doi:10.1002/mrm.27073.
    """
    check_weights(weight, noise_factor)
    if not harmonic_mm4 > 0:
        raise ValueError(f"the harmonic weight is positive, not {harmonic_mm4} mm4")
    problem = pose(
        field_ppm,
        mask,
        noise_ppm,
        voxel_size_mm=voxel_size_mm,
        b0_direction=b0_direction,
        pad_mm=pad_mm,
        radians_per_ppm=radians_per_ppm,
    )
    chi = _admm(
        problem,
        voxel_size_mm,
        problem.weight(weight, noise_factor),
        harmonic_mm4,
        radians_per_ppm,
        tolerance,
        iterations,
    )
    return problem.restored(chi, mask)


def _admm(
    problem: Problem,
    voxel_size_mm: Size3,
    weight: float,
    harmonic: float,
    radians: float | None,
    tolerance: float,
    iterations: int,
) -> Float32:
    """Minimise ``trust (D x + h - f)^2 / 2 + weight |grad x| + harmonic (M lap h)^2 / 2``."""
    shape, field, trust, inside = problem.shape, problem.field, problem.trust, problem.inside
    spread, inverse = problem.spread, per_mm(voxel_size_mm)
    if spread == 0:
        return np.zeros(shape, np.float32)
    # Found on textured heads; the gradient's step follows the data, so that units do not matter.
    mu_field, step = np.float32(0.2), np.float32(0.35 * spread / problem.size_mm)
    mu_gradient = np.float32(weight / float(step))
    mu_harmonic = np.float32(_MU_HARMONIC * harmonic)
    power = gradient_power(shape, voxel_size_mm=voxel_size_mm)
    free = free_differences(inside)

    dual = np.zeros((3, *shape), np.float32)  # of the gradient, scaled
    split = np.zeros((3, *shape), np.float32)  # gradient minus its dual
    field_dual, laplace_dual = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    right, laplace_right = trust * field, np.zeros(shape, np.float32)
    gradient_right = np.zeros(shape, np.float32)
    chi = np.zeros(shape, np.float32)

    for _ in range(iterations):
        # chi and harmonic field together, closed form in Fourier space
        spectra = rfft(gradient_right), rfft(right), rfft(laplace_right)
        _solve(*spectra, problem.dipole, power, mu_gradient, mu_field, mu_harmonic)
        previous, chi = chi, irfft(spectra[0], shape)
        model, laplace = irfft(spectra[1], shape), irfft(spectra[2], shape)
        # field, Laplacian and gradient, voxel by voxel
        if radians is None:
            fit_field(model, field, trust, mu_field, field_dual, right)
        else:
            fit_phase(model, field, trust, mu_field, np.float32(radians), field_dual, right)
        _hold_harmonic(
            laplace, inside, np.float32(harmonic), mu_harmonic, laplace_dual, laplace_right
        )
        shrink_gradient(chi, free, inverse, step, np.float32(1), dual, split)
        add_divergence(split, inverse, -1.0, gradient_right)
        # convergence
        if has_settled(previous, chi, inside, tolerance):
            break
    return chi


@kernel(parallel=True)
def _solve(
    gradient_part: Complex64,
    field_part: Complex64,
    laplace_part: Complex64,
    dipole: Float32,
    power: Float32,
    mu_gradient: np.float32,
    mu_field: np.float32,
    mu_harmonic: np.float32,
) -> None:
    """Overwrite right-hand sides with the spectra of chi, of the whole field, of its Laplacian."""
    nx, ny, nz = gradient_part.shape
    zero = np.float32(0)
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                d, p = dipole[i, j, k], power[i, j, k]
                own = mu_field * field_part[i, j, k]
                for_chi = mu_gradient * gradient_part[i, j, k] + d * own
                for_harmonic = own - mu_harmonic * p * laplace_part[i, j, k]
                a = mu_field * d * d + mu_gradient * p
                b = mu_field * d
                c = mu_field + mu_harmonic * p * p
                # a c - b^2 with its large parts cancelled by hand
                below = mu_field * d * d * mu_harmonic * p * p + mu_gradient * p * c
                if below > zero:
                    chi = (c * for_chi - b * for_harmonic) / below
                    harmonic = (a * for_harmonic - b * for_chi) / below
                else:
                    chi = gradient_part[i, j, k] * zero
                    harmonic = field_part[i, j, k]
                gradient_part[i, j, k] = chi
                field_part[i, j, k] = d * chi + harmonic
                laplace_part[i, j, k] = -p * harmonic


@kernel(parallel=True)
def _hold_harmonic(
    laplace: Float32,
    inside: Mask,
    harmonic: np.float32,
    mu: np.float32,
    dual: Float32,
    right: Float32,
) -> None:
    """Draw the Laplacian's copy to zero inside the mask; leave copy minus dual in ``right``."""
    nx, ny, nz = laplace.shape
    held = mu / (mu + harmonic)
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                aim = laplace[i, j, k] + dual[i, j, k]
                copy = held * aim if inside[i, j, k] else aim
                dual[i, j, k] = aim - copy
                right[i, j, k] = copy - (aim - copy)
