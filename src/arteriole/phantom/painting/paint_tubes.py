"""Vessels and lesions painted on a canvas: small round things, their volume kept exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.vessels.tubes import Tubes


def paint_tubes(canvas: Canvas, tubes: Tubes, values: NDArray[np.float32]) -> None:
    """Let tubes replace what lies in them, in place; each brings its own susceptibility.

    Parameters
    ----------
    canvas : Canvas
        Painted in place.
    tubes : Tubes
        Pieces of one tissue; where they overlap a cell is filled once.
    values : ndarray, float32, (4,)
        As for `paint_structure`; the first is not used, a piece has its own susceptibility.

    Notes
    -----
    Cells are cut in up to four parts along each axis. A piece fills the parts that lie between
    its two end planes within its radius, so that along a chain each part is filled by one piece
    and section times length is kept, however thin the tube. Thick pieces have balls at their
    ends, which close the gaps at bends. Work grows with the cells that are touched, since each
    slice knows the pieces that reach it.
    """
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
        canvas.chi_ppm,
        canvas.r2star_hz,
        canvas.signal,
        canvas.label,
        (start * cell).astype(np.float32),
        (end * cell).astype(np.float32),
        tubes.radius_mm,
        tubes.chi_ppm,
        low,
        high,
        first,
        pieces,
        cell.astype(np.float32),
        values,
        tubes.tissue,
    )


def pieces_by_slice(
    low: NDArray[np.int64], high: NDArray[np.int64], slices: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each slice's pieces begin in a list of pieces, and that list, in order."""
    count = np.where((high > low).all(axis=1), high[:, 0] - low[:, 0], 0)
    piece = np.repeat(np.arange(len(low)), count)
    offset = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    at = low[piece, 0] + offset
    order = np.argsort(at, kind="stable")
    return np.searchsorted(at[order], np.arange(slices + 1)), piece[order]


@kernel()
def _slab_cover(
    px: np.float32,
    py: np.float32,
    pz: np.float32,
    axis: NDArray[np.float32],
    square: np.float32,
    radii: NDArray[np.float32],
    cell: NDArray[np.float32],
    parts: int,
) -> np.float32:
    """Fraction of a cell centred at p (mm from a piece's start) between a piece's end planes."""
    half, one, four, third = np.float32(0.5), np.float32(1.0), np.float32(4.0), np.float32(1 / 3)
    width = (cell[0] + cell[1] + cell[2]) * third * min(np.float32(2.0) / np.float32(parts), one)
    total = np.float32(0.0)
    for a in range(parts):
        qx = px + ((np.float32(a) + half) / np.float32(parts) - half) * cell[0]
        for b in range(parts):
            qy = py + ((np.float32(b) + half) / np.float32(parts) - half) * cell[1]
            for c in range(parts):
                qz = pz + ((np.float32(c) + half) / np.float32(parts) - half) * cell[2]
                s = (qx * axis[0] + qy * axis[1] + qz * axis[2]) / square
                if s < 0 or s >= one:
                    continue
                dx, dy, dz = qx - s * axis[0], qy - s * axis[1], qz - s * axis[2]
                r = radii[0] + s * (radii[1] - radii[0])
                # an edge blurred over the width adds width^2 / 12 to the squared radius
                rim = np.sqrt(max(r * r - width * width / np.float32(12.0), width * width / four))
                f = half + (rim - np.sqrt(dx * dx + dy * dy + dz * dz)) / width
                if f > 0:
                    total += min(f, one) * min(r * r / (width * width * third), one)
    return total / np.float32(parts * parts * parts)


