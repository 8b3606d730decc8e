from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.field_of_view import cut_faces, regions_cut, words_of_cuts
from arteriole.grid import Grid

SIZE = (2.0, 2.0, 4.0)


def ball(shape=(80, 100, 40), centre=(0.0, 0.0, 0.0), rotation=None):
    """A head of 70 mm radius round a place of the world."""
    grid = Grid.from_voxel_size(shape, SIZE, rotation)
    world = grid.to_world(np.moveaxis(np.indices(shape), 0, -1))
    return np.linalg.norm(world - centre, axis=-1) < 70, grid


def test_a_whole_head_is_not_cut():
    assert cut_faces(*ball()) == {}
    assert words_of_cuts({}) == ""


@pytest.mark.parametrize(
    ("centre", "face"),
    [
        ((0, 0, 30), "the vertex"), ((0, 0, -30), "the base"), ((30, 0, 0), "the right side"),
        ((-30, 0, 0), "the left side"), ((0, 50, 0), "the front"), ((0, -50, 0), "the back"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turn", [np.eye(3), np.diag([-1.0, -1.0, 1.0]), np.diag([1.0, 1.0, -1.0])])
def test_each_side_by_its_name_in_any_orientation(centre, face, turn):
    assert list(cut_faces(*ball(centre=centre, rotation=turn))) == [face]


def test_the_area_is_that_of_the_section():
    """A ball cut d mm from its middle: a circle of r^2 - d^2."""
    (area,) = cut_faces(*ball(centre=(0, 0, 30))).values()
    depth = 80.0 - 30.0 - 2.0  # the middle of the last slice
    assert area == pytest.approx(np.pi * (70**2 - depth**2), rel=0.02)


def test_swapped_axes():
    mask, grid = ball(centre=(0, 0, 30))
    swapped = Grid((40, 80, 100), grid.affine[:, [2, 0, 1, 3]])
    assert list(cut_faces(np.transpose(mask, (2, 0, 1)), swapped)) == ["the vertex"]


def test_half_a_head_is_told_as_such():
    assert "a large part of the head (the left side)" in words_of_cuts(
        cut_faces(*ball(centre=(-75.0, 0, 0)))
    )


def test_labels_at_the_cut():
    mask, grid = ball(centre=(0, 0, 30))
    labels = mask.astype(np.uint8)
    labels[:40] *= 2
    labels[mask & (np.indices(grid.shape)[2] < 20)] = 3
    assert regions_cut(labels, grid, ["the vertex"]) == {1, 2}
    assert regions_cut(labels, grid, []) == set()


def test_shapes_fit():
    mask, grid = ball()
    with pytest.raises(ValueError, match="a mask of"):
        cut_faces(mask[1:], grid)
