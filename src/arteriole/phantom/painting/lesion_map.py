"""Which lesion of the truth table a voxel belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.painting.paint import Canvas, cells_of, cover
from arteriole.phantom.painting.paint_tubes import paint_tubes, sphere_cover

Box = tuple[slice, slice, slice]


def lesion_map(lesions: Sequence[Lesion], grid: Grid) -> NDArray[np.uint16]:
    """Return the row (from 1) of the lesion that fills each voxel, 0 where there is none.

    Parameters
    ----------
    lesions : sequence of Lesion
        In the order of their table; of two in one voxel the later is seen.
    grid : Grid
        Where the voxels are.

    Notes
    -----
    A lesion marks the voxels that it fills by half or more, and at least the one that it fills
    most, so that no lesion on the grid is without a voxel.
    """
    found = np.zeros(grid.shape, dtype=np.uint16)
    for row, lesion in enumerate(lesions, start=1):
        covered = _cover(lesion, grid)
        if covered is None:
            continue
        box, fraction = covered
        most = float(fraction.max(initial=0.0))
        if most > 0:
            found[box][fraction >= min(0.5, most)] = row
    return found


def _cover(lesion: Lesion, grid: Grid) -> tuple[Box, NDArray[np.float32]] | None:
    """Return the voxels near a lesion and the fraction that it fills of each, or None."""
    if lesion.is_sphere:
        truth = lesion.truth
        return sphere_cover(grid, truth.centre_mm, truth.source_diameter_mm)
    box = _box(lesion, grid)
    if box is None:
        return None
    affine = np.array(grid.affine)
    affine[:3, 3] = grid.to_world([s.start for s in box])
    near = Grid(tuple(s.stop - s.start for s in box), affine)
    fraction = np.zeros(near.shape, dtype=np.float32)
    for solid in lesion.solids:
        fraction = np.maximum(fraction, cover(near, solid))
    if lesion.tubes is not None:
        canvas = Canvas.blank(near)
        paint_tubes(canvas, lesion.tubes, np.array([0, 0, 1, 0], dtype=np.float32))
        fraction = np.maximum(fraction, canvas.signal)
    return box, fraction


def _box(lesion: Lesion, grid: Grid) -> Box | None:
    """Return the voxels that a lesion's solids and tubes may reach, or None if there are none."""
    reach = [cells_of(grid, solid) for solid in lesion.solids]
    low = [r[0] for r in reach if r is not None]
    high = [r[1] for r in reach if r is not None]
    if lesion.tubes is not None and len(lesion.tubes.radius_mm):
        wide = float(lesion.tubes.radius_mm.max()) / min(grid.voxel_size_mm) + 1.0
        ends = np.concatenate([lesion.tubes.start_mm, lesion.tubes.end_mm])
        cells = grid.to_voxel(ends)
        low.append(np.floor(cells.min(axis=0) - wide).astype(np.int64))
        high.append(np.ceil(cells.max(axis=0) + wide).astype(np.int64) + 1)
    if not low:
        return None
    first = np.maximum(np.min(low, axis=0), 0)
    last = np.minimum(np.max(high, axis=0), grid.shape)
    if (first >= last).any():
        return None
    x, y, z = (slice(int(a), int(b)) for a, b in zip(first, last, strict=True))
    return x, y, z
