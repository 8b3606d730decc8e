"""The total field from unwrapped echoes, how sure it is, and where the echoes do not agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

_TURN = 2 * math.pi
_NORMAL_MEDIAN = 0.6744897501960817
_FOURTH_DIFFERENCE = (1.0, -4.0, 6.0, -4.0, 1.0)
_BOX = 5


@dataclass(frozen=True, eq=False)
class FieldFit:
    """The total field of a scan.

    Parameters
    ----------
    field_hz : ndarray, float32, (x, y, z)
        Total field, Hz; 0 outside the mask.
    noise_hz : ndarray, float32, (x, y, z)
        Standard deviation of the field due to image noise, Hz; 0 outside the mask.
    residual : ndarray, float32, (x, y, z)
        Magnitude-weighted RMS distance of the echoes from the fit, rad; 0 for one echo.
    reliable : ndarray, bool, (x, y, z)
        Voxels of the mask with signal whose residual is within the limit.
    sigma : float
        Standard deviation of the real and the imaginary noise, in units of the magnitude.
    residual_limit : float
        The largest residual taken as reliable, rad.
    """

    field_hz: NDArray[np.float32]
    noise_hz: NDArray[np.float32]
    residual: NDArray[np.float32]
    reliable: NDArray[np.bool_]
    sigma: float
    residual_limit: float


def fit_field(
    unwrapped: NDArray[np.float32],
    magnitude: NDArray[np.float32],
    te_s: Sequence[float],
    *,
    mask: NDArray[np.bool_],
    intercept: bool = False,
    sigma: float | None = None,
    least_limit: float = 0.5,
    relative_limit: float = 5.0,
) -> FieldFit:
    """Fit the total field (Hz) to unwrapped phase by weighted least squares.

    Parameters
    ----------
    unwrapped : ndarray, float32, (e, x, y, z) or (x, y, z)
        Unwrapped phase, rad.
    magnitude : ndarray, float32, same shape
        Signal magnitude, any unit, not negative; an echo that is not finite in a voxel is left
        out there.
    te_s : sequence of float
        Echo times, s, increasing.
    mask : ndarray, bool, (x, y, z)
        Where to fit.
    intercept : bool
        Fit a phase offset beside the field; for echoes whose offset (MCPC-3D-S) was not removed.
        Without it the phase is taken to be 0 at echo time 0, which halves the noise or better.
        One echo never has one.
    sigma : float, optional
        Noise of the real and imaginary parts, in units of the magnitude; estimated unless given.
    least_limit, relative_limit : float
        The residual is reliable up to ``max(least_limit rad, relative_limit * its median)``.

    Returns
    -------
    FieldFit
        Field, its noise, residual and reliable voxels.

    Raises
    ------
    ValueError
        If shapes do not fit, echo times do not increase, the mask is empty, or no voxel of it has
        a weight.

    Notes
    -----
    The phase of an echo has variance ``(sigma / magnitude)^2``, so that the weights are
    ``magnitude^2`` and, without intercept, ``field = sum(m^2 te phi) / (2 pi sum(m^2 te^2))`` with
    variance ``sigma^2 / (4 pi^2 sum(m^2 te^2))``. Whole turns between echoes are taken out first,
    by the median over the mask. ``sigma`` is the median size of the first echo's residual, less
    its mean over 5 x 5 x 5 voxels (an offset that is not quite removed is smooth, noise is not),
    against what the fit leaves of a unit of noise; where it leaves none (one echo, or two with
    intercept), it comes
    from fourth differences of the first echo's phase in space: noise that interpolation by the
    scanner has smoothed is then too low. The variance holds for magnitudes above about 3 sigma;
    it is capped at that of a phase that is not known at all in the first echo.

    References
    ----------
    Gudbjartsson & Patz 1995, doi:10.1002/mrm.1910340618 (noise of phase);
    Robinson 2017, doi:10.1002/nbm.3601 (weighted combination of echoes).
    """
    phase, strength, times = _checked(unwrapped, magnitude, te_s, mask)
    free = intercept and len(times) > 1
    phase = _aligned(phase, times, mask, free)
    count = len(times)
    field, unit_noise, scaled, residual = (np.zeros(mask.shape, dtype=np.float32) for _ in range(4))
    flat = [a.reshape(-1) for a in (field, unit_noise, scaled, residual)]
    _fit(
        phase.reshape(count, -1), strength.reshape(count, -1), times, mask.reshape(-1), free, *flat
    )
    if sigma is None and count - int(free) > 1:
        sigma = _sigma_of_residuals(scaled, mask & np.isfinite(unit_noise))
    elif sigma is None:
        sigma = noise_in_space(phase[0], strength[0], mask)
    unknown_hz = 1.0 / (2.0 * math.sqrt(3.0) * float(times[0]))
    noise = np.minimum(np.float32(sigma) * unit_noise, np.float32(unknown_hz))
    limit = max(least_limit, relative_limit * float(np.median(residual[mask])))
    reliable = mask & np.isfinite(unit_noise) & (residual <= limit)
    return FieldFit(field, noise, residual, reliable, float(sigma), limit)


def _aligned(
    phase: NDArray[np.float32],
    times: NDArray[np.float64],
    mask: NDArray[np.bool_],
    free: bool,
) -> NDArray[np.float32]:
    """Take the median number of whole turns between each echo and its forecast out of it."""
    out = phase.copy()
    for e in range(1, len(times)):
        if not free:
            forecast = out[e - 1][mask] * (times[e] / times[e - 1])
        elif e == 1:
            forecast = out[0][mask]
        else:
            pace = (times[e] - times[e - 1]) / (times[e - 1] - times[e - 2])
            forecast = out[e - 1][mask] + pace * (out[e - 1] - out[e - 2])[mask]
        turns = float(np.nanmedian(np.rint((forecast - out[e][mask]) / _TURN)))
        if turns:
            out[e] += np.float32(_TURN * turns)
    return out


def _sigma_of_residuals(scaled: NDArray[np.float32], usable: NDArray[np.bool_]) -> float:
    """Noise from residuals in units of what sigma = 1 would leave, less their smooth part."""
    inside = scipy.ndimage.binary_erosion(usable, np.ones((_BOX,) * 3))
    if not inside.any():
        return float(np.median(np.abs(scaled[usable]))) / _NORMAL_MEDIAN if usable.any() else 0.0
    rough = scaled - scipy.ndimage.uniform_filter(scaled, _BOX)
    left = math.sqrt(1 - _BOX**-3)
    return float(np.median(np.abs(rough[inside]))) / (_NORMAL_MEDIAN * left)


def noise_in_space(
    phase: NDArray[np.float32], strength: NDArray[np.float32], mask: NDArray[np.bool_]
) -> float:
    """Return sigma, in units of magnitude, from fourth differences of phase (rad), (x, y, z).

    The middle one of the three axes; 0 where the mask holds no five voxels in a row.
    """
    variance = np.zeros_like(strength)
    usable = mask & (strength > 0)
    np.divide(1.0, strength**2, out=variance, where=usable)
    found = []
    for axis in range(3):
        size = phase.shape[axis] - 4
        if size < 1:
            continue
        along = np.zeros(1, dtype=np.float32)
        spread = np.zeros(1, dtype=np.float32)
        inside: NDArray[np.bool_] = np.ones(1, dtype=bool)
        for at, factor in enumerate(_FOURTH_DIFFERENCE):
            part = tuple(slice(at, at + size) if a == axis else slice(None) for a in range(3))
            along = along + np.float32(factor) * phase[part]
            spread = spread + np.float32(factor**2) * variance[part]
            inside = inside & usable[part]
        if inside.any():
            scaled = np.abs(along[inside]) / np.sqrt(spread[inside])
            found.append(float(np.nanmedian(scaled)) / _NORMAL_MEDIAN)
    return sorted(found)[len(found) // 2] if found else 0.0


@kernel()
def _power(magnitude: np.float32, phase: np.float32) -> float:
    """Squared magnitude, 0 where magnitude or phase is not a number."""
    power = np.float64(magnitude) ** 2
    return power if np.isfinite(power) and np.isfinite(phase) else 0.0


@kernel(parallel=True)
def _fit(
    phase: NDArray[np.float32],
    magnitude: NDArray[np.float32],
    times: NDArray[np.float64],
    mask: NDArray[np.bool_],
    free: bool,
    field: NDArray[np.float32],
    unit_noise: NDArray[np.float32],
    scaled: NDArray[np.float32],
    residual: NDArray[np.float32],
) -> None:
    """Fit each voxel; ``unit_noise`` is the field's standard deviation for a sigma of 1.

    ``scaled`` is the residual of the first echo over its standard deviation for a sigma of 1.
    """
    turn = 2.0 * math.pi
    for voxel in prange(mask.size):
        if not mask[voxel]:
            continue
        s0, s1, s2, sy, sty = 0.0, 0.0, 0.0, 0.0, 0.0
        for e in range(times.size):
            weight = _power(magnitude[e, voxel], phase[e, voxel])
            if weight == 0.0:
                continue
            s0 += weight
            s1 += weight * times[e]
            s2 += weight * times[e] ** 2
            sy += weight * phase[e, voxel]
            sty += weight * times[e] * phase[e, voxel]
        information = s2 - s1 * s1 / s0 if free and s0 > 0 else s2
        if information <= 1e-12 * s2:  # no signal, or in one echo only
            unit_noise[voxel] = np.inf
            continue
        slope = (sty - s1 * sy / s0) / information if free else sty / information
        start = (sy - slope * s1) / s0 if free else 0.0
        total = 0.0
        for e in range(times.size):
            weight = _power(magnitude[e, voxel], phase[e, voxel])
            if weight > 0.0:
                total += weight * (phase[e, voxel] - start - slope * times[e]) ** 2
        field[voxel] = slope / turn
        unit_noise[voxel] = 1.0 / (turn * math.sqrt(information))
        residual[voxel] = math.sqrt(total / s0)
        weight = _power(magnitude[0, voxel], phase[0, voxel])
        if weight > 0.0:
            centred = times[0] - s1 / s0 if free else times[0]
            held = centred * centred / information + (1.0 / s0 if free else 0.0)
            left = 1.0 / weight - held
            if left > 1e-3 / weight:
                scaled[voxel] = (phase[0, voxel] - start - slope * times[0]) / math.sqrt(left)


def _checked(
    unwrapped: NDArray[np.float32],
    magnitude: NDArray[np.float32],
    te_s: Sequence[float],
    mask: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float64]]:
    """Return 4-D phase and magnitude and the times, or say what does not fit."""
    times = np.asarray(te_s, dtype=np.float64).reshape(-1)
    four = unwrapped.shape if unwrapped.ndim == 4 else (1, *unwrapped.shape)
    if len(four) != 4 or four[0] != len(times):
        raise ValueError(f"{len(times)} echo times do not fit phase of shape {unwrapped.shape}")
    if magnitude.shape != unwrapped.shape:
        raise ValueError(f"magnitude has shape {magnitude.shape}, phase {unwrapped.shape}")
    if mask.shape != four[1:]:
        raise ValueError(f"mask has shape {mask.shape}, phase {unwrapped.shape}")
    if not (np.diff(times, prepend=0.0) > 0).all():
        raise ValueError(f"echo times must be positive and increase, not {tuple(times)}")
    if not mask.any():
        raise ValueError("the mask is empty")
    phase = np.ascontiguousarray(unwrapped, dtype=np.float32).reshape(four)
    strength = np.ascontiguousarray(magnitude, dtype=np.float32).reshape(four)
    if not any((np.nan_to_num(echo[mask]) > 0).any() for echo in strength):
        raise ValueError("all weights are zero: the mask holds no voxel with a magnitude above 0")
    return phase, strength, times
