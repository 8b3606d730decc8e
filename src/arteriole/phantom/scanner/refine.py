"""The fine grid that signal and field are computed on, and the coarse one of what is around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.fft import good_shape
from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.painting.paint import Canvas, paint_structure
from arteriole.phantom.scanner.kspace import Shape3

if TYPE_CHECKING:
    from arteriole.phantom.head import Head

Box = tuple[slice, slice, slice]

MARGIN_MM = 6.0
"""How far the fine grid goes on beyond the slab, so that its cut faces are out of reach."""

COARSE_MM = 4.0
"""About the cell of the coarse grid."""


@dataclass(frozen=True, eq=False)
class FineBox:
    """Fine cells over a slab and a margin around it.

    Parameters
    ----------
    grid : Grid
        Fine cells, margin included.
    inner : tuple of 3 slice
        The slab itself.
    factor : tuple of 3 int
        Fine cells in a voxel along each axis.
    block : tuple of 3 int
        Fine cells in a coarse cell along each axis.
    """

    grid: Grid
    inner: Box
    factor: Shape3
    block: Shape3

    @property
    def fine_shape(self) -> Shape3:
        """Fine cells of the slab."""
        n = [s.stop - s.start for s in self.inner]
        return (n[0], n[1], n[2])

    @property
    def fine_affine(self) -> NDArray[np.float64]:
        """Affine of the slab's fine cells."""
        affine = np.array(self.grid.affine)
        affine[:3, 3] = self.grid.to_world([s.start for s in self.inner])
        return affine

    @property
    def coarse_mm(self) -> tuple[float, float, float]:
        """Size of a coarse cell."""
        c = [b * d for b, d in zip(self.block, self.grid.voxel_size_mm, strict=True)]
        return (c[0], c[1], c[2])


def refine(grid: Grid, cell_mm: float) -> FineBox:
    """Return the fine grid of a scan: cells of half a voxel or less, and at most ``cell_mm``."""
    if not cell_mm > 0:
        raise ValueError(f"cells have a positive size, not {cell_mm} mm")
    factor = [max(2, int(np.ceil(d / cell_mm - 1e-9))) for d in grid.voxel_size_mm]
    cell = [d / f for d, f in zip(grid.voxel_size_mm, factor, strict=True)]
    block = [max(1, round(COARSE_MM / c)) for c in cell]
    margin = [int(np.ceil(MARGIN_MM / (b * c))) * b for b, c in zip(block, cell, strict=True)]
    fine = [n * f for n, f in zip(grid.shape, factor, strict=True)]
    total = [_fast(n + 2 * m, b) for n, m, b in zip(fine, margin, block, strict=True)]
    affine = np.array(grid.affine)
    affine[:3, :3] /= factor
    start = [-0.5 + 0.5 / f - m / f for f, m in zip(factor, margin, strict=True)]
    affine[:3, 3] = grid.to_world(start)
    inner = tuple(slice(m, m + n) for m, n in zip(margin, fine, strict=True))
    return FineBox(
        Grid((total[0], total[1], total[2]), affine),
        (inner[0], inner[1], inner[2]),
        (factor[0], factor[1], factor[2]),
        (block[0], block[1], block[2]),
    )


def subdivide(grid: Grid, cell_mm: float, *, least: int = 2) -> tuple[Grid, Shape3]:
    """Return the fine cells of a scan without margin, and how many make a voxel along each axis.

    Parameters
    ----------
    grid : Grid
        The scan's voxels.
    cell_mm : float
        Largest size of a cell, mm.
    least : int
        Fewest cells in a voxel along each axis.
    """
    if not cell_mm > 0:
        raise ValueError(f"cells have a positive size, not {cell_mm} mm")
    factor = [max(least, int(np.ceil(d / cell_mm - 1e-9))) for d in grid.voxel_size_mm]
    affine = np.array(grid.affine)
    affine[:3, :3] /= factor
    affine[:3, 3] = grid.to_world([-0.5 + 0.5 / f for f in factor])
    a, b, c = factor
    nx, ny, nz = grid.shape
    return Grid((nx * a, ny * b, nz * c), affine), (a, b, c)


