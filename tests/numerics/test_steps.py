from __future__ import annotations

import numpy as np

from arteriole.numerics.steps import add_scaled, turn

SHAPE, FACTOR = (5, 6, 7), np.float32(0.3)


def test_updates_are_those_of_numpy_to_the_last_bit(rng):
    total, more = (rng.standard_normal(SHAPE).astype(np.float32) for _ in range(2))
    sum_, turned = total.copy(), total.copy()
    add_scaled(sum_, FACTOR, more)
    turn(turned, FACTOR, more)
    np.testing.assert_array_equal(sum_, total + FACTOR * more)
    np.testing.assert_array_equal(turned, total * FACTOR + more)
