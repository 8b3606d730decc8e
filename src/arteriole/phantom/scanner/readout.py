"""Frequency encoding: what is off resonance is seen in the wrong place along the readout."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange


def displace(
    volume: NDArray[np.complex64],
    field_hz: NDArray[np.float32],
    label: NDArray[np.uint8],
    shift_hz: NDArray[np.float32],
    *,
    cells_per_hz: float,
) -> NDArray[np.complex64]:
    """Move the signal of fine cells along the second axis by their frequency.

    Parameters
    ----------
    volume : ndarray, complex64, (x, y, z)
        Signal of the cells.
    field_hz : ndarray, float32, (x, y, z)
        Field, Hz.
    label : ndarray, uint8, (x, y, z)
        Row of each cell's tissue in ``shift_hz``.
    shift_hz : ndarray, float32, (tissues,)
        Chemical shift, Hz.
    cells_per_hz : float
        Cells that 1 Hz moves by: fine cells in a voxel over the bandwidth of a voxel; negative
        for an echo read backwards.

    Returns
    -------
    ndarray, complex64, (x, y, z)
        Signal where the scanner sees it, blurred by a cubic B-spline that `sharpening` takes out
        in k-space. It runs round at the ends of the axis.

    Notes
    -----
    While k-space is read, spins go on turning: ``exp(2 pi i f (TE + t))`` with t in proportion to
    k is a shift by ``f / bandwidth`` voxels. This is a non-uniform Fourier transform (Dutt &
    Rokhlin 1993, doi:10.1137/0914081); with two cells in a voxel it is within 1.3 % at the edge
    of k-space and 0.05 % at half of it.
    """
    out = np.zeros(volume.shape, dtype=np.complex64)
    _scatter(out, volume, field_hz, label, shift_hz, np.float32(cells_per_hz))
    return out


def sharpening(count: int, factor: int) -> NDArray[np.float32]:
    """Return what undoes the spline of `displace` on the k-space axis of ``count`` voxels."""
    spread = np.sinc(np.fft.fftfreq(count) / factor) ** 4
    return np.asarray(1.0 / spread, dtype=np.float32)


@kernel(parallel=True)
def _scatter(
    out: NDArray[np.complex64],
    volume: NDArray[np.complex64],
    field: NDArray[np.float32],
    label: NDArray[np.uint8],
    shift: NDArray[np.float32],
    scale: np.float32,
) -> None:
    """Add each cell, spread by a cubic B-spline, where it is seen."""
    n = volume.shape[1]
    one, half = np.float32(1.0), np.float32(0.5)
    sixth, twothirds = np.float32(1.0 / 6.0), np.float32(2.0 / 3.0)
    for i in prange(volume.shape[0]):
        for j in range(n):
            for k in range(volume.shape[2]):
                s = volume[i, j, k]
                if s == 0:
                    continue
                at = np.float32(j) + scale * (field[i, j, k] + shift[label[i, j, k]])
                low = int(np.floor(at))
                t = at - np.float32(low)
                u = one - t
                out[i, (low - 1) % n, k] += s * (u * u * u * sixth)
                out[i, low % n, k] += s * (twothirds - t * t * (one - half * t))
                out[i, (low + 1) % n, k] += s * (twothirds - u * u * (one - half * u))
                out[i, (low + 2) % n, k] += s * (t * t * t * sixth)
