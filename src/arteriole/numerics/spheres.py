"""Spherical mean value kernels that keep harmonic fields on anisotropic voxels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.fft import Shape3, irfft, rfft

Size3 = tuple[float, float, float]

_LEAST_SHARE = 0.1
"""Voxels with a smaller share of their volume in the ball are left out, to spare the mask."""


def sphere_kernel(radius_mm: float, *, voxel_size_mm: Size3) -> NDArray[np.float64]:
    """Return weights of the mean over a ball around a voxel.

    Parameters
    ----------
    radius_mm : float
        Radius, mm, positive. Below a voxel size the six neighbours stand in for the ball.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.

    Returns
    -------
    ndarray, float64, (2a + 1, 2b + 1, 2c + 1)
        Symmetric weights with sum 1 around the middle voxel.

    Raises
    ------
    ValueError
        If the radius is not positive.

    Notes
    -----
    The edge of the ball is anti-aliased: a voxel's weight falls linearly from 1 to 0 over its own
    extent along the radius. The weights are then multiplied by ``1 + a + b x^2 + c y^2 + d z^2``
    such that the sum is 1 and the three second moments are ``r^2 / 5``, those of a ball. Fields
    that are harmonic polynomials up to degree 3 thus equal their mean exactly, also on voxels of
    0.8 x 0.8 x 3 mm, where a plain ball is a flat disc and keeps ``x^2 + y^2 - 2 z^2`` badly.
    """
    if not radius_mm > 0:
        raise ValueError(f"a ball has a positive radius, not {radius_mm} mm")
    reach = [max(1, int(np.ceil(radius_mm / d + 0.5))) for d in voxel_size_mm]
    lines = [np.arange(-n, n + 1) * d for n, d in zip(reach, voxel_size_mm, strict=True)]
    axes = np.ix_(*lines)
    weights = _share_of_ball(axes, radius_mm, voxel_size_mm)
    squares = [np.broadcast_to(x**2, weights.shape) for x in axes]
    weights = _with_moments(weights, squares, radius_mm**2 / 5.0)
    return _trimmed(weights)


def sphere_spectrum(
    radius_mm: float, shape: Shape3, *, voxel_size_mm: Size3
) -> NDArray[np.float32]:
    """Return the (real) half spectrum of the ball's mean on a periodic grid of ``shape``.

    Raises
    ------
    ValueError
        If the radius is not positive, or the ball is larger than the grid.
    """
    return _spectrum(sphere_kernel(radius_mm, voxel_size_mm=voxel_size_mm), shape)


def sphere_fits(
    mask_spectrum: NDArray[np.complex64],
    radius_mm: float,
    shape: Shape3,
    *,
    voxel_size_mm: Size3,
    crop: Shape3,
) -> NDArray[np.bool_]:
    """Tell around which voxels every voxel of the ball lies in the mask.

    Parameters
    ----------
    mask_spectrum : ndarray, complex64
        Half spectrum of the mask (as 0 and 1) padded to ``shape`` by at least the ball.
    radius_mm : float
        Radius, mm, positive.
    shape : tuple of 3 int
        Shape of the padded volume.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    crop : tuple of 3 int
        Shape of the mask before it was padded.

    Returns
    -------
    ndarray, bool, ``crop``
        True where the ball fits.
    """
    voxels = sphere_kernel(radius_mm, voxel_size_mm=voxel_size_mm) != 0
    count = int(voxels.sum())
    share = irfft(mask_spectrum * _spectrum(voxels / count, shape), shape, crop)
    return np.asarray(share > 1.0 - 0.5 / count)


def _spectrum(weights: NDArray[np.float64], shape: Shape3) -> NDArray[np.float32]:
    """Return the real half spectrum of symmetric weights around the first voxel."""
    if any(n > m for n, m in zip(weights.shape, shape, strict=True)):
        raise ValueError(f"a ball of {weights.shape} voxels exceeds the grid of {shape}")
    volume = np.zeros(shape, dtype=np.float32)
    volume[tuple(slice(n) for n in weights.shape)] = weights
    volume = np.roll(volume, [-(n // 2) for n in weights.shape], axis=(0, 1, 2))
    return np.ascontiguousarray(rfft(volume).real)


def room_for_sphere(radius_mm: float, shape: Shape3, *, voxel_size_mm: Size3) -> Shape3:
    """Return the voxels to add to a volume such that the ball neither wraps nor exceeds it."""
    reach = [int(np.ceil(radius_mm / d)) + 1 for d in voxel_size_mm]
    room = [max(r, 2 * r + 1 - n) for r, n in zip(reach, shape, strict=True)]
    return (room[0], room[1], room[2])


def _share_of_ball(
    axes: tuple[NDArray[Any], ...], radius_mm: float, voxel_size_mm: Size3
) -> NDArray[np.float64]:
    """Return how much of each voxel lies in the ball, at least a trace in the six neighbours."""
    distance = np.sqrt(sum(x**2 for x in axes))
    across = sum(np.abs(x) * d for x, d in zip(axes, voxel_size_mm, strict=True))
    extent = across / np.maximum(distance, 1e-9)
    middle = tuple(n // 2 for n in distance.shape)
    extent[middle] = min(voxel_size_mm)
    share: NDArray[np.float64] = np.clip((radius_mm - distance) / extent + 0.5, 0.0, 1.0)
    share[share < _LEAST_SHARE] = 0.0
    share[middle] = 1.0
    for axis in range(3):
        for step in (-1, 1):
            place = list(middle)
            place[axis] += step
            share[tuple(place)] = max(share[tuple(place)], _LEAST_SHARE)
    return share


def _with_moments(
    weights: NDArray[np.float64], squares: list[NDArray[np.float64]], second: float
) -> NDArray[np.float64]:
    """Return the weights turned by a quadratic such that their moments are those of a ball."""
    basis = [np.ones_like(weights), *squares]
    matrix = [[float((weights * p * q).sum()) for p in basis] for q in basis]
    factors = np.linalg.solve(matrix, [1.0, second, second, second])
    return weights * sum(f * p for f, p in zip(factors, basis, strict=True))


def _trimmed(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut planes of zeros off, the same on both sides."""
    for axis in range(3):
        lines = np.moveaxis(weights, axis, 0)
        while lines.shape[0] > 3 and not lines[0].any():
            lines = lines[1:-1]
        weights = np.moveaxis(lines, 0, axis)
    return np.ascontiguousarray(weights)
