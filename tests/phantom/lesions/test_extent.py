from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.extent import axial_diameter, extent
from arteriole.phantom.lesions.patch import ovoid, patch


@pytest.mark.parametrize("radius", [0.8, 2.0, 5.0])
def test_a_ball_has_its_volume_and_diameter(radius):
    spacing = radius / 6
    room = patch(np.array([3.1, -4.2, 5.3]), radius + 2, spacing)
    level = radius - np.linalg.norm(room.points_mm - (3.1, -4.2, 5.3), axis=1)
    found = extent(room.structure("ball", 1, level))
    assert found.volume_mm3 == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.03)
    assert found.diameter_mm == pytest.approx(2 * radius, rel=0.02)
    np.testing.assert_allclose(found.centre_mm, (3.1, -4.2, 5.3), atol=spacing)
    np.testing.assert_allclose(found.axes_mm, 2 * radius, atol=1.1 * spacing)


def test_an_ovoid_has_its_axes_wherever_it_points():
    centre, along = np.array([1.0, 2.0, 3.0]), np.array([1.0, -2.0, 0.7])
    room = patch(centre, 9.0, 0.4)
    solid = room.structure("ovoid", 1, ovoid(room.points_mm, centre, along, (7.0, 4.0, 2.5)))
    found = extent(solid)
    np.testing.assert_allclose(found.axes_mm, (14, 8, 5), atol=0.6)
    assert found.volume_mm3 == pytest.approx(4 / 3 * np.pi * 7 * 4 * 2.5, rel=0.02)
    assert axial_diameter(solid.level > 0, 0.4) < 14.4


def test_a_wedge_is_wider_ahead():
    along = np.array([0.0, 0.0, 1.0])
    points = np.array([[0.0, 2.2, 3.0], [0.0, 2.2, -3.0]])
    ahead, behind = ovoid(points, np.zeros(3), along, (6.0, 2.2, 2.2), taper=0.5)
    assert ahead > behind


def test_the_middle_of_a_ring_lies_in_the_ring():
    room = patch(np.zeros(3), 12.0, 0.5)
    x, y, z = room.points_mm.T
    level = 2.0 - np.hypot(np.hypot(x, y) - 8.0, z)
    centre = np.asarray(extent(room.structure("ring", 1, level)).centre_mm)
    assert np.hypot(centre[0], centre[1]) > 6.0


def test_axial_diameter_looks_at_one_slice_at_a_time():
    mask = np.zeros((30, 30, 8), dtype=bool)
    mask[2:6, 3, 0] = True
    mask[10, 10:25, 5] = True
    assert axial_diameter(mask, 2.0) == pytest.approx(2.0 * 15, abs=0.1)
    assert axial_diameter(np.zeros((3, 3, 3), dtype=bool), 1.0) == 0.0


def test_refuses_an_empty_solid():
    empty = Structure("nothing", 1, np.full((4, 4, 4), -1, np.float32), (0, 0, 0), 1.0)
    with pytest.raises(ValueError, match="no lattice point lies inside the nothing"):
        extent(empty)
