"""Which slices are shown, and how: closest canonical axes, true aspect, radiological convention.

The view of a session is chosen once, from its mask, so that every figure shows the same slices at
the same place and scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from arteriole.grid import Grid

Volume = NDArray[Any]
Triple = tuple[int, int, int]

WIDTH_PX = 1288
GAP_PX = 6
MARGIN_MM = 6.0
COLUMNS = 7
AXIAL_SLICES = 14


class Plane(NamedTuple):
    """A direction of view.

    Letters stand left, right, above and below the picture. Slices with less of the mask than
    ``least`` of the fullest slice are left out.
    """

    name: str
    axis: int
    letters: tuple[str, str, str, str]
    ends: tuple[str, str]
    least: float


AXIAL = Plane("axial", 2, ("R", "L", "A", "P"), ("I", "S"), 0.2)
CORONAL = Plane("coronal", 1, ("R", "L", "S", "I"), ("P", "A"), 0.4)
SAGITTAL = Plane("sagittal", 0, ("A", "P", "S", "I"), ("L", "R"), 0.5)


class Row(NamedTuple):
    """A row of slices of one plane: indices on the canonical axes, and their places in words."""

    plane: Plane
    slices: tuple[int, ...]
    places: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class View:
    """Crop and scale that all figures of a session share.

    ``order`` and ``signs`` bring voxel axes closest to RAS+; ``box`` is the crop on those axes.
    """

    grid: Grid
    order: Triple
    signs: Triple
    box: tuple[slice, slice, slice]
    pixel_mm: float

    @property
    def voxel_size_mm(self) -> tuple[float, float, float]:
        """Voxel size on the canonical axes, mm."""
        x, y, z = (self.grid.voxel_size_mm[axis] for axis in self.order)
        return x, y, z

    def canonical(self, volume: Volume) -> Volume:
        """Return the volume on axes closest to RAS+, cropped; nothing is interpolated."""
        return _turned(volume, self.order, self.signs)[self.box]

    def size(self, plane: Plane) -> tuple[int, int]:
        """Return width and height of a picture of that plane, pixels."""
        across, down = (axis for axis in range(3) if axis != plane.axis)
        return self._pixels(across), self._pixels(down)

    def _pixels(self, axis: int) -> int:
        voxels = self.box[axis].stop - self.box[axis].start
        return max(1, round(voxels * self.voxel_size_mm[axis] / self.pixel_mm))

    def picture(
        self, canonical: Volume, plane: Plane, k: int, *, smooth: bool = True
    ) -> NDArray[np.float32]:
        """Return slice ``k`` as a picture (rows down, columns to the right) of square pixels.

        The high end of each axis is left or above: patient right is left in axial and coronal
        pictures (radiological), anterior is left in sagittal ones.
        """
        pixels = np.take(canonical, k, axis=plane.axis).T[::-1, ::-1]
        image = Image.fromarray(np.ascontiguousarray(pixels, dtype=np.float32))
        how = Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
        return np.asarray(image.resize(self.size(plane), how))

    def place(self, plane: Plane, k: int) -> str:
        """Return where slice ``k`` lies in the world, such as ``S 12`` for 12 mm superior."""
        middle = [(part.start + part.stop - 1) / 2 for part in self.box]
        middle[plane.axis] = self.box[plane.axis].start + k
        voxel = np.zeros(3)
        for axis, sign, at in zip(self.order, self.signs, middle, strict=True):
            voxel[axis] = at if sign > 0 else self.grid.shape[axis] - 1 - at
        mm = round(float(self.grid.to_world(voxel)[plane.axis]))
        return f"{plane.ends[mm >= 0]} {abs(mm)}"


def choose_view(grid: Grid, mask: NDArray[np.bool_]) -> View:
    """Choose crop and scale from what is worth seeing; all of the grid when the mask is empty."""
    order, signs = closest_ras(grid)
    seen = _turned(mask if mask.any() else np.ones_like(mask), order, signs)
    sizes = [grid.voxel_size_mm[axis] for axis in order]
    box = (_span(seen, 0, sizes[0]), _span(seen, 1, sizes[1]), _span(seen, 2, sizes[2]))
    pixel_mm = (box[0].stop - box[0].start) * sizes[0] / (WIDTH_PX / COLUMNS - GAP_PX)
    return View(grid, order, signs, box, pixel_mm)


def choose_rows(view: View, mask: NDArray[np.bool_]) -> tuple[Row, ...]:
    """Choose two rows of axial slices, one of coronal and one of sagittal ones."""
    seen = view.canonical(mask if mask.any() else np.ones_like(mask))
    axial = _spread(seen, AXIAL, AXIAL_SLICES)
    rows = [_row(view, AXIAL, axial[i : i + COLUMNS]) for i in range(0, len(axial), COLUMNS)]
    for plane in (CORONAL, SAGITTAL):
        fitting = max(1, WIDTH_PX // (view.size(plane)[0] + GAP_PX))
        rows.append(_row(view, plane, _spread(seen, plane, min(fitting, COLUMNS))))
    return tuple(rows)


def closest_ras(grid: Grid) -> tuple[Triple, Triple]:
    """Return the order of voxel axes, and their directions (1 or -1), that come closest to RAS+."""
    share = np.abs(grid.rotation)
    x, y, z = max(
        permutations(range(3)), key=lambda v: share[0, v[0]] + share[1, v[1]] + share[2, v[2]]
    )
    i, j, k = (1 if grid.rotation[w, axis] > 0 else -1 for w, axis in enumerate((x, y, z)))
    return (x, y, z), (i, j, k)


def _turned(volume: Volume, order: Triple, signs: Triple) -> Volume:
    return np.transpose(volume, order)[tuple(slice(None, None, sign) for sign in signs)]


def _span(mask: NDArray[np.bool_], axis: int, size_mm: float) -> slice:
    """Return where the mask lies along an axis, with a margin."""
    others = tuple(other for other in range(3) if other != axis)
    at = np.flatnonzero(mask.any(axis=others))
    margin = round(MARGIN_MM / size_mm)
    return slice(max(0, int(at[0]) - margin), min(mask.shape[axis], int(at[-1]) + 1 + margin))


def _spread(mask: NDArray[np.bool_], plane: Plane, count: int) -> tuple[int, ...]:
    """Return up to ``count`` slices, evenly over those that hold enough of the mask."""
    others = tuple(other for other in range(3) if other != plane.axis)
    area = mask.sum(axis=others)
    full = np.flatnonzero(area >= max(1.0, plane.least * float(area.max())))
    at = np.linspace(0, len(full) - 1, min(count, len(full)))
    return tuple(int(k) for k in full[np.round(at).astype(int)])


def _row(view: View, plane: Plane, slices: tuple[int, ...]) -> Row:
    return Row(plane, slices, tuple(view.place(plane, k) for k in slices))
