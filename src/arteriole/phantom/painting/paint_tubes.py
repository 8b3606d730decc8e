"""Vessels and lesions painted on a canvas: small round things, their volume kept exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.painting.paint import Canvas, cell_width
from arteriole.phantom.vessels.tubes import Tubes


def paint_tubes(canvas: Canvas, tubes: Tubes, values: NDArray[np.float32]) -> None:
    """Let tubes replace what lies in them, in place; each brings its own susceptibility.

    Notes
    -----
    A tube thinner than a cell is blurred to the width of one and made fainter, so that its
    section, and with it its moment per length, stays right.
    """
    start = canvas.grid.to_voxel(tubes.start_mm)
    end = canvas.grid.to_voxel(tubes.end_mm)
    reach = (tubes.radius_mm.max(axis=1) + cell_width(canvas.grid))[:, None]
    reach = reach / np.asarray(canvas.grid.voxel_size_mm)
    low = np.maximum(np.floor(np.minimum(start, end) - reach), 0).astype(np.int64)
    high = np.ceil(np.maximum(start, end) + reach).astype(np.int64) + 1
    high = np.minimum(high, canvas.grid.shape)
    _blend_tubes(
        canvas.chi_ppm,
        canvas.r2star_hz,
        canvas.signal,
        canvas.label,
        start.astype(np.float32),
        end.astype(np.float32),
        tubes.radius_mm,
        tubes.chi_ppm,
        low,
        high,
        np.asarray(canvas.grid.voxel_size_mm, dtype=np.float32),
        np.float32(cell_width(canvas.grid)),
        values,
        tubes.tissue,
    )


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
    cell: NDArray[np.float32],
    width: np.float32,
    values: NDArray[np.float32],
    tissue: int,
) -> None:
    """Composite tubes over a canvas, slice by slice in a fixed order."""
    half, one, third = np.float32(0.5), np.float32(1.0), np.float32(1.0 / 3.0)
    for i in prange(chi.shape[0]):
        for t in range(start.shape[0]):
            if i < low[t, 0] or i >= high[t, 0]:
                continue
            ax = (end[t, 0] - start[t, 0]) * cell[0]
            ay = (end[t, 1] - start[t, 1]) * cell[1]
            az = (end[t, 2] - start[t, 2]) * cell[2]
            square = max(ax * ax + ay * ay + az * az, np.float32(1e-9))
            for j in range(low[t, 1], high[t, 1]):
                for k in range(low[t, 2], high[t, 2]):
                    px = (i - start[t, 0]) * cell[0]
                    py = (j - start[t, 1]) * cell[1]
                    pz = (k - start[t, 2]) * cell[2]
                    s = min(max((px * ax + py * ay + pz * az) / square, np.float32(0.0)), one)
                    dx, dy, dz = px - s * ax, py - s * ay, pz - s * az
                    away = np.sqrt(dx * dx + dy * dy + dz * dz)
                    r = radius[t, 0] + s * (radius[t, 1] - radius[t, 0])
                    f = min(half + (r - away) / width, one)
                    if f <= 0:
                        continue
                    if r < half * width:
                        a = r / width + half
                        painted = a * a * a * width * width * third
                    else:
                        painted = r * r + width * width * half * half * third
                    f *= r * r / painted
                    chi[i, j, k] += f * (values[3] + own[t] - chi[i, j, k])
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
