"""Tell phase that the scanner has high-pass filtered (for SWI) from phase that holds the field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.smooth import gaussian

_BLOCK_MM = 3.0
_BEST_TESLA_SECONDS = 0.060
_FULL_TESLA_SECONDS = 0.033
_SIGNAL_SHARE = 0.4


@dataclass(frozen=True)
class FilteredPhase:
    """Whether phase looks high-pass filtered, and the score that says so (low is filtered)."""

    filtered: bool
    score: float


def detect_filtered_phase(
    phase: NDArray[np.float32],
    magnitude: NDArray[np.float32],
    *,
    te_s: Sequence[float],
    b0_tesla: float,
    voxel_size_mm: tuple[float, float, float],
    mask: NDArray[np.bool_] | None = None,
    threshold: float = 0.85,
) -> FilteredPhase:
    """Tell whether the smooth part of the phase has been taken out.

    Parameters
    ----------
    phase : ndarray, (x, y, z) or (e, x, y, z)
        Wrapped phase as exported, rad.
    magnitude : ndarray, same shape
        Signal magnitude, any unit.
    te_s : sequence of float
        Echo times, s.
    b0_tesla : float
        Main field strength, T.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    mask : ndarray, bool, (x, y, z), optional
        The brain; what is brighter than 40 % of the brightest tissue unless given.
    threshold : float
        Filtered if the score is below it.

    Returns
    -------
    FilteredPhase
        The verdict and its score (rad): near 0 if filtered, above 1 if not.

    Raises
    ------
    ValueError
        If shapes do not fit or there is no signal.

    Notes
    -----
    A homodyne or any other high-pass filter divides the image by its own smooth part, so that the
    smooth image of what is left is real and positive nearly everywhere. Unfiltered phase has the
    background field and the phase of the coils in it and points anywhere. With ``theta_s`` the
    size of the angle of ``m exp(i phi)`` smoothed by a Gaussian of s mm, and ``rough`` the size of
    the angle between those of 3 and 8 mm, the score is ``median(theta_5) * q75(theta_8) /
    q75(rough)`` over the brain: smooth phase against local phase, which grows with the same field
    and time. It is taken of the echo whose ``te B0`` is nearest to 60 ms T, and divided by
    ``te B0 / 33 ms T`` below 33 ms T, where little phase has gathered. The threshold was set on
    seeds 0-199 of ``benchmarks/filtered_phase.py``; on its seeds 1000-1199 it found 199 of 200
    filtered scans and refused none of 200 unfiltered ones.
    Known failure: a filter so gentle that it leaves structure of 25 mm and more, and unfiltered
    phase of a small, well shimmed part of the brain whose coil phase is already removed.

    References
    ----------
    Haacke 2004, doi:10.1002/mrm.20198 (the filter).
    """
    if phase.ndim not in (3, 4) or magnitude.shape != phase.shape:
        raise ValueError(f"magnitude has shape {magnitude.shape}, phase {phase.shape}")
    shape = phase.shape[-3:]
    if mask is not None and mask.shape != shape:
        raise ValueError(f"mask has shape {mask.shape}, phase {shape}")
    if len(te_s) != (phase.shape[0] if phase.ndim == 4 else 1):
        raise ValueError(f"{len(te_s)} echo times do not fit phase of shape {phase.shape}")
    gathered = np.asarray(te_s, dtype=np.float64) * b0_tesla
    if not gathered.min() > 0:
        raise ValueError(f"echo times and field strength are positive, not {te_s} and {b0_tesla}")
    best = int(np.argmin(np.abs(np.log(gathered / _BEST_TESLA_SECONDS))))
    strength = magnitude.reshape(-1, *shape)[best]
    angle = phase.reshape(-1, *shape)[best]
    inside = _inside(strength, angle, mask)
    image, size = _shrunk(np.where(inside, strength * np.exp(1j * angle), 0), voxel_size_mm)
    share, _ = _shrunk(inside.astype(np.float32), voxel_size_mm)
    score = _smooth_over_rough(image, share >= min(0.7, float(share.max())), size)
    score /= min(1.0, float(gathered[best]) / _FULL_TESLA_SECONDS)
    return FilteredPhase(score < threshold, score)


def _smooth_over_rough(
    image: NDArray[np.complex64], here: NDArray[np.bool_], voxel_size_mm: tuple[float, float, float]
) -> float:
    """Angle of the smooth image (median at 5 mm, upper quartile at 8 mm) over the local one."""
    image = (image / max(float(np.abs(image).max()), 1e-30)).astype(np.complex64)
    fine, middle, coarse = (
        gaussian(image, sigma_mm, voxel_size_mm=voxel_size_mm)[here] for sigma_mm in (3.0, 5.0, 8.0)
    )
    rough = float(np.quantile(np.abs(np.angle(fine * np.conj(coarse))), 0.75))
    smooth = float(np.median(np.abs(np.angle(middle))))
    smooth *= float(np.quantile(np.abs(np.angle(coarse)), 0.75))
    return smooth / max(rough, 1e-6)


def _inside(
    strength: NDArray[np.float32], angle: NDArray[np.float32], mask: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Voxels with signal and a number for a phase, in the mask or the bright part."""
    finite = np.isfinite(strength) & np.isfinite(angle)
    inside = finite & (strength > 0)
    if mask is not None:
        inside &= mask
    elif inside.any():
        inside &= strength > _SIGNAL_SHARE * np.percentile(strength[finite], 98)
    if not inside.any():
        raise ValueError("there is no signal in the mask")
    return inside


def _shrunk(
    volume: NDArray[Any], voxel_size_mm: tuple[float, float, float]
) -> tuple[NDArray[Any], tuple[float, float, float]]:
    """Average over blocks of about 3 mm; return them and their size (mm)."""
    steps = [
        min(n, max(1, round(_BLOCK_MM / d)))
        for n, d in zip(volume.shape, voxel_size_mm, strict=True)
    ]
    counts = [n // s for n, s in zip(volume.shape, steps, strict=True)]
    cut = volume[tuple(slice(c * s) for c, s in zip(counts, steps, strict=True))]
    pairs = [size for c, s in zip(counts, steps, strict=True) for size in (c, s)]
    blocks = cut.reshape(pairs).mean(axis=(1, 3, 5))
    size = [s * d for s, d in zip(steps, voxel_size_mm, strict=True)]
    return blocks, (size[0], size[1], size[2])
