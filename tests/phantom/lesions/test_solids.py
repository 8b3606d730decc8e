from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.lesions.solids import (
    blob,
    painted_moment_ppm_mm3,
    painted_volume_mm3,
    random_axes,
)
from arteriole.phantom.painting.paint import Canvas, paint_structure
from arteriole.phantom.tissue import CHI_AIR_PPM

GRID = Grid.from_voxel_size((64, 60, 68), (0.5, 0.5, 0.5))


def painted(solids) -> float:
    canvas = Canvas.blank(GRID)
    canvas.chi_ppm[:] = -CHI_AIR_PPM
    for solid in solids:
        values = np.array([0.0, 0.0, 0.0, -CHI_AIR_PPM], dtype=np.float32)
        paint_structure(canvas, solid, values)
    total = (canvas.chi_ppm + np.float32(CHI_AIR_PPM)).sum(dtype=np.float64)
    return float(total) * GRID.voxel_volume_mm3


def test_sphere_has_its_volume():
    solid = blob(tissue.MICROBLEED, (1.0, 2.0, -1.0), (3.0, 3.0, 3.0), edge_mm=0.3)
    assert painted_volume_mm3(solid) == pytest.approx(4 / 3 * np.pi * 27, rel=0.01)


@pytest.mark.parametrize("radii", [(2.0, 2.0, 2.0), (4.0, 3.0, 2.5), (6.0, 1.5, 3.0)])
def test_what_is_painted_is_what_is_said(rng, radii):
    solid = blob(
        tissue.MICROBLEED, (0.7, -1.1, 0.4), radii, rng=rng, rough=0.06, edge_mm=0.5, chi_ppm=1.3
    )
    said = 1.3 * painted_volume_mm3(solid)
    assert painted([solid]) == pytest.approx(said, rel=0.03)
    assert painted_moment_ppm_mm3((solid,)) == pytest.approx(said, rel=0.02)


def test_parts_replace_each_other(rng):
    whole = blob(tissue.HAEMOSIDERIN, (0, 0, 0), (5.0, 5.0, 5.0), edge_mm=0.6, chi_ppm=1.0)
    core = blob(tissue.CAVITY, (0, 0, 0), (3.5, 3.5, 3.5), edge_mm=0.6, chi_ppm=0.0)
    said = painted_moment_ppm_mm3((whole, core))
    assert said == pytest.approx(4 / 3 * np.pi * (125 - 3.5**3), rel=0.02)
    assert painted([whole, core]) == pytest.approx(said, rel=0.03)


def test_axes_are_a_rotation(rng):
    turn = random_axes(rng)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1.0)


def test_refuses_a_part_without_susceptibility():
    with pytest.raises(ValueError, match="has no susceptibility of its own"):
        painted_moment_ppm_mm3((blob(tissue.CAVITY, (0, 0, 0), (2.0, 2.0, 2.0)),))
