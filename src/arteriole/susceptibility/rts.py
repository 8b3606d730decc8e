"""RTS: rapid two-step inversion, well-posed frequencies first, total variation for the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.gradients import add_divergence, gradient_power, per_mm
from arteriole.numerics.sums import inner
from arteriole.susceptibility.splitting import (
    Problem,
    check_weights,
    free_differences,
    has_settled,
    pose,
    shrink_gradient,
)

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Bound of the gradient's dual as a share of chi's spread per voxel; found on a textured head.
_STEP = 0.4


def invert_rts(
    field_ppm: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    weight: float = 1e-3,
    noise_ppm: Float32 | None = None,
    noise_factor: float = 1.6,
    threshold: float = 0.1,
    first_steps: int = 20,
    tolerance: float = 5e-3,
    iterations: int = 40,
    pad_mm: float = 20.0,
) -> Float32:
    """Return the susceptibility (ppm): divided where the kernel is large, sparse elsewhere.

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
        Weight of the total variation without noise, ppm mm, positive.
    noise_ppm : ndarray, float, (x, y, z), optional
        Standard deviation of the field, ppm. Voxels count by the inverse of its square, relative
        to the median and four times at most. Without it all count the same, and the noise is
        estimated from differences between neighbours.
    noise_factor : float
        Share of the (median) noise times the voxel size (mm, cube root of the volume) that is
        added to the weight, not negative; 0 makes the weight what it says.
    threshold : float
        Frequencies where ``|D|`` is larger are kept from the first stage, in (0, 2/3). The
        original has 0.15; 0.1 measured better.
    first_steps : int
        Steps of the first stage. The original has 4, which on a textured head left a slope of
        0.57 where 20 reached 0.71 (both at a threshold of 0.15).
    tolerance : float
        The second stage ends when a step changes chi in the mask by less than this share of its
        norm.
    iterations : int
        Most steps of the second stage.
    pad_mm : float
        Room around the mask's box for sources outside and against wrap-around, mm.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Susceptibility, ppm, 0 outside the mask, its zero arbitrary.

    Raises
    ------
    ValueError
        If shapes differ, field or noise are not finite in the mask, or a weight, threshold or
        number of steps is impossible.

    Notes
    -----
    First ``sum trust (D x - f)^2`` is lowered by a few steps of conjugate residuals on its normal
    equations (in exact arithmetic LSMR's). Then ``|K (x - x_1)|^2 / 2 + weight sum |grad x|`` is
    minimised by ADMM, K the frequencies with ``|D| > threshold``: one pair of transforms a step.
    The weight has the unit ppm mm but is one against chi, not against the field: about ten times
    that of `invert_tv`. Noise of the frequencies that are kept is kept, up to one over the
    threshold times that of the field: with noise `invert_tv` is better.

    References
    ----------
    Kames 2018, doi:10.1016/j.neuroimage.2017.11.018.
    """
    check_weights(weight, noise_factor)
    if not 0 < threshold < 2 / 3:
        raise ValueError(f"the threshold lies between 0 and 2/3, not {threshold}")
    if first_steps < 1:
        raise ValueError(f"the first stage takes a step at least, not {first_steps}")
    problem = pose(
        field_ppm,
        mask,
        noise_ppm,
        voxel_size_mm=voxel_size_mm,
        b0_direction=b0_direction,
        pad_mm=pad_mm,
    )
    known = _least_squares(problem, first_steps)
    chi = _fill_cone(
        problem,
        known,
        threshold,
        voxel_size_mm,
        problem.weight(weight, noise_factor),
        tolerance,
        iterations,
    )
    return problem.restored(chi, mask)


def _least_squares(problem: Problem, steps: int) -> Float32:
    """Take a few steps of conjugate residuals on the normal equations of ``trust^(1/2) D x = f``.

    In exact arithmetic these are the steps of LSMR; few leave the ill-posed frequencies at zero.
    """
    shape, dipole = problem.shape, problem.dipole

    def back(field: Float32) -> Float32:
        return irfft(rfft(problem.trust * field) * dipole, shape)

    def normal(chi: Float32) -> Float32:
        return back(irfft(rfft(chi) * dipole, shape))

    chi = np.zeros(shape, np.float32)
    rest = back(problem.field)
    direction, image = rest.copy(), normal(rest)
    image_of_direction, power = image.copy(), inner(rest, image)
    for _ in range(steps):
        length = inner(image_of_direction, image_of_direction)
        if length == 0:
            break
        alpha = np.float32(power / length)
        chi += alpha * direction
        rest -= alpha * image_of_direction
        image = normal(rest)
        before, power = power, inner(rest, image)
        beta = np.float32(power / before) if before else np.float32(0)
        direction = rest + beta * direction
        image_of_direction = image + beta * image_of_direction
    return chi


def _fill_cone(
    problem: Problem,
    known: Float32,
    threshold: float,
    voxel_size_mm: Size3,
    weight: float,
    tolerance: float,
    iterations: int,
) -> Float32:
    """Minimise ``|K (x - known)|^2 / 2 + weight |grad x|``, K the frequencies that are known."""
    shape, inside, inverse = problem.shape, problem.inside, per_mm(voxel_size_mm)
    spread = (inner(known * inside, known) / int(inside.sum())) ** 0.5
    if spread == 0:
        return np.zeros(shape, np.float32)
    step = np.float32(_STEP * spread / problem.size_mm)
    mu = np.float32(weight / float(step))
    well_posed = np.abs(problem.dipole) > np.float32(threshold)
    below = mu * gradient_power(shape, voxel_size_mm=voxel_size_mm)
    below += well_posed
    below[0, 0, 0] = 1.0
    fixed = rfft(known) * well_posed / below
    from_gradient = mu / below
    free = free_differences(inside)

    dual = np.zeros((3, *shape), np.float32)  # of the gradient, scaled
    split = np.zeros((3, *shape), np.float32)  # gradient minus its dual
    gradient_right, chi = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for _ in range(iterations):
        # chi subproblem, closed form in Fourier space
        spectrum = rfft(gradient_right)
        spectrum *= from_gradient
        spectrum += fixed
        previous, chi = chi, irfft(spectrum, shape)
        # gradient subproblem, voxel by voxel
        shrink_gradient(chi, free, inverse, step, np.float32(1), dual, split)
        add_divergence(split, inverse, -1.0, gradient_right)
        # convergence
        if has_settled(previous, chi, inside, tolerance):
            break
    return chi
