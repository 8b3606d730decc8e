from __future__ import annotations

import numba
import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.painting.paint_tubes import paint_tubes, sphere_cover
from arteriole.phantom.vessels.tubes import Tubes

VALUES = np.array([0.0, 50.0, 900.0, -9.4], dtype=np.float32)


def chain(points, radius, chi=0.4) -> Tubes:
    p = np.asarray(points, dtype=np.float32)
    r = np.broadcast_to(np.asarray(radius, dtype=np.float32), len(p))
    n = len(p) - 1
    return Tubes(
        tissue.VEIN,
        p[:-1],
        p[1:],
        np.stack([r[:-1], r[1:]], axis=1),
        np.full(n, chi, dtype=np.float32),
        np.zeros(n, dtype=np.int32),
    )


def painted(grid: Grid, *tubes: Tubes) -> Canvas:
    canvas = Canvas.blank(grid)
    canvas.chi_ppm[:] = VALUES[3]
    for one in tubes:
        paint_tubes(canvas, one, VALUES)
    return canvas


def line(direction, pieces=40, reach=30.0):
    u = np.asarray(direction, dtype=np.float64)
    t = np.linspace(-reach, reach, pieces + 1)[:, None]
    return np.array([0.1, -0.13, 0.07]) + t * u / np.linalg.norm(u)


@pytest.mark.parametrize("radius", [0.1, 0.15, 0.3, 0.5, 0.8, 1.5])
@pytest.mark.parametrize("direction", [(0, 0, 1), (1, 0, 2), (0.3, -1, 3), (1, 1, 1.05)])
def test_moment_per_length_is_right_in_pieces_thin_and_thick(radius, direction):
    grid = Grid.from_voxel_size((64, 64, 24), (0.5, 0.5, 0.5))
    canvas = painted(grid, chain(line(direction), radius))
    length = 8 * 0.5 * np.linalg.norm(direction) / direction[2]
    moment = (canvas.chi_ppm[:, :, 8:16] - VALUES[3]).sum(dtype=np.float64) * 0.125
    assert moment / length == pytest.approx(0.4 * np.pi * radius**2, rel=0.02)
    volume = canvas.signal[:, :, 8:16].sum(dtype=np.float64) / 900.0 * 0.125
    assert moment == pytest.approx(0.4 * volume, rel=1e-4)


def test_bends_leave_no_gaps_and_fill_nothing_twice():
    angle = np.linspace(0, np.pi, 13)
    ring = np.stack([8 * np.cos(angle), 8 * np.sin(angle), 0 * angle], axis=1)
    canvas = painted(Grid.from_voxel_size((60, 60, 20), (0.5, 0.5, 0.5)), chain(ring, 1.6))
    volume = canvas.signal.sum(dtype=np.float64) / 900.0 * 0.125
    length = np.linalg.norm(np.diff(ring, axis=0), axis=1).sum()
    ends = 4 / 3 * np.pi * 1.6**3
    assert volume == pytest.approx(np.pi * 1.6**2 * length + ends, rel=0.03)
    assert canvas.signal.max() <= 900.01
    at = canvas.grid.to_voxel(np.stack([9 * np.cos(angle), 9 * np.sin(angle), 0 * angle], axis=1))
    assert (canvas.signal[tuple(np.round(at[1:-1]).astype(int).T)] > 890).all()


def test_a_tapering_tube_keeps_its_volume_on_cells_of_any_form():
    grid = Grid.from_voxel_size((50, 50, 50), (0.4, 0.4, 0.6))
    points = np.linspace((-5, -4, -6), (5, 4, 6), 9)
    canvas = painted(grid, chain(points, np.linspace(0.2, 0.8, 9)))
    length = np.linalg.norm([10, 8, 12])
    whole = np.pi * length * (0.2**2 + 0.2 * 0.8 + 0.8**2) / 3
    ball = 2 / 3 * np.pi * 0.8**3
    volume = canvas.signal.sum(dtype=np.float64) / 900.0 * grid.voxel_volume_mm3
    assert whole * 0.98 < volume < (whole + ball) * 1.02
    assert (canvas.label == tissue.VEIN).any()


def test_where_two_cross_a_cell_is_filled_once_with_the_mean():
    grid = Grid.from_voxel_size((41, 41, 41), (0.5, 0.5, 0.5))
    one = chain([(-9, 0, 0), (9, 0, 0)], 1.5, chi=0.2)
    two = chain([(0, -9, 0), (0, 9, 0)], 1.5, chi=0.4)
    joined = Tubes(
        one.tissue,
        *(
            np.concatenate([getattr(one, name), getattr(two, name)])
            for name in ("start_mm", "end_mm", "radius_mm", "chi_ppm", "vessel")
        ),
    )
    canvas = painted(grid, joined)
    assert canvas.signal[20, 20, 20] == pytest.approx(900.0)
    assert canvas.chi_ppm[20, 20, 20] - VALUES[3] == pytest.approx(0.3, abs=1e-5)
    assert canvas.chi_ppm[8, 20, 20] - VALUES[3] == pytest.approx(0.2, abs=1e-5)


def test_any_number_of_threads_paints_the_same(rng):
    grid = Grid.from_voxel_size((40, 44, 36), (0.5, 0.5, 0.5))
    tubes = chain(np.cumsum(rng.normal(0, 0.6, (300, 3)), axis=0), rng.uniform(0.1, 1.2, 300))
    before = numba.get_num_threads()
    results = []
    for threads in (1, min(2, numba.config.NUMBA_NUM_THREADS)):
        numba.set_num_threads(threads)
        results.append(painted(grid, tubes))
    numba.set_num_threads(before)
    np.testing.assert_array_equal(results[0].chi_ppm, results[1].chi_ppm)
    np.testing.assert_array_equal(results[0].label, results[1].label)


def test_tubes_elsewhere_and_no_tubes_paint_nothing():
    grid = Grid.from_voxel_size((10, 10, 10), (1, 1, 1))
    canvas = painted(grid, chain([(40, 0, 0), (40, 0, 9)], 1.0), chain([(0, 0, 0)], 1.0))
    assert not canvas.signal.any()


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
