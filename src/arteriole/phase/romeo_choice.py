"""ROMEO echo by echo: in time from a template where that works, in space where it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.phase.romeo import Weights, unwrap_romeo
from arteriole.phase.wraps import wraps_left

_TURN = 2.0 * np.pi

Flag = Literal["good", "wrapped", "noise"]


@dataclass(frozen=True)
class EchoVerdict:
    """How an echo was unwrapped, and what came of it.

    Parameters
    ----------
    way : {"template", "individual"}
        In time from an earlier echo (the first: in space), or in space by itself.
    wraps_left : float
        Share of neighbouring voxels of the mask that are still more than half a turn apart, [0, 1].
    flag : {"good", "wrapped", "noise"}
        What that share means.
    """

    way: Literal["template", "individual"]
    wraps_left: float
    flag: Flag


def unwrap_romeo_by_echo(
    phase: NDArray[np.float32],
    *,
    magnitude: NDArray[np.float32],
    te_s: Sequence[float],
    mask: NDArray[np.bool_],
    suspect: float = 0.004,
    gain: float = 0.5,
    wrapped: float = 0.03,
    noise: float = 0.12,
    weights: Weights = "romeo",
) -> tuple[NDArray[np.float32], tuple[EchoVerdict, ...]]:
    """Return the unwrapped phase (rad) of all echoes, each in the better of two ways.

    Parameters
    ----------
    phase : ndarray, float32, (e, x, y, z)
        Wrapped phase in [-pi, pi].
    magnitude : ndarray, float32, (e, x, y, z)
        Signal magnitude, any unit.
    te_s : sequence of float
        Echo times, s, increasing.
    mask : ndarray, bool, (x, y, z)
        Where to unwrap.
    suspect : float
        An echo with more wraps left than this share is tried in space, too.
    gain : float
        The echo is taken as unwrapped in space if that leaves less than this part of the wraps.
    wrapped, noise : float
        Shares of wraps left from which an echo is flagged.
    weights : {"romeo", "bestpath"}
        As `unwrap_romeo`.

    Returns
    -------
    unwrapped : ndarray, float32, (e, x, y, z)
        Unwrapped phase inside the mask, 0 outside.
    verdicts : tuple of EchoVerdict
        One for each echo.

    Raises
    ------
    ValueError
        If the arrays do not fit; see `unwrap_romeo`.

    Notes
    -----
    Unwrapping in time needs phase that is proportional to time. Where an echo is not (eddy
    currents, a readout of the other polarity, a wrong time, an offset that was not removed) the
    template leaves surfaces of whole turns, which unwrapping in space does not; where an echo is
    noise neither helps: evenly spread phase leaves one pair in four with the template. An echo
    that went individually is no template for later ones, nor is one of noise.

    On the digital head (seed 101; 1.6 x 1.6 x 2.2 mm; echoes to 40 ms; signal to noise 60 to 4 in
    the first) good echoes left 0 to 0.018 with the template and at least 0.7 of that in space,
    while the template had fewer voxels on a wrong turn: hence ``gain``. Known failure: a whole
    echo that is a turn off leaves no surface, see `fit_field`.

    References
    ----------
    Dymerska 2021, doi:10.1002/mrm.28563.
    """
    if phase.ndim != 4 or len(te_s) != phase.shape[0]:
        raise ValueError(f"{len(te_s)} echo times do not fit phase of shape {phase.shape}")
    unwrapped = unwrap_romeo(phase, magnitude=magnitude, te_s=te_s, mask=mask, weights=weights)
    verdicts: list[EchoVerdict] = []
    known = 0
    for e in range(len(te_s)):
        pair = _Pair(phase, magnitude, te_s, mask, weights, known, e)
        if e and known != e - 1:
            unwrapped[e] = pair.in_time(unwrapped[known])
        left = wraps_left(unwrapped[e], mask=mask)
        way: Literal["template", "individual"] = "template"
        if e and left > suspect:
            alone = pair.in_space(unwrapped[known])
            left_alone = wraps_left(alone, mask=mask)
            if left_alone < gain * left:
                unwrapped[e], left, way = alone, left_alone, "individual"
        flag: Flag = "noise" if left >= noise else "wrapped" if left >= wrapped else "good"
        verdicts.append(EchoVerdict(way, left, flag))
        if way == "template" and flag != "noise":
            known = e
    return unwrapped, tuple(verdicts)


@dataclass(frozen=True, eq=False)
class _Pair:
    """A later echo, to be unwrapped with the help of an earlier one."""

    phase: NDArray[np.float32]
    magnitude: NDArray[np.float32]
    te_s: Sequence[float]
    mask: NDArray[np.bool_]
    weights: Weights
    known: int
    new: int

    def in_time(self, before: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unwrap the later echo in time from the earlier one, which is ``before``."""
        return self._unwrap(before, individual=False)

    def in_space(self, before: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unwrap the later echo in space, and take its turns from ``before``."""
        return self._unwrap(before, individual=True)

    def _unwrap(self, before: NDArray[np.float32], *, individual: bool) -> NDArray[np.float32]:
        pair = [self.known, self.new]
        times = [self.te_s[e] for e in pair]
        first, second = unwrap_romeo(
            self.phase[pair],
            magnitude=self.magnitude[pair],
            te_s=times,
            mask=self.mask,
            individual=individual,
            weights=self.weights,
        )
        # The earlier echo may have come out whole turns off what is known of it.
        off = np.median(np.rint((first - before)[self.mask] / _TURN)) * times[1] / times[0]
        return np.asarray(second - np.float32(_TURN * np.rint(off)) * self.mask, dtype=np.float32)
