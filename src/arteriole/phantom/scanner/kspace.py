"""The scanner samples the middle of k-space: from a fine grid to the voxels of a scan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.threads import threads
from arteriole.phantom.scanner.slices import see_slices

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


def to_kspace(
    slab_of: Callable[[slice], NDArray[Any]],
    shape: Shape3,
    factor: Shape3,
    *,
    slices: NDArray[np.float32] | None = None,
    rows: int = 32,
) -> NDArray[np.complex64]:
    """Return the k-space that a scan of a volume given in slabs acquires.

    Parameters
    ----------
    slab_of : callable
        Returns the fine volume at a slice of its first axis; called in order.
    shape : tuple of 3 int
        Of the fine volume.
    factor : tuple of 3 int
        Fine cells in a voxel along each axis.
    slices : ndarray, float32, (slices, cells), optional
        Weights of 2-D slices, see `slice_weights`; the last axis is k-space too unless given.
    rows : int
        Rows of the first axis held at a time.

    Returns
    -------
    ndarray, complex64
        k-space in the order of `numpy.fft`; `to_image` makes the image of it.
    """
    size = [n // f for n, f in zip(shape, factor, strict=True)]
    middle = np.empty((shape[0], size[1], size[2]), dtype=np.complex64)
    for start in range(0, shape[0], rows):
        part = slice(start, min(start + rows, shape[0]))
        slab = slab_of(part)
        thin = crop_axis(slab, 2, factor[2]) if slices is None else see_slices(slab, slices)
        middle[part] = crop_axis(thin, 1, factor[1])
    return crop_axis(middle, 0, factor[0])


def to_image(space: NDArray[np.complex64], *, flat: bool = False) -> NDArray[np.complex64]:
    """Return the image of a k-space; ``flat`` when its last axis counts 2-D slices."""
    axes = (0, 1) if flat else (0, 1, 2)
    return np.asarray(scipy.fft.ifftn(space, axes=axes, workers=threads(), overwrite_x=True), "c8")


def sample(
    slab_of: Callable[[slice], NDArray[Any]], shape: Shape3, factor: Shape3, *, rows: int = 32
) -> NDArray[np.complex64]:
    """Sample a volume given in slabs (see `to_kspace`): what this matrix sees, with its ringing."""
    return to_image(to_kspace(slab_of, shape, factor, rows=rows))


def share_mask(count: int, share: float, *, reverse: bool = False) -> NDArray[np.float32]:
    """Return 1 where an axis of k-space, in the order of `numpy.fft`, is acquired, else 0.

    Parameters
    ----------
    count : int
        Lines of the full axis.
    share : float
        0.5 to 1; the early (negative) lines are left out.
    reverse : bool
        The late lines are left out: an axis read backwards.
    """
    line = np.round(np.fft.fftfreq(count) * count)
    line = -line if reverse else line
    return np.asarray(line >= count / 2.0 - round(share * count), dtype=np.float32)


def block_mean(
    volume: NDArray[Any], factor: Shape3, *, weight: NDArray[Any] | None = None
) -> NDArray[np.float32]:
    """Return the mean of each block of ``factor`` cells, multiplied by ``weight`` if given."""
    (a, b, c), (nx, ny, nz) = factor, volume.shape
    if nx % a or ny % b or nz % c:
        raise ValueError(f"{volume.shape} cells do not make blocks of {factor}")
    out = np.empty((nx // a, ny // b, nz // c), dtype=np.float32)
    if weight is None:
        _block_mean(out, volume, a, b, c)
    else:
        _block_mean_product(out, volume, weight, a, b, c)
    return out


@kernel(parallel=True)
def _block_mean(out: NDArray[np.float32], volume: NDArray[Any], a: int, b: int, c: int) -> None:
    """Average blocks, each in the same order."""
    scale = 1.0 / (a * b * c)
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                total = 0.0
                for p in range(a):
                    for q in range(b):
                        for r in range(c):
                            total += volume[i * a + p, j * b + q, k * c + r]
                out[i, j, k] = total * scale


@kernel(parallel=True)
def _block_mean_product(
    out: NDArray[np.float32],
    volume: NDArray[Any],
    weight: NDArray[Any],
    a: int,
    b: int,
    c: int,
) -> None:
    """Average the product of two volumes over blocks."""
    scale = 1.0 / (a * b * c)
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                total = 0.0
                for p in range(a):
                    for q in range(b):
                        for r in range(c):
                            x, y, z = i * a + p, j * b + q, k * c + r
                            total += volume[x, y, z] * weight[x, y, z]
                out[i, j, k] = total * scale
