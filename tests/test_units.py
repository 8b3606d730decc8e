from __future__ import annotations

import math

import numpy as np
import pytest

from arteriole import units


def test_three_tesla():
    assert units.hz_per_ppm(3.0) == pytest.approx(127.732435554)


def test_conversions_are_inverse_and_keep_float32(rng):
    field = rng.normal(size=(3, 4)).astype(np.float32)
    back = units.ppm_to_hz(units.hz_to_ppm(field, 7.0), 7.0)
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, field, rtol=1e-6)
    np.testing.assert_allclose(
        units.hz_to_rad(units.rad_to_hz(field, 0.02), 0.02), field, rtol=1e-6
    )


def test_one_turn_in_a_second_is_one_hertz():
    assert units.rad_to_hz(2 * math.pi, 1.0) == pytest.approx(1.0)
