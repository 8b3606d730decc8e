"""An image made ready to be matched: where the head is, its classes, coarser copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.information import BINS, Points
from arteriole.brain.registration.interpolate import at_places
from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.morphology import (
    bounding_box,
    closed,
    dilate,
    fill_holes,
    largest_component,
)

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

HEAD_MM = 4.0
"""The head is looked for on blocks of this size."""

MARGIN_MM = 6.0
"""Points lie this far outside the head too: its edge tells where it is."""

STRIPPED_SHARE = 0.4
"""So much of the volume at exactly 0 means that someone has set the outside to 0."""

AIR_HU, CT_BELOW_HU = -300.0, -500.0


@dataclass(frozen=True, eq=False)
class View:
    """An image of a head to be matched.

    Parameters
    ----------
    image, grid : ndarray float32 (x, y, z), Grid
        The head's part of the image.
    region : ndarray, bool
        Where points may lie, on ``image``'s grid.
    table : tuple of (float, float, ndarray)
        Lowest and highest intensity, and the class at equal steps between.
    stripped : bool
        Whether the outside of the brain was set to 0.
    centre_mm : ndarray, (3,)
        Mean place of the region.
    """

    image: Float32
    grid: Grid
    region: Mask
    table: tuple[float, float, NDArray[np.float32]]
    stripped: bool
    centre_mm: NDArray[np.float64]

    @property
    def finest_mm(self) -> float:
        """Shortest voxel axis."""
        return min(self.grid.voxel_size_mm)

    @property
    def thickest_mm(self) -> float:
        """Longest voxel axis."""
        return max(self.grid.voxel_size_mm)


def view_of(image: NDArray[Any], grid: Grid, mask: Mask | None = None) -> View:
    """Return the view of an image, with the head found by its signal or given as a mask.

    Raises
    ------
    ValueError
        If shapes differ, the image is constant or not finite anywhere, or the mask is empty.
    """
    if image.shape != grid.shape or (mask is not None and mask.shape != grid.shape):
        raise ValueError(f"image {image.shape}, mask and grid {grid.shape} must share a shape")
    if mask is not None and not mask.any():
        raise ValueError("the mask is empty")
    whole = np.ascontiguousarray(image, dtype=np.float32)
    if not np.isfinite(whole).all():
        whole = np.nan_to_num(whole, nan=0.0, posinf=0.0, neginf=0.0)
    if not whole.max() > whole.min():
        raise ValueError(f"the image is {whole.flat[0]} everywhere: there is no head in it")
    coarse, coarse_grid, factors = blocked(whole, grid, HEAD_MM)
    stripped = float((whole == 0).mean()) > STRIPPED_SHARE and float(whole.min()) == 0
    if mask is None:
        head = _head(coarse, coarse_grid, stripped)
    else:
        head = blocked(mask.astype(np.float32), grid, HEAD_MM)[0] > 0.5
        head = head if head.any() else blocked(mask.astype(np.float32), grid, HEAD_MM)[0] > 0
    table = _class_table(coarse, coarse[head])
    size = coarse_grid.voxel_size_mm
    pads = [(2, 2)] * 3
    wide = dilate(np.pad(head, pads), MARGIN_MM, voxel_size_mm=size)[2:-2, 2:-2, 2:-2]
    box = tuple(
        slice(side.start * f, min(side.stop * f, n))
        for side, f, n in zip(bounding_box(wide), factors, grid.shape, strict=True)
    )
    affine = grid.affine.copy()
    affine[:3, 3] = grid.to_world([side.start for side in box])
    part = np.ascontiguousarray(whole[box])
    fine = wide
    for axis, f in enumerate(factors):
        fine = np.repeat(fine, f, axis=axis)
    centre = coarse_grid.to_world(np.argwhere(head)).mean(axis=0)
    return View(
        part, Grid(part.shape, affine), np.ascontiguousarray(fine[box]), table, stripped, centre
    )


def blocked(
    volume: NDArray[Any], grid: Grid, size_mm: float
) -> tuple[Float32, Grid, tuple[int, int, int]]:
    """Average blocks of voxels to about ``size_mm``; return them, their grid and the block size.

    Blocks at the far end may be cut short; their mean is of what there is.
    """
    counts = [max(1, round(size_mm / d)) for d in grid.voxel_size_mm]
    factors = (counts[0], counts[1], counts[2])
    if factors == (1, 1, 1):
        return np.ascontiguousarray(volume, np.float32), grid, factors
    shape = [-(-n // f) for n, f in zip(grid.shape, factors, strict=True)]
    out = np.empty(shape, np.float32)
    _average_blocks(np.ascontiguousarray(volume), np.array(factors), out)
    affine = grid.affine.copy()
    affine[:3, :3] *= factors
    affine[:3, 3] = grid.to_world([(f - 1) / 2 for f in factors])
    return out, Grid((shape[0], shape[1], shape[2]), affine), factors


@kernel(parallel=True)
def _average_blocks(volume: Any, factors: Any, out: Any) -> None:
    fx, fy, fz = factors
    nx, ny, nz = volume.shape
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                total, count = 0.0, 0
                for a in range(i * fx, min((i + 1) * fx, nx)):
                    for b in range(j * fy, min((j + 1) * fy, ny)):
                        for c in range(k * fz, min((k + 1) * fz, nz)):
                            total += volume[a, b, c]
                            count += 1
                out[i, j, k] = total / count


def _head(coarse: Float32, grid: Grid, stripped: bool) -> Mask:
    """Return the head on blocks: what has signal, gaps closed and holes filled."""
    if stripped:
        signal = coarse > 0.02 * np.percentile(coarse[coarse > 0], 90)
    elif float(coarse.min()) < CT_BELOW_HU:
        signal = coarse > AIR_HU
    else:
        low, high = np.percentile(coarse, [2, 98])
        signal = coarse > low + 0.15 * (high - low)
    head = closed(largest_component(signal), 8.0, voxel_size_mm=grid.voxel_size_mm)
    return fill_holes(head)


def _class_table(coarse: Float32, head: Float32) -> tuple[float, float, Float32]:
    """Return intensities' classes: half by their level, half by their rank within the head.

    The level keeps air, bone and brain apart; the rank gives the many shades of brain their own
    classes, in CT as in MR.
    """
    low, high = np.percentile(head, [0.5, 99.5])
    bottom = float(min(low, np.percentile(coarse, 1)))
    top = float(max(high, bottom + 1e-6 * max(abs(bottom), 1e-6)))
    steps = np.linspace(bottom, top, 2048)
    by_rank = np.searchsorted(np.sort(head), steps) / head.size
    by_level = np.linspace(0, 1, steps.size)
    mixed = 0.5 * by_level + 0.5 * by_rank
    mixed = (mixed - mixed[0]) / (mixed[-1] - mixed[0])
    return bottom, top, (mixed * (BINS - 1)).astype(np.float32)


def in_classes(volume: Float32, table: tuple[float, float, Float32]) -> Float32:
    """Return intensities as places among the classes, 0 to BINS - 1."""
    out = np.empty(volume.shape, np.float32)
    _look_up(volume.reshape(-1), table[0], table[1], table[2], out.reshape(-1))
    return out


@kernel()
def _look_up(values: Any, bottom: float, top: float, table: Any, out: Any) -> None:
    last = table.size - 1
    scale = last / (top - bottom)
    for i in range(values.size):
        place = min(max((values[i] - bottom) * scale, 0.0), last - 1e-3)
        low = int(place)
        out[i] = table[low] + (place - low) * (table[low + 1] - table[low])


@dataclass(frozen=True, eq=False)
class Level:
    """A view on blocks: its classes, its grid, and where points may lie."""

    classes: Float32
    grid: Grid
    region: Mask


def level_of(view: View, size_mm: float) -> Level:
    """Return a view on blocks of about ``size_mm``."""
    image, grid, factors = blocked(view.image, view.grid, size_mm)
    classes = in_classes(image, view.table)
    if factors == (1, 1, 1):
        return Level(classes, grid, view.region)
    region = blocked(view.region.view(np.uint8), view.grid, size_mm)[0] > 0.5
    return Level(classes, grid, region)


def points_of(
    level: Level,
    centre_mm: NDArray[np.float64],
    *,
    count: int,
    other_mm: float,
    rng: np.random.Generator,
) -> Points:
    """Return up to ``count`` places of a level, jittered within their voxels, with its classes.

    Jitter keeps places off the other image's grid: interpolation would prefer poses that put
    voxel on voxel. Along a thick slice nothing is jittered, and ``other_mm``, the other image's
    voxel, tells over how many places the other one is averaged there.
    """
    where = np.flatnonzero(level.region)
    if where.size > count:
        where = np.sort(rng.choice(where, count, replace=False))
    voxels = np.stack(np.unravel_index(where, level.region.shape), axis=-1).astype(np.float64)
    size = np.array(level.grid.voxel_size_mm)
    thick = size > 1.8 * size.min()
    jitter = rng.uniform(-0.5, 0.5, voxels.shape)
    jitter[:, thick] = 0
    voxels = np.clip(voxels + jitter, 0, np.array(level.region.shape) - 1)
    values = np.empty((voxels.shape[0], 1, 1), np.float32)
    at_places(level.classes, voxels[:, None, None, :], 0.0, values)
    axis = int(size.argmax())
    parts = int(np.clip(np.ceil(size[axis] / other_mm - 0.25), 1, 5)) if thick[axis] else 1
    along = level.grid.affine[:3, axis]
    spread = ((np.arange(parts) + 0.5) / parts - 0.5)[:, None] * along
    return Points(
        level.grid.to_world(voxels),
        np.rint(values[:, 0, 0]).astype(np.int32),
        np.ascontiguousarray(spread),
        centre_mm,
    )
