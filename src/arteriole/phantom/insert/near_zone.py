"""The kernels behind `echo_factor`: voxels far away, fine cells near, and their sampling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.insert.source_field import (
    BUFFER,
    CHUNK,
    FIELD,
    GAP,
    NEAR,
    PIECE,
    SLOPE,
    Parts,
    X,
    Y,
    Z,
    look,
    turned,
    window,
)

SPLIT_TURNS = 0.5 / 6.283185307179586
"""Phase over half a cell's diagonal, in turns, from which a cell is split."""


@kernel(parallel=True)
def write_far(
    out: NDArray[np.complex64],
    first: NDArray[np.float32],
    size: NDArray[np.float32],
    turns: NDArray[np.float32],
    source: Parts,
) -> None:
    """Write 1 + (1 - w) (exp(i phase) - 1) in the middle of each voxel."""
    one = np.float32(1)
    for i in prange(out.shape[1]):
        w = np.empty(BUFFER, dtype=np.float32)
        x = (first[0] + np.float32(i)) * size[0]
        for j in range(out.shape[2]):
            y = (first[1] + np.float32(j)) * size[1]
            for base in range(0, out.shape[3], CHUNK):
                n = min(CHUNK, out.shape[3] - base)
                _fill_row(w, n, x, y, first[2] + np.float32(base), size[2])
                look(w, n, source, 0, source[1].shape[0] - 1)
                for e in range(out.shape[0]):
                    row, turn = out[e, i, j, base : base + n], turns[e]
                    for m in range(n):
                        share = one - window(w[NEAR + m])
                        less, sine = turned(turn * w[FIELD + m])
                        row[m] = complex(one + share * less, share * sine)


@kernel()
def _fill_row(
    w: NDArray[np.float32], n: int, x: np.float32, y: np.float32, k: np.float32, dz: np.float32
) -> None:
    """Write the middles of n voxels in a row along the last axis."""
    for m in range(n):
        w[X + m] = x
        w[Y + m] = y
        w[Z + m] = (k + np.float32(m)) * dz


@kernel(parallel=True)
def find_live(
    live: NDArray[np.int64],
    first: NDArray[np.float32],
    size: NDArray[np.float32],
    source: Parts,
) -> None:
    """Write the nearest piece of line for voxels that reach into the near zone, -1 for others.

    Half a voxel is a sixth of the zone or less along each axis.
    """
    end = np.float32(1.3)
    for i in prange(live.shape[0]):
        w = np.empty(BUFFER, dtype=np.float32)
        x = (first[0] + np.float32(i)) * size[0]
        for j in range(live.shape[1]):
            y = (first[1] + np.float32(j)) * size[1]
            for base in range(0, live.shape[2], CHUNK):
                n = min(CHUNK, live.shape[2] - base)
                _fill_row(w, n, x, y, first[2] + np.float32(base), size[2])
                look(w, n, source, 0, source[1].shape[0] - 1)
                for m in range(n):
                    near = w[NEAR + m] < end
                    live[i, j, base + m] = np.int64(w[PIECE + m]) if near else -1


@kernel()
def _cells(
    value: NDArray[np.float32],
    w: NDArray[np.float32],
    n: int,
    turns: NDArray[np.float32],
    ratio: NDArray[np.float32],
) -> None:
    """Write F - 1 at the first n points of a buffer: rows of real and imaginary part an echo."""
    zero, one = np.float32(0), np.float32(1)
    for e in range(turns.shape[0]):
        turn, inner, real, imaginary = turns[e], ratio[e], 2 * e * CHUNK, (2 * e + 1) * CHUNK
        for m in range(n):
            s = inner if w[GAP + m] <= zero else one
            less, sine = turned(turn * w[FIELD + m])
            value[real + m] = s * less + (s - one)
            value[imaginary + m] = s * sine


