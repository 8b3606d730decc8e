from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.scanner.pose import CENTRE_MM, checked_pose, in_head, rigid_pose


def test_turn_keeps_the_middle_and_moves_the_nose_to_the_left():
    pose = rigid_pose(turn_deg=(0.0, 0.0, 90.0))
    np.testing.assert_allclose(pose[:3, :3] @ CENTRE_MM + pose[:3, 3], CENTRE_MM, atol=1e-9)
    ahead = np.add(CENTRE_MM, (0.0, 10.0, 0.0))
    moved = pose[:3, :3] @ ahead + pose[:3, 3] - CENTRE_MM
    np.testing.assert_allclose(moved, (-10.0, 0.0, 0.0), atol=1e-9)


def test_a_point_of_the_head_is_found_in_the_voxel_where_it_lies():
    pose = rigid_pose(turn_deg=(5.0, -3.0, 8.0), shift_mm=(2.0, -4.0, 6.0))
    grid = Grid((40, 40, 40), np.diag([5.0, 5.0, 5.0, 1.0]))
    point = np.array([10.0, 20.0, 30.0])
    in_scan = pose[:3, :3] @ point + pose[:3, 3]
    np.testing.assert_allclose(in_head(grid, pose).to_voxel(point), grid.to_voxel(in_scan))


def test_refusals():
    with pytest.raises(ValueError, match=r"\(3, 3\)"):
        checked_pose(np.eye(3))
    with pytest.raises(ValueError, match="turns and shifts only"):
        checked_pose(np.diag([1.1, 1.0, 1.0, 1.0]))
    with pytest.raises(ValueError, match="turns and shifts only"):
        checked_pose(np.diag([-1.0, 1.0, 1.0, 1.0]))
    np.testing.assert_array_equal(checked_pose(None), np.eye(4))
