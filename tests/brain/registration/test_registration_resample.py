from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.registration.motion import rigid
from arteriole.brain.registration.resample import resample
from arteriole.brain.registration.transforms import Warp, voxel_points
from arteriole.grid import Grid

FROM = Grid(
    (20, 18, 16), np.array([[0, 2.0, 0, -17], [0, 0, -2.5, 18], [2.0, 0, 0, -18], [0, 0, 0, 1]])
)
ONTO = Grid.from_voxel_size((7, 6, 6), (3, 3, 3))
POSE = rigid((0.1, -0.1, 0.2), (2, -1, 1))


def ramp(points: np.ndarray) -> np.ndarray:
    return points @ np.array([1.0, -2.0, 0.5]) + 7


@pytest.mark.parametrize("order", [1, 3])
def test_a_ramp_comes_over_exactly(order):
    image = ramp(voxel_points(FROM)).astype(np.float32)
    out = resample(image, FROM, onto=ONTO, transforms=POSE, order=order)
    wanted = ramp(voxel_points(ONTO) @ POSE[:3, :3].T + POSE[:3, 3])
    seen = resample(np.ones(FROM.shape), FROM, onto=Grid(ONTO.shape, ONTO.affine), transforms=POSE)
    assert seen.min() == 1
    # The spline's own edge is mirrored, and reaches some voxels in.
    inner = (slice(2, -2),) * 3 if order == 3 else (slice(None),) * 3
    np.testing.assert_allclose(out[inner], wanted[inner], atol=0.05 if order == 3 else 2e-4)


def test_affines_in_turn_are_one_interpolation():
    image = np.random.default_rng(0).random(FROM.shape).astype(np.float32)
    chained = resample(image, FROM, onto=ONTO, transforms=[POSE, np.linalg.inv(POSE)])
    np.testing.assert_allclose(chained, resample(image, FROM, onto=ONTO), atol=1e-5)


def test_a_warp_of_no_displacement_is_its_affine():
    image = np.random.default_rng(0).random(FROM.shape).astype(np.float32)
    still = Warp(ONTO, np.zeros((*ONTO.shape, 3), np.float32), POSE)
    one, other = (resample(image, FROM, onto=ONTO, transforms=t) for t in (still, POSE))
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_labels_keep_their_values_and_type():
    labels = np.random.default_rng(0).integers(0, 5, FROM.shape).astype(np.uint8) * 40
    out = resample(labels, FROM, onto=ONTO, transforms=POSE, order=0)
    assert out.dtype == np.uint8
    assert set(np.unique(out)) <= set(np.unique(labels))
    np.testing.assert_array_equal(resample(labels, FROM, onto=FROM, order=0), labels)


@pytest.mark.parametrize("order", [0, 1, 3])
def test_outside_has_the_value_that_is_asked_for(order):
    away = rigid((0, 0, 0), (500, 0, 0))
    out = resample(np.ones(FROM.shape), FROM, onto=ONTO, transforms=away, order=order, outside=-5)
    assert (out == -5).all()


def test_refusals():
    with pytest.raises(ValueError, match="its grid"):
        resample(np.zeros((2, 2, 2)), FROM, onto=ONTO)
    with pytest.raises(ValueError, match="not 2"):
        resample(np.zeros(FROM.shape), FROM, onto=ONTO, order=2)
