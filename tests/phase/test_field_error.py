from __future__ import annotations

import numpy as np
import pytest

from arteriole.phase.field_error import field_error

SHAPE = (30, 28, 26)


@pytest.fixture
def ramp():
    x, y, z = np.indices(SHAPE).astype(np.float32)
    return 3 * x - 2 * y + z


MASK = np.zeros(SHAPE, bool)
MASK[2:-2, 2:-2, 2:-2] = True


def test_a_ramp_has_the_error_of_its_noise_inside(ramp):
    noise = np.full(SHAPE, 0.2, np.float32)
    inner = np.s_[4:-4, 4:-4, 4:-4]
    error = field_error(ramp, noise, mask=MASK)
    np.testing.assert_allclose(error[inner], 0.2, rtol=1e-3)
    assert not error[~MASK].any()


def test_noise_alone_is_told_from_roughness(rng):
    """Pure noise of known size: what is added to it stays under a tenth."""
    noise = np.full(SHAPE, 0.5, np.float32)
    field = (0.5 * rng.normal(size=SHAPE)).astype(np.float32)
    error = field_error(field, noise, mask=MASK)
    assert error.min(where=MASK, initial=9) >= 0.5 - 1e-6
    assert np.median(error[MASK]) < 0.55


def test_error_of_a_checkerboard_is_its_share():
    """+-4 Hz from voxel to voxel, no noise: 26/27 to 28/27 of 4 Hz of roughness."""
    board = np.where(np.indices(SHAPE).sum(axis=0) % 2, 4.0, -4.0).astype(np.float32)
    error = field_error(board, np.zeros(SHAPE, np.float32), mask=MASK, share=0.5)
    assert error[8:-8, 8:-8, 8:-8] == pytest.approx(2.0, rel=0.05)


def test_scales_with_its_unit(rng, ramp):
    field = ramp + rng.normal(size=SHAPE).astype(np.float32)
    noise = np.full(SHAPE, 0.3, np.float32)
    one = field_error(field, noise, mask=MASK)
    np.testing.assert_allclose(field_error(8 * field, 8 * noise, mask=MASK), 8 * one, rtol=1e-4)


def test_refusals(ramp):
    noise = np.zeros(SHAPE, np.float32)
    with pytest.raises(ValueError, match=r"noise \(29, 28, 26\) .* do not fit"):
        field_error(ramp, noise[1:], mask=MASK)
    with pytest.raises(ValueError, match="the mask is empty"):
        field_error(ramp, noise, mask=~np.ones(SHAPE, bool))
    with pytest.raises(ValueError, match="unlike -1"):
        field_error(ramp, noise, mask=MASK, share=-1)
