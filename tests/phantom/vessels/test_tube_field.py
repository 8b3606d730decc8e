"""The field of a painted vessel against that of an endless cylinder."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.painting.paint_tubes import paint_tubes
from arteriole.phantom.scanner.dipole_field import cylinder_field, periodic_field
from arteriole.phantom.vessels.tubes import Pieces

CELL_MM = 0.5


@pytest.mark.parametrize("degrees", [0.0, 45.0, 90.0])
@pytest.mark.parametrize("radius_mm", [1.0, 2.5])
def test_chain_of_pieces_is_within_two_percent_outside_two_cells(degrees, radius_mm):
    """Many short pieces along z, as arteries have; the box repeats, which makes it endless."""
    grid = Grid.from_voxel_size((240, 240, 4), (CELL_MM,) * 3)
    canvas = Canvas.blank(grid)
    at = np.array([0.12, -0.2])
    path = np.column_stack([np.tile(at, (41, 1)), np.linspace(-24.0, 24.0, 41)])
    tubes = Pieces.along(path, radius_mm).filled(tissue.VEIN, np.array([1.0]))
    paint_tubes(canvas, tubes, np.array([0, 0, 1, 0], dtype=np.float32))
    b0 = (float(np.sin(np.radians(degrees))), 0.0, float(np.cos(np.radians(degrees))))
    field = periodic_field(canvas.chi_ppm, cell_mm=(CELL_MM,) * 3, b0_direction=b0)
    cells = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    away = (cells - grid.to_voxel((*at, 0.0))) * CELL_MM
    exact = cylinder_field(
        away, radius_mm=radius_mm, chi_ppm=1.0, axis=(0.0, 0.0, 1.0), b0_direction=b0
    )
    rho = np.hypot(away[..., 0], away[..., 1])
    near = (rho > radius_mm + 2 * CELL_MM) & (rho < 20.0)
    # along B0 nothing is outside: the field within, a third of chi, is the measure there
    peak = max(np.sin(np.radians(degrees)) ** 2 / 2, 1 / 3)
    assert np.abs(field - exact)[near].max() <= 0.02 * peak
