"""Gaussian random fields over the world, the source of every irregular shape and texture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

FEW = 20000
"""So many points are done before threads have started."""


@dataclass(frozen=True, eq=False)
class RandomField:
    """A periodic random field of zero mean and unit variance, sampled anywhere.

    Parameters
    ----------
    values : ndarray, float32, (n, n, n)
        One period.
    spacing_mm : float
        Distance between lattice points; the period is ``n * spacing_mm``.
    """

    values: NDArray[np.float32]
    spacing_mm: float

    def at(self, x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> NDArray[np.float32]:
        """Return the field at positions in mm (arrays that broadcast), trilinear."""
        spread = np.broadcast_arrays(x, y, z)
        p, q, r = (np.ascontiguousarray(c, dtype=np.float32).ravel() for c in spread)
        out = np.empty(p.size, dtype=np.float32)
        sample = _sample if p.size > FEW else _sample_few
        sample(self.values, np.float32(1.0 / self.spacing_mm), p, q, r, out)
        return out.reshape(spread[0].shape)


def gaussian_field(
    rng: np.random.Generator, wavelength_mm: float, *, bandwidth: float = 0.25, size: int = 64
) -> RandomField:
    """Draw a random field whose features have about one wavelength.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    wavelength_mm : float
        Centre of the band; the lattice has eight points a wavelength.
    bandwidth : float
        Relative width of the band: 0.25 gives ripples of one size, 0.5 and more a broad texture.
    size : int
        Lattice points along an axis; the field repeats after ``size / 8`` wavelengths.

    Returns
    -------
    RandomField
        Zero mean, unit variance.
    """
    if wavelength_mm <= 0 or bandwidth <= 0:
        raise ValueError(f"wavelength and bandwidth are positive, not {wavelength_mm}, {bandwidth}")

    def shape(radius: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.exp(-0.5 * ((8.0 * radius - 1.0) / bandwidth) ** 2))

    return RandomField(_filtered(rng, size, shape), wavelength_mm / 8.0)


def rough_field(
    rng: np.random.Generator,
    shortest_mm: float,
    longest_mm: float,
    *,
    slope: float = 2.0,
    size: int = 96,
) -> RandomField:
    """Draw a random field that is rough at all sizes between two wavelengths.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    shortest_mm, longest_mm : float
        Wavelengths between which its power lies; the lattice has four points a shortest one.
    slope : float
        Amplitude falls with the wave number to this power; 1.5 gives all sizes the same variance.
    size : int
        Lattice points along an axis; the field repeats after ``size / 4`` shortest wavelengths.

    Returns
    -------
    RandomField
        Zero mean, unit variance.

    Raises
    ------
    ValueError
        If the wavelengths are not positive and in order.
    """
    if not 0 < shortest_mm < longest_mm:
        raise ValueError(f"wavelengths are positive and in order, not {shortest_mm}, {longest_mm}")
    spacing = shortest_mm / 4.0

    def shape(radius: NDArray[np.float64]) -> NDArray[np.float64]:
        wave = np.maximum(radius, 0.5 / size) / spacing
        inside = (wave <= 1.0 / shortest_mm) & (wave >= 1.0 / longest_mm)
        return np.asarray(np.where(inside, wave**-slope, 0.0))

    return RandomField(_filtered(rng, size, shape), spacing)


def _filtered(
    rng: np.random.Generator,
    size: int,
    shape: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.float32]:
    """Return white noise with its spectrum shaped (radius in cycles a point), unit variance."""
    white = rng.standard_normal((size, size, size), dtype=np.float32)
    spectrum = scipy.fft.rfftn(white)
    k, kz = np.fft.fftfreq(size), np.fft.rfftfreq(size)
    radius = np.sqrt(k[:, None, None] ** 2 + k[None, :, None] ** 2 + kz[None, None, :] ** 2)
    spectrum *= shape(radius).astype(np.float32)
    spectrum[0, 0, 0] = 0
    values = scipy.fft.irfftn(spectrum, s=(size, size, size))
    values /= np.sqrt(np.mean(values**2, dtype=np.float64))
    return np.ascontiguousarray(values, dtype=np.float32)


@kernel()
def _value(values: NDArray[np.float32], u: np.float32, v: np.float32, w: np.float32) -> np.float32:
    """Interpolate a periodic lattice at fractional indices."""
    n = values.shape[0]
    i, j, k = int(np.floor(u)), int(np.floor(v)), int(np.floor(w))
    a, b, c = u - i, v - j, w - k
    i, j, k = i % n, j % n, k % n
    i1, j1, k1 = (i + 1) % n, (j + 1) % n, (k + 1) % n
    low = (values[i, j, k] * (1 - c) + values[i, j, k1] * c) * (1 - b) + (
        values[i, j1, k] * (1 - c) + values[i, j1, k1] * c
    ) * b
    high = (values[i1, j, k] * (1 - c) + values[i1, j, k1] * c) * (1 - b) + (
        values[i1, j1, k] * (1 - c) + values[i1, j1, k1] * c
    ) * b
    return low * (1 - a) + high * a


@kernel(parallel=True)
def _sample(
    values: NDArray[np.float32],
    scale: np.floating[Any],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    z: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Interpolate a periodic lattice at many points."""
    for p in prange(out.size):
        out[p] = _value(values, x[p] * scale, y[p] * scale, z[p] * scale)


@kernel()
def _sample_few(
    values: NDArray[np.float32],
    scale: np.floating[Any],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    z: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Interpolate a periodic lattice at few points."""
    for p in range(out.size):
        out[p] = _value(values, x[p] * scale, y[p] * scale, z[p] * scale)
