from __future__ import annotations

import numpy as np
import pytest

from arteriole.phase.romeo_weights import mean_weights, quantised_weights


def expected_cost(weight):
    return max(round(255 * (1 - weight)), 1)


def test_flat_phase_of_even_magnitude_is_best():
    phase = np.zeros((5, 5, 5), dtype=np.float32)
    costs = quantised_weights(phase, mask=np.ones(phase.shape, bool), magnitude=phase + 2)
    # edges at the border have a linearity of 0.9 and so a weight of 0.1 + 0.9 * 0.9
    assert costs[2, 2, 2].tolist() == [1, 1, 1]
    assert costs[0, 2, 2, 0] == expected_cost(0.91)


def test_edges_end_with_the_volume_and_the_mask():
    phase = np.zeros((4, 5, 6), dtype=np.float32)
    mask = np.ones(phase.shape, bool)
    mask[1, 2, 3] = False
    costs = quantised_weights(phase, mask=mask)
    assert not costs[-1, :, :, 0].any()
    assert not costs[:, -1, :, 1].any()
    assert not costs[:, :, -1, 2].any()
    assert not costs[1, 2, 3].any()
    assert costs[0, 2, 3, 0] == costs[1, 1, 3, 1] == costs[1, 2, 2, 2] == 0
    assert (costs > 0).sum() == 3 * 5 * 6 + 4 * 4 * 6 + 4 * 5 * 5 - 6


def test_the_four_parts_by_hand():
    """Along x: phases 0.0 0.1 0.7 0.5, second echo 0.0 0.2 1.0 1.1, magnitudes 4 4 2 2."""
    phase = np.array([0.0, 0.1, 0.7, 0.5], dtype=np.float32).reshape(4, 1, 1)
    phase2 = np.array([0.0, 0.2, 1.0, 1.1], dtype=np.float32).reshape(4, 1, 1)
    magnitude = np.array([4, 4, 2, 2], dtype=np.float32).reshape(4, 1, 1)
    coherence = 1 - 0.6 / np.pi
    gradient = 1 - abs(-0.6 + 0.8 * 0.5)
    linearity = (1 - 0.5 / 2) * (1 - 0.8 / 2)
    strength = (2 / 4) ** 2
    weight = np.prod([0.1 + 0.9 * c for c in (coherence, gradient, linearity, strength)])
    costs = quantised_weights(
        phase,
        mask=np.ones(phase.shape, bool),
        magnitude=magnitude,
        phase2=phase2,
        te_ratio=0.5,
    )
    assert costs[1, 0, 0, 0] == expected_cost(weight)


def test_wraps_cost_nothing(rng):
    """Only differences count, modulo a turn: the costs of a shifted, re-wrapped phase agree."""
    phase = rng.uniform(-np.pi, np.pi, (8, 8, 8)).astype(np.float32)
    moved = np.angle(np.exp(1j * (phase + 1.7))).astype(np.float32)
    mask = np.ones(phase.shape, bool)
    one = quantised_weights(phase, mask=mask).astype(int)
    other = quantised_weights(moved, mask=mask).astype(int)
    assert np.abs(one - other).max() <= 1


def test_mean_weight_of_a_flat_volume_is_one_inside():
    phase = np.zeros((6, 6, 6), dtype=np.float32)
    where = np.ones(phase.shape, bool)
    where[0] = False
    mean = mean_weights(phase, where=where)
    assert mean[3, 3, 3] == pytest.approx(1.0)
    assert not mean[0].any()


def test_mean_weight_leaves_out_edges_that_leave_the_inside(rng):
    phase = np.zeros((7, 7, 7), dtype=np.float32)
    inside = np.ones(phase.shape, bool)
    inside[5:] = False
    phase[5:] = 3.0
    where = np.ones(phase.shape, bool)
    bounded = mean_weights(phase, where=where, inside=inside)
    free = mean_weights(phase, where=where)
    assert bounded[4, 3, 3] > free[4, 3, 3] + 0.1


def test_voxels_that_are_not_numbers_have_no_weight():
    phase = np.zeros((5, 5, 5), dtype=np.float32)
    phase[2, 2, 2] = np.nan
    mean = mean_weights(phase, where=np.ones(phase.shape, bool))
    assert mean[2, 2, 2] == 0
    assert np.isfinite(mean).all()
