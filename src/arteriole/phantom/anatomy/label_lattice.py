"""A label map laid on an isotropic lattice along the world's axes, cleaned and completed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.morphology import bounding_box
from arteriole.phantom.anatomy.label_table import BRAIN, SURROUNDINGS, chosen, code, codes
from arteriole.phantom.anatomy.structure import Size3

Codes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

CUT_AREA_MM2 = 4000.0
"""A head whose outermost slice is larger than this was cut there."""

NECK_MM = 70.0
"""How far a head that was cut goes on downwards."""

CELLS_MM = 9.0
"""Width of the window in which air cells are told from single unlabelled voxels."""


@dataclass(frozen=True, eq=False)
class LabelLattice:
    """Codes of `label_table` on a lattice along the world's axes.

    Parameters
    ----------
    codes : ndarray, uint8, (x, y, z)
        Index into `label_table.NAMES`.
    origin_mm, spacing_mm
        World position of the first point, and the distance between points.
    whole_head : bool
        Whether the map holds more than the brain.
    """

    codes: Codes
    origin_mm: Size3
    spacing_mm: float
    whole_head: bool

    def mask(self, names: tuple[str, ...]) -> Mask:
        """Return where any of the names is."""
        return np.asarray(chosen(names)[self.codes])

    def world(self, index: NDArray[Any]) -> NDArray[np.float64]:
        """Return the world position of lattice indices (n, 3)."""
        return np.asarray(np.asarray(self.origin_mm) + self.spacing_mm * np.asarray(index))


def lay_out(marked: Codes, grid: Grid, *, fill: bool) -> LabelLattice:
    """Turn a map of any axis order and voxel size to the world's axes, clean and complete it.

    Parameters
    ----------
    marked : ndarray, uint8, (x, y, z)
        Codes; 255 takes the nearest other voxel's if ``fill``.
    grid : Grid
        Where the voxels are.
    fill : bool
        Whether any voxel has 255.

    Notes
    -----
    A map that is not along the world's axes, or not isotropic, is resampled: the label whose
    trilinear weight is largest.
    """
    space = _along_world(marked, grid)
    whole = bool(np.isin(np.unique(marked), codes(SURROUNDINGS)).any())
    if fill:
        space = _with_codes(space, _nearest(space.codes, space.codes == 255))
    space = _cropped(space, margin=6)
    space = replace(space, whole_head=whole)
    if not whole:
        return space
    space = _cropped(_with_codes(space, _one_piece(space.codes)), margin=6)
    space = _with_codes(space, _with_air(space.codes, space.spacing_mm))
    return _beyond_cuts(space)


def _with_codes(space: LabelLattice, new: Codes) -> LabelLattice:
    return replace(space, codes=new)


def _along_world(marked: Codes, grid: Grid) -> LabelLattice:
    """Permute and flip if that is enough, resample otherwise."""
    spacing = float(np.cbrt(grid.voxel_volume_mm3))
    steps = grid.affine[:3, :3] / spacing
    order = np.abs(steps).argmax(axis=1)
    exact = np.zeros((3, 3))
    exact[range(3), order] = np.sign(steps[range(3), order])
    if len(set(order)) == 3 and np.abs(steps - exact).max() < 2e-3:
        turned = marked.transpose(order)
        flip = tuple(slice(None, None, int(exact[a, order[a]])) for a in range(3))
        corners = grid.to_world(np.array([[0, 0, 0], np.subtract(grid.shape, 1)]))
        low = corners.min(axis=0)
        return LabelLattice(
            np.ascontiguousarray(turned[flip]),
            (float(low[0]), float(low[1]), float(low[2])),
            spacing,
            False,
        )
    ends = np.array(np.meshgrid(*[[0, n - 1] for n in grid.shape])).reshape(3, -1).T
    world = grid.to_world(ends)
    low = spacing * np.floor(world.min(axis=0) / spacing)
    shape = np.ceil((world.max(axis=0) - low) / spacing).astype(int) + 1
    inverse = np.linalg.inv(grid.affine)[:3]
    matrix = np.concatenate(
        [inverse[:, :3] * spacing, (inverse[:, :3] @ low + inverse[:, 3])[:, None]], axis=1
    ).astype(np.float64)
    out = np.zeros(tuple(shape), dtype=np.uint8)
    _most(np.ascontiguousarray(marked), matrix, out)
    return LabelLattice(out, (float(low[0]), float(low[1]), float(low[2])), spacing, False)


def _cropped(space: LabelLattice, *, margin: int) -> LabelLattice:
    """Cut or pad to what is labelled and a margin of outside."""
    box = bounding_box(space.codes != 0)
    low = [s.start for s in box]
    inner = np.pad(space.codes[box], margin)
    origin = space.world(np.asarray(low) - margin)
    return replace(
        space, codes=inner, origin_mm=(float(origin[0]), float(origin[1]), float(origin[2]))
    )


def _nearest(marked: Codes, unknown: NDArray[np.bool_]) -> Codes:
    """Give unknown voxels the code of the nearest known one."""
    if not unknown.any():
        return marked
    box = tuple(slice(max(s.start - 12, 0), s.stop + 12) for s in bounding_box(unknown))
    part = marked[box]
    at = scipy.ndimage.distance_transform_edt(
        unknown[box], return_distances=False, return_indices=True
    )
    out = marked.copy()
    out[box] = part[tuple(at)]
    return out


def _one_piece(marked: Codes) -> Codes:
    """Drop what floats in the air around the head."""
    pieces, count = scipy.ndimage.label(marked != 0)
    if count < 2:
        return marked
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return np.where(pieces == sizes.argmax(), marked, np.uint8(0))


def _with_air(marked: Codes, spacing_mm: float) -> Codes:
    """Tell air inside the head from the air around it, and fill single unlabelled voxels."""
    empty = marked == 0
    coarse = max(1, round(2.0 / spacing_mm))
    thin = (slice(None, None, coarse),) * 3
    solid = np.pad(~empty[thin], 6)
    reach = max(1, round(7.0 / (coarse * spacing_mm)))
    closed = scipy.ndimage.binary_closing(solid, iterations=reach)
    for k in range(closed.shape[2]):
        closed[:, :, k] = scipy.ndimage.binary_fill_holes(closed[:, :, k])
    closed = scipy.ndimage.binary_fill_holes(closed)[6:-6, 6:-6, 6:-6]
    for axis in range(3):
        closed = np.repeat(closed, coarse, axis=axis)
    inner = empty & closed[tuple(slice(0, n) for n in marked.shape)]
    share = scipy.ndimage.uniform_filter(
        inner.astype(np.float32), size=max(3, round(CELLS_MM / spacing_mm))
    )
    near_brain = scipy.ndimage.binary_dilation(
        np.isin(marked, codes((*BRAIN, "csf"))), iterations=1
    )
    cells = inner & (share > 0.12) & ~near_brain
    out = np.where(cells, np.uint8(code("air")), marked)
    return _nearest(out, inner & ~cells)


def _beyond_cuts(space: LabelLattice) -> LabelLattice:
    """Let a head that was cut at the neck go on downwards, and close one cut at the vertex."""
    area = (space.codes != 0).sum(axis=(0, 1)) * space.spacing_mm**2
    there = np.flatnonzero(area)
    low, high = int(there[0]), int(there[-1])
    marked = space.codes
    if area[high] > CUT_AREA_MM2:
        marked = np.concatenate([marked[:, :, : high + 1], _dome(marked[:, :, high])], axis=2)
    count = round(NECK_MM / space.spacing_mm)
    first = low + round(3.0 / space.spacing_mm) if area[low] > CUT_AREA_MM2 / 4 else low
    if area[first] > CUT_AREA_MM2 / 4:
        below = _neck(marked[:, :, first], count, space.spacing_mm)
        marked = np.concatenate([below, marked[:, :, first:]], axis=2)
        z = space.origin_mm[2] + (first - count) * space.spacing_mm
        space = replace(space, origin_mm=(space.origin_mm[0], space.origin_mm[1], z))
    return _with_codes(space, np.ascontiguousarray(marked))


def _neck(face: Codes, count: int, spacing_mm: float) -> Codes:
    """Return slices below a cut: the cut's own, which turn to soft tissue round cord and throat."""
    gone = np.isin(face, codes(("air", "mucosa", "bone", "marrow", "eyes")))
    cord = np.isin(face, codes(("csf", "spinal cord", "brainstem")))
    kept = scipy.ndimage.binary_dilation(cord, iterations=max(1, round(12.0 / spacing_mm)))
    soft = np.where(gone & ~kept, np.uint8(code("soft tissue")), face)
    brain = np.isin(soft, codes(("cerebellar cortex", "cerebellar white matter", "cortex")))
    soft = np.where(brain, np.uint8(code("soft tissue")), soft)
    below = np.repeat(soft[:, :, None], count, axis=2)
    near = round(5.0 / spacing_mm)
    below[:, :, -near:] = face[:, :, None]
    return below


