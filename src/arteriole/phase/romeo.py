"""Phase unwrapping along the most trustworthy path: ROMEO, in space and over echoes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.phase.best_path import best_path_weights
from arteriole.phase.romeo_kernel import (
    align_by_second_echo,
    align_components,
    best_first,
    edges_across,
    grow,
    unwrap_in_time,
)
from arteriole.phase.romeo_weights import mean_weights, quantised_weights

_NO_EDGES = np.empty(0, dtype=np.int64)
_NO_SEEDS = np.empty(0, dtype=np.uint32)
_AMBIGUOUS_RAD = 2.5

Weights = Literal["romeo", "bestpath"]


def unwrap_romeo(
    phase: NDArray[np.float32],
    *,
    magnitude: NDArray[np.float32] | None = None,
    te_s: Sequence[float] | None = None,
    mask: NDArray[np.bool_] | None = None,
    individual: bool = False,
    template: int = 0,
    uncertain: float = 0.5,
    weights: Weights = "romeo",
) -> NDArray[np.float32]:
    """Return the unwrapped phase (rad) of one or more echoes.

    Parameters
    ----------
    phase : ndarray, float32, (x, y, z) or (e, x, y, z)
        Wrapped phase in [-pi, pi].
    magnitude : ndarray, float32, same shape, optional
        Signal magnitude, any unit.
    te_s : sequence of float, optional
        Echo times, s; needed for two or more echoes.
    mask : ndarray, bool, (x, y, z), optional
        Where to unwrap; everywhere unless given. Each of its components is unwrapped.
    individual : bool
        Unwrap each echo in space by itself, then take out whole turns between echoes by the
        median of each component. Safer where phase does not grow evenly with time, and slower.
    template : int
        Index of the echo that is unwrapped in space; the others follow from it in time.
    uncertain : float
        Voxels that time leaves in doubt (more than 2.5 rad from what the echo before predicts,
        so that the next turn fits nearly as well) and whose quality is not above this are
        unwrapped in space again; 0 turns that off.
    weights : {"romeo", "bestpath"}
        What makes an edge trustworthy: ROMEO's weights, or second differences of phase alone.

    Returns
    -------
    ndarray, float32, same shape as ``phase``
        Unwrapped phase inside the mask; 0 outside, and where any echo is not finite.

    Raises
    ------
    ValueError
        If shapes do not fit, phase leaves [-pi, pi], echo times lack or do not increase, the
        template does not exist, or the mask is empty.

    Notes
    -----
    Prim's minimum spanning tree over edges weighted by phase coherence, gradient coherence between
    echoes, linearity and magnitude coherence. The turns of a component as a whole are not in one
    echo: its median is put in [-pi, pi], then whole turns follow a second echo where its time says
    something about them. Fails where noise or a true jump of more than pi closes off a region.

    References
    ----------
    Dymerska 2021, doi:10.1002/mrm.28563; Abdul-Rahman 2007, doi:10.1364/AO.46.006623.
    """
    echoes, strength, times = _checked(phase, magnitude, te_s, template)
    if weights not in ("romeo", "bestpath"):
        raise ValueError(f"weights are 'romeo' or 'bestpath', not {weights!r}")
    inside = _inside(echoes, mask)
    if individual or len(echoes) == 1:
        _unwrap_individually(echoes, strength, times, inside, weights)
    else:
        _unwrap_from_template(echoes, strength, times, inside, template, uncertain, weights)
    np.copyto(echoes, 0, where=~inside)
    return echoes.reshape(phase.shape)


@dataclass(frozen=True, eq=False)
class _Grown:
    """Voxels in the order of their visit, and where each component starts."""

    order: NDArray[np.uint32]
    starts: NDArray[np.int64]


def _unwrap_in_space(
    phase: NDArray[np.float32], weights: NDArray[np.uint8], inside: NDArray[np.bool_]
) -> _Grown:
    """Unwrap one echo in place; the median of each component ends in [-pi, pi]."""
    visited = ~inside.reshape(-1)
    flat, costs = phase.reshape(-1), weights.reshape(-1).copy()
    grown = _Grown(
        *grow(flat, costs, visited, best_first(costs, visited), _NO_EDGES, _steps(inside))
    )
    align_components(flat, flat, np.float32(0), grown.order, grown.starts)
    return grown


def _unwrap_individually(
    echoes: NDArray[np.float32],
    strength: NDArray[np.float32] | None,
    times: Sequence[float],
    inside: NDArray[np.bool_],
    kind: Weights,
) -> None:
    """Unwrap each echo by itself, then bring each component to the echo before."""
    wrapped = echoes.copy() if len(echoes) > 1 else echoes
    for e, echo in enumerate(echoes):
        weights = _weights(wrapped, strength, times, inside, e, kind)
        grown = _unwrap_in_space(echo, weights, inside)
        if e == 0:
            _align_first(echo, wrapped, times, 0, grown)
        else:
            ratio = np.float32(times[e] / times[e - 1])
            before = echoes[e - 1].reshape(-1)
            align_components(echo.reshape(-1), before, ratio, grown.order, grown.starts)


def _unwrap_from_template(
    echoes: NDArray[np.float32],
    strength: NDArray[np.float32] | None,
    times: Sequence[float],
    inside: NDArray[np.bool_],
    template: int,
    uncertain: float,
    kind: Weights,
) -> None:
    """Unwrap one echo in space and the others from their neighbour in time."""
    weights = _weights(echoes, strength, times, inside, template, kind)
    grown = _unwrap_in_space(echoes[template], weights, inside)
    _align_first(echoes[template], echoes, times, template, grown)
    later = [(e, e - 1) for e in range(template + 1, len(echoes))]
    earlier = [(e, e + 1) for e in range(template - 1, -1, -1)]
    for e, known in later + earlier:
        ratio = np.float32(times[e] / times[known])
        unwrap_in_time(echoes[e].reshape(-1), echoes[known].reshape(-1), ratio)
        if uncertain > 0:
            _regrow(echoes[e], ratio * echoes[known], weights, inside, uncertain)


def _regrow(
    echo: NDArray[np.float32],
    expected: NDArray[np.float32],
    weights: NDArray[np.uint8],
    inside: NDArray[np.bool_],
    uncertain: float,
) -> None:
    """Unwrap in space, from their sure neighbours, the voxels that time left uncertain."""
    doubtful = inside & (np.abs(echo - expected) > _AMBIGUOUS_RAD)
    quality = mean_weights(echo, where=doubtful, inside=inside, phase2=expected, scale=0.5)
    visited = ~(doubtful & (quality <= uncertain)).reshape(-1)
    if visited.all():
        return
    costs = weights.reshape(-1).copy()
    edges = edges_across(costs, visited, _steps(inside))
    grow(echo.reshape(-1), costs, visited, _NO_SEEDS, edges, _steps(inside))


def _weights(
    echoes: NDArray[np.float32],
    strength: NDArray[np.float32] | None,
    times: Sequence[float],
    inside: NDArray[np.bool_],
    e: int,
    kind: Weights,
) -> NDArray[np.uint8]:
    """Weights of one echo, helped by the echo before it (after it, for the first)."""
    if kind == "bestpath":
        return best_path_weights(echoes[e], mask=inside)
    second = _second(e)
    several = len(echoes) > 1
    return quantised_weights(
        echoes[e],
        mask=inside,
        magnitude=None if strength is None else strength[e],
        phase2=echoes[second] if several else None,
        te_ratio=times[e] / times[second] if several else 1.0,
    )


def _align_first(
    echo: NDArray[np.float32],
    wrapped: NDArray[np.float32],
    times: Sequence[float],
    e: int,
    grown: _Grown,
) -> None:
    """Give the first unwrapped echo the turns that a second one speaks for."""
    if len(wrapped) > 1:
        second = _second(e)
        ratio2 = np.float32(times[second] / times[e])
        flat, flat2 = echo.reshape(-1), wrapped[second].reshape(-1)
        align_by_second_echo(flat, flat2, ratio2, grown.order, grown.starts)


def _second(e: int) -> int:
    return 1 if e == 0 else e - 1


def _steps(volume: NDArray[np.bool_]) -> tuple[int, int, int]:
    _, ny, nz = volume.shape
    return (ny * nz, nz, 1)


def _inside(echoes: NDArray[np.float32], mask: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """Return the mask without voxels that are not finite in some echo; those become 0."""
    shape = echoes.shape[1:]
    if mask is not None and mask.shape != shape:
        raise ValueError(f"mask has shape {mask.shape}, phase {shape}")
    inside = np.ones(shape, dtype=bool) if mask is None else np.array(mask, dtype=bool, order="C")
    for echo in echoes:
        finite = np.isfinite(echo)
        if not finite.all():
            inside &= finite
            echo[~finite] = 0
    if not inside.any():
        raise ValueError("the mask holds no voxel with finite phase")
    return inside


def _checked(
    phase: NDArray[np.float32],
    magnitude: NDArray[np.float32] | None,
    te_s: Sequence[float] | None,
    template: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, Sequence[float]]:
    """Return fresh 4-D float32 phase, magnitude and times, or say what does not fit."""
    if phase.ndim not in (3, 4):
        raise ValueError(f"phase has three or four dimensions, not shape {phase.shape}")
    if magnitude is not None and magnitude.shape != phase.shape:
        raise ValueError(f"magnitude has shape {magnitude.shape}, phase {phase.shape}")
    four = phase.shape if phase.ndim == 4 else (1, *phase.shape)
    count = four[0]
    if count > 1 and (te_s is None or len(te_s) != count):
        raise ValueError(f"{count} echoes need {count} echo times, got {te_s}")
    times = [1.0] if count == 1 or te_s is None else [float(t) for t in te_s]
    if not all(a < b for a, b in zip([0.0, *times], times, strict=False)):
        raise ValueError(f"echo times must be positive and increase, not {te_s}")
    if not 0 <= template < count:
        raise ValueError(f"template echo {template} does not exist among {count}")
    echoes = np.array(phase, dtype=np.float32, order="C").reshape(four)
    furthest = float(np.max(np.abs(echoes), where=np.isfinite(echoes), initial=0.0))
    if furthest > np.pi + 1e-3:
        raise ValueError(f"phase must lie in [-pi, pi] rad, but reaches {furthest:.4g}")
    strength = None
    if magnitude is not None:
        strength = np.ascontiguousarray(magnitude, dtype=np.float32).reshape(four)
    return echoes, strength, times
