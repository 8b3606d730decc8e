"""One signal painted on fine cells, and which solid each of them belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.anatomy.structure import Structure, level_at
from arteriole.phantom.painting.paint import cell_to_lattice, cell_width, cells_of
from arteriole.phantom.painting.paint_tubes import gather, pieces_by_slice
from arteriole.phantom.painting.parts import Part
from arteriole.phantom.vessels.tubes import Tubes


@dataclass(frozen=True, eq=False)
class SignalCanvas:
    """A signal on a grid.

    Parameters
    ----------
    grid : Grid
        Where the cells are.
    signal : ndarray, float32, (x, y, z)
        In the image's unit.
    code : ndarray, uint8, (x, y, z)
        Which solid fills most of the cell (`parts_of`).
    """

    grid: Grid
    signal: NDArray[np.float32]
    code: NDArray[np.uint8]

    @classmethod
    def blank(cls, grid: Grid, *, signal: float = 0.0) -> SignalCanvas:
        """Return an empty canvas: ambient air with its signal."""
        return cls(
            grid,
            np.full(grid.shape, signal, dtype=np.float32),
            np.zeros(grid.shape, dtype=np.uint8),
        )


def paint_solid(canvas: SignalCanvas, solid: Structure, signal: float, *, code: int) -> None:
    """Let a solid's signal replace what lies in it, in place; a code of 0 leaves the codes.

    Notes
    -----
    As `paint_structure`: the surface is blurred over one cell, or over the solid's own edge. Far
    from the surface cells are filled or left without looking at the depth of each: it cannot
    change faster than between the solid's steepest neighbours.
    """
    box = cells_of(canvas.grid, solid)
    if box is None:
        return
    matrix = cell_to_lattice(canvas.grid, solid)
    _blend(
        canvas.signal,
        canvas.code,
        solid.level,
        matrix,
        np.float32(np.abs(matrix[:, 2]) @ solid.steepest),
        box,
        np.float32(1.0 / max(cell_width(canvas.grid), solid.edge_mm)),
        np.float32(solid.strength),
        np.float32(signal),
        code,
    )


def divide(canvas: SignalCanvas, part: Part) -> None:
    """Give the cells of a solid that lie in a part of it that part's code, in place."""
    box = cells_of(canvas.grid, part.solid)
    if box is not None:
        matrix = cell_to_lattice(canvas.grid, part.solid)
        _divide(canvas.code, part.solid.level, matrix, box, part.becomes)


def paint_signal_tubes(canvas: SignalCanvas, tubes: Tubes, signal: float) -> None:
    """Let tubes replace what lies in them, in place, as `paint_tubes` does; codes stay."""
    if not len(tubes.chi_ppm):
        return
    cell = np.asarray(canvas.grid.voxel_size_mm)
    start = canvas.grid.to_voxel(tubes.start_mm)
    end = canvas.grid.to_voxel(tubes.end_mm)
    reach = (tubes.radius_mm.max(axis=1) + 0.5 * cell.max())[:, None] / cell + 0.5
    low = np.maximum(np.floor(np.minimum(start, end) - reach), 0).astype(np.int64)
    high = np.ceil(np.maximum(start, end) + reach).astype(np.int64) + 1
    high = np.minimum(high, canvas.grid.shape)
    first, pieces = pieces_by_slice(low, high, canvas.grid.shape[0])
    _blend_tubes(
        canvas.signal,
        (start * cell).astype(np.float32),
        (end * cell).astype(np.float32),
        tubes.radius_mm,
        low,
        high,
        first,
        pieces,
        cell.astype(np.float32),
        np.float32(signal),
    )


@kernel()
def _steps_inside(at: np.float32, step: np.float32, size: int) -> int:
    """Return how many steps stay within a lattice's axis, up to a few hundred."""
    if step > np.float32(1e-6):
        return int(min((np.float32(size - 1) - at) / step, np.float32(400.0))) - 1
    if step < np.float32(-1e-6):
        return int(min(-at / step, np.float32(400.0))) - 1
    return 400


