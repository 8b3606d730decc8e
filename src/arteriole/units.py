"""Conversions between units of field, in one place.

Sign convention, everywhere in the package: a positive field is one that makes the phase grow with
time, ``phase = 2 pi field_hz te_s``, and paramagnetic tissue has positive chi. ``scan`` brings
scanners that count the other way round to this convention.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

GAMMA_HZ_PER_TESLA = 42.577478518e6
"""Proton gyromagnetic ratio over 2 pi (CODATA 2018), Hz/T."""

_FloatOrArray = TypeVar("_FloatOrArray", float, NDArray[np.float32], NDArray[np.float64])


def hz_per_ppm(b0_tesla: float) -> float:
    """Return the frequency, in Hz, that a field of 1 ppm of ``b0_tesla`` makes."""
    return GAMMA_HZ_PER_TESLA * b0_tesla * 1e-6


def hz_to_ppm(field_hz: _FloatOrArray, b0_tesla: float) -> _FloatOrArray:
    """Convert a field from Hz to ppm of ``b0_tesla``."""
    return field_hz * (1.0 / hz_per_ppm(b0_tesla))


def ppm_to_hz(field_ppm: _FloatOrArray, b0_tesla: float) -> _FloatOrArray:
    """Convert a field from ppm of ``b0_tesla`` to Hz."""
    return field_ppm * hz_per_ppm(b0_tesla)


def rad_to_hz(phase_rad: _FloatOrArray, te_s: float) -> _FloatOrArray:
    """Convert phase (rad) gathered over ``te_s`` seconds to a field in Hz."""
    return phase_rad * (1.0 / (2.0 * math.pi * te_s))


def hz_to_rad(field_hz: _FloatOrArray, te_s: float) -> _FloatOrArray:
    """Convert a field in Hz to the phase (rad) it gathers over ``te_s`` seconds."""
    return field_hz * (2.0 * math.pi * te_s)
