"""An array of receive coils around the head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.grid import Grid

_SEGMENTS = 24
_LATTICE_MM = 8.0
_MIDDLE_MM = (0.0, -12.0, 6.0)
_HALF_MM = (105.0, 125.0, 125.0)
"""Middle and half-axes of the helmet that the loops lie on, our own round figures."""


def coil_maps(grid: Grid, coils: int) -> Iterator[NDArray[np.complex64]]:
    """Yield the complex sensitivity of one coil after the other on a grid.

    Parameters
    ----------
    grid : Grid
        Where to sample.
    coils : int
        How many loops, spread evenly over a helmet around the head.

    Returns
    -------
    iterator of ndarray, complex64, (x, y, z)
        Scaled such that the root sum of squares is 1 on average within 80 mm of the middle.

    Notes
    -----
    The quasi-static field of a circular loop by Biot and Savart on a lattice of 8 mm; spins
    receive its part across B0, ``Bx - i By`` (Hoult 2000, doi:10.1002/1099-0534(2000)12:4<173::
    AID-CMR1>3.0.CO;2-Q). Waves in tissue, which matter at 7 T, are left out.
    """
    lattice, points = _lattice(grid)
    loops = _loops(coils)
    near = np.linalg.norm(points - np.asarray(_MIDDLE_MM), axis=-1) < 80.0
    power = np.zeros(points.shape[:-1])
    for centre, normal, radius in loops:
        power += np.abs(_sensitivity(points, centre, normal, radius)) ** 2
    scale = 1.0 / float(np.sqrt(power[near]).mean())
    cells = lattice.to_voxel(grid.to_world(np.zeros(3)))
    step = np.linalg.solve(lattice.affine[:3, :3], grid.affine[:3, :3])
    for centre, normal, radius in loops:
        coarse = scale * _sensitivity(points, centre, normal, radius)
        parts = [
            scipy.ndimage.affine_transform(
                part, step, cells, grid.shape, order=1, mode="nearest", output=np.float32
            )
            for part in (coarse.real, coarse.imag)
        ]
        yield np.asarray(parts[0] + 1j * parts[1], dtype=np.complex64)


def _lattice(grid: Grid) -> tuple[Grid, NDArray[np.float64]]:
    """Return a coarse lattice over a grid, and its world positions, together with the head."""
    corners = np.array(np.meshgrid(*[[0.0, n - 1.0] for n in grid.shape])).reshape(3, -1).T
    world = grid.to_world(corners)
    reach = np.asarray(_MIDDLE_MM)
    low = np.minimum(world.min(axis=0), reach - 80.0) - _LATTICE_MM
    high = np.maximum(world.max(axis=0), reach + 80.0) + _LATTICE_MM
    n = np.ceil((high - low) / _LATTICE_MM).astype(int) + 1
    affine = np.diag([_LATTICE_MM, _LATTICE_MM, _LATTICE_MM, 1.0])
    affine[:3, 3] = low
    lattice = Grid((int(n[0]), int(n[1]), int(n[2])), affine)
    cells = np.stack(np.meshgrid(*[np.arange(a) for a in n], indexing="ij"), axis=-1)
    return lattice, lattice.to_world(cells)


def _loops(coils: int) -> list[tuple[NDArray[np.float64], NDArray[np.float64], float]]:
    """Return middle, normal and radius (mm) of loops spread over the helmet, none from below."""
    turn = np.pi * (3.0 - np.sqrt(5.0))
    radius = min(2.2 * 110.0 / np.sqrt(coils), 90.0)
    loops = []
    for n in range(coils):
        up = -0.5 + 1.5 * (n + 0.5) / coils
        across = np.sqrt(1.0 - up**2)
        outward = np.array([across * np.cos(turn * n), across * np.sin(turn * n), up])
        loops.append((np.asarray(_MIDDLE_MM) + outward * _HALF_MM, outward, radius))
    return loops


def _sensitivity(
    points: NDArray[Any], centre: NDArray[Any], normal: NDArray[Any], radius: float
) -> NDArray[np.complex128]:
    """Return Bx - i By of a loop at points (..., 3), arbitrary unit."""
    aside = np.cross(normal, [0.0, 0.6, 0.8] if abs(normal[0]) > 0.5 else [1.0, 0.0, 0.0])
    aside /= np.linalg.norm(aside)
    ahead = np.cross(normal, aside)
    bx, by = np.zeros(points.shape[:-1]), np.zeros(points.shape[:-1])
    for angle in 2.0 * np.pi * (np.arange(_SEGMENTS) + 0.5) / _SEGMENTS:
        wire = radius * (np.cos(angle) * aside + np.sin(angle) * ahead)
        along = np.cos(angle) * ahead - np.sin(angle) * aside
        away = points - (centre + wire)
        # Wires are a few millimetres thick, which also keeps cells that touch them finite.
        cube = (np.sum(away**2, axis=-1) + 15.0**2) ** 1.5
        bx += (along[1] * away[..., 2] - along[2] * away[..., 1]) / cube
        by += (along[2] * away[..., 0] - along[0] * away[..., 2]) / cube
    return np.asarray(bx - 1j * by)
