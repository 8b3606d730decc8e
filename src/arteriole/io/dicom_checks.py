"""Whether a volume is whole: every slice once, evenly spaced, nothing missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.io.dicom_groups import Volume, normal_of

_SAME_PLACE_MM = 0.02
_MAX_BYTES = 4 * 2**30


def fault_of(volume: Volume, stack_mm: NDArray[np.float64]) -> str:
    """Say what is wrong with a volume, empty if it is whole.

    Parameters
    ----------
    volume : Volume
        Slices, sorted.
    stack_mm : ndarray, (n,)
        Places along the normal that any volume of the same acquisition has: a slice that another
        echo has and this one lacks is missing even at the end of the stack.

    Notes
    -----
    CT may be spaced unevenly (head CT often is); there a slice counts as missing where one gap is
    twice both its neighbours. A slice missing at the end of a stack shows only if another echo or
    part has it, or the vendor wrote the number of slices.
    """
    return (
        _too_large(volume)
        or _repeated(volume)
        or _absent_from_stack(volume, stack_mm)
        or (_ct_gap(volume) if volume.is_ct else _uneven(volume))
        or _fewer_than_said(volume)
        or _mixed_scaling(volume)
    )


def _too_large(volume: Volume) -> str:
    rows, columns = volume.first.number("Rows") or 0, volume.first.number("Columns") or 0
    size = rows * columns * len(volume.frames) * 2
    return f"{size / 2**30:.0f} GiB are more than one volume can have" if size > _MAX_BYTES else ""


def _repeated(volume: Volume) -> str:
    gaps = np.diff(volume.depths_mm)
    twice = np.flatnonzero(gaps < _SAME_PLACE_MM)
    if not twice.size:
        return ""
    place = _place(volume, float(volume.depths_mm[twice[0]]))
    return f"{twice.size} slices are there more than once with different pixels, first at {place}"


def _absent_from_stack(volume: Volume, stack_mm: NDArray[np.float64]) -> str:
    away = np.abs(stack_mm[:, None] - volume.depths_mm).min(axis=1)
    absent = np.flatnonzero(away > _SAME_PLACE_MM)
    if not absent.size:
        return ""
    return _missing(volume, stack_mm[absent], absent + 1, stack_mm.size)


def _uneven(volume: Volume) -> str:
    """Find gaps and unequal steps in a stack that must be even, and stacks that lean."""
    gaps = np.diff(volume.depths_mm)
    if not gaps.size:
        return ""
    step = float(np.median(gaps[gaps < 1.3 * gaps.min()]))
    steps = np.round(gaps / step)
    uneven = np.abs(gaps - steps * step) > np.maximum(0.05, 0.03 * step) * steps
    if uneven.any():
        where = _place(volume, float(volume.depths_mm[np.flatnonzero(uneven)[0]]))
        return f"slices are {gaps.min():.2f} to {gaps.max():.2f} mm apart, first change at {where}"
    if (steps > 1).any():
        number = np.concatenate([[0], np.cumsum(steps)]).astype(int)
        absent = np.setdiff1d(np.arange(number[-1] + 1), number)
        return _missing(volume, volume.depths_mm[0] + absent * step, absent + 1, number[-1] + 1)
    sideways = np.diff(volume.positions_mm, axis=0) - gaps[:, None] * normal_of(volume.first)
    if np.abs(sideways).max() > 0.05:
        return "slices are shifted sideways against each other"
    return ""


def _ct_gap(volume: Volume) -> str:
    gaps = np.diff(volume.depths_mm)
    for k in range(1, len(gaps) - 1):
        before, gap, after = gaps[k - 1 : k + 2]
        if abs(before - after) < 0.05 * before and abs(gap - 2 * before) < 0.1 * before:
            middle = np.array([volume.depths_mm[k] + before])
            return _missing(volume, middle, np.array([k + 2]), len(volume.frames) + 1)
    return ""


def _fewer_than_said(volume: Volume) -> str:
    """Compare with the number of slices that GE or Philips wrote."""
    said = volume.first.number("GeLocations")
    if (volume.first.number("PhilipsStacks") or 1) == 1:
        said = said or volume.first.number("PhilipsSlices")
    if volume.is_ct or not said or len(volume.frames) >= said:
        return ""
    return f"{len(volume.frames)} of {int(said)} slices are there: slices at an end are missing"


def _mixed_scaling(volume: Volume) -> str:
    pairs = {(f.number("RescaleSlope"), f.number("RescaleIntercept")) for f in volume.frames}
    return f"slices have {len(pairs)} different rescale slopes" if len(pairs) > 1 else ""


def _missing(
    volume: Volume, depths_mm: NDArray[np.float64], numbers: NDArray[np.int64], total: int
) -> str:
    """Name missing slices by number and place; the first three stand for many."""
    named = [
        f"{n} of {total} at {_place(volume, float(d))}"
        for n, d in zip(numbers[:3], depths_mm[:3], strict=True)
    ]
    more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
    word = "slice is" if len(numbers) == 1 else "slices are"
    return f"{len(numbers)} {word} missing: {', '.join(named)}{more}"


def _place(volume: Volume, depth_mm: float) -> str:
    """Say where a slice's first voxel lies, in the world (RAS+)."""
    offset = depth_mm - volume.depths_mm[0]
    point = volume.positions_mm[0] + offset * normal_of(volume.first)
    # Along the nearest step of the stack, so that a tilted CT is told its true place.
    nearest = int(np.abs(volume.depths_mm - depth_mm).argmin())
    if volume.is_ct:
        point = volume.positions_mm[nearest]
    x, y, z = point * (-1, -1, 1)
    return f"({x:.1f}, {y:.1f}, {z:.1f}) mm"
