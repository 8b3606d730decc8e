"""Gaussian smoothing, in millimetres, of real and complex volumes, inside masks if asked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.convolve import convolve, gaussian_taps

Size3 = tuple[float, float, float]


def gaussian(
    volume: NDArray[Any], sigma_mm: float | Size3, *, voxel_size_mm: Size3
) -> NDArray[Any]:
    """Smooth a volume by a Gaussian of ``sigma_mm``; the nearest voxel goes on past the edge."""
    sigmas = (sigma_mm,) * 3 if isinstance(sigma_mm, int | float) else sigma_mm
    voxels = [s / d for s, d in zip(sigmas, voxel_size_mm, strict=True)]
    taps = tuple(gaussian_taps(s, volume.real.dtype) for s in voxels)
    if np.iscomplexobj(volume):
        out = np.empty_like(volume)
        out.real = convolve(volume.real, taps)
        out.imag = convolve(volume.imag, taps)
        return out
    return convolve(volume, taps)


def gaussian_inside(
    volume: NDArray[Any], weight: NDArray[Any], sigma_mm: float | Size3, *, voxel_size_mm: Size3
) -> NDArray[Any]:
    """Smooth by a normalised convolution: voxels count by their weight (a mask, or more).

    Where no weight is near, the result is 0.
    """
    heavy = weight.astype(np.float32)
    top = gaussian(volume * heavy, sigma_mm, voxel_size_mm=voxel_size_mm)
    bottom = gaussian(heavy, sigma_mm, voxel_size_mm=voxel_size_mm)
    near = bottom > 1e-6 * max(float(heavy.max()), 1e-30)
    return np.where(near, top / np.where(near, bottom, 1.0), 0).astype(volume.dtype)
