"""Single-step inversion of the total (or wrapped) field with total generalised variation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.morphology import bounding_box
from arteriole.susceptibility.data_weights import weighted_data
from arteriole.susceptibility.splitting import check_weights, mean_size_mm, weight_with_noise

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Bits = NDArray[np.uint8]

# Bits of a voxel: next and previous neighbour along x, y, z in the mask; itself in core and mask.
_NEXT_X, _NEXT_Y, _NEXT_Z, _LAST_X, _LAST_Y, _LAST_Z, _CORE, _MASK = (1 << n for n in range(8))
# Sizes of the unknowns (chi, slope, misfit) and of the rows (gradient, strain, field) that give
# the steps; found on textured heads.
_SIZES = (1.0, 1.0, 0.1, 2.0, 2.0, 5.0)


class _Steps(NamedTuple):
    """Steps of the primal-dual iteration and bounds of its duals."""

    chi: np.float32
    slope: np.float32
    misfit: np.float32
    gradient: np.float32
    strain: np.float32
    field: np.float32
    most_gradient: np.float32
    most_strain: np.float32


def invert_tgv(
    field_ppm: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    weight: float = 1e-4,
    ratio_mm: float = 2.0,
    noise_ppm: Float32 | None = None,
    noise_factor: float = 0.08,
    radians_per_ppm: float | None = None,
    iterations: int = 1000,
) -> Float32:
    """Return the susceptibility (ppm) from the Laplacian of the total field, in one step.

    Parameters
    ----------
    field_ppm : ndarray, float, (x, y, z)
        Total field, background included, ppm of B0, finite inside the mask. It may be wrapped if
        ``radians_per_ppm`` is given.
    mask : ndarray, bool, (x, y, z)
        Where the field is valid; the field elsewhere is not used.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.
    weight : float
        Weight of the gradient's distance from the slope, without noise, ppm mm, positive.
    ratio_mm : float
        Weight of the slope's own variation over ``weight``, mm, positive.
    noise_ppm : ndarray, float, (x, y, z), optional
        Standard deviation of the field, ppm. Voxels count by the inverse of its square, relative
        to the median and four times at most. Without it all count the same, and the noise is
        estimated from differences between neighbours.
    noise_factor : float
        Share of the (median) noise times the voxel size (mm, cube root of the volume) that is
        added to the weight, not negative; 0 makes the weight what it says.
    radians_per_ppm : float, optional
        Phase that one ppm makes at the echo time, positive: 2 pi times hertz per ppm times
        seconds. Given, the field is taken to be a phase over this number, and whole turns between
        neighbours do not matter.
    iterations : int
        Steps; there is no other end.

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
    Minimises ``sum trust e^2 / 2 + weight sum |grad x - w| + weight ratio_mm sum |strain w|`` over
    chi x, its slope w and the misfit e, subject to ``lap e + lap x / 3 - (b . grad)^2 x = lap f``
    wherever the mask holds all 26 neighbours. A field without Laplacian (background) changes
    nothing, so that none has to be removed before. Second differences stand for the dipole
    kernel, without any transform; oblique fields take mixed ones.

    The primal-dual steps of Chambolle & Pock with diagonal preconditioning. The largest scales
    settle last: stopped early, large structures are underestimated. At the rim of the mask, where
    no Laplacian is known, chi continues its slope from inside and is poor; the original erodes
    the mask five times.

    On two simulated heads, 600 steps from the total field, error in the brain (NRMSE, %) was 50.6
    and 48.3 where `invert_tv` had 45.7 from the chain's local field and 38.3 from the true one:
    a check on background removal that shares nothing with it, not its equal.

    References
    ----------
    Langkammer 2015, doi:10.1016/j.neuroimage.2015.02.041; second-order total generalised
    variation: Bredies 2010, doi:10.1137/090769521; steps: Pock & Chambolle 2011,
    doi:10.1109/ICCV.2011.6126441.
    """
    check_field(field_ppm, mask, voxel_size_mm)
    check_weights(weight, noise_factor)
    if not ratio_mm > 0:
        raise ValueError(f"the ratio of the weights is positive, not {ratio_mm} mm")
    if iterations < 1:
        raise ValueError(f"it takes at least one step, not {iterations}")
    if radians_per_ppm is not None and not radians_per_ppm > 0:
        raise ValueError(f"radians per ppm are positive, not {radians_per_ppm}")
    trust, typical = weighted_data(field_ppm, mask, noise_ppm)
    size_mm = mean_size_mm(voxel_size_mm)
    weight = weight_with_noise(weight, noise_factor, typical, size_mm)
    box = bounding_box(mask)
    # Lengths in voxels (cube root of the volume), so that all operators are of order 1.
    sides = np.asarray(voxel_size_mm, np.float64) / size_mm
    bits = neighbour_bits(np.pad(mask[box], 1))
    field = np.pad(np.where(mask[box], field_ppm[box], 0).astype(np.float32), 1)
    source = np.zeros(field.shape, np.float32)
    turn = np.float32(0 if radians_per_ppm is None else 2 * np.pi / radians_per_ppm)
    _laplacian(field, bits, (1.0 / sides**2).astype(np.float32), turn, source)
    core = (bits & _CORE) > 0
    spread = float(source[core].std()) if core.any() else 0.0
    if spread == 0:
        return np.zeros(mask.shape, np.float32)
    source /= np.float32(spread)
    bound = weight / size_mm / spread
    chi = _primal_dual(
        source,
        np.pad(trust[box], 1),
        bits,
        sides,
        np.asarray(b0_direction, np.float64),
        (bound, bound * ratio_mm / size_mm),
        iterations,
    )
    out = np.zeros(mask.shape, np.float32)
    out[box] = np.where(mask[box], chi[1:-1, 1:-1, 1:-1] * np.float32(spread), 0)
    return out


def neighbour_bits(mask: Mask) -> Bits:
    """Return which neighbours of a voxel the mask holds, and whether all 27 of its cube."""
    bits = mask.astype(np.uint8) * np.uint8(_MASK)
    core = mask.copy()
    for axis in range(3):
        following, preceding = np.roll(mask, -1, axis) & mask, np.roll(mask, 1, axis) & mask
        bits |= following.astype(np.uint8) << axis
        bits |= preceding.astype(np.uint8) << (axis + 3)
        core = core & np.roll(core, 1, axis) & np.roll(core, -1, axis)
    bits[core] |= _CORE
    return bits


def _wave_stencil(
    sides: NDArray[np.float64], b0_direction: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Weights of second differences in laplacian / 3 - (b . gradient)^2: xx yy zz xy xz yz."""
    second = (1.0 / 3.0 - b0_direction**2) / sides**2
    pairs = ((0, 1), (0, 2), (1, 2))
    mixed = [-b0_direction[i] * b0_direction[j] / (2.0 * sides[i] * sides[j]) for i, j in pairs]
    return np.concatenate([second, mixed]).astype(np.float32)


