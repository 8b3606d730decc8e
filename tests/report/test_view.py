from __future__ import annotations

import itertools

import numpy as np
import pytest
from stories import tilt

from arteriole.grid import Grid
from arteriole.report.view import (
    AXIAL,
    COLUMNS,
    CORONAL,
    GAP_PX,
    SAGITTAL,
    WIDTH_PX,
    choose_rows,
    choose_view,
    closest_ras,
)

SIGNED_AXES = [
    np.eye(3)[list(order)] * signs
    for order in itertools.permutations(range(3))
    for signs in ((1, 1, 1), (-1, -1, 1), (1, -1, -1))
]


def blob(grid: Grid, world_mm: tuple[float, float, float]) -> np.ndarray:
    """Return a bright ball of 12 mm around a place in the world."""
    voxels = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    apart = np.linalg.norm(grid.to_world(voxels) - np.asarray(world_mm), axis=-1)
    return (apart < 12).astype(np.float32)


def whole(grid: Grid) -> np.ndarray:
    return np.ones(grid.shape, dtype=bool)


def centre(picture: np.ndarray) -> tuple[float, float]:
    """Return where the bright part is: share of the height and of the width."""
    rows, columns = np.nonzero(picture > 0.5)
    return rows.mean() / picture.shape[0], columns.mean() / picture.shape[1]


@pytest.mark.parametrize("axes", SIGNED_AXES)
@pytest.mark.parametrize("turn", [np.eye(3), tilt(25)], ids=["straight", "oblique"])
def test_right_front_top_is_at_the_upper_left_in_every_orientation(axes, turn):
    grid = Grid.from_voxel_size((40, 44, 48), (2.0, 2.2, 2.4), turn @ axes.T)
    right_front_top = blob(grid, (25, 25, 25))
    view = choose_view(grid, whole(grid))
    shown = view.canonical(right_front_top)
    for plane in (AXIAL, CORONAL, SAGITTAL):
        k = int(np.argmax(shown.sum(axis=tuple(a for a in range(3) if a != plane.axis))))
        row, column = centre(view.picture(shown, plane, k))
        assert row < 0.45
        assert column < 0.45


@pytest.mark.parametrize("axes", SIGNED_AXES)
def test_place_is_that_of_the_world(axes):
    grid = Grid.from_voxel_size((40, 44, 48), (2.0, 2.2, 2.4), axes.T)
    view = choose_view(grid, whole(grid))
    shown = view.canonical(blob(grid, (-21, 18, 30)))
    for plane, ends, mm in ((AXIAL, "S", 30), (CORONAL, "A", 18), (SAGITTAL, "L", 21)):
        profile = shown.sum(axis=tuple(a for a in range(3) if a != plane.axis))
        k = round(float(np.average(np.arange(profile.size), weights=profile)))
        end, place = view.place(plane, k).split()
        assert end == ends
        assert abs(int(place) - mm) <= 2


def test_closest_axes_of_a_sagittal_scan():
    sagittal = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=float)
    assert closest_ras(Grid.from_voxel_size((4, 5, 6), (1, 1, 2), sagittal)) == (
        (2, 0, 1),
        (1, 1, 1),
    )


def test_axes_at_45_degrees_are_each_used_once():
    order, _ = closest_ras(Grid.from_voxel_size((4, 4, 4), (1, 1, 1), tilt(45)))
    assert sorted(order) == [0, 1, 2]


def test_aspect_is_true_for_anisotropic_voxels():
    grid = Grid.from_voxel_size((50, 60, 20), (1.0, 1.0, 4.0))
    view = choose_view(grid, whole(grid))
    assert view.size(AXIAL)[0] / view.size(AXIAL)[1] == pytest.approx(50 / 60, rel=0.02)
    assert view.size(CORONAL)[0] / view.size(CORONAL)[1] == pytest.approx(50 / 80, rel=0.02)
    assert view.size(SAGITTAL)[0] / view.size(SAGITTAL)[1] == pytest.approx(60 / 80, rel=0.02)


def test_turning_interpolates_nothing(rng):
    grid = Grid.from_voxel_size((7, 8, 9), (1, 1, 1), tilt(20))
    volume = rng.normal(size=grid.shape)
    shown = choose_view(grid, whole(grid)).canonical(volume)
    np.testing.assert_array_equal(np.sort(shown.ravel()), np.sort(volume.ravel()))


def test_slices_come_from_the_mask_and_empty_ones_are_left_out():
    grid = Grid.from_voxel_size((40, 40, 40), (2, 2, 2))
    mask = np.zeros(grid.shape, dtype=bool)
    mask[10:30, 12:28, 15:24] = True
    view = choose_view(grid, mask)
    rows = choose_rows(view, mask)
    seen = view.canonical(mask)
    for row in rows:
        assert all(np.take(seen, k, axis=row.plane.axis).any() for k in row.slices)
        assert len(set(row.slices)) == len(row.slices)
    assert [row.plane for row in rows] == [AXIAL, AXIAL, CORONAL, SAGITTAL]
    assert sum(len(row.slices) for row in rows if row.plane is AXIAL) == 9


def test_rows_fit_the_width():
    grid = Grid.from_voxel_size((64, 80, 30), (3, 3, 3))
    view = choose_view(grid, whole(grid))
    for row in choose_rows(view, whole(grid)):
        assert len(row.slices) <= COLUMNS
        assert len(row.slices) * view.size(row.plane)[0] <= WIDTH_PX + GAP_PX


@pytest.mark.parametrize("shape", [(1, 9, 9), (9, 9, 1), (30, 1, 30)])
def test_one_slice_is_enough(shape):
    grid = Grid.from_voxel_size(shape, (1, 1, 5))
    view = choose_view(grid, whole(grid))
    assert all(len(row.slices) >= 1 for row in choose_rows(view, whole(grid)))


def test_empty_mask_shows_everything():
    grid = Grid.from_voxel_size((9, 9, 9), (1, 1, 1))
    view = choose_view(grid, np.zeros(grid.shape, dtype=bool))
    assert view.canonical(np.zeros(grid.shape)).shape == grid.shape
