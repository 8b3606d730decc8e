"""The weight of a regularised inversion, chosen from the susceptibility's own spectrum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.morphology import bounding_box
from arteriole.susceptibility.streaks import streak_index

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Slices = tuple[slice, slice, slice]

_STEP = 2.0
"""Factor between the weights that are tried."""


@dataclass(frozen=True)
class WeightChoice:
    """A weight that was chosen, and the trials it was chosen from.

    Parameters
    ----------
    weight : float
        Where the streak index is least, but not below the floor; unit of the weights tried.
    tried : tuple of (float, float)
        Weights with their streak index, from small to large.
    bracketed : bool
        Whether the least index lies between weights that were tried, or below the floor;
        otherwise the weight is the last one on the way down.
    """

    weight: float
    tried: tuple[tuple[float, float], ...]
    bracketed: bool


def choose_weight(
    invert: Callable[[float], Float32],
    mask: Mask,
    *,
    start: float,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    floor: float = 0.0,
    trials: int = 8,
) -> WeightChoice:
    """Return the weight whose susceptibility has the least streak index.

    Parameters
    ----------
    invert : callable
        Gives the susceptibility (x, y, z) for a weight.
    mask : ndarray, bool, (x, y, z)
        Where that susceptibility is valid.
    start : float
        First weight to try, positive; a guess within a few factors of two saves time.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.
    floor : float
        The weight is not chosen below this: what the noise alone asks for.
    trials : int
        Most inversions, at least three.

    Returns
    -------
    WeightChoice
        The weight and its trials.

    Raises
    ------
    ValueError
        If ``start`` is not positive, ``trials`` is below three, or the mask is too small for a
        streak index.

    Notes
    -----
    The dipole kernel is smallest near the magic angle. With too little weight, noise and what the
    model cannot explain are amplified there: the power of chi in that cone exceeds the power
    beside it. With too much, fine structure is lost first where the data hold it least: beside the
    cone and in it, until both fall alike. In between the index has a minimum, which
    is looked for in steps of two and refined by a parabola over the logarithm of the weight. It
    asks neither for the noise nor for its kind: model error and what is left of the background
    count as they act. Milovic 2021 equalises powers in such regions of k-space to the same end and
    multiplies by 1.5 to 2 where there is much noise; there the least index comes too early. A
    ``floor`` that follows the noise does that here.

    An index that falls all the way (nothing but noise) or rises all the way ends at a border;
    ``bracketed`` is then false.

    References
    ----------
    Milovic 2021, doi:10.1002/mrm.28435.
    """
    if not start > 0 or trials < 3:
        raise ValueError(f"start is positive and trials at least 3, not {start} and {trials}")
    index: dict[int, float] = {}

    def at(step: int) -> float:
        if step not in index:
            chi = invert(start * _STEP**step)
            index[step] = streak_index(
                chi, mask, voxel_size_mm=voxel_size_mm, b0_direction=b0_direction
            )
        return index[step]

    way = 1 if at(1) < at(0) else -1
    best = max(way, 0)
    while (
        len(index) < trials
        and (way > 0 or start * _STEP**best >= floor)
        and at(best + way) < at(best)
    ):
        best += way
    tried = tuple((start * _STEP**step, index[step]) for step in sorted(index))
    bracketed = best - 1 in index and best + 1 in index
    shift = _vertex(index[best - 1], index[best], index[best + 1]) if bracketed else 0.0
    weight = start * _STEP ** (best + shift)
    return WeightChoice(max(weight, floor), tried, bracketed or weight <= floor)


def _vertex(before: float, least: float, after: float) -> float:
    """Return where a parabola through three even points is least, in their distance."""
    curve = before - 2 * least + after
    return 0.0 if curve <= 0 else 0.5 * (before - after) / curve


def middle_block(mask: Mask, *, voxel_size_mm: Size3, extent_mm: float = 110.0) -> Slices:
    """Return a box about the middle of the mask for trials that need not see all of it.

    Parameters
    ----------
    mask : ndarray, bool, (x, y, z)
        Mask, not empty.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    extent_mm : float
        Longest side of the box, mm.

    Returns
    -------
    tuple of 3 slice
        The box, inside that of the mask.
    """
    sides = []
    for axis, (side, size) in enumerate(zip(bounding_box(mask), voxel_size_mm, strict=True)):
        length = min(side.stop - side.start, max(round(extent_mm / size), 8))
        others = tuple(n for n in range(3) if n != axis)
        share = mask.sum(others)[side].cumsum()
        centre = side.start + int(np.searchsorted(share, share[-1] / 2))
        first = min(max(centre - length // 2, side.start), side.stop - length)
        sides.append(slice(first, first + length))
    return sides[0], sides[1], sides[2]
