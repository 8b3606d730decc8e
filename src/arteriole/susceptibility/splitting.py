"""What inversions by splitting (ADMM) share: the padded problem and its steps, voxel by voxel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import Shape3, good_shape, irfft, padded, rfft
from arteriole.numerics.gradients import add_divergence, gradient_power, per_mm
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.morphology import bounding_box
from arteriole.numerics.sums import inner
from arteriole.susceptibility.data_weights import weighted_data

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Complex64 = NDArray[np.complex64]
Mask = NDArray[np.bool_]
Bits = NDArray[np.uint8]


@dataclass(frozen=True)
class Problem:
    """A field about its middle (ppm) on the padded box of the mask, and what counts in it."""

    field: Float32
    trust: Float32
    inside: Mask
    dipole: Float32
    noise_ppm: float
    size_mm: float
    box: tuple[slice, slice, slice]

    @property
    def shape(self) -> Shape3:
        """Shape of the padded box."""
        nx, ny, nz = self.inside.shape
        return nx, ny, nz

    @property
    def spread(self) -> float:
        """Root mean square of the field in the mask, ppm."""
        return float((inner(self.field, self.field) / int(self.inside.sum())) ** 0.5)

    def weight(self, weight: float, noise_factor: float) -> float:
        """Return the weight (ppm mm) with its share for noise."""
        return weight_with_noise(weight, noise_factor, self.noise_ppm, self.size_mm)

    def restored(self, chi: Float32, mask: Mask) -> Float32:
        """Return chi on the grid of the mask, 0 outside it."""
        out = np.zeros(mask.shape, np.float32)
        size = mask[self.box].shape
        out[self.box] = np.where(mask[self.box], chi[tuple(slice(n) for n in size)], 0)
        return out


def pose(
    field_ppm: Float32,
    mask: Mask,
    noise_ppm: Float32 | None,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3,
    pad_mm: float,
    radians_per_ppm: float | None = None,
) -> Problem:
    """Check the input and lay it on a padded box whose transforms are fast."""
    check_field(field_ppm, mask, voxel_size_mm)
    if not pad_mm >= 0:
        raise ValueError(f"the pad is not negative, not {pad_mm} mm")
    if radians_per_ppm is not None and not radians_per_ppm > 0:
        raise ValueError(f"radians per ppm are positive, not {radians_per_ppm}")
    trust, noise = weighted_data(field_ppm, mask, noise_ppm)
    box = bounding_box(mask)
    nx, ny, nz = mask[box].shape
    pad = tuple(int(np.ceil(pad_mm / d)) for d in voxel_size_mm)
    shape = good_shape((nx, ny, nz), (pad[0], pad[1], pad[2]))
    # A constant field carries nothing: the kernel has no constant part.
    middle = _middle(field_ppm[mask], radians_per_ppm)
    centred = np.where(mask[box], field_ppm[box] - np.float64(middle), 0)
    if radians_per_ppm is not None:
        # Whole turns carry nothing; steps start best from the least field.
        turn = 2 * np.pi / radians_per_ppm
        centred -= turn * np.rint(centred / turn)
    centred = centred.astype(np.float32)
    return Problem(
        field=padded(centred, shape),
        trust=padded(trust[box], shape),
        inside=padded(mask[box], shape),
        dipole=dipole_kernel(shape, voxel_size_mm=voxel_size_mm, b0_direction=b0_direction),
        noise_ppm=noise,
        size_mm=mean_size_mm(voxel_size_mm),
        box=box,
    )


def _middle(values: NDArray[np.floating], radians_per_ppm: float | None) -> float:
    """Return the mean, on the circle if the values may be wrapped."""
    if radians_per_ppm is None:
        return float(values.mean(dtype=np.float64))
    turned = np.exp(1j * radians_per_ppm * values).mean(dtype=np.complex128)
    return float(np.angle(turned)) / radians_per_ppm


def mean_size_mm(voxel_size_mm: Size3) -> float:
    """Return the side of a cube of a voxel's volume, mm."""
    return float(np.prod(voxel_size_mm)) ** (1.0 / 3.0)


def weight_with_noise(weight: float, factor: float, noise_ppm: float, size_mm: float) -> float:
    """Return a weight (ppm mm) with the share that noise in voxels of a size adds to it."""
    return weight + factor * noise_ppm * size_mm


