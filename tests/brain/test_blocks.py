from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.blocks import ct_window, in_blocks, scaled, work_grid
from arteriole.grid import Grid
from brain.painted_head import painted, shells


def test_work_grid_holds_the_image_in_an_even_number_of_cubes():
    _, grid = shells((70, 50, 20), (1.0, 1.5, 6.0))
    work = work_grid(np.ones(grid.shape, np.float32), grid)
    assert work.voxel_size_mm == (2.0, 2.0, 2.0)
    assert all(n % 2 == 0 for n in work.shape)
    corners = np.array([[0, 0, 0], [69, 49, 19]])
    places = work.to_voxel(grid.to_world(corners))
    assert (places >= 0).all()
    assert (places <= np.array(work.shape) - 1).all()


def test_work_grid_follows_the_signal_in_a_long_field_of_view():
    grid = Grid.from_voxel_size((60, 60, 300), (4.0, 4.0, 2.0))
    image = np.zeros(grid.shape, np.float32)
    image[20:40, 20:40, 220:280] = 1
    work = work_grid(image, grid)
    low, high = work.to_world([[0, 0, 0], np.array(work.shape) - 1])
    assert high[2] - low[2] < 260
    assert low[2] < grid.to_world((30, 30, 220))[2]
    assert high[2] > grid.to_world((30, 30, 280))[2]


@pytest.mark.parametrize("flip", [(1, 1, 1), (-1, -1, 1), (1, -1, -1)])
def test_blocks_do_not_depend_on_how_the_voxels_are_stored(flip):
    labels, grid = shells((32, 36, 30), (3.0, 3.0, 3.0))
    image = painted(labels)
    work = work_grid(image, grid)
    stored = image[:: flip[0], :: flip[1], :: flip[2]]
    matrix = grid.affine @ np.diag([*flip, 1.0])
    for axis in range(3):
        if flip[axis] < 0:
            matrix[:3, 3] += grid.affine[:3, axis] * (grid.shape[axis] - 1)
    again = in_blocks(np.ascontiguousarray(stored), Grid(grid.shape, matrix), work)
    assert np.allclose(again, in_blocks(image, grid, work), atol=1e-5)


def test_scaling_cuts_the_ends():
    blocks = scaled(np.linspace(-3, 900, 8000, dtype=np.float32).reshape(20, 20, 20))
    assert blocks.min() == 0
    assert blocks.max() == 1


def test_ct_is_cut_to_the_window_of_brain():
    assert ct_window(np.array([-1000.0, 0.0, 40.0, 2000.0])).tolist() == [0, 20, 60, 120]