def _steps(sides: NDArray[np.float64], wave: Float32, bounds: tuple[float, float]) -> _Steps:
    """Return steps that converge: rows and columns scaled, then one over their absolute sums."""
    chi, slope, misfit, gradient, strain, field = _SIZES
    gradient, strain = gradient * bounds[0], strain * bounds[0]
    field = field * bounds[0]
    first, second = float((2 / sides).sum()), float((4 / sides**2).sum())
    waves = float(4 * np.abs(wave[:3]).sum() + 4 * np.abs(wave[3:]).sum())
    steep = 2 / float(sides.min())
    values = (
        chi / (first * gradient + waves * field),
        slope / (gradient + first * strain),
        misfit / (second * field),
        gradient / (steep * chi + slope),
        strain / (2 * steep * slope),
        field / (second * misfit + waves * chi),
        *bounds,
    )
    return _Steps(*(np.float32(v) for v in values))


def _primal_dual(
    source: Float32,
    trust: Float32,
    bits: Bits,
    sides: NDArray[np.float64],
    b0_direction: NDArray[np.float64],
    bounds: tuple[float, float],
    iterations: int,
) -> Float32:
    """Minimise ``trust e^2 / 2 + bounds . (|grad x - w|, |strain w|)``; lap e + wave x = s."""
    wave = _wave_stencil(sides, b0_direction)
    steps = _steps(sides, wave, bounds)
    inverse = (1.0 / sides).astype(np.float32)
    second = (1.0 / sides**2).astype(np.float32)
    shape = source.shape
    # chi, slope (3), misfit; the same, extrapolated
    now, ahead = np.zeros((5, *shape), np.float32), np.zeros((5, *shape), np.float32)
    # gradient (3), strain (xx yy zz xy xz yz), field
    dual = np.zeros((10, *shape), np.float32)
    for _ in range(iterations):
        _ascend(ahead, dual, source, bits, inverse, second, wave, steps)
        _descend(now, ahead, dual, trust, bits, inverse, second, wave, steps)
    return now[0]