def check_weights(weight: float, noise_factor: float) -> None:
    """Raise ValueError for weights that make no problem."""
    if not weight > 0 or not noise_factor >= 0:
        raise ValueError(f"weights are positive, not {weight} and {noise_factor}")


def has_settled(previous: Float32, chi: Float32, inside: Mask, tolerance: float) -> bool:
    """Tell whether a step changed chi in the mask by less than a share; spoils ``previous``."""
    previous -= chi
    previous *= inside
    return inner(previous, previous) <= tolerance**2 * inner(chi * inside, chi)


def least_variation(
    problem: Problem,
    free: Bits,
    weight: float,
    *,
    voxel_size_mm: Size3,
    tolerance: float,
    iterations: int,
    outside: float = 1.0,
    radians: float | None = None,
    doubt_at: tuple[int, ...] = (),
    least_steps: int = 0,
) -> Float32:
    """Minimise ``|trust^(1/2) (D x - f)|^2 / 2 + weight |grad x|`` over x by ADMM.

    Parameters
    ----------
    problem : Problem
        Field, trust and dipole kernel.
    free : ndarray, uint8, (x, y, z)
        Differences that cost nothing, as `free_differences` or `border_differences` marks them.
    weight : float
        Weight of the variation, ppm mm.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    tolerance, iterations
        The end is when a step changes chi in the mask by less than this share, or after so many.
    outside : float
        Share of the weight that counts where ``free`` marks the outside.
    radians : float, optional
        Phase of one ppm: the misfit is then that of the complex signal.
    doubt_at : tuple of int
        Steps before which voxels that cannot be fitted lose trust.
    least_steps : int
        Steps that are taken whatever ``tolerance`` says.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Susceptibility, ppm, on the padded box.
    """
    shape, field, inside = problem.shape, problem.field, problem.inside
    spread, inverse, trust = problem.spread, per_mm(voxel_size_mm), problem.trust.copy()
    if spread == 0:
        return np.zeros(shape, np.float32)
    # Found on textured heads; the gradient's step follows the data, so that units do not matter.
    mu_field, step = np.float32(0.2), 0.35 * spread / problem.size_mm
    mu_gradient = weight / step
    below = mu_gradient * gradient_power(shape, voxel_size_mm=voxel_size_mm)
    below += mu_field * problem.dipole**2
    below[0, 0, 0] = 1.0
    from_field = (mu_field * problem.dipole / below).astype(np.float32)
    from_gradient = (mu_gradient / below).astype(np.float32)
    del below

    dual = np.zeros((3, *shape), np.float32)  # of the gradient, scaled
    split = np.zeros((3, *shape), np.float32)  # gradient minus its dual
    field_dual, right = np.zeros(shape, np.float32), trust * field
    gradient_right, chi = np.zeros(shape, np.float32), np.zeros(shape, np.float32)

    for number in range(iterations):
        # chi subproblem, closed form in Fourier space
        spectrum, field_spectrum = rfft(gradient_right), rfft(right)
        solve_pair(spectrum, field_spectrum, from_gradient, from_field, problem.dipole)
        previous, chi = chi, irfft(spectrum, shape)
        model = irfft(field_spectrum, shape)
        # trust less what cannot be fitted
        if number in doubt_at:
            _doubt(model, field, radians, trust)
        # field and gradient subproblems, voxel by voxel
        if radians is None:
            fit_field(model, field, trust, mu_field, field_dual, right)
        else:
            fit_phase(model, field, trust, mu_field, np.float32(radians), field_dual, right)
        shrink_gradient(chi, free, inverse, np.float32(step), np.float32(outside), dual, split)
        add_divergence(split, inverse, -1.0, gradient_right)
        # convergence
        if has_settled(previous, chi, inside, tolerance) and number >= least_steps:
            break
    return chi


def _doubt(model: Float32, field: Float32, radians: float | None, trust: Float32) -> None:
    """Divide trust by the square of how far a residual exceeds six standard deviations."""
    rest = model - field
    if radians is not None:
        rest = (np.angle(np.exp(1j * radians * rest)) / radians).astype(np.float32)
    rest *= np.sqrt(trust)
    counted = max(int(np.count_nonzero(trust)), 1)
    limit = 6.0 * (inner(rest, rest) / counted) ** 0.5
    if limit > 0:
        trust /= np.maximum(np.abs(rest) / np.float32(limit), 1) ** 2