@kernel()
def gather(
    layer: NDArray[np.float32],
    px: np.float32,
    begin: NDArray[np.float32],
    axis: NDArray[np.float32],
    radii: NDArray[np.float32],
    own: np.float32,
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    cell: NDArray[np.float32],
) -> None:
    """Add what one piece fills of a slice's cells to the layer: slabs, their chi, balls, theirs."""
    half, one, zero = np.float32(0.5), np.float32(1.0), np.float32(0.0)
    mean = (cell[0] + cell[1] + cell[2]) / np.float32(3.0)
    square = max(axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2, np.float32(1e-9))
    thick = max(radii[0], radii[1])
    parts = int(min(max(np.ceil(np.float32(1.5) * mean / thick), one), np.float32(4.0)))
    for j in range(low[1], high[1]):
        py = np.float32(j) * cell[1] - begin[1]
        for k in range(low[2], high[2]):
            pz = np.float32(k) * cell[2] - begin[2]
            s = (px * axis[0] + py * axis[1] + pz * axis[2]) / square
            s = min(max(s, zero), one)
            dx, dy, dz = px - s * axis[0], py - s * axis[1], pz - s * axis[2]
            if np.sqrt(dx * dx + dy * dy + dz * dz) > thick + np.float32(1.4) * mean:
                continue
            f = _slab_cover(px, py, pz, axis, square, radii, cell, parts)
            layer[0, j, k] += f
            layer[1, j, k] += f * own
            if thick < np.float32(1.5) * mean:
                continue
            # a ball at the nearer end closes what a bend leaves open
            far = one if s > half else zero
            r = radii[0] + far * (radii[1] - radii[0])
            dx, dy, dz = px - far * axis[0], py - far * axis[1], pz - far * axis[2]
            g = min(half + (r - np.sqrt(dx * dx + dy * dy + dz * dz)) / mean, one)
            if g > layer[2, j, k]:
                layer[2, j, k] = g
                layer[3, j, k] = own


@kernel(parallel=True)
def _blend_tubes(
    chi: NDArray[np.float32],
    r2star: NDArray[np.float32],
    signal: NDArray[np.float32],
    label: NDArray[np.uint8],
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    radius: NDArray[np.float32],
    own: NDArray[np.float32],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    first: NDArray[np.int64],
    pieces: NDArray[np.int64],
    cell: NDArray[np.float32],
    values: NDArray[np.float32],
    tissue: int,
) -> None:
    """Gather what fills each cell of a slice from all pieces, then composite it once."""
    half, one = np.float32(0.5), np.float32(1.0)
    for i in prange(chi.shape[0]):
        if first[i] == first[i + 1]:
            continue
        layer = np.zeros((4, chi.shape[1], chi.shape[2]), dtype=np.float32)
        for n in range(first[i], first[i + 1]):
            t = pieces[n]
            px = np.float32(i) * cell[0] - start[t, 0]
            axis = end[t] - start[t]
            gather(layer, px, start[t], axis, radius[t], own[t], low[t], high[t], cell)
        for j in range(chi.shape[1]):
            for k in range(chi.shape[2]):
                f = min(max(layer[0, j, k], layer[2, j, k]), one)
                if f <= 0:
                    continue
                of = layer[3, j, k]
                if layer[0, j, k] >= layer[2, j, k]:
                    of = layer[1, j, k] / layer[0, j, k]
                chi[i, j, k] += f * (values[3] + of - chi[i, j, k])
                r2star[i, j, k] += f * (values[1] - r2star[i, j, k])
                signal[i, j, k] += f * (values[2] - signal[i, j, k])
                if f >= half:
                    label[i, j, k] = tissue


def sphere_cover(
    grid: Grid, centre_mm: tuple[float, float, float], diameter_mm: float, *, parts: int = 5
) -> tuple[tuple[slice, slice, slice], NDArray[np.float32]] | None:
    """Return the cells a sphere touches and the fraction it fills of each, or None if outside.

    Notes
    -----
    Each cell is cut in ``parts`` along every axis; the fractions are scaled so that they add up
    to the sphere's volume when all of it lies on the grid.
    """
    at = grid.to_voxel(centre_mm)
    cell = np.asarray(grid.voxel_size_mm)
    reach = diameter_mm / 2.0 / cell + 1.0
    low = np.maximum(np.floor(at - reach).astype(int), 0)
    high = np.minimum(np.ceil(at + reach).astype(int) + 1, grid.shape)
    if (low >= high).any():
        return None
    sub = (np.arange(parts) + 0.5) / parts - 0.5
    axes = [
        ((np.arange(a, b)[:, None] + sub).ravel() - c) * d
        for a, b, c, d in zip(low, high, at, cell, strict=True)
    ]
    square = axes[0][:, None, None] ** 2 + axes[1][None, :, None] ** 2 + axes[2][None, None] ** 2
    n = high - low
    inside = (square <= (diameter_mm / 2.0) ** 2).reshape(n[0], parts, n[1], parts, n[2], parts)
    fraction = inside.mean(axis=(1, 3, 5))
    whole = ((at - reach >= 0) & (at + reach <= np.asarray(grid.shape) - 1)).all()
    if whole and fraction.sum() > 0:
        volume = np.pi / 6.0 * diameter_mm**3 / grid.voxel_volume_mm3
        fraction *= volume / fraction.sum()
    box = (slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2]))
    return box, np.minimum(fraction, 1.0).astype(np.float32)
