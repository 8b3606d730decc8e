from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.scanner.signal import steady_state
from arteriole.phantom.scanner.transmit import apply_transmit, draw_transmit

GRID = Grid.from_voxel_size((9, 9, 9), (20.0, 20.0, 20.0))


def test_no_change_of_flip_changes_nothing(rng):
    signal = rng.uniform(1, 2, size=GRID.shape).astype(np.float32)
    even = draw_transmit(0.0, rng)
    scaled = scale(signal.copy(), even)
    np.testing.assert_allclose(scaled, signal, rtol=2e-3)


def scale(signal: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    label = np.zeros(signal.shape, dtype=np.uint8)
    label[5:] = 1
    apply_transmit(
        signal,
        label,
        GRID,
        relative_flip=coefficients,
        t1_s=np.array([1.0, 4.0]),
        tr_s=0.025,
        flip_deg=11.0,
    )
    return signal


def test_scaling_is_that_of_the_steady_state():
    """At 0.7 of the flip angle everywhere; within 0.2 %."""
    coefficients = np.zeros(10)
    coefficients[0] = 0.7
    scaled = scale(np.ones(GRID.shape, dtype=np.float32), coefficients)
    for row, t1 in ((0, 1.0), (8, 4.0)):
        low, full = (steady_state(1.0, t1, tr_s=0.025, flip_deg=11.0 * f) for f in (0.7, 1.0))
        assert scaled[row, 0, 0] == pytest.approx(low / full, rel=2e-3)


def test_the_middle_is_bright_and_the_sides_are_not(rng):
    coefficients = draw_transmit(0.4, rng)
    ones = np.ones(GRID.shape, dtype=np.float32)
    scaled = scale(ones, coefficients)[:5]
    assert coefficients[0] == pytest.approx(1.2)
    assert scaled[4, 4, 4] != scaled[0, 0, 0]
