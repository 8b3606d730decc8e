"""CLEAR-SWI: susceptibility weighting from all echoes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.homogeneity import sensitivity
from arteriole.contrast.minip import projection_axis
from arteriole.numerics.smooth import gaussian_inside
from arteriole.phase.laplacian import unwrap_laplacian

Size3 = tuple[float, float, float]


def swi_clear(
    magnitude: NDArray[Any],
    phase: NDArray[Any],
    te_s: Sequence[float],
    *,
    mask: NDArray[np.bool_],
    voxel_size_mm: Size3,
    highpass_voxels: float = 4.0,
    strength: float = 4.0,
    sensitivity_mm: float = 15.0,
    slice_axis: int | None = None,
) -> NDArray[np.float32]:
    """Darken the combined magnitude of all echoes where their combined phase shows veins.

    Parameters
    ----------
    magnitude, phase : ndarray, (e, x, y, z)
        Signal, any unit, not negative, and its wrapped phase, rad, which grows with time where
        the field is above B0.
    te_s : sequence of float
        Echo times, s.
    mask : ndarray of bool, (x, y, z)
        Brain; the result is 0 outside.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    highpass_voxels : float
        Width, in voxels in the slice plane, of the Gaussian whose result is taken off the phase.
    strength : float
        How dark veins become.
    sensitivity_mm : float
        Width of the Gaussian that finds the sensitivity of the coils.
    slice_axis : int, optional
        The high-pass works in the plane across it; the axis of the thickest voxels unless given.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Weighted signal, without unit: about 0.4 in normal brain, 0 in dark veins.

    Raises
    ------
    ValueError
        If shapes do not fit, the mask holds no signal, or a parameter is not positive.

    Notes
    -----
    Magnitude: root of the sum of squares over echoes, over its sensitivity, through
    ``softplus(x) = log(1 + exp(f (x - o))) / f`` less its value at 0, with ``o`` half the 80th
    percentile and ``f = 2 / o``. Phase: each echo Laplacian-unwrapped, less its Gaussian smooth
    inside the mask, then joined as a frequency with weights magnitude times TE. Weight:
    ``(1 + tanh(1 - x / m)) / 2`` with ``m = 10 median(x > 0) / strength``; paramagnetic veins have
    ``x > 0`` (see `swi_classic` for veins across B0).

    The sensitivity and the smooth phase are normalised convolutions inside the mask, so that no
    line runs along its border; a Laplacian solution has no wraps, so that none are left to show.
    Where the field changes by more than pi from voxel to voxel (above sinuses) its phase is wrong.

    References
    ----------
    Eckstein 2021, doi:10.1016/j.neuroimage.2021.118175.
    """
    expected = (len(te_s), *mask.shape)
    if magnitude.shape != expected or phase.shape != expected:
        raise ValueError(
            f"magnitude has shape {magnitude.shape} and phase {phase.shape}, expected {expected}"
        )
    if not min(highpass_voxels, strength, sensitivity_mm) > 0:
        raise ValueError(
            "highpass_voxels, strength and sensitivity_mm must be positive, not "
            f"{highpass_voxels}, {strength}, {sensitivity_mm}"
        )
    finite = np.isfinite(magnitude) & np.isfinite(phase)
    signals = np.where(finite, magnitude, 0).astype(np.float32)
    phases = np.where(finite, phase, 0).astype(np.float32)
    axis = projection_axis(voxel_size_mm) if slice_axis is None else slice_axis
    widths = [0.0 if a == axis else highpass_voxels * voxel_size_mm[a] for a in range(3)]
    bright = _magnitude(signals, mask, voxel_size_mm=voxel_size_mm, sigma_mm=sensitivity_mm)
    local = _frequency(
        signals,
        phases,
        te_s,
        mask,
        voxel_size_mm=voxel_size_mm,
        sigma_mm=(widths[0], widths[1], widths[2]),
    )
    return np.where(mask, bright * vein_mask(local, mask, strength=strength), 0).astype(np.float32)


def vein_mask(
    frequency: NDArray[np.float32], mask: NDArray[np.bool_], *, strength: float = 4.0
) -> NDArray[np.float32]:
    """Return weights in (0, 1) that fall where local frequency (any unit) is high."""
    positive = frequency[mask & (frequency > 0)]
    if positive.size == 0:
        return np.ones_like(frequency)
    scale = np.float32(np.median(positive) * 10.0 / strength)
    return (1 + np.tanh(1 - frequency / scale)) / 2


def _magnitude(
    signals: NDArray[np.float32], mask: NDArray[np.bool_], *, voxel_size_mm: Size3, sigma_mm: float
) -> NDArray[np.float32]:
    """Return the combined magnitude, sensitivity out, dark signal compressed by the softplus."""
    combined = np.sqrt(np.square(signals).sum(axis=0))
    level = sensitivity(combined, mask, voxel_size_mm=voxel_size_mm, sigma_mm=sigma_mm)
    relative = combined / level
    offset = np.float32(np.percentile(relative[mask], 80) / 2)
    steep = 2 / offset
    soft = np.logaddexp(0, steep * (relative - offset)) - np.logaddexp(0, -steep * offset)
    return np.asarray(soft / steep, dtype=np.float32)


def _frequency(
    signals: NDArray[np.float32],
    phases: NDArray[np.float32],
    te_s: Sequence[float],
    mask: NDArray[np.bool_],
    *,
    voxel_size_mm: Size3,
    sigma_mm: Size3,
) -> NDArray[np.float32]:
    """Return the high-passed frequency (rad/s) of all echoes together."""
    top = np.zeros(mask.shape, dtype=np.float32)
    bottom = np.zeros(mask.shape, dtype=np.float32)
    for signal, wrapped, te in zip(signals, phases, te_s, strict=True):
        unwrapped = unwrap_laplacian(wrapped, voxel_size_mm=voxel_size_mm, mask=mask)
        smooth = gaussian_inside(unwrapped, mask, sigma_mm, voxel_size_mm=voxel_size_mm)
        # Weight magnitude times TE, frequency phase over TE: the time cancels in the sum.
        top += signal * (unwrapped - smooth)
        bottom += signal * np.float32(te)
    return np.divide(top, bottom, out=np.zeros_like(top), where=mask & (bottom > 0))
