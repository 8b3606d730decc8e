"""Compiled parts of ROMEO: growth along the best edges, whole wraps of components and echoes.

Volumes are flat here, and ``steps`` are the flat steps along their axes. An edge is numbered
``3 voxel + axis``; the first voxels of an axis have no edge backwards because the last voxels have
a weight of 0 forwards.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

_TWO_PI = np.float32(2 * math.pi)
_PER_TURN = np.float32(1 / (2 * math.pi))
_BINS = 256
_MOST_TURNS = 1024
_SAMPLES = 4096
_PENALTY = 0.25

Index = int | np.int64


@kernel()
def best_first(weights: NDArray[np.uint8], visited: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Return the voxels that are not visited, those with the best three edges first."""
    worst = 3 * (_BINS - 1)
    costs = np.empty(visited.size, dtype=np.uint16)
    starts = np.zeros(worst + 2, dtype=np.int64)
    for voxel in range(visited.size):
        if not visited[voxel]:
            cost = 0
            for edge in range(3 * voxel, 3 * voxel + 3):
                cost += weights[edge] if weights[edge] > 0 else _BINS - 1
            costs[voxel] = cost
            starts[cost + 1] += 1
    for cost in range(worst + 1):
        starts[cost + 1] += starts[cost]
    order = np.empty(starts[worst + 1], dtype=np.uint32)
    for voxel in range(visited.size):
        if not visited[voxel]:
            order[starts[costs[voxel]]] = voxel
            starts[costs[voxel]] += 1
    return order


@kernel()
def edges_across(
    weights: NDArray[np.uint8], visited: NDArray[np.bool_], steps: tuple[int, int, int]
) -> NDArray[np.int64]:
    """Return the edges that join a visited and an unvisited voxel."""
    edges = []
    for edge in range(weights.size):
        if weights[edge] > 0:
            voxel = edge // 3
            if visited[voxel] != visited[voxel + steps[edge % 3]]:
                edges.append(edge)
    return np.array(edges, dtype=np.int64)