def free_differences(mask: Mask) -> Bits:
    """Mark the forward differences that leave the mask or lie outside it: bits 1, 2, 4."""
    bits = border_differences(mask)
    bits[~mask] = 1 | 2 | 4
    return bits


@kernel(parallel=True)
def border_differences(mask: Mask) -> Bits:
    """Mark the forward differences that cross the mask's border (bits 1, 2, 4), and outside (8)."""
    nx, ny, nz = mask.shape
    out = np.zeros((nx, ny, nz), np.uint8)
    for i in prange(nx):
        i1 = i + 1 if i + 1 < nx else 0
        for j in range(ny):
            j1 = j + 1 if j + 1 < ny else 0
            for k in range(nz):
                k1 = k + 1 if k + 1 < nz else 0
                side = mask[i, j, k]
                out[i, j, k] = (
                    (0 if mask[i1, j, k] == side else 1)
                    | (0 if mask[i, j1, k] == side else 2)
                    | (0 if mask[i, j, k1] == side else 4)
                    | (0 if side else 8)
                )
    return out


@kernel(parallel=True)
def shrink_gradient(
    chi: Float32,
    free: Bits,
    inverse: Float32,
    step: np.float32,
    outside: np.float32,
    dual: Float32,
    split: Float32,
) -> None:
    """Shrink the gradient's length by ``step``, not its free parts; leave shrunk minus dual.

    Where bit 8 marks the outside, a share ``outside`` of the step is taken.
    """
    nx, ny, nz = chi.shape
    one, zero = np.float32(1), np.float32(0)
    for i in prange(nx):
        i1 = i + 1 if i + 1 < nx else 0
        for j in range(ny):
            j1 = j + 1 if j + 1 < ny else 0
            for k in range(nz):
                k1 = k + 1 if k + 1 < nz else 0
                here, bits = chi[i, j, k], free[i, j, k]
                x = (chi[i1, j, k] - here) * inverse[0] + dual[0, i, j, k]
                y = (chi[i, j1, k] - here) * inverse[1] + dual[1, i, j, k]
                z = (chi[i, j, k1] - here) * inverse[2] + dual[2, i, j, k]
                px = zero if bits & 1 else x
                py = zero if bits & 2 else y
                pz = zero if bits & 4 else z
                length = np.sqrt(px * px + py * py + pz * pz)
                # What is shrunk away becomes the dual.
                limit = outside * step if bits & 8 else step
                lost = one if length <= limit else limit / length
                dual[0, i, j, k] = lost * px
                dual[1, i, j, k] = lost * py
                dual[2, i, j, k] = lost * pz
                split[0, i, j, k] = x - (lost + lost) * px
                split[1, i, j, k] = y - (lost + lost) * py
                split[2, i, j, k] = z - (lost + lost) * pz


@kernel(parallel=True)
def fit_field(
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
def fit_phase(
    model: Float32,
    field: Float32,
    trust: Float32,
    mu: np.float32,
    radians: np.float32,
    dual: Float32,
    right: Float32,
) -> None:
    """As `fit_field` for ``trust (1 - cos(radians (copy - field))) / radians^2``, by Newton."""
    nx, ny, nz = model.shape
    turn = np.float32(2 * np.pi) / radians
    zero = np.float32(0)
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                aim, sure = model[i, j, k] + dual[i, j, k], trust[i, j, k]
                # The branch of the data that is nearest to the model.
                data = field[i, j, k] + turn * np.rint((aim - field[i, j, k]) / turn)
                copy = (sure * data + mu * aim) / (sure + mu)
                for _ in range(4):
                    angle = radians * (copy - data)
                    slope = sure * np.sin(angle) / radians + mu * (copy - aim)
                    copy -= slope / (sure * max(np.cos(angle), zero) + mu)
                dual[i, j, k] = aim - copy
                right[i, j, k] = copy - (aim - copy)


@kernel(parallel=True)
def solve_pair(
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
