"""Laplacian unwrapping: quick, without a path, and not exact."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.numerics.threads import threads


def unwrap_laplacian(
    phase: NDArray[np.float32],
    *,
    voxel_size_mm: tuple[float, float, float],
    mask: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Return approximately unwrapped phase (rad) of one or more echoes, each by itself.

    Parameters
    ----------
    phase : ndarray, float32, (x, y, z) or (e, x, y, z)
        Wrapped phase, rad.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    mask : ndarray, bool, (x, y, z), optional
        Where the result is kept, and agrees with the wrapped phase on the circular mean.

    Returns
    -------
    ndarray, float32, same shape as ``phase``
        Smoothly unwrapped phase; 0 outside the mask.

    Raises
    ------
    ValueError
        If shapes or voxel sizes do not fit.

    Notes
    -----
    Solves ``lap(u) = cos(phi) lap(sin(phi)) - sin(phi) lap(cos(phi))`` with seven-point Laplacians,
    whose right side is the sum of ``sin`` of the differences to the six neighbours. The cosine
    transform mirrors the volume at its faces, so that nothing wraps around and no padding is
    needed. Known failure: ``sin(d)`` is not ``d``, so that steep phase (veins, bleeds, sinuses) is
    flattened, the result differs from the phase by more than whole turns, and noise outside the
    head leaks in. Use `unwrap_romeo` for fields that are to be believed.

    References
    ----------
    Schofield & Zhu 2003, doi:10.1364/OL.28.001194.
    """
    if phase.ndim not in (3, 4):
        raise ValueError(f"phase has three or four dimensions, not shape {phase.shape}")
    shape = phase.shape[-3:]
    if mask is not None and mask.shape != shape:
        raise ValueError(f"mask has shape {mask.shape}, phase {shape}")
    if not min(voxel_size_mm) > 0:
        raise ValueError(f"voxel sizes are positive, not {voxel_size_mm}")
    echoes = np.nan_to_num(phase.astype(np.float32).reshape(-1, *shape))
    spectrum = _laplacian_spectrum(shape, voxel_size_mm)
    for echo in echoes:
        echo[:] = _unwrap(echo, spectrum, voxel_size_mm, mask)
    return echoes.reshape(phase.shape)


def _unwrap(
    phase: NDArray[np.float32],
    spectrum: NDArray[np.float32],
    voxel_size_mm: tuple[float, float, float],
    mask: NDArray[np.bool_] | None,
) -> NDArray[np.float32]:
    source = _laplacian_of_phase(phase, voxel_size_mm)
    solution = scipy.fft.dctn(source, workers=threads(), overwrite_x=True) / spectrum
    smooth: NDArray[np.float32] = scipy.fft.idctn(solution, workers=threads(), overwrite_x=True)
    apart = phase - smooth if mask is None else (phase - smooth)[mask]
    smooth += np.float32(np.arctan2(np.sin(apart).mean(), np.cos(apart).mean()))
    return smooth if mask is None else np.where(mask, smooth, np.float32(0))


def _laplacian_of_phase(
    phase: NDArray[np.float32], voxel_size_mm: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Sum the sines of the differences to the neighbours, each over the squared distance."""
    total = np.zeros_like(phase)
    for axis, size in enumerate(voxel_size_mm):
        flow = np.sin(np.diff(phase, axis=axis)) * np.float32(1 / size**2)
        out = np.moveaxis(total, axis, 0)
        out[:-1] += np.moveaxis(flow, axis, 0)
        out[1:] -= np.moveaxis(flow, axis, 0)
    return total


def _laplacian_spectrum(
    shape: tuple[int, ...], voxel_size_mm: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Eigenvalues of the seven-point Laplacian with mirrored faces; infinite for the mean."""
    axes = [
        (2 * np.cos(np.pi * np.arange(n) / n) - 2) / d**2
        for n, d in zip(shape, voxel_size_mm, strict=True)
    ]
    x, y, z = np.ix_(*axes)
    spectrum = x + y + z
    spectrum[0, 0, 0] = -np.inf
    return np.asarray(spectrum, dtype=np.float32)
