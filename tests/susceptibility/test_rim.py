from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.morphology import distance_inside
from arteriole.susceptibility.rim import rim_index

VOXEL = (1.5, 1.5, 1.5)


@pytest.fixture(scope="module")
def ball():
    x, y, z = np.meshgrid(*[np.arange(40) - 19.5] * 3, indexing="ij")
    return x**2 + y**2 + z**2 < 18**2


def test_is_one_where_the_rim_is_as_the_rest(ball, rng):
    chi = rng.normal(0, 0.02, ball.shape).astype(np.float32)
    assert rim_index(chi, ball, voxel_size_mm=VOXEL) == pytest.approx(1, abs=0.05)


def test_grows_as_the_spread_of_the_rim(ball, rng):
    chi = rng.normal(0, 0.02, ball.shape).astype(np.float32)
    rim = ball & (distance_inside(ball, voxel_size_mm=VOXEL) <= 3)
    chi[rim] *= 4
    assert rim_index(chi, ball, voxel_size_mm=VOXEL) == pytest.approx(4, abs=0.2)


def test_veins_and_unit_and_zero_do_not_matter(ball, rng):
    chi = rng.normal(0, 0.02, ball.shape).astype(np.float32)
    plain = rim_index(chi, ball, voxel_size_mm=VOXEL)
    assert rim_index(1000 * chi + 7, ball, voxel_size_mm=VOXEL) == pytest.approx(plain, rel=1e-3)
    chi[rng.random(ball.shape) < 0.02] = 0.5
    assert rim_index(chi, ball, voxel_size_mm=VOXEL) == pytest.approx(1, abs=0.1)


def test_thick_slices_have_a_rim(ball, rng):
    chi = rng.normal(0, 0.02, ball.shape).astype(np.float32)
    assert rim_index(chi, ball, voxel_size_mm=(1, 1, 5)) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chi_ppm": np.zeros((2, 2, 2), np.float32)}, "share one 3-D shape"),
        ({"chi_ppm": np.full((30, 30, 30), np.nan, np.float32)}, "finite"),
        ({"chi_ppm": np.zeros((30, 30, 30), np.float32)}, "does not vary"),
        ({"mask": np.pad(np.ones((4, 4, 4), bool), 13)}, "below its rim"),
        ({"rim_mm": 9.0}, "depths are positive and rise"),
    ],
)
def test_refuses(change, message):
    given = {
        "chi_ppm": np.random.default_rng(0).standard_normal((30, 30, 30)).astype(np.float32),
        "mask": np.ones((30, 30, 30), bool),
    }
    with pytest.raises(ValueError, match=message):
        rim_index(**(given | change), voxel_size_mm=(1, 1, 1))
