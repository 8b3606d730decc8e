"""What wraps in a phase image show of its period, whatever part of the range is in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ENOUGH = 1_000_000
"""Voxels looked at; slices are left out evenly above that."""
_EMPTY = 0.05
"""A value that more than this share of voxels have is an empty background."""
_JUMPS = 30
"""Jumps of one size that make a wrap believable."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What a look at phase values shows.

    Parameters
    ----------
    low, high : float
        Least and largest value.
    quantum : float
        Step between neighbouring values of a coarse (12 bits or fewer, say) scale; 0 for none.
    period : float or None
        The size of a turn by its wraps, or None where none is seen.
    values : ndarray
        A sample of the values, without those of an empty background.
    """

    low: float
    high: float
    quantum: float
    period: float | None
    values: NDArray[np.float64]

    @property
    def span(self) -> float:
        """Difference between the largest and the least value."""
        return self.high - self.low

    def lower_quarter(self, period: float) -> float:
        """Return the share of values in the lowest quarter of a turn that starts at zero."""
        return float(np.mean(self.values < period / 4)) if self.values.size else 0.0


def observe(volumes: Sequence[NDArray[Any]]) -> Seen:
    """Look for the period of wrapped phase in volumes (x, y, z) of one scaling.

    Returns
    -------
    Seen
        Range, step and period in the units of the values.

    Raises
    ------
    ValueError
        If no voxel is finite.

    Notes
    -----
    Two signs, either of which is enough:

    1. Jumps of one size against the slope. At a wrap inside smooth phase the difference d to the
       next voxel mostly has the other sign than the differences around it, and
       ``d[i] - (d[i-1] + d[i+1]) / 2`` is one period, whatever the slope. Where such jumps pile up
       at one size, three times as high as beside it, that size is the period. (Edges of an object
       jump along the slope, or either way.)
    2. Ends that touch. In noise, phase is spread evenly over the circle: the lowest and the highest
       sixteenth of the range hold alike many voxels and are each other's neighbours as often as
       chance has it. Then the range is the period.

    Magnitude shows neither: its jumps have all sizes, and its brightest voxels are few.
    """
    finite = [v[np.isfinite(v)] if v.dtype.kind == "f" else v.ravel() for v in volumes]
    if not any(f.size for f in finite):
        raise ValueError("no voxel holds a number")
    low = min(float(f.min()) for f in finite if f.size)
    high = max(float(f.max()) for f in finite if f.size)
    sample = [_sampled(v, len(volumes)) for v in volumes]
    pool = np.concatenate([s[np.isfinite(s)] for s in sample])
    levels, counts = np.unique(pool, return_counts=True)
    common = int(counts.argmax())
    fill = float(levels[common]) if counts[common] > _EMPTY * pool.size else None
    pool = pool[pool != fill] if fill is not None else pool
    quantum = _quantum(levels, pool.size)
    period = None
    if high > low:
        period = _jump_size(sample, high - low, fill)
        if period is None and _ends_touch(sample, low, high, fill):
            period = high - low + quantum
    return Seen(low, high, quantum, period, pool)


def _sampled(volume: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Return every n-th slice, so that all volumes together stay small."""
    every = max(1, -(-volume.size * count // _ENOUGH))
    return np.ascontiguousarray(volume[:, :, ::every], dtype=np.float64)


def _quantum(levels: NDArray[np.float64], count: int) -> float:
    """Return the step of coarsely stored values, or 0 if they look continuous."""
    if levels.size < 2 or levels.size > min(70_000, count // 4):
        return 0.0
    step = np.diff(levels)
    return float(np.median(step[step < 1.5 * step.min()]))


def _pairs(sample: Sequence[NDArray[np.float64]], fill: float | None, reach: int) -> Any:
    """Yield runs of ``2 * reach`` neighbours along both in-plane axes, all of them with data."""
    for volume in sample:
        data = np.isfinite(volume) & (volume != fill)
        for axis in (0, 1):
            runs = [np.moveaxis(volume, axis, 0), np.moveaxis(data, axis, 0)]
            length = volume.shape[axis] - 2 * reach + 1
            if length < 1:
                continue
            values = [runs[0][k : k + length] for k in range(2 * reach)]
            whole = np.logical_and.reduce([runs[1][k : k + length] for k in range(2 * reach)])
            yield [v[whole] for v in values]


def _jump_size(
    sample: Sequence[NDArray[np.float64]], span: float, fill: float | None
) -> float | None:
    """Return the size at which jumps against the slope around them pile up, if they do."""
    sizes, against = [np.empty(0)], [np.empty(0)]
    for a, b, c, d in _pairs(sample, fill, 2):
        jump, slope = c - b, ((b - a) + (d - c)) / 2
        smooth = np.maximum(np.abs(b - a), np.abs(d - c)) < np.abs(jump) / 4
        big = smooth & (np.abs(jump) > 0.3 * span)
        sizes.append(np.abs(jump - slope)[big])
        against.append(-np.sign(jump * slope)[big])
    size = np.concatenate(sizes)
    bins = np.exp(np.arange(np.log(0.25), np.log(1.6), 0.01)) * span
    counts = np.histogram(size, bins)[0]
    surplus = np.histogram(size, bins, weights=np.concatenate(against))[0]
    window = np.convolve(counts, np.ones(5), "same")
    # Which way jumps go is judged in a wide window: their size and their slope go together.
    wide, wraps = (np.convolve(c, np.ones(21), "same") for c in (counts, surplus))
    # Beside the peak: at 60 to 90 % of its size, in windows as wide as its own.
    below = np.concatenate([np.zeros(51), np.cumsum(counts)])
    k = np.arange(counts.size)
    beside = (below[k + 41] - below[k + 1]) / 8
    peak = (window >= _JUMPS) & (window > 3 * beside) & (wraps > np.maximum(_JUMPS, 0.4 * wide))
    peak &= bins[:-1] > 0.4 * span
    if not peak.any():
        return None
    centre = bins[int(np.where(peak, window, 0).argmax())] * 1.005
    return float(np.median(size[np.abs(size / centre - 1) < 0.025]))


def _ends_touch(
    sample: Sequence[NDArray[np.float64]], low: float, high: float, fill: float | None
) -> bool:
    """Tell whether the range is as full at its ends, and these as near each other, as in noise."""
    bottom = top = middle = touching = total = 0
    for a, b in _pairs(sample, fill, 1):
        first = np.clip((a - low) * (16 / (high - low)), 0, 15).astype(np.int8)
        second = np.clip((b - low) * (16 / (high - low)), 0, 15).astype(np.int8)
        bottom += int(np.count_nonzero(first == 0))
        top += int(np.count_nonzero(first == 15))
        middle += int(np.count_nonzero((first >= 4) & (first < 12)))
        touching += int(np.count_nonzero(np.abs(first - second) == 15))
        total += a.size
    full = min(bottom, top) > max(0.5 * max(bottom, top), 0.1 * total / 16)
    return full and middle > 0.2 * total and touching > max(_JUMPS, (bottom + top) / 32)
