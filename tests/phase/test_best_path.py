from __future__ import annotations

import numpy as np
import pytest
from simulated_head import simulate_head, wrap, wrong_fraction

from arteriole.numerics.threads import set_threads, threads
from arteriole.phase.best_path import best_path_weights
from arteriole.phase.romeo import unwrap_romeo


def test_even_slopes_cost_nothing_whatever_their_wraps():
    grid = np.indices((7, 8, 9))
    phase = wrap(2.0 * grid[0] - 1.1 * grid[1] + 0.7 * grid[2])
    costs = best_path_weights(phase, mask=np.ones(phase.shape, bool))
    assert set(np.unique(costs)) == {0, 1}
    assert (costs > 0).sum() == 6 * 8 * 9 + 7 * 7 * 9 + 7 * 8 * 8


def test_by_hand():
    """One voxel of 1 rad among zeros: 2 rad over each of its 13 lines, 1 over one of the next's."""
    phase = np.zeros((7, 7, 7), dtype=np.float32)
    phase[3, 3, 3] = 1.0
    costs = best_path_weights(phase, mask=np.ones(phase.shape, bool))
    most = 4 * np.pi * np.sqrt(13)
    assert costs[3, 3, 3, 0] == round(255 * np.sqrt((2 * np.sqrt(13) + 1) / most))
    assert costs[4, 3, 3, 0] == round(255 * np.sqrt(1 / most))


def test_edges_end_with_the_mask(rng):
    phase = rng.uniform(-3, 3, (5, 6, 7)).astype(np.float32)
    mask = np.ones(phase.shape, bool)
    mask[2, 3, 3] = False
    costs = best_path_weights(phase, mask=mask)
    assert not costs[2, 3, 3].any()
    assert costs[1, 3, 3, 0] == costs[2, 2, 3, 1] == costs[2, 3, 2, 2] == 0
    assert costs[0, 0, 0].all()


def test_what_is_not_a_number_is_worst():
    phase = np.zeros((5, 5, 5), dtype=np.float32)
    phase[2, 2, 2] = np.nan
    costs = best_path_weights(phase, mask=np.ones(phase.shape, bool))
    assert costs[2, 2, 2].tolist() == [255] * 3


@pytest.mark.parametrize("individual", [False, True])
def test_unwraps_every_echo_to_30_ms(rng, individual):
    head = simulate_head(rng, te_s=(0.006, 0.012, 0.018, 0.024, 0.030))
    unwrapped = unwrap_romeo(
        head.phase, te_s=head.te_s, mask=head.mask, individual=individual, weights="bestpath"
    )
    for e in range(5):
        assert wrong_fraction(unwrapped[e], head.truth[e], head.mask) <= 1e-4


def test_volumes_one_voxel_thick():
    truth = np.linspace(0, 20, 30, dtype=np.float32)[:, None, None]
    unwrapped = unwrap_romeo(wrap(truth), weights="bestpath")
    np.testing.assert_allclose(np.diff(unwrapped, axis=0), np.diff(truth, axis=0), atol=1e-4)


def test_same_answer_for_one_and_two_threads(rng):
    phase = rng.uniform(-3, 3, (20, 16, 12)).astype(np.float32)
    count = threads()
    found = []
    try:
        for n in (1, 2):
            set_threads(n)
            found.append(best_path_weights(phase, mask=np.ones(phase.shape, bool)))
    finally:
        set_threads(count)
    np.testing.assert_array_equal(*found)


def test_refusals():
    phase = np.zeros((3, 3, 3), dtype=np.float32)
    with pytest.raises(ValueError, match=r"mask has shape \(3, 3, 4\), phase \(3, 3, 3\)"):
        best_path_weights(phase, mask=np.ones((3, 3, 4), bool))
    with pytest.raises(ValueError, match="weights are 'romeo' or 'bestpath', not 'best'"):
        unwrap_romeo(phase, weights="best")
