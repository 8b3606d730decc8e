from __future__ import annotations

import numpy as np
import pytest
from small_heads import places, scan

from arteriole.brain.registration.deformable import register_affine, register_deformable
from arteriole.brain.registration.demons import Demons, match_by_demons
from arteriole.brain.registration.motion import apart_mm, rigid
from arteriole.brain.registration.resample import resample
from arteriole.brain.registration.transforms import Warp, transform_points, voxel_points
from arteriole.grid import Grid

GRID = Grid.from_voxel_size((56, 68, 58), (3, 3, 3))
OTHER = Grid.from_voxel_size((52, 64, 34), (3, 3, 5))
BRIEF = Demons(iterations=(20, 12, 6))


def channels(grid: Grid, pose: np.ndarray | None = None) -> np.ndarray:
    """Return maps of grey, white and fluid, 0 outside the brain."""
    tissues = np.eye(6)[[3, 4, 5]]
    return np.stack([scan(grid, tuple(row), pose=pose, noise=0.0, parts=2) for row in tissues])


@pytest.fixture(scope="module")
def still() -> np.ndarray:
    return channels(GRID)


def test_affine_between_heads_of_another_size_and_pose(still):
    pose = rigid((0.3, -0.2, 0.3), (20, -10, 15)) @ np.diag([1.1, 0.95, 1.05, 1.0])
    moving = channels(Grid(OTHER.shape, rigid((0, 0, 0), (20, -10, 15)) @ OTHER.affine), pose)
    grid = Grid(OTHER.shape, rigid((0, 0, 0), (20, -10, 15)) @ OTHER.affine)
    found = register_affine(still, GRID, moving, grid)
    assert apart_mm(found.affine, pose, places()).max() < 0.8
    assert found.assessable
    stiff = register_affine(still, GRID, moving, grid, freedom=6)
    np.testing.assert_allclose(stiff.affine[:3, :3] @ stiff.affine[:3, :3].T, np.eye(3), atol=1e-9)


def test_warp_is_found_without_folds(still):
    points = voxel_points(GRID)
    bell = np.exp(-np.square((points - (15, 0, 5)) / 30).sum(axis=-1))
    truth = Warp(GRID, (bell[..., None] * np.array([6.0, -4, 3])).astype(np.float32))
    fixed = np.stack([resample(one, GRID, onto=GRID, transforms=truth) for one in still])
    found = register_deformable(fixed, GRID, still, GRID, affine=np.eye(4), step_mm=3.0, how=BRIEF)
    before = np.linalg.norm(transform_points(truth, places()) - places(), axis=-1)
    after = np.linalg.norm(
        transform_points(truth, places()) - transform_points(found.transform, places()), axis=-1
    )
    assert found.measures["folded"] == 0
    assert found.measures["misfit"] < 0.25 * found.measures["misfit_before"]
    # What is even inside cannot tell where it moved.
    assert after.mean() < 0.5 * before.mean()


def test_threads_and_repeats_do_not_change_a_bit(still):
    moved = np.roll(still, 1, axis=1)
    weight = np.ones(GRID.shape, np.float32)
    short = Demons(iterations=(4, 2))
    first, _ = match_by_demons(still, moved, weight, how=short)
    import numba

    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    second, _ = match_by_demons(still, moved, weight, how=short)
    numba.set_num_threads(threads)
    np.testing.assert_array_equal(first, second)


def test_nothing_moves_where_weight_is_zero_everywhere(still):
    moved = np.roll(still, 2, axis=1)
    warp, _ = match_by_demons(
        still, moved, np.zeros(GRID.shape, np.float32), how=Demons(iterations=(2,))
    )
    assert not warp.any()


def test_refusals(still):
    with pytest.raises(ValueError, match="do not lie on"):
        register_affine(still[:, 1:], GRID, still, GRID)
    with pytest.raises(ValueError, match="same channels"):
        register_affine(still[:2], GRID, still, GRID)
    with pytest.raises(ValueError, match="constant"):
        register_affine(np.zeros_like(still), GRID, still, GRID)
    with pytest.raises(ValueError, match="not finite"):
        register_affine(still * np.nan, GRID, still, GRID)
    with pytest.raises(ValueError, match="not 9"):
        register_affine(still, GRID, still, GRID, freedom=9)
    with pytest.raises(ValueError, match="positive size"):
        register_deformable(still, GRID, still, GRID, step_mm=0)
