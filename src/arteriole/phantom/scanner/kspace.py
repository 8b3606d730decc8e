"""The scanner samples the middle of k-space: from a fine grid to the voxels of a scan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.numerics.threads import threads

Shape3 = tuple[int, int, int]


def crop_axis(volume: NDArray[Any], axis: int, factor: int) -> NDArray[np.complex64]:
    """Transform one axis to k-space and keep its middle ``1 / factor``.

    Parameters
    ----------
    volume : ndarray, complex64 or float32
        Fine samples along ``axis``; a multiple of ``factor``.
    axis : int
        Which axis.
    factor : int
        Fine cells in a voxel.

    Returns
    -------
    ndarray, complex64
        k-space along that axis in the order of `numpy.fft`, scaled and shifted such that the
        inverse transform gives values at the voxels' middles.
    """
    fine = volume.shape[axis]
    if fine % factor:
        raise ValueError(f"{fine} fine cells do not make voxels of {factor}")
    count = fine // factor
    k = np.round(np.fft.fftfreq(count) * count).astype(int)
    ramp = np.exp(2j * np.pi * k * (factor - 1) / 2.0 / fine) / factor
    spectrum = scipy.fft.fft(volume, axis=axis, workers=threads())
    kept = np.take(spectrum, k % fine, axis=axis)
    shape = [1] * volume.ndim
    shape[axis] = count
    kept *= ramp.astype(np.complex64).reshape(shape)
    return np.asarray(kept, dtype=np.complex64)


def sample(
    slab_of: Callable[[slice], NDArray[Any]], shape: Shape3, factor: Shape3, *, rows: int = 32
) -> NDArray[np.complex64]:
    """Sample a volume given in slabs through a crop of its k-space.

    Parameters
    ----------
    slab_of : callable
        Returns the fine volume at a slice of its first axis; called in order.
    shape : tuple of 3 int
        Of the fine volume.
    factor : tuple of 3 int
        Fine cells in a voxel along each axis.
    rows : int
        Rows of the first axis held at a time.

    Returns
    -------
    ndarray, complex64
        The sampled volume: what a scanner with this matrix sees, ringing included.
    """
    size = [n // f for n, f in zip(shape, factor, strict=True)]
    middle = np.empty((shape[0], size[1], size[2]), dtype=np.complex64)
    for start in range(0, shape[0], rows):
        part = slice(start, min(start + rows, shape[0]))
        middle[part] = crop_axis(crop_axis(slab_of(part), 2, factor[2]), 1, factor[1])
    space = crop_axis(middle, 0, factor[0])
    return np.asarray(scipy.fft.ifftn(space, workers=threads(), overwrite_x=True), "c8")


def sample_real(volume: NDArray[np.float32], factor: Shape3) -> NDArray[np.float32]:
    """Sample a real fine volume through a crop of its k-space."""
    nx, ny, nz = volume.shape
    sampled = sample(lambda part: volume[part], (nx, ny, nz), factor)
    return np.ascontiguousarray(sampled.real)


def block_mean(volume: NDArray[Any], factor: Shape3) -> NDArray[np.float32]:
    """Return the mean of each block of ``factor`` cells."""
    (a, b, c), (nx, ny, nz) = factor, volume.shape
    blocks = volume.reshape(nx // a, a, ny // b, b, nz // c, c)
    return np.asarray(blocks.mean(axis=(1, 3, 5), dtype=np.float32))