@kernel()
def _bucket_floors(weights: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return where the bucket of each cost starts in the queue, then the queue's size."""
    floors = np.zeros(_BINS + 1, dtype=np.int64)
    for edge in range(weights.size):
        if weights[edge] > 0:
            floors[weights[edge] + 1] += 1
    for cost in range(_BINS):
        floors[cost + 1] += floors[cost]
    return floors


@kernel()
def _enter(
    edge: Index,
    lowest: Index,
    weights: NDArray[np.uint8],
    queue: NDArray[np.uint32],
    tops: NDArray[np.int64],
) -> Index:
    """Put an edge into its bucket, once for all, and return the lowest bucket in use."""
    cost = np.int64(weights[edge])
    if cost == 0:
        return lowest
    weights[edge] = 0
    queue[tops[cost]] = edge
    tops[cost] += 1
    return cost if cost < lowest else lowest


@kernel()
def _enter_all(
    voxel: Index,
    lowest: Index,
    weights: NDArray[np.uint8],
    queue: NDArray[np.uint32],
    tops: NDArray[np.int64],
    steps: tuple[int, int, int],
) -> Index:
    """Put the six edges of a voxel into their buckets."""
    for axis in range(3):
        lowest = _enter(3 * voxel + axis, lowest, weights, queue, tops)
        if voxel >= steps[axis]:
            lowest = _enter(3 * (voxel - steps[axis]) + axis, lowest, weights, queue, tops)
    return lowest


@kernel()
def _spread(
    lowest: Index,
    phase: NDArray[np.float32],
    weights: NDArray[np.uint8],
    visited: NDArray[np.bool_],
    order: NDArray[np.uint32],
    count: Index,
    queue: NDArray[np.uint32],
    tops: NDArray[np.int64],
    floors: NDArray[np.int64],
    steps: tuple[int, int, int],
) -> Index:
    """Unwrap along the best edges until the queue or the volume ends; return the visits so far."""
    while count < order.size:
        while lowest < _BINS and tops[lowest] == floors[lowest]:
            lowest += 1
        if lowest == _BINS:
            break
        tops[lowest] -= 1
        edge = np.int64(queue[tops[lowest]])
        old = edge // 3
        new = old + steps[edge % 3]
        if visited[new]:
            if visited[old]:
                continue
            old, new = new, old
        phase[new] -= _TWO_PI * np.rint((phase[new] - phase[old]) * _PER_TURN)
        visited[new] = True
        order[count] = new
        count += 1
        lowest = _enter_all(new, lowest, weights, queue, tops, steps)
    return count


@kernel()
def grow(
    phase: NDArray[np.float32],
    weights: NDArray[np.uint8],
    visited: NDArray[np.bool_],
    seeds: NDArray[np.uint32],
    edges: NDArray[np.int64],
    steps: tuple[int, int, int],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Unwrap in place, always along the best edge between what is and what is not visited.

    Prim's algorithm on a queue of 255 buckets. Each edge enters at most once, so that the buckets
    are slices of one array, bounded by the histogram of the weights: memory is linear.

    Parameters
    ----------
    phase : ndarray, float32, (n,)
        Wrapped phase, rad; unwrapped when done.
    weights : ndarray, uint8, (3 n,)
        Cost of each edge, 0 for none; used up.
    visited : ndarray, bool, (n,)
        What is unwrapped already, or outside; all of what can be reached when done.
    seeds : ndarray, uint32
        Where to start again, in this order, when the queue is empty.
    edges : ndarray, int64
        Edges across the border of what is visited, to start from.
    steps : tuple of 3 int
        Flat steps along the axes.

    Returns
    -------
    order : ndarray, uint32
        Voxels as they were visited.
    starts : ndarray, int64
        Where in ``order`` the component of each seed starts, then the end.
    """
    floors = _bucket_floors(weights)
    tops = floors.copy()
    queue = np.empty(floors[_BINS], dtype=np.uint32)
    order = np.empty(visited.size - np.sum(visited), dtype=np.uint32)
    lowest: Index = _BINS
    for edge in edges:
        lowest = _enter(edge, lowest, weights, queue, tops)
    count = _spread(lowest, phase, weights, visited, order, 0, queue, tops, floors, steps)
    starts = []
    for seed in seeds:
        voxel = np.int64(seed)
        if visited[voxel]:
            continue
        starts.append(count)
        visited[voxel] = True
        order[count] = voxel
        lowest = _enter_all(voxel, _BINS, weights, queue, tops, steps)
        count = _spread(
            lowest, phase, weights, visited, order, count + 1, queue, tops, floors, steps
        )
    starts.append(count)
    return order[:count], np.array(starts, dtype=np.int64)


@kernel()
def align_components(
    unwrapped: NDArray[np.float32],
    reference: NDArray[np.float32],
    ratio: np.float32,
    order: NDArray[np.uint32],
    starts: NDArray[np.int64],
) -> None:
    """Add to each component the median number of turns between it and ``ratio * reference``."""
    counts = np.zeros(2 * _MOST_TURNS + 1, dtype=np.int64)
    for component in range(starts.size - 1):
        first, last = starts[component], starts[component + 1]
        low, high = np.int64(2 * _MOST_TURNS), np.int64(0)
        for voxel in order[first:last]:
            apart = np.rint((ratio * reference[voxel] - unwrapped[voxel]) * _PER_TURN)
            apart = min(max(apart, np.float32(-_MOST_TURNS)), np.float32(_MOST_TURNS))
            turns = np.int64(apart) + _MOST_TURNS
            counts[turns] += 1
            low = turns if turns < low else low
            high = turns if turns > high else high
        median, below = low, counts[low]
        while 2 * below < last - first:
            median += 1
            below += counts[median]
        counts[low : high + 1] = 0
        if median != _MOST_TURNS:
            shift = _TWO_PI * np.float32(median - _MOST_TURNS)
            for voxel in order[first:last]:
                unwrapped[voxel] += shift


@kernel()
def align_by_second_echo(
    unwrapped: NDArray[np.float32],
    phase2: NDArray[np.float32],
    ratio2: np.float32,
    order: NDArray[np.uint32],
    starts: NDArray[np.int64],
) -> None:
    """Add to each component the turns, up to two, that explain the wrapped second echo best.

    A turn must explain 0.25 rad: where TE2 / TE1 is near a whole number all turns look alike.
    """
    for component in range(starts.size - 1):
        first, last = starts[component], starts[component + 1]
        stride = max(1, (last - first) // _SAMPLES)
        least, turns = np.inf, 0
        for trial in (0, 1, -1, 2, -2):
            error, samples = 0.0, 0
            for at in range(first, last, stride):
                voxel = order[at]
                apart = phase2[voxel] - ratio2 * (unwrapped[voxel] + _TWO_PI * trial)
                error += abs(apart - _TWO_PI * np.rint(apart * _PER_TURN))
                samples += 1
            error = error / samples + _PENALTY * abs(trial)
            if error < least:
                least, turns = error, trial
        if turns != 0:
            for voxel in order[first:last]:
                unwrapped[voxel] += _TWO_PI * np.float32(turns)


@kernel(parallel=True)
def unwrap_in_time(
    phase: NDArray[np.float32], reference: NDArray[np.float32], ratio: np.float32
) -> None:
    """Bring each voxel of an echo, in place, within half a turn of ``ratio * reference``."""
    for voxel in prange(phase.size):
        apart = ratio * reference[voxel] - phase[voxel]
        phase[voxel] += _TWO_PI * np.rint(apart * _PER_TURN)