def rows_of(grid: Grid, rows: slice, *, axis: int = 0) -> Grid:
    """Return the part of a grid that some rows of one axis make."""
    start, shape = [0, 0, 0], list(grid.shape)
    start[axis], shape[axis] = rows.start, rows.stop - rows.start
    affine = np.array(grid.affine)
    affine[:3, 3] = grid.to_world(start)
    return Grid((shape[0], shape[1], shape[2]), affine)


def _fast(least: int, block: int) -> int:
    """Return a multiple of a block, at least so long; one that transforms fast if it is near."""
    first = block * int(np.ceil(least / block))
    for length in range(first, first + first // 16, block):
        if good_shape((length, 1, 1))[0] == length:
            return length
    return first


def surroundings(
    head: Head, box: FineBox, values: NDArray[np.float32]
) -> tuple[NDArray[np.float32], Box]:
    """Return the coarse chi (ppm against air) of head and trunk, and the fine box's place there."""
    affine = np.array(box.grid.affine)
    affine[:3, :3] *= box.block
    affine[:3, 3] = box.grid.to_world([(b - 1) / 2.0 for b in box.block])
    own = [n // b for n, b in zip(box.grid.shape, box.block, strict=True)]
    corners = []
    for solid in (*head.anatomy.structures[:1], head.anatomy.trunk):
        span = solid.spacing_mm * (np.asarray(solid.level.shape) - 1)
        corners.append(
            np.array(np.meshgrid(*[[0.0, s] for s in span])).reshape(3, -1).T + solid.origin_mm
        )
    cells = Grid((own[0], own[1], own[2]), affine).to_voxel(np.concatenate(corners))
    low = np.minimum(np.floor(cells.min(axis=0)).astype(int), 0)
    high = np.maximum(np.ceil(cells.max(axis=0)).astype(int) + 1, own)
    wide = np.array(affine)
    wide[:3, 3] = affine[:3, :3] @ low + affine[:3, 3]
    n = high - low
    canvas = Canvas.blank(Grid((int(n[0]), int(n[1]), int(n[2])), wide))
    for solid in (head.anatomy.trunk, *head.anatomy.structures):
        paint_structure(canvas, solid, values[solid.tissue])
    at = tuple(slice(-a, -a + m) for a, m in zip(low, own, strict=True))
    return canvas.chi_ppm, (at[0], at[1], at[2])


def add_upsampled(fine: NDArray[np.float32], coarse: NDArray[np.float32], block: Shape3) -> None:
    """Add a coarse volume, interpolated linearly, to the fine one it covers, in place."""
    _add_upsampled(fine, np.ascontiguousarray(coarse), np.asarray(block, dtype=np.int64))


@kernel(parallel=True)
def _add_upsampled(
    fine: NDArray[np.float32],
    coarse: NDArray[np.float32],
    block: NDArray[np.int64],
) -> None:
    nx, ny, nz = coarse.shape
    half, one = np.float32(0.5), np.float32(1.0)
    for i in prange(fine.shape[0]):
        u = min(max((i + half) / np.float32(block[0]) - half, np.float32(0)), np.float32(nx - 1))
        a = min(int(u), max(nx - 2, 0))
        p, a1 = u - np.float32(a), min(a + 1, nx - 1)
        for j in range(fine.shape[1]):
            v = min(
                max((j + half) / np.float32(block[1]) - half, np.float32(0)), np.float32(ny - 1)
            )
            b = min(int(v), max(ny - 2, 0))
            q, b1 = v - np.float32(b), min(b + 1, ny - 1)
            for k in range(fine.shape[2]):
                w = min(
                    max((k + half) / np.float32(block[2]) - half, np.float32(0)), np.float32(nz - 1)
                )
                c = min(int(w), max(nz - 2, 0))
                r, c1 = w - np.float32(c), min(c + 1, nz - 1)
                low = (coarse[a, b, c] * (one - r) + coarse[a, b, c1] * r) * (one - q)
                low += (coarse[a, b1, c] * (one - r) + coarse[a, b1, c1] * r) * q
                high = (coarse[a1, b, c] * (one - r) + coarse[a1, b, c1] * r) * (one - q)
                high += (coarse[a1, b1, c] * (one - r) + coarse[a1, b1, c1] * r) * q
                fine[i, j, k] += low * (one - p) + high * p
