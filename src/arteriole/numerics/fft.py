"""Real 3-D Fourier transforms of padded volumes, threaded, in the precision of their input."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.numerics.threads import threads

Shape3 = tuple[int, int, int]


def good_shape(shape: Shape3, pad: int | Shape3 = 0) -> Shape3:
    """Return the smallest sizes at least ``shape + pad`` whose transforms are fast."""
    extra = (pad, pad, pad) if isinstance(pad, int) else pad
    sizes = [scipy.fft.next_fast_len(n + p, real=True) for n, p in zip(shape, extra, strict=True)]
    return (sizes[0], sizes[1], sizes[2])


def padded(volume: NDArray[Any], shape: Shape3) -> NDArray[Any]:
    """Return the volume at the low corner of zeros of ``shape`` (a view's copy; never in place)."""
    if volume.shape == shape:
        return volume
    out = np.zeros(shape, dtype=volume.dtype)
    out[tuple(slice(n) for n in volume.shape)] = volume
    return out


def rfft(volume: NDArray[Any], shape: Shape3 | None = None) -> NDArray[Any]:
    """Transform a real volume, zero-padded at its high ends to ``shape``."""
    spectrum: NDArray[Any] = scipy.fft.rfftn(volume, s=shape, workers=threads())
    return spectrum


def irfft(spectrum: NDArray[Any], shape: Shape3, crop: Shape3 | None = None) -> NDArray[Any]:
    """Transform back to a real volume of ``shape``; keep its low ``crop`` corner if given.

    The spectrum is overwritten.
    """
    volume: NDArray[Any] = scipy.fft.irfftn(spectrum, s=shape, workers=threads(), overwrite_x=True)
    if crop is None or crop == shape:
        return volume
    return np.ascontiguousarray(volume[tuple(slice(n) for n in crop)])


def frequencies(shape: Shape3, voxel_size_mm: tuple[float, float, float]) -> list[NDArray[Any]]:
    """Return the three open frequency axes (cycles/mm) of the half spectrum of a real volume."""
    axes = [np.fft.fftfreq(n, d) for n, d in zip(shape[:2], voxel_size_mm[:2], strict=True)]
    axes.append(np.fft.rfftfreq(shape[2], voxel_size_mm[2]))
    return list(np.ix_(*axes))
