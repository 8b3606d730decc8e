"""How large a lesion looks: its diameter at half depth in a magnitude image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom.lesions.lesion import LesionKind, LesionTruth

SEEN: tuple[LesionKind, ...] = ("microbleed", "calcification", "flow void", "cavernoma")
"""Kinds whose apparent diameter is measured."""

STEP_MM = 0.25
"""Spacing on which the region of a small lesion is measured."""

MOST_STEPS = 40
"""Steps from the middle to the end of what is looked at; for large lesions they are longer."""

LEAST_DEPTH = 0.10
"""A lesion is visible if its darkest point is darker than its surround by this share of it."""


def apparent_diameter_mm(
    magnitude: NDArray[np.float32],
    grid: Grid,
    centre_mm: tuple[float, float, float],
    *,
    source_diameter_mm: float,
) -> float | None:
    """Return the diameter of the dark spot that a lesion makes, at half depth.

    Parameters
    ----------
    magnitude : ndarray, float32, (x, y, z)
        One echo's magnitude, free of noise; the longest echo by convention.
    grid : Grid
        Where its voxels are.
    centre_mm : tuple of 3 float
        World position of the source.
    source_diameter_mm : float
        Of the source: the spot is looked for that far from its centre, and within five times that
        (at least 8 mm) it must end.

    Returns
    -------
    float or None
        Millimetres; None if nothing is dark there, or the dark has no end nearby.

    Raises
    ------
    ValueError
        If the image is not three-dimensional or does not fit the grid.

    Notes
    -----
    The image is interpolated linearly to 0.25 mm (longer steps beyond 10 mm). The surround is the
    median of what lies 1.5 to 2.5 times as far as the spot may begin; the spot is what is darker
    than halfway between that and its darkest voxel, connected to it. Its diameter is that of the
    sphere of the same volume; if slices are more than 1.5 times as thick as pixels are wide, that
    of the disc of the same area in the slice through the darkest voxel. It fails where a
    neighbour as dark touches.
    """
    if magnitude.ndim != 3 or magnitude.shape != grid.shape:
        raise ValueError(f"the image has shape {magnitude.shape}, the grid {grid.shape}")
    size = np.asarray(grid.voxel_size_mm)
    thick = int(np.argmax(size))
    flat = bool(size[thick] > 1.5 * np.median(size))
    reach = max(2.5 * source_diameter_mm, 8.0)
    middle = _darkest(magnitude, grid, centre_mm, 0.5 * source_diameter_mm)
    if middle is None:
        return None
    step = max(STEP_MM, reach / MOST_STEPS)
    patch, away = _patch(magnitude, size, middle, reach, step, thick if flat else None)
    shell = (away > 0.5 * reach) & (away < reach)
    surround = float(np.median(patch[shell]))
    least = float(magnitude[middle])
    if surround <= 0 or least > (1.0 - LEAST_DEPTH) * surround:
        return None
    dark = (patch < 0.5 * (least + surround)) & (away < reach)
    parts, _ = scipy.ndimage.label(dark)
    own = parts == parts[tuple(n // 2 for n in parts.shape)]
    if away[own].max() > 0.9 * reach:
        return None
    if flat:
        return float(2.0 * np.sqrt(own.sum() * step**2 / np.pi))
    return float(np.cbrt(6.0 * own.sum() * step**3 / np.pi))


def with_apparent(
    truths: tuple[LesionTruth, ...], magnitude: NDArray[np.float32], grid: Grid
) -> tuple[LesionTruth, ...]:
    """Return the rows with the apparent diameters that an image shows; None where none is seen.

    Parameters
    ----------
    truths : tuple of LesionTruth
        Rows of the truth table; those of other kinds than `SEEN` stay as they are.
    magnitude : ndarray, float32, (x, y, z)
        Longest echo, free of noise.
    grid : Grid
        Where its voxels are.
    """
    return tuple(_measured(t, magnitude, grid) if t.kind in SEEN else t for t in truths)


def _measured(truth: LesionTruth, magnitude: NDArray[np.float32], grid: Grid) -> LesionTruth:
    """Return a row with its apparent diameter."""
    widest = max(truth.extent_mm[0], truth.source_diameter_mm)
    seen = apparent_diameter_mm(magnitude, grid, truth.centre_mm, source_diameter_mm=widest)
    return replace(truth, apparent_diameter_mm=None if seen is None else round(seen, 3))


def _darkest(
    magnitude: NDArray[np.float32],
    grid: Grid,
    centre_mm: tuple[float, float, float],
    radius_mm: float,
) -> tuple[int, int, int] | None:
    """Return the darkest voxel within a source and half a voxel's diagonal around it."""
    size = np.asarray(grid.voxel_size_mm)
    at = grid.to_voxel(centre_mm)
    reach = radius_mm + 0.5 * float(np.linalg.norm(size))
    low = np.maximum(np.ceil(at - reach / size), 0).astype(int)
    high = np.minimum(np.floor(at + reach / size) + 1, grid.shape).astype(int)
    if (low >= high).any():
        return None
    x, y, z = np.ix_(*[np.arange(a, b) for a, b in zip(low, high, strict=True)])
    square = ((x - at[0]) * size[0]) ** 2 + ((y - at[1]) * size[1]) ** 2
    square = square + ((z - at[2]) * size[2]) ** 2
    box = magnitude[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    values = np.where(square <= reach**2, box, np.inf)
    i, j, k = np.unravel_index(int(np.argmin(values)), values.shape)
    return (int(low[0] + i), int(low[1] + j), int(low[2] + k))


def _patch(
    magnitude: NDArray[np.float32],
    size: NDArray[np.float64],
    middle: tuple[int, int, int],
    reach: float,
    step: float,
    flat_axis: int | None,
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the image around a voxel at fine steps, and the distance (mm) from that voxel."""
    n = int(np.ceil(reach / step))
    along = step * np.arange(-n, n + 1)
    mm = np.meshgrid(
        *[np.zeros(1) if axis == flat_axis else along for axis in range(3)], indexing="ij"
    )
    cells = [m / d + c for m, d, c in zip(mm, size, middle, strict=True)]
    fine = scipy.ndimage.map_coordinates(magnitude, cells, order=1, mode="nearest")
    return fine, np.sqrt(mm[0] ** 2 + mm[1] ** 2 + mm[2] ** 2)
