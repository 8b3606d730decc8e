from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.painting.paint_tubes import paint_tubes, sphere_cover
from arteriole.phantom.scanner.dipole_field import (
    cylinder_field,
    free_field,
    periodic_field,
    sphere_field,
)
from arteriole.phantom.vessels.tubes import Tubes

OBLIQUE = (0.6, 0.0, 0.8)


def offsets(grid: Grid, centre: tuple[float, float, float]) -> np.ndarray:
    cells = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    return cells * np.asarray(grid.voxel_size_mm) - np.asarray(grid.to_voxel(centre)) * np.asarray(
        grid.voxel_size_mm
    )


def at_angle(degrees: float) -> tuple[float, float, float]:
    return (0.0, float(np.sin(np.radians(degrees))), float(np.cos(np.radians(degrees))))


@pytest.mark.parametrize("b0", [*map(at_angle, (0, 35, 54.7, 90)), OBLIQUE])
@pytest.mark.parametrize("cell", [(0.5, 0.5, 0.5), (0.4, 0.4, 0.5)])
def test_sphere_is_within_one_percent_of_the_closed_form_two_cells_out(cell, b0):
    grid = Grid.from_voxel_size((72, 74, 70), cell)
    centre, diameter = (0.3, -0.2, 0.1), 6.0
    covered = sphere_cover(grid, centre, diameter)
    assert covered is not None
    chi = np.zeros(grid.shape, dtype=np.float32)
    chi[covered[0]] = 2.0 * covered[1]
    field = free_field(chi, cell_mm=cell, b0_direction=b0)
    away = offsets(grid, centre)
    exact = sphere_field(away, radius_mm=diameter / 2, chi_ppm=2.0, b0_direction=b0)
    distance = np.linalg.norm(away, axis=-1)
    outside = distance > diameter / 2 + 2 * max(cell)
    assert np.abs(field - exact)[outside].max() <= 0.01 * np.abs(exact).max()
    core = distance < diameter / 2 - 3 * max(cell)
    assert np.abs(field[core]).max() <= 0.01 * np.abs(exact).max()


@pytest.mark.parametrize("degrees", [0, 30, 54.7, 90])
def test_long_cylinder_is_within_one_percent_of_the_closed_form_two_cells_out(degrees):
    cell, radius = (0.5, 0.5, 0.5), 3.0
    grid = Grid.from_voxel_size((216, 216, 4), cell)
    away = offsets(grid, (0.1, -0.2, 0.0))
    part = (np.arange(9) - 4) / 9 * 0.5
    rho = np.sqrt(
        (away[..., 0, None, None] + part[:, None]) ** 2 + (away[..., 1, None, None] + part) ** 2
    )
    chi = (rho <= radius).mean(axis=(-1, -2)).astype(np.float32)
    b0 = (np.sin(np.radians(degrees)), 0.0, np.cos(np.radians(degrees)))
    # The box repeats, which makes the cylinder endless along z.
    field = periodic_field(chi, cell_mm=cell, b0_direction=b0)
    exact = cylinder_field(away, radius_mm=radius, chi_ppm=1.0, axis=(0, 0, 1), b0_direction=b0)
    near = (np.hypot(away[..., 0], away[..., 1]) < 20) & (
        np.abs(np.hypot(away[..., 0], away[..., 1]) - radius) > 1.0
    )
    assert np.abs(field - exact)[near].max() <= 0.01 * np.abs(exact).max()


