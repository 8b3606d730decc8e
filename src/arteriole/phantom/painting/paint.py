"""From a head's surfaces to tissue values on any grid, with partial volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.anatomy.structure import Structure, level_at


@dataclass(frozen=True, eq=False)
class Canvas:
    """Tissue values on a grid.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility against the ambient air, so that all that is not painted is zero.
    r2star_hz, signal : ndarray, float32, (x, y, z)
        Relaxation (1/s), and signal at echo time zero.
    label : ndarray, uint8, (x, y, z)
        Row of `TISSUES` that fills most of the cell.
    grid : Grid
        Where the cells are.
    """

    grid: Grid
    chi_ppm: NDArray[np.float32]
    r2star_hz: NDArray[np.float32]
    signal: NDArray[np.float32]
    label: NDArray[np.uint8]

    @classmethod
    def blank(cls, grid: Grid) -> Canvas:
        """Return an empty canvas: ambient air."""
        chi, r2star, signal = (np.zeros(grid.shape, dtype=np.float32) for _ in range(3))
        return cls(grid, chi, r2star, signal, np.zeros(grid.shape, dtype=np.uint8))


def paint_structure(canvas: Canvas, structure: Structure, values: NDArray[np.float32]) -> None:
    """Let a structure's tissue replace what lies in it, in place.

    Parameters
    ----------
    canvas : Canvas
        Painted in place.
    structure : Structure
        Its surface is blurred over one cell of the canvas, or over its own edge: partial volume.
    values : ndarray, float32, (4,)
        The tissue's chi (ppm), R2* (1/s), signal, and what is added to chi (ppm).
    """
    box = cells_of(canvas.grid, structure)
    if box is None:
        return
    if structure.chi_ppm is not None:
        values = values.copy()
        values[0] = structure.chi_ppm
    _blend(
        canvas.chi_ppm,
        canvas.r2star_hz,
        canvas.signal,
        canvas.label,
        structure.level,
        cell_to_lattice(canvas.grid, structure),
        box,
        np.float32(1.0 / max(cell_width(canvas.grid), structure.edge_mm)),
        np.float32(structure.strength),
        values,
        np.asarray(structure.slope_per_mm, dtype=np.float32) * np.float32(structure.spacing_mm),
        ((np.asarray(structure.centre_mm) - structure.origin_mm) / structure.spacing_mm).astype(
            np.float32
        ),
        structure.tissue,
    )


def cover(grid: Grid, structure: Structure) -> NDArray[np.float32]:
    """Return the fraction of each cell that a structure fills."""
    fraction = np.zeros(grid.shape, dtype=np.float32)
    box = cells_of(grid, structure)
    if box is not None:
        width = np.float32(1.0 / cell_width(grid))
        _cover(fraction, structure.level, cell_to_lattice(grid, structure), box, width)
    return fraction


def cell_width(grid: Grid) -> float:
    """Return the width (mm) over which a surface is blurred: that of a cell."""
    return float(np.mean(grid.voxel_size_mm))


def cells_of(grid: Grid, structure: Structure) -> NDArray[np.int64] | None:
    """Return first and last + 1 cell along each axis that may hold a structure, or None."""
    span = structure.spacing_mm * (np.asarray(structure.level.shape) - 1)
    corners = np.array(np.meshgrid(*[[0.0, s] for s in span])).reshape(3, -1).T
    cells = grid.to_voxel(corners + structure.origin_mm)
    low = np.maximum(np.floor(cells.min(axis=0)).astype(np.int64), 0)
    high = np.minimum(np.ceil(cells.max(axis=0)).astype(np.int64) + 1, grid.shape)
    return np.stack([low, high]) if (low < high).all() else None


def cell_to_lattice(grid: Grid, structure: Structure) -> NDArray[np.float32]:
    """Return the (3, 4) map from cell indices to lattice indices."""
    matrix = np.array(grid.affine[:3]) / structure.spacing_mm
    matrix[:, 3] -= np.asarray(structure.origin_mm) / structure.spacing_mm
    return matrix.astype(np.float32)


@kernel(parallel=True)
def _blend(
    chi: NDArray[np.float32],
    r2star: NDArray[np.float32],
    signal: NDArray[np.float32],
    label: NDArray[np.uint8],
    level: NDArray[np.float32],
    m: NDArray[np.float32],
    box: NDArray[np.int64],
    scale: np.float32,
    strength: np.float32,
    values: NDArray[np.float32],
    slope: NDArray[np.float32],
    centre: NDArray[np.float32],
    tissue: int,
) -> None:
    """Composite one structure over a canvas."""
    one, half = np.float32(1.0), np.float32(0.5)
    for i in prange(box[0, 0], box[1, 0]):
        for j in range(box[0, 1], box[1, 1]):
            for k in range(box[0, 2], box[1, 2]):
                u = m[0, 0] * i + m[0, 1] * j + m[0, 2] * k + m[0, 3]
                v = m[1, 0] * i + m[1, 1] * j + m[1, 2] * k + m[1, 3]
                w = m[2, 0] * i + m[2, 1] * j + m[2, 2] * k + m[2, 3]
                f = half + scale * level_at(level, u, v, w)
                if f <= 0:
                    continue
                inside = f >= half
                f = strength * min(f, one)
                g = (
                    one
                    + slope[0] * (u - centre[0])
                    + slope[1] * (v - centre[1])
                    + slope[2] * (w - centre[2])
                )
                chi[i, j, k] += f * (values[3] + values[0] * g - chi[i, j, k])
                r2star[i, j, k] += f * (values[1] * g - r2star[i, j, k])
                signal[i, j, k] += f * (values[2] - signal[i, j, k])
                if inside:
                    label[i, j, k] = tissue


@kernel(parallel=True)
def _cover(
    fraction: NDArray[np.float32],
    level: NDArray[np.float32],
    m: NDArray[np.float32],
    box: NDArray[np.int64],
    scale: np.float32,
) -> None:
    """Fraction of each cell inside a structure."""
    half, zero, one = np.float32(0.5), np.float32(0.0), np.float32(1.0)
    for i in prange(box[0, 0], box[1, 0]):
        for j in range(box[0, 1], box[1, 1]):
            for k in range(box[0, 2], box[1, 2]):
                u = m[0, 0] * i + m[0, 1] * j + m[0, 2] * k + m[0, 3]
                v = m[1, 0] * i + m[1, 1] * j + m[1, 2] * k + m[1, 3]
                w = m[2, 0] * i + m[2, 1] * j + m[2, 2] * k + m[2, 3]
                f = half + scale * level_at(level, u, v, w)
                fraction[i, j, k] = min(max(f, zero), one)
