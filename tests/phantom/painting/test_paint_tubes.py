from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.painting.paint_tubes import paint_tubes, sphere_cover
from arteriole.phantom.vessels.veins import Tubes

VALUES = np.array([0.0, 50.0, 900.0, -9.4], dtype=np.float32)


def one_tube(start, end, radius, chi=9.8) -> Tubes:
    row = [np.asarray([a], dtype=np.float32) for a in (start, end, (radius, radius))]
    return Tubes(*row, np.asarray([chi], dtype=np.float32))


@pytest.mark.parametrize("radius", [0.15, 0.25, 0.4, 0.8])
def test_section_of_a_tube_is_right_even_below_a_cell(radius):
    grid = Grid.from_voxel_size((20, 20, 40), (0.5, 0.5, 0.5))
    canvas = Canvas.blank(grid)
    paint_tubes(canvas, one_tube((0.1, -0.13, -30), (0.1, -0.13, 30), radius), VALUES, 23)
    area = canvas.signal[:, :, 20].sum() / 900.0 * 0.25
    assert area == pytest.approx(np.pi * radius**2, rel=0.15)
    chi = canvas.chi_ppm[:, :, 20].sum() * 0.25
    assert chi == pytest.approx(0.4 * area, rel=1e-3)


def test_oblique_tube_keeps_its_volume():
    grid = Grid.from_voxel_size((50, 50, 50), (0.4, 0.4, 0.5))
    canvas = Canvas.blank(grid)
    paint_tubes(canvas, one_tube((-5, -4, -6), (5, 4, 6), 0.7), VALUES, 23)
    length = np.linalg.norm([10, 8, 12])
    volume = canvas.signal.sum() / 900.0 * grid.voxel_volume_mm3
    caps = 4 / 3 * np.pi * 0.7**3
    assert volume == pytest.approx(np.pi * 0.49 * length + caps, rel=0.05)
    assert (canvas.label == 23).any()


@pytest.mark.parametrize("diameter", [1.0, 2.0, 5.0])
def test_sphere_keeps_its_volume(diameter):
    grid = Grid.from_voxel_size((30, 30, 30), (0.4, 0.4, 0.5))
    covered = sphere_cover(grid, (0.3, 0.1, -0.2), diameter)
    assert covered is not None
    where, fraction = covered
    volume = fraction.sum() * grid.voxel_volume_mm3
    assert volume == pytest.approx(np.pi / 6 * diameter**3, rel=0.02)
    cells = np.stack(np.meshgrid(*[np.arange(s.start, s.stop) for s in where], indexing="ij"))
    middle = (cells * fraction).sum(axis=(1, 2, 3)) / fraction.sum()
    np.testing.assert_allclose(grid.to_world(middle), (0.3, 0.1, -0.2), atol=0.03)


def test_sphere_outside_touches_nothing():
    grid = Grid.from_voxel_size((10, 10, 10), (1, 1, 1))
    assert sphere_cover(grid, (40, 0, 0), 3.0) is None
