"""Where the parts of a head are, in an image of any contrast, by a small network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.resample import resample
from arteriole.grid import Grid
from arteriole.networks.inference import run_network

Image = NDArray[np.float32]

NETWORK = "any_contrast"
BLOCK_MM, MULTIPLE = 2.0, 8
"""The network sees cubes of this edge, and sizes that this divides."""
LARGEST_MM = (224.0, 272.0, 256.0)
"""Most that is looked at, around the middle of the signal: left-right, back-front, up."""
LOW, HIGH = 1.0, 99.5
"""Percentiles of the image that become 0 and 1."""


def part_probabilities(
    image: NDArray[Any], grid: Grid, *, mirrored: bool = True
) -> tuple[Image, Grid]:
    """Return the probability of each part of the head, on cubes of 2 mm along the world's axes.

    Parameters
    ----------
    image : ndarray, (x, y, z)
        T1w, T2w, FLAIR, gradient-echo magnitude or SWI in any unit; CT in HU clipped to the window
        of brain (`ct_window`). NaN counts as 0.
    grid : Grid
        Where its voxels are: any orientation, voxel size and slice thickness.
    mirrored : bool
        Average with the answer to the image seen in a mirror.

    Returns
    -------
    probabilities : ndarray, float32, (18, x, y, z)
        Of `arteriole.brain.classes.CLASSES`; they add up to 1.
    work : Grid
        Where they are: RAS, 2 mm.

    Raises
    ------
    ValueError
        If the image does not fit its grid or is the same everywhere.

    Notes
    -----
    The image is interpolated to 1 mm, averaged over blocks of 2 mm, and scaled so that its
    percentiles 1 and 99.5 become 0 and 1. The network is a U-Net of a million weights, trained on
    label maps that were deformed and painted with random contrast (Billot 2023); its card says how.
    Heads that are turned by more than about 30 degrees, and anatomies far from those of adults
    (large tumours, resections), are outside what it was trained on.

    References
    ----------
    Billot 2023, doi:10.1016/j.media.2023.102789 (training on random contrast).
    """
    if image.shape != grid.shape:
        raise ValueError(f"the image has shape {image.shape}, its grid {grid.shape}")
    clean = np.nan_to_num(np.asarray(image, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    if not clean.max() > clean.min():
        raise ValueError(f"the image is {clean.flat[0]} everywhere: there is no head in it")
    work = work_grid(clean, grid)
    blocks = scaled(in_blocks(clean, grid, work))
    logits = run_network(NETWORK, blocks)
    if mirrored:
        logits = 0.5 * (logits + run_network(NETWORK, blocks[::-1])[:, ::-1])
    return softmax(logits), work


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
    shape = np.ceil((high - low) / BLOCK_MM / MULTIPLE).astype(int) * MULTIPLE
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
    """Return CT cut to -20 to 100 HU, where brain, fluid and bone have the levels the net knows."""
    return np.clip(np.asarray(hounsfield, np.float32), -20.0, 100.0) + 20.0


def softmax(logits: Image) -> Image:
    """Return probabilities along the first axis."""
    raised = np.exp(logits - logits.max(axis=0))
    return np.asarray(raised / raised.sum(axis=0), dtype=np.float32)
