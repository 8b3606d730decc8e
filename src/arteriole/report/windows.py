"""Which values are drawn darkest and brightest: fixed, so that reports can be compared.

None is taken from the smallest or largest value of the data. Fields are in ppm of the main field;
magnitude and SWI have arbitrary units and are shown relative to their median in the brain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.report.mosaic import Window
from arteriole.report.story import Story
from arteriole.units import hz_per_ppm

Map = NDArray[Any]
MakeWindow = Callable[[Story, Map], Window]

USUAL_B0_TESLA = 3.0
"""Field strength that windows assume when the record has none."""


def magnitude(story: Story, shown: Map) -> Window:
    """Return 0 to 1.6 times the median in the brain."""
    return _relative(story, shown, 1.6)


def swi(story: Story, shown: Map) -> Window:
    """Return 0 to 1.6 times the median in the brain."""
    return _relative(story, shown, 1.6)


def phase(_story: Story, _shown: Map) -> Window:
    """Return the whole range of wrapped phase."""
    return Window(-np.pi, np.pi, "rad", "the whole range of wrapped phase")


def total_field(story: Story, _shown: Map) -> Window:
    """Return 1 ppm of the main field to both sides."""
    return _field(story, 1.0)


def local_field(story: Story, _shown: Map) -> Window:
    """Return 0.1 ppm of the main field to both sides."""
    return _field(story, 0.1)


def noise(story: Story, _shown: Map) -> Window:
    """Return 0 to 0.02 ppm of the main field."""
    return Window(0.0, 0.02 * hz_per_ppm(_b0(story)), "Hz", "0 to 0.02 ppm of B0")


def chi(_story: Story, _shown: Map) -> Window:
    """Return 0.15 ppm to both sides."""
    return Window(-0.15, 0.15, "ppm", "the same in every report")


def chi_uncertainty(_story: Story, _shown: Map) -> Window:
    """Return 0 to 0.05 ppm."""
    return Window(0.0, 0.05, "ppm", "the same in every report")


def r2star(story: Story, _shown: Map) -> Window:
    """Return 0 to 20 1/s per tesla: 60 1/s at 3 T."""
    return Window(0.0, 20.0 * _b0(story), "1/s", "0 to 20 1/s per tesla")


def _field(story: Story, ppm: float) -> Window:
    hz = ppm * hz_per_ppm(_b0(story))
    return Window(-hz, hz, "Hz", f"±{ppm:g} ppm of B0")


def _relative(story: Story, shown: Map, times: float) -> Window:
    mask = story.values.get("brain_mask", story.values.get("qsm_mask"))
    inside = shown[np.asarray(mask, dtype=bool)] if mask is not None else shown[shown > 0]
    inside = inside[np.isfinite(inside)]
    median = float(np.median(inside)) if inside.size else 0.0
    return Window(0.0, times, "× median", "of this image in the brain", median or 1.0)


def _b0(story: Story) -> float:
    return float(story.scan.get("b0_tesla") or USUAL_B0_TESLA)
