from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.homogeneity import sensitivity

SHAPE, VOXEL = (40, 44, 36), (3.0, 3.0, 3.0)


def coil_and_ball():
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    return 500 * np.exp(0.4 * x - 0.3 * y + 0.2 * z), x**2 + y**2 + z**2 < 0.8


def test_smooth_coil_comes_back_up_to_the_border():
    coil, ball = coil_and_ball()

    def worst(rounds):
        level = sensitivity(coil * ball, ball, voxel_size_mm=VOXEL, rounds=rounds)
        relative = (coil / level)[ball]
        return np.abs(relative / np.median(relative) - 1).max()

    assert worst(2) < 0.06
    assert worst(2) < 0.6 * worst(0)


def test_dark_and_bright_spots_do_not_pull_the_level():
    coil, ball = coil_and_ball()
    spots = coil.copy()
    spots[10:16, 20:26, 15:21] *= 0.1
    spots[24:28, 20:24, 15:19] *= 2.0
    clean = sensitivity(coil, ball, voxel_size_mm=VOXEL)
    np.testing.assert_allclose(
        sensitivity(spots, ball, voxel_size_mm=VOXEL)[ball], clean[ball], rtol=0.02
    )


def test_is_positive_everywhere_and_follows_the_unit():
    coil, ball = coil_and_ball()
    level = sensitivity(coil * ball, ball, voxel_size_mm=VOXEL)
    assert level.dtype == np.float32
    assert (level > 0).all()
    scaled = sensitivity(coil * ball * 8, ball, voxel_size_mm=VOXEL)
    np.testing.assert_allclose(scaled, level * 8, rtol=1e-5)


def test_refuses_a_mask_without_signal():
    with pytest.raises(ValueError, match="holds no signal"):
        sensitivity(np.zeros((4, 4, 4)), np.ones((4, 4, 4), dtype=bool), voxel_size_mm=VOXEL)