@kernel()
def _split(
    value: NDArray[np.float32],
    cover: NDArray[np.float32],
    centres: NDArray[np.float32],
    which: NDArray[np.int64],
    count: int,
    within: NDArray[np.float32],
    w: NDArray[np.float32],
    scratch: NDArray[np.float32],
    turns: NDArray[np.float32],
    ratio: NDArray[np.float32],
    source: Parts,
    begin: int,
    end: int,
) -> None:
    """Replace F - 1 of some cells by its mean over the cell's parts."""
    parts = within.shape[1]
    share = np.float32(1) / np.float32(parts)
    at = 0
    while at < count:
        some = min(count - at, CHUNK // parts)
        for c in range(some):
            m = which[at + c]
            x, y, z = centres[X + m], centres[Y + m], centres[Z + m]
            for p in range(parts):
                w[X + c * parts + p] = x + within[0, p]
                w[Y + c * parts + p] = y + within[1, p]
                w[Z + c * parts + p] = z + within[2, p]
        n = some * parts
        look(w, n, source, begin, end)
        _cells(scratch, w, n, turns, ratio)
        for c in range(some):
            covered = 0
            for p in range(parts):
                covered += w[GAP + c * parts + p] <= 0
            cover[which[at + c]] = share * np.float32(covered)
            for row in range(0, 2 * turns.shape[0] * CHUNK, CHUNK):
                total = np.float32(0)
                for p in range(parts):
                    total += scratch[row + c * parts + p]
                value[row + which[at + c]] = share * total
        at += some


@kernel()
def _voxel(
    value: NDArray[np.float32],
    part: NDArray[np.float32],
    which: NDArray[np.int64],
    w: NDArray[np.float32],
    inner: NDArray[np.float32],
    scratch: NDArray[np.float32],
    n: int,
    edge: np.float32,
    within: NDArray[np.float32],
    turns: NDArray[np.float32],
    ratio: NDArray[np.float32],
    source: Parts,
    begin: int,
    end: int,
) -> None:
    """Write F - 1 and cover of n cells, and replace their nearness by the window."""
    zero, one = np.float32(0), np.float32(1)
    look(w, n, source, begin, end)
    _cells(value, w, n, turns, ratio)
    steep = np.float32(SPLIT_TURNS) / (turns[-1] * edge)
    count = 0
    for m in range(n):
        part[m] = one if w[GAP + m] <= zero else zero
        if w[NEAR + m] < one and (abs(w[GAP + m]) < edge or w[SLOPE + m] > steep):
            which[count] = m
            count += 1
    if within.shape[1] > 1 and count:
        _split(
            value, part, w, which, count, within, inner, scratch, turns, ratio, source, begin, end
        )
    for m in range(n):
        w[NEAR + m] = window(w[NEAR + m])
    for row in range(0, 2 * turns.shape[0] * CHUNK, CHUNK):
        for m in range(n):
            value[row + m] *= w[NEAR + m]


@kernel()
def _take_last(
    rows: NDArray[np.float32],
    value: NDArray[np.float32],
    share: NDArray[np.float32],
    n: int,
    base: int,
    shape: NDArray[np.int64],
    j: int,
    k: int,
    wz: NDArray[np.float32],
) -> None:
    """Add n cells of a voxel, sampled along the last axis, to its rows."""
    mz = wz.shape[1]
    for m in range(n):
        if share[NEAR + m] == 0:
            continue
        cell = base + m
        weight = wz[k + cell % shape[2]]
        for e in range(rows.shape[2]):
            row = rows[cell // (shape[1] * shape[2]), j + cell // shape[2] % shape[1], e]
            real, imaginary = value[2 * e * CHUNK + m], value[(2 * e + 1) * CHUNK + m]
            for q in range(mz):
                row[q] += real * weight[q]
            for q in range(mz):
                row[mz + q] += imaginary * weight[q]


@kernel()
def _take_middle(
    slab: NDArray[np.float32],
    rows: NDArray[np.float32],
    busy: NDArray[np.bool_],
    deep: int,
    wy: NDArray[np.float32],
) -> None:
    """Write rows of one slab of cells, sampled along the middle axis; idle voxels are 0."""
    slab[:] = np.float32(0)
    for j in range(rows.shape[0]):
        if not busy[j // deep]:
            continue
        for e in range(slab.shape[0]):
            row = rows[j, e]
            for q in range(slab.shape[1]):
                weight, line = wy[j, q], slab[e, q]
                for r in range(line.shape[0]):
                    line[r] += weight * row[r]


@kernel(parallel=True)
def sample_near(
    slabs: NDArray[np.float32],
    cover: NDArray[np.float32],
    live: NDArray[np.int64],
    cells: NDArray[np.int64],
    places: NDArray[np.float32],
    within: NDArray[np.float32],
    first: NDArray[np.float32],
    voxel: NDArray[np.float32],
    edge: np.float32,
    wy: NDArray[np.float32],
    wz: NDArray[np.float32],
    turns: NDArray[np.float32],
    ratio: NDArray[np.float32],
    source: Parts,
) -> None:
    """Write w (F - 1) of fine cells, sampled along the last two axes, and each voxel's cover.

    ``slabs`` is (cells along x, e, my, 2 mz): real parts, then imaginary ones. ``places`` are the
    offsets (mm) from a voxel's first corner to its cells, ``within`` those from a cell to its
    parts, ``first`` is the corner of the first voxel and ``edge`` half a cell's diagonal, mm.
    """
    ne, many = turns.shape[0], places.shape[1]
    for a in prange(live.shape[0]):
        w, inner = np.empty(BUFFER, np.float32), np.empty(BUFFER, np.float32)
        value = np.empty(2 * ne * CHUNK, np.float32)
        scratch = np.empty(2 * ne * CHUNK, np.float32)
        part, which = np.empty(CHUNK, np.float32), np.empty(CHUNK, np.int64)
        shape = (cells[0], live.shape[1] * cells[1], ne, 2 * wz.shape[1])
        rows = np.zeros(shape, np.float32)
        busy = np.zeros(live.shape[1], np.bool_)
        x = first[0] + np.float32(a) * voxel[0]
        for v in range(live.shape[1]):
            y = first[1] + np.float32(v) * voxel[1]
            for c in range(live.shape[2]):
                if live[a, v, c] < 0:
                    continue
                busy[v] = True
                z = first[2] + np.float32(c) * voxel[2]
                begin = max(live[a, v, c] - 1, 0)
                end = min(live[a, v, c] + 2, source[1].shape[0] - 1)
                covered = np.float32(0)
                for base in range(0, many, CHUNK):
                    n = min(CHUNK, many - base)
                    for m in range(n):
                        w[X + m] = x + places[0, base + m]
                        w[Y + m] = y + places[1, base + m]
                        w[Z + m] = z + places[2, base + m]
                    _voxel(
                        value, part, which, w, inner, scratch, n, edge, within, turns, ratio,
                        source, begin, end,
                    )  # fmt: skip
                    for m in range(n):
                        covered += part[m]
                    _take_last(rows, value, w, n, base, cells, v * cells[1], c * cells[2], wz)
                cover[a, v, c] = covered / np.float32(many)
        for i in range(cells[0]):
            _take_middle(slabs[a * cells[0] + i], rows[i], busy, cells[1], wy)


@kernel(parallel=True)
def sample_across(
    out: NDArray[np.complex64], slabs: NDArray[np.float32], wx: NDArray[np.float32]
) -> None:
    """Add slabs of cells, taken to voxels along the first axis, to the echoes."""
    mz = out.shape[3]
    for p in prange(out.shape[1]):
        line = np.empty(2 * mz, np.float32)
        for e in range(out.shape[0]):
            for q in range(out.shape[2]):
                line[:] = np.float32(0)
                for i in range(slabs.shape[0]):
                    weight, slab = wx[i, p], slabs[i, e, q]
                    for r in range(2 * mz):
                        line[r] += weight * slab[r]
                for r in range(mz):
                    out[e, p, q, r] += complex(line[r], line[mz + r])
