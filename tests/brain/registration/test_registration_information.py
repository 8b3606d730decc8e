from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.registration.ascent import climb
from arteriole.brain.registration.information import BINS, Points, information
from arteriole.brain.registration.motion import rigid, rigid_basis, stepped


def bowl() -> np.ndarray:
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, 24)] * 3, indexing="ij")
    level = np.exp(-(x**2) - 2 * (y - 0.2) ** 2 - 3 * (z + 0.1 * x) ** 2)
    return ((BINS - 1) * level / level.max()).astype(np.float32)


def points_in(image: np.ndarray, spread: np.ndarray) -> Points:
    voxels = np.argwhere(np.ones(image.shape, bool))[::3].astype(float)
    inner = voxels[((voxels > 5) & (voxels < 18)).all(axis=1)]
    classes = np.rint(image[tuple(inner.astype(int).T)]).astype(np.int32)
    return Points(inner, classes, spread, np.full(3, 11.5))


@pytest.mark.parametrize("spread", [np.zeros((1, 3)), np.array([[0, 0, -1.0], [0, 0, 1.0]])])
def test_slope_is_the_change_of_the_value(spread):
    image, basis = bowl(), rigid_basis()
    points = points_in(image, spread)
    pose = rigid((0.06, -0.03, 0.05), (1.2, -0.7, 0.4), centre_mm=(11.5,) * 3)
    _, slope, overlap = information(points, image, np.eye(4), pose)
    assert overlap == 1
    # Values are kept in float32, and trilinear slopes jump where a place passes a voxel.
    h = 2e-3
    # A spread turns with the pose, which the slope of turns leaves out.
    for axis in range(3 if len(spread) > 1 else 0, 6):
        step = h * np.eye(6)[axis]
        sides = [
            information(points, image, np.eye(4), stepped(pose, s * step, basis, points.centre_mm))[
                0
            ]
            for s in (1, -1)
        ]
        change = (sides[0] - sides[1]) / (2 * h)
        assert change == pytest.approx(float((basis[axis] * slope).sum()), rel=0.05, abs=2e-5)


def test_is_largest_when_one_image_follows_from_the_other():
    image = bowl()
    points = points_in(image, np.zeros((1, 3)))
    # The other contrast: the same parts, brightness upside down.
    other = (BINS - 1 - image).astype(np.float32)
    values = [
        information(points, other, np.eye(4), rigid((0, 0, 0), (d, 0, 0)))[0]
        for d in (-2, -1, 0, 1, 2)
    ]
    assert int(np.argmax(values)) == 2
    assert 1 < values[2] < 2


def test_too_little_overlap_is_no_match():
    image = bowl()
    value, slope, overlap = information(
        points_in(image, np.zeros((1, 3))), image, np.eye(4), rigid((0, 0, 0), (20, 0, 0))
    )
    assert value == 0
    assert not slope.any()
    assert overlap < 0.25


def test_climb_comes_back_to_the_top():
    image = bowl()
    points = points_in(image, np.zeros((1, 3)))

    def score(matrix):
        return information(points, image, np.eye(4), matrix)[:2]

    start = rigid((0.1, -0.05, 0.08), (1.5, -1.0, 1.0), centre_mm=(11.5,) * 3)
    top, value = climb(
        score, start, basis=rigid_basis(), centre_mm=points.centre_mm, first_mm=1.0, until_mm=0.005
    )
    assert value >= score(np.eye(4))[0] - 1e-4
    apart = np.linalg.norm((top - np.eye(4))[:3, :3] @ np.full(3, 11.5) + top[:3, 3])
    assert apart < 0.2
