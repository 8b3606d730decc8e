from __future__ import annotations

import numpy as np

from arteriole.phase.romeo_kernel import (
    align_by_second_echo,
    align_components,
    best_first,
    edges_across,
    grow,
    unwrap_in_time,
)

TURN = np.float32(2 * np.pi)


def test_best_first_sorts_by_the_three_forward_edges():
    weights = np.array([9, 9, 9, 1, 1, 1, 0, 1, 1, 5, 5, 5], dtype=np.uint8)
    visited = np.array([False, False, False, True])
    assert best_first(weights, visited).tolist() == [1, 0, 2]


def test_growth_takes_the_best_path_round_a_bad_edge():
    """A 2 x 2 square whose edge 0-1 is bad: voxel 1 is reached by 0-2-3-1."""
    steps = (4, 2, 1)
    weights = np.zeros(12, dtype=np.uint8)
    weights[3 * 0 + 2], weights[3 * 0 + 1] = 200, 10  # 0-1, 0-2
    weights[3 * 2 + 2], weights[3 * 1 + 1] = 20, 30  # 2-3, 1-3
    phase = np.array([0.0, -2.2, 2.0, -2.3], dtype=np.float32)
    order, starts = grow(
        phase, weights, np.zeros(4, bool), np.array([0], np.uint32), np.empty(0, np.int64), steps
    )
    assert order.tolist() == [0, 2, 3, 1]
    assert starts.tolist() == [0, 4]
    np.testing.assert_allclose(phase, [0.0, -2.2 + TURN, 2.0, -2.3 + TURN], atol=1e-6)


def test_growth_visits_everything_once_and_uses_each_edge_once(rng):
    shape = (7, 6, 5)
    weights = rng.integers(1, 256, (*shape, 3)).astype(np.uint8)
    weights[-1, :, :, 0] = weights[:, -1, :, 1] = weights[:, :, -1, 2] = 0
    flat = weights.reshape(-1)
    visited = np.zeros(210, bool)
    seeds = best_first(flat, visited)
    phase = np.zeros(210, dtype=np.float32)
    order, starts = grow(phase, flat, visited, seeds, np.empty(0, np.int64), (30, 5, 1))
    assert sorted(order) == list(range(210))
    assert visited.all()
    assert starts.tolist() == [0, 210]


def test_edges_across_join_visited_and_not():
    weights = np.zeros((3, 1, 1, 3), dtype=np.uint8)
    weights[:2, 0, 0, 0] = 7
    visited = np.array([True, False, False])
    assert edges_across(weights.reshape(-1), visited, (1, 1, 1)).tolist() == [0]


def test_components_move_by_their_median_turns():
    unwrapped = np.array([13.0, 12.0, 1.0, -7.0], dtype=np.float32)
    order = np.arange(4, dtype=np.uint32)
    starts = np.array([0, 2, 3, 4])
    align_components(unwrapped, unwrapped, np.float32(0), order, starts)
    np.testing.assert_allclose(unwrapped, [13 - 2 * TURN, 12 - 2 * TURN, 1, -7 + TURN], atol=1e-5)


def test_a_second_echo_must_speak_clearly():
    order, starts = np.arange(5, dtype=np.uint32), np.array([0, 5])
    unwrapped = np.full(5, 1.0, dtype=np.float32)
    second = np.full(5, np.float32(2.4 * (1.0 + TURN)), dtype=np.float32)
    align_by_second_echo(unwrapped, second, np.float32(2.4), order, starts)
    np.testing.assert_allclose(unwrapped, 1.0 + TURN, atol=1e-5)
    unwrapped[:] = 1.0
    align_by_second_echo(unwrapped, 2 * unwrapped + 0.1, np.float32(2.0), order, starts)
    np.testing.assert_allclose(unwrapped, 1.0)


def test_time_brings_each_voxel_next_to_its_forecast(rng):
    reference = rng.uniform(-20, 20, 100).astype(np.float32)
    truth = 1.5 * reference + rng.uniform(-2, 2, 100).astype(np.float32)
    phase = np.angle(np.exp(1j * truth)).astype(np.float32)
    unwrap_in_time(phase, reference, np.float32(1.5))
    np.testing.assert_allclose(phase, truth, atol=1e-4)
