"""Dipole inversion with total variation, by ADMM, with the data weighted inside the mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import Shape3, good_shape, irfft, padded, rfft
from arteriole.numerics.gradients import add_divergence, gradient_power, per_mm
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.morphology import bounding_box

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Complex64 = NDArray[np.complex64]
Mask = NDArray[np.bool_]


def invert_tv(
    field_ppm: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    weight: float = 2e-4,
    noise_ppm: Float32 | None = None,
    tolerance: float = 1e-2,
    iterations: int = 60,
    pad_mm: float = 20.0,
) -> Float32:
    """Return the susceptibility (ppm) whose dipole field fits inside the mask smoothly."""
    check_field(field_ppm, mask, voxel_size_mm)
    if not weight > 0:
        raise ValueError(f"the weight is positive, not {weight}")
    trust = _trust(mask, noise_ppm)
    box = bounding_box(mask)
    inner = field_ppm[box].shape
    pad = tuple(int(np.ceil(pad_mm / d)) for d in voxel_size_mm)
    shape = good_shape((inner[0], inner[1], inner[2]), (pad[0], pad[1], pad[2]))
    field = padded(np.where(mask[box], field_ppm[box], 0).astype(np.float32), shape)
    chi = _admm(
        field,
        padded(trust[box], shape),
        dipole_kernel(shape, voxel_size_mm=voxel_size_mm, b0_direction=b0_direction),
        voxel_size_mm,
        weight,
        tolerance,
        iterations,
    )
    out = np.zeros(mask.shape, np.float32)
    out[box] = np.where(mask[box], chi[tuple(slice(n) for n in inner)], 0)
    return out


def _trust(mask: Mask, noise_ppm: Float32 | None) -> Float32:
    """Return squared data weights: 1 at the median noise of the mask, 0 outside."""
    if noise_ppm is None:
        return mask.astype(np.float32)
    inside = noise_ppm[mask]
    typical = float(np.median(inside))
    ratio = typical / np.maximum(noise_ppm, 0.5 * typical)
    return np.where(mask, ratio**2, 0).astype(np.float32)


def _admm(
    field: Float32,
    trust: Float32,
    dipole: Float32,
    voxel_size_mm: Size3,
    weight: float,
    tolerance: float,
    iterations: int,
) -> Float32:
    """Minimise ``|trust^(1/2) (D x - f)|^2 / 2 + weight |grad x|`` over x."""
    shape: Shape3 = field.shape
    inverse = per_mm(voxel_size_mm)
    mu_field, mu_gradient = 1.0, 100.0 * weight
    power = gradient_power(shape, voxel_size_mm=voxel_size_mm)
    below = mu_field * dipole**2 + mu_gradient * power
    below[0, 0, 0] = 1.0
    from_field = (mu_field * dipole / below).astype(np.float32)
    from_gradient = (mu_gradient / below).astype(np.float32)
    del power, below

    dual = np.zeros((3, *shape), np.float32)  # of the gradient, scaled
    split = np.zeros((3, *shape), np.float32)  # gradient minus its dual
    field_dual = np.zeros(shape, np.float32)
    right = trust * field
    gradient_right = np.zeros(shape, np.float32)
    chi = np.zeros(shape, np.float32)

    for _ in range(iterations):
        # chi subproblem, closed form in Fourier space
        spectrum, field_spectrum = rfft(gradient_right), rfft(right)
        _solve(spectrum, field_spectrum, from_gradient, from_field, dipole)
        previous, chi = chi, irfft(spectrum, shape)
        model = irfft(field_spectrum, shape)
        # field and gradient subproblems, voxel by voxel
        _fit_field(model, field, trust, np.float32(mu_field), field_dual, right)
        _shrink(chi, inverse, np.float32(weight / mu_gradient), dual, split)
        add_divergence(split, inverse, -1.0, gradient_right)
        # convergence
        change, size = _change(chi, previous, trust)
        if change <= tolerance**2 * size:
            break
    return chi


@kernel(parallel=True)
def _solve(
    gradient_part: Complex64,
    field_part: Complex64,
    from_gradient: Float32,
    from_field: Float32,
    dipole: Float32,
) -> None:
    """Overwrite the two right-hand sides with the spectra of chi and of its field."""
    nx, ny, nz = gradient_part.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                chi = (
                    from_gradient[i, j, k] * gradient_part[i, j, k]
                    + from_field[i, j, k] * field_part[i, j, k]
                )
                gradient_part[i, j, k] = chi
                field_part[i, j, k] = dipole[i, j, k] * chi


@kernel(parallel=True)
def _fit_field(
    model: Float32, field: Float32, trust: Float32, mu: np.float32, dual: Float32, right: Float32
) -> None:
    """Draw the field's copy towards the data; leave copy minus dual in ``right``."""
    nx, ny, nz = model.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                aim = model[i, j, k] + dual[i, j, k]
                copy = (trust[i, j, k] * field[i, j, k] + mu * aim) / (trust[i, j, k] + mu)
                dual[i, j, k] = aim - copy
                right[i, j, k] = copy - (aim - copy)


@kernel(parallel=True)
def _shrink(
    chi: Float32, inverse: Float32, step: np.float32, dual: Float32, split: Float32
) -> None:
    """Shrink the gradient's length by ``step``; leave shrunk minus dual in ``split``."""
    nx, ny, nz = chi.shape
    one = np.float32(1)
    for i in prange(nx):
        i1 = i + 1 if i + 1 < nx else 0
        for j in range(ny):
            j1 = j + 1 if j + 1 < ny else 0
            for k in range(nz):
                k1 = k + 1 if k + 1 < nz else 0
                here = chi[i, j, k]
                x = (chi[i1, j, k] - here) * inverse[0] + dual[0, i, j, k]
                y = (chi[i, j1, k] - here) * inverse[1] + dual[1, i, j, k]
                z = (chi[i, j, k1] - here) * inverse[2] + dual[2, i, j, k]
                length = np.sqrt(x * x + y * y + z * z)
                # What is shrunk away becomes the dual.
                lost = one if length <= step else step / length
                dual[0, i, j, k] = lost * x
                dual[1, i, j, k] = lost * y
                dual[2, i, j, k] = lost * z
                kept = one - lost - lost
                split[0, i, j, k] = kept * x
                split[1, i, j, k] = kept * y
                split[2, i, j, k] = kept * z


@kernel(parallel=True)
def _change_by_plane(
    new: Float32,
    old: Float32,
    trust: Float32,
    change: NDArray[np.float64],
    size: NDArray[np.float64],
) -> None:
    nx, ny, nz = new.shape
    for i in prange(nx):
        moved, total = 0.0, 0.0
        for j in range(ny):
            for k in range(nz):
                if trust[i, j, k] > 0:
                    moved += (new[i, j, k] - old[i, j, k]) ** 2
                    total += new[i, j, k] ** 2
        change[i], size[i] = moved, total


def _change(new: Float32, old: Float32, trust: Float32) -> tuple[float, float]:
    """Return the squared change and size of chi inside the mask."""
    change, size = np.zeros(new.shape[0]), np.zeros(new.shape[0])
    _change_by_plane(new, old, trust, change, size)
    return float(change.sum()), float(size.sum())