@kernel(parallel=True)
def _laplacian(field: Float32, bits: Bits, second: Float32, turn: np.float32, out: Float32) -> None:
    """Sum the second differences in the core, each step brought within half a turn."""
    nx, ny, nz = field.shape
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                if bits[i, j, k] & _CORE:
                    here = field[i, j, k]
                    out[i, j, k] = (
                        second[0]
                        * (
                            _step(field[i + 1, j, k] - here, turn)
                            + _step(field[i - 1, j, k] - here, turn)
                        )
                        + second[1]
                        * (
                            _step(field[i, j + 1, k] - here, turn)
                            + _step(field[i, j - 1, k] - here, turn)
                        )
                        + second[2]
                        * (
                            _step(field[i, j, k + 1] - here, turn)
                            + _step(field[i, j, k - 1] - here, turn)
                        )
                    )


@kernel()
def _step(rise: np.float32, turn: np.float32) -> np.float32:
    """Bring a difference within half a turn; a turn of 0 leaves it."""
    if turn > 0:
        return rise - turn * np.rint(rise / turn)
    return rise


@kernel()
def _curved(
    volume: Float32, i: int, j: int, k: int, xx: np.float32, yy: np.float32, zz: np.float32
) -> np.float32:
    """Weighted second differences along the axes."""
    twice = volume[i, j, k] + volume[i, j, k]
    return (
        xx * (volume[i + 1, j, k] + volume[i - 1, j, k] - twice)
        + yy * (volume[i, j + 1, k] + volume[i, j - 1, k] - twice)
        + zz * (volume[i, j, k + 1] + volume[i, j, k - 1] - twice)
    )


@kernel()
def _wave(volume: Float32, i: int, j: int, k: int, wave: Float32) -> np.float32:
    """Wave operator of a volume at a voxel; it is its own adjoint."""
    total = _curved(volume, i, j, k, wave[0], wave[1], wave[2])
    if wave[3] != 0:
        total += wave[3] * (
            volume[i + 1, j + 1, k]
            + volume[i - 1, j - 1, k]
            - volume[i + 1, j - 1, k]
            - volume[i - 1, j + 1, k]
        )
    if wave[4] != 0:
        total += wave[4] * (
            volume[i + 1, j, k + 1]
            + volume[i - 1, j, k - 1]
            - volume[i + 1, j, k - 1]
            - volume[i - 1, j, k + 1]
        )
    if wave[5] != 0:
        total += wave[5] * (
            volume[i, j + 1, k + 1]
            + volume[i, j - 1, k - 1]
            - volume[i, j + 1, k - 1]
            - volume[i, j - 1, k + 1]
        )
    return total


@kernel(parallel=True)
def _ascend(
    ahead: Float32,
    dual: Float32,
    source: Float32,
    bits: Bits,
    inverse: Float32,
    second: Float32,
    wave: Float32,
    steps: _Steps,
) -> None:
    """Step the duals up and bring them back within their bounds."""
    nx, ny, nz = source.shape
    chi, wx, wy, wz, misfit = ahead[0], ahead[1], ahead[2], ahead[3], ahead[4]
    zero, half, one = np.float32(0), np.float32(0.5), np.float32(1)
    hx, hy, hz = inverse[0], inverse[1], inverse[2]
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                b = bits[i, j, k]
                if not b & _MASK:
                    continue
                # gradient less slope
                here = chi[i, j, k]
                x, y, z = wx[i, j, k], wy[i, j, k], wz[i, j, k]
                gx = (chi[i + 1, j, k] - here) * hx - x if b & _NEXT_X else zero
                gy = (chi[i, j + 1, k] - here) * hy - y if b & _NEXT_Y else zero
                gz = (chi[i, j, k + 1] - here) * hz - z if b & _NEXT_Z else zero
                px = dual[0, i, j, k] + steps.gradient * gx
                py = dual[1, i, j, k] + steps.gradient * gy
                pz = dual[2, i, j, k] + steps.gradient * gz
                length = np.sqrt(px * px + py * py + pz * pz)
                held = steps.most_gradient / length if length > steps.most_gradient else one
                dual[0, i, j, k], dual[1, i, j, k], dual[2, i, j, k] = (
                    px * held,
                    py * held,
                    pz * held,
                )
                # strain of the slope
                on_x = hx if b & _LAST_X else zero
                on_y = hy if b & _LAST_Y else zero
                on_z = hz if b & _LAST_Z else zero
                s = steps.strain
                xx = dual[3, i, j, k] + s * on_x * (x - wx[i - 1, j, k])
                yy = dual[4, i, j, k] + s * on_y * (y - wy[i, j - 1, k])
                zz = dual[5, i, j, k] + s * on_z * (z - wz[i, j, k - 1])
                xy = dual[6, i, j, k] + s * half * (
                    on_y * (x - wx[i, j - 1, k]) + on_x * (y - wy[i - 1, j, k])
                )
                xz = dual[7, i, j, k] + s * half * (
                    on_z * (x - wx[i, j, k - 1]) + on_x * (z - wz[i - 1, j, k])
                )
                yz = dual[8, i, j, k] + s * half * (
                    on_z * (y - wy[i, j, k - 1]) + on_y * (z - wz[i, j - 1, k])
                )
                square = xx * xx + yy * yy + zz * zz
                cross = xy * xy + xz * xz + yz * yz
                length = np.sqrt(square + cross + cross)
                held = steps.most_strain / length if length > steps.most_strain else one
                dual[3, i, j, k], dual[4, i, j, k], dual[5, i, j, k] = (
                    xx * held,
                    yy * held,
                    zz * held,
                )
                dual[6, i, j, k], dual[7, i, j, k], dual[8, i, j, k] = (
                    xy * held,
                    xz * held,
                    yz * held,
                )
                # field, where it is known on all sides
                if b & _CORE:
                    gap = _wave(chi, i, j, k, wave) - source[i, j, k]
                    gap += _curved(misfit, i, j, k, second[0], second[1], second[2])
                    dual[9, i, j, k] += steps.field * gap


