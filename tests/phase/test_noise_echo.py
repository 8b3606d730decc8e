from __future__ import annotations

import numpy as np
import pytest
from simulated_head import simulate_head

from arteriole.phase.noise_echo import NOISE_SHARE, steep_pairs


def test_noise_has_half_and_even_phase_none(rng):
    phase = np.zeros((2, 30, 30, 30), dtype=np.float32)
    phase[1] = rng.uniform(-np.pi, np.pi, phase[1].shape)
    even, noise = steep_pairs(phase, mask=np.ones(phase.shape[1:], bool))
    assert even == 0
    assert noise == pytest.approx(0.5, abs=0.01)


def test_wraps_are_not_steep_and_what_is_no_number_is():
    phase = np.zeros((1, 4, 1, 1), dtype=np.float32)
    phase[0, :, 0, 0] = (3.0, -3.0, np.nan, -3.0)
    assert steep_pairs(phase, mask=np.ones((4, 1, 1), bool)) == (pytest.approx(2 / 3),)


def test_a_noisy_scan_is_not_noise(rng):
    """A signal to noise of 1.7 in the last echo."""
    head = simulate_head(rng, sigma=0.4)
    shares = steep_pairs(head.phase, mask=head.mask)
    assert 0.05 < shares[-1] < NOISE_SHARE - 0.1


def test_pairs_across_the_mask_do_not_count(rng):
    phase = rng.uniform(-3, 3, (1, 6, 6, 6)).astype(np.float32)
    mask = np.zeros((6, 6, 6), bool)
    mask[2, 2, 2] = True
    assert steep_pairs(phase, mask=mask) == (0.0,)


def test_refuses_a_mask_that_does_not_fit():
    with pytest.raises(ValueError, match=r"mask has shape \(3, 3, 4\), phase \(1, 3, 3, 3\)"):
        steep_pairs(np.zeros((1, 3, 3, 3), np.float32), mask=np.ones((3, 3, 4), bool))
