from __future__ import annotations

import numpy as np
import pytest
from small_heads import FLAIR, T1, places, scan

from arteriole.brain.registration.motion import apart_mm, rigid
from arteriole.brain.registration.rigid import register_rigid
from arteriole.grid import Grid

ISOTROPIC = Grid.from_voxel_size((56, 68, 58), (3, 3, 3))
THICK = Grid.from_voxel_size((60, 74, 26), (2.8, 2.8, 6.5))
POSE = rigid((0.35, -0.2, 0.25), (15, -25, 20))


def turned(grid: Grid, pose: np.ndarray) -> Grid:
    """Return the grid moved along, its axes in another order and one backwards."""
    affine = (pose @ grid.affine)[:, [2, 0, 1, 3]]
    affine[:3, 3] += affine[:3, 0] * (grid.shape[2] - 1)
    affine[:3, 0] *= -1
    return Grid((grid.shape[2], grid.shape[0], grid.shape[1]), affine)


@pytest.fixture(scope="module")
def t1() -> np.ndarray:
    return scan(ISOTROPIC, T1)


@pytest.mark.parametrize("grid", [ISOTROPIC, turned(THICK, rigid((0, 0.1, 0), (5, 0, 0)))])
def test_finds_a_large_motion_across_contrasts(t1, grid):
    flair = scan(Grid(grid.shape, rigid((0, 0, 0), (15, -25, 20)) @ grid.affine), FLAIR, pose=POSE)
    own = Grid(grid.shape, rigid((0, 0, 0), (15, -25, 20)) @ grid.affine)
    found = register_rigid(t1, ISOTROPIC, flair, own)
    error = apart_mm(found.affine, POSE, places())
    # A third of a voxel; whole heads of 1 mm: benchmarks/accuracy_registration.py.
    assert np.median(error) < 1.0
    assert error.max() < 2.0
    assert found.assessable
    assert found.reason == ""
    np.testing.assert_allclose(found.affine[:3, :3] @ found.affine[:3, :3].T, np.eye(3), atol=1e-9)


def test_stays_at_a_header_that_is_right_with_masks_and_without_skull(t1):
    flair = scan(ISOTROPIC, (0.0, 0.0, 0.0, *FLAIR[3:]), noise=0.0)
    brain = flair > 5
    found = register_rigid(t1, ISOTROPIC, flair, ISOTROPIC, fixed_mask=brain)
    assert apart_mm(found.affine, np.eye(4), places()).max() < 0.6
    assert found.assessable


def test_same_answer_twice(t1):
    flair = scan(THICK, FLAIR, pose=rigid((0.1, 0, 0.1), (4, 0, 3)))
    first = register_rigid(t1, ISOTROPIC, flair, THICK)
    again = register_rigid(t1, ISOTROPIC, flair, THICK)
    np.testing.assert_array_equal(first.affine, again.affine)


def test_noise_is_not_assessable_and_says_why(t1):
    noise = np.abs(np.random.default_rng(3).normal(0, 50, ISOTROPIC.shape))
    found = register_rigid(t1, ISOTROPIC, noise, ISOTROPIC)
    assert not found.assessable
    assert "not assessable" in found.reason


def test_refusals(t1):
    with pytest.raises(ValueError, match="share a shape"):
        register_rigid(t1[1:], ISOTROPIC, t1, ISOTROPIC)
    with pytest.raises(ValueError, match="everywhere"):
        register_rigid(t1, ISOTROPIC, np.full(THICK.shape, 3.0), THICK)
    with pytest.raises(ValueError, match="mask is empty"):
        register_rigid(t1, ISOTROPIC, t1, ISOTROPIC, moving_mask=np.zeros(t1.shape, bool))
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        register_rigid(t1, ISOTROPIC, t1, ISOTROPIC, least_confidence=2.0)
