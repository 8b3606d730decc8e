from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.registration.motion import (
    affine_basis,
    apart_mm,
    between,
    rigid,
    rigid_basis,
    stepped,
)
from arteriole.brain.registration.transforms import (
    Warp,
    compose,
    invert,
    jacobian_determinant,
    transform_points,
    voxel_points,
)
from arteriole.grid import Grid

GRID = Grid(
    (14, 15, 13), np.array([[0, -3.0, 0, 20], [3.0, 0, 0, -20], [0, 0, 4.0, -22], [0, 0, 0, 1]])
)


def bump(size_mm: float = 4.0) -> Warp:
    points = voxel_points(GRID)
    bell = np.exp(-np.square(points / 14).sum(axis=-1))
    moves = size_mm * bell[..., None] * np.array([1.0, -0.5, 0.3])
    return Warp(GRID, moves.astype(np.float32), rigid((0.1, 0.2, -0.1), (5, -3, 2)))


def inner_points() -> np.ndarray:
    return np.random.default_rng(2).uniform(-12, 12, (200, 3))


def test_voxel_points_are_the_grids_world():
    points = voxel_points(GRID)
    np.testing.assert_allclose(points[3, 5, 7], GRID.to_world((3, 5, 7)))


def test_a_warp_moves_a_voxel_by_its_own_displacement_then_by_the_affine():
    warp = bump()
    start = GRID.to_world((6, 7, 5))
    goal = warp.affine[:3, :3] @ (start + warp.displacement_mm[6, 7, 5]) + warp.affine[:3, 3]
    np.testing.assert_allclose(transform_points(warp, start), goal, atol=1e-4)


@pytest.mark.parametrize("order", ["affine, warp", "warp, affine", "warp, warp"])
def test_composed_is_one_after_the_other(order):
    parts = {"affine": rigid((0.2, 0, 0.1), (2, 1, -3)), "warp": bump(3.0)}
    first, second = (parts[name] for name in order.split(", "))
    one = compose(first, second)
    apart = transform_points(one, inner_points()) - transform_points(
        [first, second], inner_points()
    )
    # A warp after a warp is sampled on the first grid; the others are exact.
    assert np.abs(apart).max() < (0.25 if order == "warp, warp" else 1e-4)


def test_inverse_of_a_warp_comes_back_and_tells_what_it_misses():
    warp = bump()
    corner = transform_points(warp, GRID.to_world((7, 7, 6)))
    fine = Grid.from_voxel_size((60, 60, 60), 0.8)
    there = Grid(fine.shape, rigid((0, 0, 0), corner) @ fine.affine)
    back, residual = invert(warp, grid=there)
    assert residual < 0.01
    apart = transform_points([warp, back], inner_points()) - inner_points()
    assert np.linalg.norm(apart, axis=-1).max() < 0.1


def test_inverse_of_an_affine_is_exact():
    pose = rigid((0.3, -0.2, 0.1), (10, 20, -5))
    back, residual = invert(pose)
    np.testing.assert_allclose(compose(pose, back), np.eye(4), atol=1e-12)
    assert residual == 0


def test_volume_ratio_of_a_linear_warp_is_its_determinant():
    strain = np.diag([0.1, -0.2, 0.05])
    warp = Warp(GRID, (voxel_points(GRID) @ strain).astype(np.float32), np.diag([2.0, 1, 1, 1]))
    np.testing.assert_allclose(jacobian_determinant(warp), 2 * 1.1 * 0.8 * 1.05, rtol=1e-4)


def test_volume_ratio_of_a_fold_is_negative():
    moves = np.zeros((*GRID.shape, 3), np.float32)
    moves[..., 0] = -2 * voxel_points(GRID)[..., 0]
    assert (jacobian_determinant(Warp(GRID, moves)) < 0).all()


def test_half_way_lies_as_far_from_both_ends_and_a_rigid_step_stays_rigid():
    pose = rigid((0.1, 0.05, -0.08), (3, -2, 1))
    half = between(np.eye(4), pose)
    np.testing.assert_allclose((half @ half)[:3, :3], pose[:3, :3], atol=1e-12)
    first, second = (apart_mm(half, end, inner_points()) for end in (np.eye(4), pose))
    np.testing.assert_allclose(first, second, atol=0.1 * second.max())
    assert apart_mm(half, pose, np.zeros((1, 3))) == pytest.approx(np.sqrt(14) / 2)
    step = stepped(pose, np.array([3.0, -2, 1, 4, 5, -6]), rigid_basis(), np.zeros(3))
    np.testing.assert_allclose(step[:3, :3] @ step[:3, :3].T, np.eye(3), atol=1e-12)
    whole = stepped(pose, np.array([0.0] * 6 + [6, 0, 0, 0, 0, 0]), affine_basis(), np.zeros(3))
    assert np.linalg.det(whole[:3, :3]) == pytest.approx(1.1)


def test_refusals():
    with pytest.raises(ValueError, match="of shape"):
        Warp(GRID, np.zeros((2, 2, 2, 3), np.float32))
    with pytest.raises(ValueError, match="no inverse"):
        compose(np.zeros((4, 4)), np.eye(4))
    with pytest.raises(ValueError, match="4 x 4"):
        invert(np.eye(3))
    with pytest.raises(ValueError, match="needs a grid"):
        invert(bump())
    with pytest.raises(ValueError, match="three coordinates"):
        transform_points(np.eye(4), np.zeros(4))
