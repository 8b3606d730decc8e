"""Images in cubes along the world's axes, whatever their own voxels are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.resample import resample
from arteriole.grid import Grid

Image = NDArray[np.float32]

BLOCK_MM = 2.0
"""Edge of a cube."""
LARGEST_MM = (224.0, 272.0, 256.0)
"""Most that is looked at, around the middle of the signal: left-right, back-front, up."""
LOW, HIGH = 1.0, 99.5
"""Percentiles of the image that become 0 and 1."""


def work_grid(image: Image, grid: Grid) -> Grid:
    """Return the grid of 2 mm, along the world's axes, that holds the image or its middle."""
    corners = np.array(np.meshgrid(*[[-0.5, n - 0.5] for n in grid.shape])).reshape(3, -1).T
    world = grid.to_world(corners)
    low, high = world.min(0), world.max(0)
    middle = grid.to_world(_middle(image))
    for axis, most in enumerate(LARGEST_MM):
        if high[axis] - low[axis] > most:
            start = np.clip(middle[axis] - most / 2, low[axis], high[axis] - most)
            low[axis], high[axis] = start, start + most
    shape = 2 * np.ceil((high - low) / BLOCK_MM / 2).astype(int)
    affine = np.diag([BLOCK_MM, BLOCK_MM, BLOCK_MM, 1.0])
    affine[:3, 3] = (low + high) / 2 - (shape - 1) / 2 * BLOCK_MM
    return Grid((int(shape[0]), int(shape[1]), int(shape[2])), affine)


def _middle(image: Image) -> NDArray[np.float64]:
    """Return the voxel place in the middle of the signal, less heed being paid to the neck."""
    bright = image > 0.3 * np.percentile(image, 98)
    out = np.empty(3)
    for axis in range(3):
        other = tuple(a for a in range(3) if a != axis)
        share = np.cumsum(bright.sum(axis=other, dtype=np.float64))
        out[axis] = np.searchsorted(share, 0.5 * share[-1])
    return out


def in_blocks(image: Image, grid: Grid, work: Grid) -> Image:
    """Return the mean of the image over the cubes of the work grid, by eight points a cube."""
    half = np.diag([0.5, 0.5, 0.5, 1.0])
    half[:3, 3] = -0.25
    fine = Grid((2 * work.shape[0], 2 * work.shape[1], 2 * work.shape[2]), work.affine @ half)
    points = resample(image, grid, onto=fine)
    nx, ny, nz = work.shape
    return np.asarray(points.reshape(nx, 2, ny, 2, nz, 2).mean(axis=(1, 3, 5)), np.float32)


def scaled(blocks: Image) -> Image:
    """Return blocks with their percentiles 1 and 99.5 at 0 and 1, cut off there."""
    low, high = np.percentile(blocks, [LOW, HIGH])
    return np.clip((blocks - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)


def ct_window(hounsfield: NDArray[Any]) -> Image:
    """Return CT cut to -20 to 100 HU, where brain, fluid and bone part."""
    return np.clip(np.asarray(hounsfield, np.float32), -20.0, 100.0) + 20.0
