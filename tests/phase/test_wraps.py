from __future__ import annotations

import numpy as np
import pytest

from arteriole.phase.wraps import wraps_left


def test_smooth_phase_has_none():
    phase = np.arange(60, dtype=np.float32).reshape(3, 4, 5) * 0.1
    assert wraps_left(phase, mask=np.ones(phase.shape, bool)) == 0


def test_one_voxel_a_turn_off_makes_six_bad_pairs():
    phase = np.zeros((5, 5, 5), dtype=np.float32)
    phase[2, 2, 2] = 2 * np.pi
    pairs = 3 * 4 * 25
    assert wraps_left(phase, mask=np.ones(phase.shape, bool)) == pytest.approx(6 / pairs)


def test_pairs_across_the_mask_do_not_count():
    phase = np.zeros((4, 4, 4), dtype=np.float32)
    phase[2:] = 10
    mask = np.ones(phase.shape, bool)
    mask[2:] = False
    assert wraps_left(phase, mask=mask) == 0


def test_all_echoes_count():
    phase = np.zeros((2, 2, 1, 1), dtype=np.float32)
    phase[1, 1] = 4
    assert wraps_left(phase, mask=np.ones((2, 1, 1), bool)) == 0.5


def test_an_empty_mask_has_none():
    assert wraps_left(np.zeros((3, 3, 3)), mask=np.zeros((3, 3, 3), bool)) == 0


def test_refuses_a_mask_that_does_not_fit():
    with pytest.raises(ValueError, match=r"mask has shape \(3, 3, 4\), phase \(3, 3, 3\)"):
        wraps_left(np.zeros((3, 3, 3)), mask=np.zeros((3, 3, 4), bool))
