"""Whether two echoes are far enough apart in time for the noise that they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.phase.field_fit import noise_in_space

_TURN = 2.0 * np.pi


@dataclass(frozen=True)
class EchoSpacing:
    """What extrapolating the first two echoes to time 0 makes of their noise.

    Parameters
    ----------
    apart_s : float
        Time between them.
    factor : float
        ``te1 / (te2 - te1)``, by which the noise of their difference grows.
    difference_rad, offset_rad : float
        Median standard deviation of the phase difference, and of the offset.
    allowed : bool
        Whether the offset can be told.
    """

    apart_s: float
    factor: float
    difference_rad: float
    offset_rad: float
    allowed: bool


def check_echo_spacing(
    phase: NDArray[np.float32],
    magnitude: NDArray[np.float32],
    te_s: Sequence[float],
    *,
    mask: NDArray[np.bool_],
    most_rad: float = 2.0,
) -> EchoSpacing:
    """Return how noisy (rad) the phase offset of the first two echoes is in the median voxel.

    Parameters
    ----------
    phase, magnitude : ndarray, float32, (e, x, y, z)
        Wrapped phase (rad) and magnitude of two or more echoes.
    te_s : sequence of float
        Echo times, s, increasing.
    mask : ndarray, bool, (x, y, z)
        Where to look.
    most_rad : float
        Largest noise of the offset that is allowed.

    Raises
    ------
    ValueError
        If there are fewer than two echoes or shapes do not fit.

    Notes
    -----
    ``sd(offset) = te1 / (te2 - te1) * sd(phi2 - phi1)``, with the noise of the difference from its
    fourth differences in space, wrapped. Smoothing averages ``exp(i offset)``, whose mean shrinks
    by ``exp(-sd^2 / 2)``: to 0.14 at 2 rad, beyond which what is left of it soon is chance.
    """
    if phase.ndim != 4 or phase.shape[0] < 2 or phase.shape[0] != len(te_s):
        raise ValueError(f"two or more echoes are needed, not phase {phase.shape} at {te_s}")
    if magnitude.shape != phase.shape or mask.shape != phase.shape[1:]:
        raise ValueError(
            f"magnitude {magnitude.shape} and mask {mask.shape} do not fit phase {phase.shape}"
        )
    first, second = magnitude[0], magnitude[1]
    usable = mask & (first > 0) & (second > 0) & np.isfinite(phase[:2]).all(axis=0)
    both = np.sqrt(np.square(first) + np.square(second))
    strength = np.zeros_like(first)
    np.divide(first * second, both, out=strength, where=usable)
    apart = np.where(usable, phase[1] - phase[0], 0)
    apart = (apart - _TURN * np.rint(apart / _TURN)).astype(np.float32)
    sigma = noise_in_space(apart, strength, usable)
    noise = sigma / float(np.median(strength[usable])) if usable.any() else float("inf")
    step = te_s[1] - te_s[0]
    factor = te_s[0] / step
    return EchoSpacing(step, factor, noise, factor * noise, factor * noise <= most_rad)
