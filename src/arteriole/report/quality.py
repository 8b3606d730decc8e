"""Quality figures of a session with their limits: good, look, poor, in words and colour.

Limits are this project's own rules of thumb unless a source is named; they mark what deserves a
look, they decide nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from arteriole.report.story import Story

Light = Literal["good", "look", "poor", "none"]


@dataclass(frozen=True)
class Rule:
    """What a quality figure says, where it is found, and from where on it is good or poor.

    ``good`` and ``poor`` bound the middle: larger is better when ``good`` is above ``poor``.
    ``step`` and ``fact`` say where the record has it; ``measure`` is its name among the measures.
    """

    measure: str
    title: str
    unit: str
    step: str
    fact: str
    good: float
    poor: float
    meaning: str
    source: str = "own rule of thumb"
    percent: bool = False

    @property
    def words(self) -> str:
        """The limits as a sentence."""
        better = "at least" if self.good > self.poor else "at most"
        worse = "below" if self.good > self.poor else "above"
        good, poor = self.written(self.good), self.written(self.poor)
        return f"{self.title}: good {better} {good}, poor {worse} {poor} ({self.source})"

    def written(self, value: float) -> str:
        """Return a value with its unit."""
        if self.percent:
            return f"{100 * value:.2g} %" if abs(value) < 0.1 else f"{100 * value:.0f} %"
        return f"{value:.3g} {self.unit}".strip()

    def light(self, value: float) -> Light:
        """Return good, look or poor."""
        if not math.isfinite(value):
            return "none"
        sign = 1.0 if self.good > self.poor else -1.0
        if sign * value >= sign * self.good:
            return "good"
        return "look" if sign * value >= sign * self.poor else "poor"


RULES: tuple[Rule, ...] = (
    Rule(
        "snr", "Signal to noise, first echo", "", "phase", "snr", 30.0, 10.0,
        "Median magnitude in the brain over the noise of its real part; its inverse is the noise "
        "of phase, in radians.",
    ),
    Rule(
        "wraps_left", "Wraps left", "", "phase", "wraps_left", 1e-4, 1e-2,
        "Share of neighbouring voxels in the brain whose unwrapped phase still differs by a wrap.",
        percent=True,
    ),
    Rule(
        "fit_residual", "Field fit residual", "rad", "phase", "fit_residual_rad", 0.2, 0.5,
        "Median over the brain of the weighted distance of the echoes from a straight line over "
        "echo time.",
    ),
    Rule(
        "reliable_phase", "Reliable phase", "", "phase", "reliable", 0.9, 0.75,
        "Share of the brain where phase was good enough to be used.", percent=True,
    ),
    Rule(
        "qsm_kept", "Brain kept for QSM", "", "field", "kept", 0.8, 0.6,
        "Share of the brain mask that is left after background removal.",
        percent=True,
    ),
    Rule(
        "streak_index", "Streak index", "", "susceptibility", "streak_index", 1.3, 2.0,
        "Power of χ near the magic angle, where streaks lie, over that beside it: 1 without "
        "streaks, below 1 where the inversion left it out.",
    ),
    Rule(
        "rim_index", "Rim index", "", "uncertainty", "rim_index", 1.4, 2.0,
        "Spread of χ in the outer 3 mm of the QSM mask over that 5 to 12 mm below: large where the "
        "mask reaches into the skull or background was left.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class QualityFigure:
    """A quality figure of this session."""

    title: str
    value: str
    light: Light
    meaning: str
    limits: str


def quality_figures(story: Story) -> list[QualityFigure]:
    """Return the quality figures that the record or the measures hold."""
    figures = [_mask_figure(story)] if _volume_ml(story) is not None else []
    for rule in RULES:
        value = _value(story, rule)
        if value is not None:
            limits = rule.words.partition(": ")[2]
            light = rule.light(value)
            figures.append(
                QualityFigure(rule.title, rule.written(value), light, rule.meaning, limits)
            )
    return figures


def _value(story: Story, rule: Rule) -> float | None:
    value: Any = story.fact(rule.step, rule.fact)
    if value is None:
        value = _measured(story, rule.measure)
    return float(value) if isinstance(value, int | float) else None


def _measured(story: Story, name: str) -> Any:
    return next((row.get("value") for row in story.measures if row.get("name") == name), None)


def _volume_ml(story: Story) -> float | None:
    value = story.fact("brain", "volume_ml")
    return value if value is not None else _measured(story, "brain_volume")


SMALL_ML, LARGE_ML = 900.0, 1900.0


def _mask_figure(story: Story) -> QualityFigure:
    """Judge the brain mask by its volume: it may be too small or too large."""
    volume = float(_volume_ml(story) or 0.0)
    usual = SMALL_ML <= volume <= LARGE_ML
    return QualityFigure(
        "Brain mask volume",
        f"{volume:.0f} mL",
        "good" if usual else "look",
        "Brain with its inner and outer fluid spaces. Unusual for an adult: look at the mask's "
        "border."
        if not usual
        else "Brain with its inner and outer fluid spaces.",
        f"{SMALL_ML:.0f} to {LARGE_ML:.0f} mL in adults with the whole head scanned (own rule of "
        "thumb)",
    )
