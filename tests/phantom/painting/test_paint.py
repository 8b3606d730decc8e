from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.anatomy.lattice import Structure
from arteriole.phantom.painting.paint import Canvas, cover, paint_structure

VALUES = np.array([0.1, 30.0, 500.0, -9.4], dtype=np.float32)


def ball(radius: float, **kind) -> Structure:
    axis = np.arange(-12.0, 12.5, 1.0, dtype=np.float32)
    x, y, z = np.ix_(axis, axis, axis)
    level = (radius - np.sqrt(x**2 + y**2 + z**2)).astype(np.float32)
    return Structure("ball", 13, level, (-12.0, -12.0, -12.0), 1.0, **kind)


def turned(shape, size) -> Grid:
    c, s = np.cos(0.4), np.sin(0.4)
    return Grid.from_voxel_size(shape, size, [[c, -s, 0], [s, c, 0], [0, 0, 1]])


@pytest.mark.parametrize(
    "grid",
    [Grid.from_voxel_size((50, 50, 50), (0.5, 0.5, 0.5)), turned((60, 60, 40), (0.4, 0.4, 0.6))],
)
def test_ball_keeps_its_volume_on_any_grid(grid):
    canvas = Canvas.blank(grid)
    paint_structure(canvas, ball(8.0), VALUES)
    volume = canvas.signal.sum(dtype=np.float64) / 500.0 * grid.voxel_volume_mm3
    assert volume == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.02)
    middle = tuple(n // 2 for n in grid.shape)
    assert canvas.chi_ppm[middle] == pytest.approx(0.1 - 9.4)
    assert canvas.label[middle] == 13
    np.testing.assert_allclose(cover(grid, ball(8.0)), canvas.signal / 500.0, atol=1e-5)


def test_iron_rises_along_the_stated_slope():
    grid = Grid.from_voxel_size((40, 40, 40), (0.5, 0.5, 0.5))
    canvas = Canvas.blank(grid)
    paint_structure(canvas, ball(8.0, slope_per_mm=(0.0, 0.05, 0.0)), VALUES)
    for j in (14, 20, 26):
        y = grid.to_world([20, j, 20])[1]
        assert canvas.r2star_hz[20, j, 20] == pytest.approx(30 * (1 + 0.05 * y), rel=1e-4)
        assert canvas.chi_ppm[20, j, 20] + 9.4 == pytest.approx(0.1 * (1 + 0.05 * y), abs=1e-4)


def test_what_is_elsewhere_paints_nothing():
    grid = Grid((8, 8, 8), np.array([[1, 0, 0, 90], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]))
    canvas = Canvas.blank(grid)
    paint_structure(canvas, ball(8.0), VALUES)
    assert not canvas.signal.any()
    assert not cover(grid, ball(8.0)).any()