@kernel(parallel=True)
def _descend(
    now: Float32,
    ahead: Float32,
    dual: Float32,
    trust: Float32,
    bits: Bits,
    inverse: Float32,
    second: Float32,
    wave: Float32,
    steps: _Steps,
) -> None:
    """Step chi, slope and misfit down; leave twice the new less the old in ``ahead``."""
    _, nx, ny, nz = now.shape
    field = dual[9]
    zero, one = np.float32(0), np.float32(1)
    hx, hy, hz = inverse[0], inverse[1], inverse[2]
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                b = bits[i, j, k]
                if not b & _MASK:
                    continue
                px, py, pz = dual[0, i, j, k], dual[1, i, j, k], dual[2, i, j, k]
                # chi: duals of differences that leave the mask stay zero
                down = hx * (dual[0, i - 1, j, k] - px)
                down += hy * (dual[1, i, j - 1, k] - py)
                down += hz * (dual[2, i, j, k - 1] - pz)
                down += _wave(field, i, j, k, wave)
                old = now[0, i, j, k]
                new = old - steps.chi * down
                now[0, i, j, k], ahead[0, i, j, k] = new, new + new - old
                # slope
                on_x = hx if b & _LAST_X else zero
                on_y = hy if b & _LAST_Y else zero
                on_z = hz if b & _LAST_Z else zero
                to_x = hx if b & _NEXT_X else zero
                to_y = hy if b & _NEXT_Y else zero
                to_z = hz if b & _NEXT_Z else zero
                xx, yy, zz = dual[3, i, j, k], dual[4, i, j, k], dual[5, i, j, k]
                xy, xz, yz = dual[6, i, j, k], dual[7, i, j, k], dual[8, i, j, k]
                down = on_x * xx - to_x * dual[3, i + 1, j, k] - px
                down += on_y * xy - to_y * dual[6, i, j + 1, k]
                down += on_z * xz - to_z * dual[7, i, j, k + 1]
                old = now[1, i, j, k]
                new = old - steps.slope * down
                now[1, i, j, k], ahead[1, i, j, k] = new, new + new - old
                down = on_x * xy - to_x * dual[6, i + 1, j, k] - py
                down += on_y * yy - to_y * dual[4, i, j + 1, k]
                down += on_z * yz - to_z * dual[8, i, j, k + 1]
                old = now[2, i, j, k]
                new = old - steps.slope * down
                now[2, i, j, k], ahead[2, i, j, k] = new, new + new - old
                down = on_x * xz - to_x * dual[7, i + 1, j, k] - pz
                down += on_y * yz - to_y * dual[8, i, j + 1, k]
                down += on_z * zz - to_z * dual[5, i, j, k + 1]
                old = now[3, i, j, k]
                new = old - steps.slope * down
                now[3, i, j, k], ahead[3, i, j, k] = new, new + new - old
                # misfit
                down = _curved(field, i, j, k, second[0], second[1], second[2])
                old = now[4, i, j, k]
                new = (old - steps.misfit * down) / (one + steps.misfit * trust[i, j, k])
                now[4, i, j, k], ahead[4, i, j, k] = new, new + new - old
