"""Slices excited one by one: what each of them sees across its thickness."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

TIME_BANDWIDTH = 4.0
"""Zero crossings of the excitation pulse, a sinc under a Hanning window."""


def slice_profile(
    offset_mm: NDArray[Any], *, thickness_mm: float, time_bandwidth: float = TIME_BANDWIDTH
) -> NDArray[np.float64]:
    """Return the transverse magnetisation at distances from the middle of a slice, 1 in the middle.

    Parameters
    ----------
    offset_mm : ndarray
        Distances across the slice, mm.
    thickness_mm : float
        Full width at half maximum, mm.
    time_bandwidth : float
        Of the pulse: duration times bandwidth.

    Notes
    -----
    The Fourier transform of a sinc under a Hanning window: the small-flip approximation, within a
    few per cent up to 30 degrees. Phase across the slice is taken to be refocused.

    References
    ----------
    Pauly 1989, doi:10.1016/0022-2364(89)90265-5.
    """
    t = np.linspace(-0.5, 0.5, 401)
    pulse = np.sinc(time_bandwidth * t) * (0.5 + 0.5 * np.cos(2.0 * np.pi * t))
    pulse /= pulse.sum()
    across = np.asarray(offset_mm, dtype=np.float64) / thickness_mm
    wave = np.cos(2.0 * np.pi * time_bandwidth * across[..., None] * t)
    return np.asarray((wave * pulse).sum(axis=-1))


def slice_weights(
    count: int, factor: int, *, spacing_mm: float, thickness_mm: float
) -> NDArray[np.float32]:
    """Return the weights (slices, cells) of fine cells in slices; each slice adds up to 1."""
    middles = factor * np.arange(count) + (factor - 1) / 2.0
    away = (np.arange(count * factor) - middles[:, None]) * spacing_mm / factor
    weights = slice_profile(away, thickness_mm=thickness_mm)
    weights[np.abs(away) > 1.5 * thickness_mm] = 0.0
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def see_slices(
    volume: NDArray[np.complex64], weights: NDArray[np.float32]
) -> NDArray[np.complex64]:
    """Return what slices (weights of `slice_weights`) see of fine cells along the last axis."""
    out = np.zeros((*volume.shape[:2], len(weights)), dtype=np.complex64)
    span = np.array([[row.nonzero()[0][0], row.nonzero()[0][-1] + 1] for row in weights])
    _see(out, volume, weights, span)
    return out


@kernel(parallel=True)
def _see(
    out: NDArray[np.complex64],
    volume: NDArray[np.complex64],
    weights: NDArray[np.float32],
    span: NDArray[np.int64],
) -> None:
    """Sum the cells of each slice."""
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            for s in range(out.shape[2]):
                total = np.complex64(0)
                for k in range(span[s, 0], span[s, 1]):
                    total += weights[s, k] * volume[i, j, k]
                out[i, j, s] = total