def _dome(face: Codes) -> Codes:
    """Return slices above a cut: the cut's own, closed as the shells of a ball are."""
    inside = np.argwhere(face != 0)
    middle = inside.mean(axis=0)
    radius = float(np.sqrt(len(inside) / np.pi))
    x, y = (a - m for a, m in zip(np.ogrid[: face.shape[0], : face.shape[1]], middle, strict=True))
    away = np.maximum(np.hypot(x, y), 0.5)
    height = np.arange(1, int(np.ceil(0.5 * radius)) + 7)
    out = np.zeros((*face.shape, len(height)), dtype=np.uint8)
    padded = np.pad(face, 1)
    for k, h in enumerate(height):
        wide = np.sqrt(away**2 + 1.5 * radius * h + h**2) / away
        at = [
            np.clip(np.rint(m + wide * c), -1, n).astype(int) + 1
            for c, m, n in zip((x, y), middle, face.shape, strict=True)
        ]
        out[:, :, k] = padded[at[0], at[1]]
    return out


@kernel(parallel=True)
def _most(marked: Codes, m: NDArray[np.float64], out: Codes) -> None:
    """Write at each point the label with the largest trilinear weight."""
    for i in prange(out.shape[0]):
        weight = np.zeros(256, dtype=np.float64)
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                u = m[0, 0] * i + m[0, 1] * j + m[0, 2] * k + m[0, 3]
                v = m[1, 0] * i + m[1, 1] * j + m[1, 2] * k + m[1, 3]
                w = m[2, 0] * i + m[2, 1] * j + m[2, 2] * k + m[2, 3]
                a, b, c = int(np.floor(u)), int(np.floor(v)), int(np.floor(w))
                best, most = 0, 0.0
                for corner in range(8):
                    p, q, r = a + (corner >> 2), b + ((corner >> 1) & 1), c + (corner & 1)
                    if p < 0 or q < 0 or r < 0:
                        continue
                    if p >= marked.shape[0] or q >= marked.shape[1] or r >= marked.shape[2]:
                        continue
                    label = marked[p, q, r]
                    share = (1.0 - abs(u - p)) * (1.0 - abs(v - q)) * (1.0 - abs(w - r))
                    weight[label] += share
                    if weight[label] > most:
                        best, most = label, weight[label]
                for corner in range(8):
                    p, q, r = a + (corner >> 2), b + ((corner >> 1) & 1), c + (corner & 1)
                    if p < 0 or q < 0 or r < 0:
                        continue
                    if p >= marked.shape[0] or q >= marked.shape[1] or r >= marked.shape[2]:
                        continue
                    weight[marked[p, q, r]] = 0.0
                out[i, j, k] = best
