from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import scipy.fft

from arteriole.grid import Grid
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.motion import Motion, Pose, draw_poses, move

GRID = Grid.from_voxel_size((24, 20, 18), (2.0, 2.0, 3.0))


def blob(centre_mm: tuple[float, float, float], sigma: float = 5.0) -> np.ndarray:
    cells = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1)
    away = GRID.to_world(cells) - np.asarray(centre_mm)
    return np.exp(-0.5 * (away**2).sum(axis=-1) / sigma**2).astype(np.complex64)


def moved_image(image: np.ndarray, *poses: Pose) -> np.ndarray:
    return scipy.fft.ifftn(move(scipy.fft.fftn(image), poses, GRID, axis=0))


def test_one_shift_of_all_lines_shifts_the_image():
    pose = Pose(0, 24, (3.0, -1.0, 2.0), (0.0, 0.0, 0.0))
    image = moved_image(blob((-2.0, 1.0, 0.0)), pose)
    np.testing.assert_allclose(image, blob((1.0, 0.0, 2.0)), atol=0.01)


def test_one_turn_of_all_lines_turns_the_image():
    pose = Pose(0, 24, (0.0, 0.0, 0.0), (0.0, 0.0, np.radians(30)))
    image = moved_image(blob((9.0, 0.0, 0.0)), pose)
    expected = blob((9 * np.cos(np.pi / 6), 9 * np.sin(np.pi / 6), 0.0))
    assert np.abs(image - expected).max() < 0.02


def test_a_move_in_the_middle_makes_ghosts():
    still, away = (0.0, 0.0, 0.0), (4.0, 0.0, 0.0)
    rest = blob((0.0, 0.0, 0.0), 3.0)
    image = moved_image(rest, Pose(0, 11, away, still), Pose(11, 24, still, still))
    assert np.abs(image - rest).max() > 0.1
    space = scipy.fft.fftn(image)
    kept = (np.arange(24) + 12) % 24
    np.testing.assert_allclose(space[kept[11:]], scipy.fft.fftn(rest)[kept[11:]], atol=1e-3)


@pytest.mark.usefixtures("painted_once")
def test_no_move_changes_nothing(head, protocol, bare):
    """Not a byte."""
    still = replace(protocol, motion=Motion(moves=3, translation_mm=0.0, rotation_deg=0.0))
    scan, _ = acquire(head.with_lesions(), still, seed=4, cell_mm=1.4, noise=False)
    np.testing.assert_array_equal(scan.magnitude, bare[0].magnitude)
    np.testing.assert_array_equal(scan.phase, bare[0].phase)


@pytest.mark.usefixtures("painted_once")
def test_moves_are_seen_outside_the_head_and_told(head, protocol, bare):
    restless = replace(protocol, motion=Motion(moves=4, translation_mm=2.0, rotation_deg=2.0))
    scan, truth = acquire(head.with_lesions(), restless, seed=4, cell_mm=1.4, noise=False)
    air = bare[0].magnitude[0] < 5
    assert scan.magnitude[0][air].mean() > 2 * bare[0].magnitude[0][air].mean()
    assert len(truth.disturbance.poses) == 5


def test_poses_cover_all_lines_and_rest_at_the_middle(rng):
    for _ in range(20):
        poses = draw_poses(Motion(), 64, rng)
        assert poses[0].first == 0
        assert poses[-1].last == 64
        assert all(a.last == b.first for a, b in pairwise(poses))
        middle = next(p for p in poses if p.first <= 32 < p.last)
        assert not any((*middle.shift_mm, *middle.turn_rad))


def test_refuses_negative_motion():
    with pytest.raises(ValueError, match="cannot be negative"):
        Motion(translation_mm=-1.0)