@kernel(parallel=True)
def _blend(
    signal: NDArray[np.float32],
    codes: NDArray[np.uint8],
    level: NDArray[np.float32],
    m: NDArray[np.float32],
    steepest: np.float32,
    box: NDArray[np.int64],
    scale: np.float32,
    strength: np.float32,
    value: np.float32,
    code: int,
) -> None:
    """Composite one solid over a canvas."""
    one, half = np.float32(1.0), np.float32(0.5)
    per_step = np.float32(1.001) * steepest + np.float32(1e-6)
    edge = half / scale + np.float32(1e-3)
    for i in prange(box[0, 0], box[1, 0]):
        for j in range(box[0, 1], box[1, 1]):
            k, last = box[0, 2], box[1, 2]
            while k < last:
                u = m[0, 0] * i + m[0, 1] * j + m[0, 2] * k + m[0, 3]
                v = m[1, 0] * i + m[1, 1] * j + m[1, 2] * k + m[1, 3]
                w = m[2, 0] * i + m[2, 1] * j + m[2, 2] * k + m[2, 3]
                depth = level_at(level, u, v, w)
                alike = 1
                # so many cells on the same side; where the lattice ends nothing is known
                if abs(depth) > edge and depth > np.float32(-900.0):
                    alike += int(min((abs(depth) - edge) / per_step, np.float32(400.0)))
                    if alike > 1:
                        alike = min(alike, _steps_inside(u, m[0, 2], level.shape[0]))
                        alike = min(alike, _steps_inside(v, m[1, 2], level.shape[1]))
                        alike = min(alike, _steps_inside(w, m[2, 2], level.shape[2]))
                        alike = max(min(alike, last - k), 1)
                f = half + scale * depth
                if f > 0:
                    share = strength * min(f, one)
                    for n in range(k, k + alike):
                        if code and f >= half:
                            codes[i, j, n] = code
                        signal[i, j, n] += share * (value - signal[i, j, n])
                k += alike


@kernel(parallel=True)
def _divide(
    codes: NDArray[np.uint8],
    level: NDArray[np.float32],
    m: NDArray[np.float32],
    box: NDArray[np.int64],
    becomes: NDArray[np.uint8],
) -> None:
    """Change the codes of cells inside a level."""
    for i in prange(box[0, 0], box[1, 0]):
        for j in range(box[0, 1], box[1, 1]):
            for k in range(box[0, 2], box[1, 2]):
                new = becomes[codes[i, j, k]]
                if new == 0:
                    continue
                u = m[0, 0] * i + m[0, 1] * j + m[0, 2] * k + m[0, 3]
                v = m[1, 0] * i + m[1, 1] * j + m[1, 2] * k + m[1, 3]
                w = m[2, 0] * i + m[2, 1] * j + m[2, 2] * k + m[2, 3]
                if level_at(level, u, v, w) > 0:
                    codes[i, j, k] = new


@kernel(parallel=True)
def _blend_tubes(
    signal: NDArray[np.float32],
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    radius: NDArray[np.float32],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    first: NDArray[np.int64],
    pieces: NDArray[np.int64],
    cell: NDArray[np.float32],
    value: np.float32,
) -> None:
    """Gather what fills each cell of a slice from all pieces, then composite it once."""
    one, zero = np.float32(1.0), np.float32(0.0)
    for i in prange(signal.shape[0]):
        if first[i] == first[i + 1]:
            continue
        layer = np.zeros((4, signal.shape[1], signal.shape[2]), dtype=np.float32)
        for n in range(first[i], first[i + 1]):
            t = pieces[n]
            px = np.float32(i) * cell[0] - start[t, 0]
            axis = end[t] - start[t]
            gather(layer, px, start[t], axis, radius[t], zero, low[t], high[t], cell)
        for j in range(signal.shape[1]):
            for k in range(signal.shape[2]):
                f = min(max(layer[0, j, k], layer[2, j, k]), one)
                if f > 0:
                    signal[i, j, k] += f * (value - signal[i, j, k])
