"""High-passed phase of a small patch, by two small matrices in place of transforms."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel
from arteriole.phantom.scanner.dipole_field import Size3


def highpass_patch(
    image: NDArray[np.complex64], *, voxel_size_mm: Size3, highpass_mm: float = 8.0
) -> NDArray[np.float32]:
    """Return phase (rad, [-pi, pi]) less that of the low-passed image, across the thickest axis.

    Parameters
    ----------
    image : ndarray, complex64, (x, y, z)
        One echo.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    highpass_mm : float
        Wavelength, mm, where the Hann window of the low-pass reaches zero.

    Raises
    ------
    ValueError
        If the image is not a volume or the wavelength is not positive.

    Notes
    -----
    The same filter as that of classic SWI (Haacke 2004, doi:10.1002/mrm.20198), the patch mirrored
    past its edges; there it differs from a filter that sees the whole image.
    """
    if image.ndim != 3 or not highpass_mm > 0:
        raise ValueError(f"a volume and a wavelength > 0, not {image.shape}, {highpass_mm}")
    axis = 2 if max(voxel_size_mm) <= voxel_size_mm[2] * 1.001 else int(np.argmax(voxel_size_mm))
    first, second = (a for a in range(3) if a != axis)
    turned = np.ascontiguousarray(np.moveaxis(image, axis, 0))
    low = np.empty_like(turned)
    one = _lowpass(image.shape[first], voxel_size_mm[first] / highpass_mm)
    two = _lowpass(image.shape[second], voxel_size_mm[second] / highpass_mm)
    _filter(turned, low, one, two)
    local = np.angle(turned * low.conj())
    return np.ascontiguousarray(np.moveaxis(local, 0, axis), dtype=np.float32)


@lru_cache(maxsize=64)
def _lowpass(size: int, spacing: float) -> NDArray[np.float32]:
    """Return the low-pass along one axis as a matrix; ``spacing`` in wavelengths."""
    pad = min(math.ceil(1.0 / spacing), size)
    wide = np.pad(np.eye(size), [(pad, pad), (0, 0)], mode="symmetric")
    k = np.minimum(np.abs(scipy.fft.fftfreq(len(wide), spacing)), 1.0)
    window = 0.5 + 0.5 * np.cos(math.pi * k)
    spectrum = scipy.fft.fft(wide, axis=0) * window[:, None]
    low = scipy.fft.ifft(spectrum, axis=0).real[pad : pad + size]
    return np.ascontiguousarray(low.T, dtype=np.float32)


@kernel()
def _filter(
    image: NDArray[np.complex64],
    low: NDArray[np.complex64],
    one: NDArray[np.float32],
    two: NDArray[np.float32],
) -> None:
    """Apply one matrix along each of the last two axes: low[s, a, b] = sum one two image."""
    nz, nx, ny = image.shape
    part = np.empty((nx, ny), dtype=np.complex64)
    for s in range(nz):
        part[:] = 0
        low[s] = 0
        for i in range(nx):
            for j in range(ny):
                value = image[s, i, j]
                for b in range(ny):
                    part[i, b] += two[j, b] * value
        for i in range(nx):
            for a in range(nx):
                w = one[i, a]
                for b in range(ny):
                    low[s, a, b] += w * part[i, b]
