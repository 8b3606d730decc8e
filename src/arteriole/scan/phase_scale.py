"""Phase in any scaling to radians: by what the header says, checked against what the image shows.

No step assumes that the data span their range. The period is what the header means by a full turn,
or the size of the jumps at wraps, which is one period whatever part of the range is in use.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.scan.phase_wraps import Seen, observe

TURN = 2 * math.pi
_UNITS = {
    "rad": TURN,
    "radian": TURN,
    "radians": TURN,
    "mrad": 1000 * TURN,
    "deg": 360.0,
    "degree": 360.0,
    "degrees": 360.0,
}
_NAMES = {TURN: "radians", 1000 * TURN: "milliradians", 360.0: "degrees"}
_ANGLES = tuple(_NAMES)
_USUAL = (*_ANGLES, 1.0, 2.0, *(float(2**k) for k in range(8, 17)))
_SAME = 0.015
"""Two periods within 1.5 % are one: a 12-bit range counts 4095 or 4096 steps, 3142 is 1000 pi."""
_NEAR = 0.04
"""Jumps at wraps tell the period to 4 %: noise makes them look smaller."""


@dataclass(frozen=True)
class PhaseHeader:
    """What is known of stored phase before its voxels are looked at.

    Parameters
    ----------
    integer : bool
        Whether voxels are stored as whole numbers.
    slope, intercept : float
        Value = stored * slope + intercept.
    units : str or None
        Unit in the sidecar ("rad", "mrad", "deg"; "arbitrary" says nothing).
    manufacturer : str or None
        Maker of the scanner.
    """

    integer: bool = False
    slope: float = 1.0
    intercept: float = 0.0
    units: str | None = None
    manufacturer: str | None = None


@dataclass(frozen=True)
class PhaseScale:
    """How values become radians: ``2 pi (value - zero) / period``, and how that is known."""

    period: float
    zero: float
    how: str


def find_phase_scale(
    volumes: Sequence[NDArray[Any]], header: PhaseHeader | None = None, *, period: float = 0.0
) -> PhaseScale:
    """Find what value of a phase image stands for a full turn.

    Parameters
    ----------
    volumes : sequence of ndarray, (x, y, z)
        Phase of one or more echoes in one scaling, slope and intercept applied. NaN is no data.
    header : PhaseHeader, optional
        What the files say.
    period : float
        What the user says; 0 for unknown.

    Returns
    -------
    PhaseScale
        Period and zero in units of the values, and the reason in words.

    Raises
    ------
    ValueError
        If all voxels are equal, the image looks like magnitude, or neither the header nor the
        image tells the scale.

    Notes
    -----
    In this order: the user; the unit, intercept or vendor's custom, unless wraps in the image show
    another period; the period that the wraps show (see `scan.phase_wraps`), rounded to a usual one
    within 1.5 %; real numbers inside [-pi, pi] that exceed 1 are radians. Values below zero mean
    that zero is no phase; an unsigned range starts at minus half a turn, except true angles.

    Known failure: phase that was cut out by a mask, never wraps and has no header is refused.
    """
    header = header or PhaseHeader()
    seen = observe(volumes)
    if seen.low == seen.high:
        raise ValueError(f"all voxels are {seen.low:g}: there is no phase in the image")
    if period > 0:
        return PhaseScale(period, _zero(period, seen), f"the settings: a turn is {period:g}")
    said, why = _said(header, seen)
    if said is not None and seen.period is None:
        _refuse_magnitude(seen, said)
        return PhaseScale(said, _zero(said, seen), why)
    if seen.period is None:
        return _by_range(header, seen)
    found = _rounded(seen, header)
    if said is None:
        return PhaseScale(found, _zero(found, seen), _by_wraps(found))
    if abs(found / said - 1) < _NEAR:
        return PhaseScale(said, _zero(said, seen), f"{why}; the wraps in the image agree")
    if seen.span > found * (1 + _NEAR):
        # Jumps that are no wraps, as values go beyond them: half a turn at signal voids, say.
        return PhaseScale(said, _zero(said, seen), why)
    how = f"{_by_wraps(found)} (not {_name(said)}, as {why} has it)"
    return PhaseScale(found, _zero(found, seen), how)


def to_radians(values: NDArray[Any], scale: PhaseScale) -> NDArray[np.float32]:
    """Return phase in radians, float32, wrapped to [-pi, pi]; NaN stays.

    Examples
    --------
    >>> scale = PhaseScale(4096.0, 2048.0, "12 bits")
    >>> [round(float(x), 3) for x in to_radians(np.array([2048, 3072, 0]), scale)]
    [0.0, 1.571, -3.142]
    """
    turns = (values.astype(np.float32) - np.float32(scale.zero)) / np.float32(scale.period)
    turns -= np.rint(turns)
    turns *= np.float32(TURN)
    return np.clip(turns, np.float32(-math.pi), np.float32(math.pi), out=turns)


def _said(header: PhaseHeader, seen: Seen) -> tuple[float | None, str]:
    """Return the period that the header means, if the values can have it, and the reason."""
    for period, why in _meanings(header, seen):
        unwrapped_radians = period == TURN and not header.integer
        if period is not None and (seen.span <= period * (1 + _SAME) or unwrapped_radians):
            return period, why
    return None, ""


def _meanings(header: PhaseHeader, seen: Seen) -> list[tuple[float | None, str]]:
    """List what unit, intercept and maker mean, the surest first."""
    unit = (header.units or "").strip().lower()
    maker = (header.manufacturer or "").lower()
    low, high = seen.low, seen.high
    meanings: list[tuple[float | None, str]] = [
        (_UNITS.get(unit), f"the unit in the sidecar ({unit})"),
    ]
    if header.integer and header.intercept < 0 and header.slope > 0:
        bits = math.log2(-2 * header.intercept / header.slope)
        if abs(bits - round(bits)) < 0.01 and 8 <= round(bits) <= 16:
            turn = _usual(-2 * header.intercept, _SAME)
            meanings.append((turn, f"slope and intercept in the header (a turn is {_name(turn)})"))
    if header.integer and "siemens" in maker and low >= -4096 and high <= 4096:
        turn, custom = (8192.0, "-4096 to 4095") if low < 0 else (4096.0, "0 to 4095")
        meanings.append((turn, f"Siemens' custom ({custom})"))
    if header.integer and maker.startswith("ge") and low < 0 and max(-low, high) <= 3150:
        meanings.append((1000 * TURN, "GE's custom (milliradians)"))
    return meanings


def _by_range(header: PhaseHeader, seen: Seen) -> PhaseScale:
    """Take real numbers in [-pi, pi] as radians; refuse what else has neither header nor wraps."""
    reach = max(-seen.low, seen.high)
    if not header.integer and seen.low < 0 and 1.0 < reach <= math.pi * 1.001:
        return PhaseScale(TURN, 0.0, "real numbers within plus and minus pi, taken as radians")
    raise ValueError(
        f"values from {seen.low:g} to {seen.high:g} have no unit in the header, and no wrap shows "
        "what a turn is: the scale of phase is unknown"
    )


def _refuse_magnitude(seen: Seen, period: float) -> None:
    """Refuse what only the header calls phase: never negative, dark for the most part, no wraps."""
    if seen.low >= 0 and period not in _ANGLES and seen.lower_quarter(period) > 0.5:
        raise ValueError(
            f"values from 0 to {seen.high:g}, most of them low, without a wrap: "
            "this looks like magnitude, not phase"
        )


def _rounded(seen: Seen, header: PhaseHeader) -> float:
    """Return the usual period nearest to the one seen, or the one seen itself."""
    assert seen.period is not None
    # Where wraps are seen and the range is about as long, the range is the sharper figure.
    full = seen.span + seen.quantum
    sharp = abs(full / seen.period - 1) < 1.5 * _NEAR
    stored_radians = TURN * header.slope
    if sharp:
        return _usual(full, _SAME, stored_radians)
    return _usual(seen.period, _NEAR, stored_radians)


def _usual(estimate: float, within: float, *others: float) -> float:
    """Return the usual period that is relatively ``within`` reach of an estimate, or that."""
    nearest = min((*_USUAL, *others), key=lambda usual: abs(usual - estimate))
    return nearest if abs(nearest / estimate - 1) < within else estimate


def _by_wraps(period: float) -> str:
    """Say that the image told."""
    return f"the wraps in the image: a turn is {_name(period)}"


def _zero(period: float, seen: Seen) -> float:
    """Return the value that stands for no phase."""
    return period / 2 if seen.low >= 0 and period not in _ANGLES else 0.0


def _name(period: float) -> str:
    """Name a period in words."""
    return f"{period:.6g}" + (f", {_NAMES[period]}" if period in _NAMES else "")
