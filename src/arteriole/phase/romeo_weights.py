"""How much two neighbouring voxels can be trusted to lie within half a wrap: ROMEO's weights."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

WORST = 255
"""The largest (worst) quantised weight; 1 is best and 0 means that there is no such edge."""

_TWO_PI = np.float32(2 * math.pi)
_PER_TURN = np.float32(1 / (2 * math.pi))
_PER_PI = np.float32(1 / math.pi)
_ONE = np.float32(1)
_ZERO = np.float32(0)
_FLOOR = np.float32(0.1)
_SPAN = np.float32(0.9)
_HALF = np.float32(0.5)


def quantised_weights(
    phase: NDArray[np.float32],
    *,
    mask: NDArray[np.bool_],
    magnitude: NDArray[np.float32] | None = None,
    phase2: NDArray[np.float32] | None = None,
    te_ratio: float = 1.0,
) -> NDArray[np.uint8]:
    """Return the cost of each edge inside the mask, the quantised ROMEO weight.

    Parameters
    ----------
    phase : ndarray, float32, (x, y, z)
        Wrapped phase, rad.
    mask : ndarray, bool, (x, y, z)
        An edge counts where both its ends lie in the mask.
    magnitude : ndarray, float32, (x, y, z), optional
        Signal magnitude of the same echo.
    phase2 : ndarray, float32, (x, y, z), optional
        Wrapped phase of a second echo.
    te_ratio : float
        Echo time of ``phase`` over that of ``phase2``.

    Returns
    -------
    ndarray, uint8, (x, y, z, 3)
        Of the edge from a voxel to the next one along each axis: 1 (best) to 255, 0 for no edge.

    Notes
    -----
    ``w = prod(0.1 + 0.9 c)`` over phase coherence, gradient coherence between the two echoes,
    phase linearity and magnitude coherence, each in [0, 1]; cost ``max(round(255 (1 - w)), 1)``.

    References
    ----------
    Dymerska 2021, doi:10.1002/mrm.28563.
    """
    weights = np.zeros((*phase.shape, 3), dtype=np.uint8)
    _fill_weights(weights, mask, *_inputs(phase, magnitude, phase2, te_ratio))
    return weights


def mean_weights(
    phase: NDArray[np.float32],
    *,
    where: NDArray[np.bool_],
    inside: NDArray[np.bool_] | None = None,
    magnitude: NDArray[np.float32] | None = None,
    phase2: NDArray[np.float32] | None = None,
    te_ratio: float = 1.0,
    scale: float = 1.0,
) -> NDArray[np.float32]:
    """Return the mean ROMEO weight, [0, 1], of the edges of each voxel in ``where``; 0 elsewhere.

    Parameters are those of `quantised_weights`; edges with an end out of ``inside`` are left out,
    and ``scale`` multiplies both phases first (0.5 shows the wraps that unwrapping left).
    """
    mean = np.zeros(phase.shape, dtype=np.float32)
    counted = np.ones(phase.shape, dtype=bool) if inside is None else inside
    inputs = _inputs(phase, magnitude, phase2, te_ratio)
    _fill_mean(mean, where, counted, *inputs, np.float32(scale))
    return mean


def _inputs(
    phase: NDArray[np.float32],
    magnitude: NDArray[np.float32] | None,
    phase2: NDArray[np.float32] | None,
    te_ratio: float,
) -> tuple[NDArray[np.float32], bool, NDArray[np.float32], bool, NDArray[np.float32], np.float32]:
    """Stand in for what is missing, so that each kernel compiles once."""
    return (
        phase,
        magnitude is not None,
        phase if magnitude is None else magnitude,
        phase2 is not None,
        phase if phase2 is None else phase2,
        np.float32(te_ratio),
    )


@kernel()
def wrapped(angle: np.float32) -> np.float32:
    """Bring an angle to [-pi, pi]."""
    return angle - _TWO_PI * np.rint(angle * _PER_TURN)


@kernel()
def _linearity(before: np.float32, middle: np.float32, after: np.float32) -> np.float32:
    """How straight the phase runs through three voxels."""
    straight = _ONE - abs(wrapped(before - middle - middle + after)) * _HALF
    if np.isnan(straight):
        return _HALF
    return max(_ZERO, straight)


@kernel()
def _weight(
    here: int | np.int64,
    step: int,
    place: int | np.int64,
    size: int,
    phase: NDArray[np.float32],
    has_magnitude: bool,
    magnitude: NDArray[np.float32],
    has_phase2: bool,
    phase2: NDArray[np.float32],
    te_ratio: np.float32,
    scale: np.float32,
) -> np.float32:
    """Weight of the edge from the flat index ``here``, at ``place`` of ``size``, a step along."""
    there = here + step
    slope = wrapped(scale * (phase[here] - phase[there]))
    weight = _FLOOR + _SPAN * (_ONE - abs(slope) * _PER_PI)
    if has_phase2:
        slope2 = wrapped(scale * (phase2[here] - phase2[there]))
        weight *= _FLOOR + _SPAN * max(_ZERO, _ONE - abs(slope - slope2 * te_ratio))
    linear = _SPAN
    if place > 0 and place + 2 < size:
        first = scale * phase[here]
        second = scale * phase[there]
        linear = _linearity(scale * phase[here - step], first, second)
        linear *= _linearity(first, second, scale * phase[there + step])
    weight *= _FLOOR + _SPAN * linear
    if has_magnitude:
        small = min(magnitude[here], magnitude[there])
        big = max(magnitude[here], magnitude[there])
        ratio = small / big if big > _ZERO else _ZERO
        weight *= _FLOOR + _SPAN * ratio * ratio
    return weight


@kernel(parallel=True)
def _fill_weights(
    weights: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    phase: NDArray[np.float32],
    has_magnitude: bool,
    magnitude: NDArray[np.float32],
    has_phase2: bool,
    phase2: NDArray[np.float32],
    te_ratio: np.float32,
) -> None:
    nx, ny, nz = phase.shape
    sizes = (nx, ny, nz)
    steps = (ny * nz, nz, 1)
    costs, inside = weights.reshape(-1), mask.reshape(-1)
    p, m, p2 = phase.reshape(-1), magnitude.reshape(-1), phase2.reshape(-1)
    for slab in prange(nx):
        x = np.int64(slab)
        for y in range(ny):
            for z in range(nz):
                here = (x * ny + y) * nz + z
                if not inside[here]:
                    continue
                place = (x, y, z)
                for axis in range(3):
                    step = steps[axis]
                    if place[axis] + 1 == sizes[axis] or not inside[here + step]:
                        continue
                    w = _weight(
                        here, step, place[axis], sizes[axis],
                        p, has_magnitude, m, has_phase2, p2, te_ratio, _ONE,
                    )  # fmt: skip
                    cost = np.rint((_ONE - w) * np.float32(WORST))
                    costs[3 * here + axis] = np.uint8(min(max(cost, _ONE), np.float32(WORST)))


@kernel(parallel=True)
def _fill_mean(
    mean: NDArray[np.float32],
    where: NDArray[np.bool_],
    counted: NDArray[np.bool_],
    phase: NDArray[np.float32],
    has_magnitude: bool,
    magnitude: NDArray[np.float32],
    has_phase2: bool,
    phase2: NDArray[np.float32],
    te_ratio: np.float32,
    scale: np.float32,
) -> None:
    nx, ny, nz = phase.shape
    sizes = (nx, ny, nz)
    steps = (ny * nz, nz, 1)
    wanted, inside, out = where.reshape(-1), counted.reshape(-1), mean.reshape(-1)
    p, m, p2 = phase.reshape(-1), magnitude.reshape(-1), phase2.reshape(-1)
    for slab in prange(nx):
        x = np.int64(slab)
        for y in range(ny):
            for z in range(nz):
                here = (x * ny + y) * nz + z
                if not wanted[here]:
                    continue
                place = (x, y, z)
                total, count = _ZERO, _ZERO
                for axis in range(3):
                    step = steps[axis]
                    for back in range(2):
                        at = place[axis] - back
                        if at < 0 or at + 1 == sizes[axis]:
                            continue
                        first = here - back * step
                        if not (inside[first] and inside[first + step]):
                            continue
                        w = _weight(
                            first, step, at, sizes[axis],
                            p, has_magnitude, m, has_phase2, p2, te_ratio, scale,
                        )  # fmt: skip
                        count += _ONE
                        if w == w:  # an edge to a voxel that is not a number counts as 0
                            total += w
                out[here] = total / count if count > _ZERO else _ONE