@pytest.mark.parametrize("degrees", [0, 35, 54.7, 90])
@pytest.mark.parametrize("radius", [1.5, 3.0])
def test_painted_vessel_is_within_one_percent_of_the_closed_form_two_voxels_out(degrees, radius):
    """A tube through a repeating box of the scanner's cells; of the peak outside it."""
    cell = 0.4
    grid = Grid.from_voxel_size((300, 300, 4), (cell, cell, cell))
    canvas = Canvas.blank(grid)
    ends = np.array([[0.1, -0.15, -50.0]]), np.array([[0.1, -0.15, 50.0]])
    tube = Tubes(
        tissue=tissue.VEIN,
        start_mm=ends[0].astype(np.float32),
        end_mm=ends[1].astype(np.float32),
        radius_mm=np.full((1, 2), radius, dtype=np.float32),
        chi_ppm=np.array([1.0], dtype=np.float32),
        vessel=np.zeros(1, dtype=np.int32),
    )
    paint_tubes(canvas, tube, np.array([0, 0, 1, 0], dtype=np.float32))
    b0 = at_angle(degrees)
    field = periodic_field(canvas.chi_ppm, cell_mm=(cell, cell, cell), b0_direction=b0)
    away = offsets(grid, (0.1, -0.15, 0.0))
    exact = cylinder_field(away, radius_mm=radius, chi_ppm=1.0, axis=(0, 0, 1), b0_direction=b0)
    rho = np.hypot(away[..., 0], away[..., 1])
    near = (rho > radius + 2 * 2 * cell) & (rho < 20)
    peak = max(np.sin(np.radians(degrees)) ** 2 / 2, 1 / 3)
    assert np.abs(field - exact)[near].max() <= 0.01 * peak


def test_field_is_linear_in_chi(rng):
    chi = rng.normal(size=(12, 14, 10)).astype(np.float32)
    field = periodic_field(chi, cell_mm=(1, 1, 2), b0_direction=OBLIQUE)
    double = periodic_field(2 * chi, cell_mm=(1, 1, 2), b0_direction=OBLIQUE)
    np.testing.assert_allclose(double, 2 * field, atol=1e-5)


def test_field_in_free_space_is_that_of_a_dipole_far_away():
    """Nothing wraps round: a point at one corner, looked at from the other end."""
    chi = np.zeros((20, 24, 22), dtype=np.float32)
    chi[1, 2, 1] = 1.0
    field = free_field(chi, cell_mm=(1.0, 1.0, 1.0), b0_direction=OBLIQUE)
    away = offsets(Grid(chi.shape, np.eye(4)), (1.0, 2.0, 1.0))
    radius = (3 / (4 * np.pi)) ** (1 / 3)
    exact = sphere_field(away, radius_mm=radius, chi_ppm=1.0, b0_direction=OBLIQUE)
    far = np.linalg.norm(away, axis=-1) > 10
    assert np.abs(field - exact)[far].max() < 0.02 * np.abs(exact[far]).max()


def test_part_of_the_free_field_is_the_whole_one_there(rng):
    chi = rng.normal(1.0, 1.0, size=(14, 12, 10)).astype(np.float32)
    whole = free_field(chi, cell_mm=(1, 2, 1), b0_direction=OBLIQUE)
    keep = (slice(3, 9), slice(4, 12), slice(0, 5))
    part = free_field(chi, cell_mm=(1, 2, 1), b0_direction=OBLIQUE, keep=keep)
    np.testing.assert_allclose(part, whole[keep], atol=2e-3)


def test_fields_of_sphere_by_hand():
    at = np.array([[0, 0, 2.0], [2.0, 0, 0], [0, 0, 0.5]])
    field = sphere_field(at, radius_mm=1.0, chi_ppm=3.0, b0_direction=(0, 0, 1))
    np.testing.assert_allclose(field, [2 / 8, -1 / 8, 0], rtol=1e-6)


def test_fields_of_cylinder_by_hand():
    at = np.array([[2.0, 0, 0], [0, 2.0, 5.0], [0.1, 0, 0]])
    across = cylinder_field(at, radius_mm=1.0, chi_ppm=2.0, axis=(0, 0, 1), b0_direction=(1, 0, 0))
    np.testing.assert_allclose(across, [0.25, -0.25, -1 / 3], rtol=1e-6)
    along = cylinder_field(at, radius_mm=1.0, chi_ppm=2.0, axis=(0, 0, 1), b0_direction=(0, 0, 1))
    np.testing.assert_allclose(along, [0, 0, 2 / 3], atol=1e-7)
