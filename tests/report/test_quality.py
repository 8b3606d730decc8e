from __future__ import annotations

import pytest
from stories import make_record, make_story

from arteriole.report.quality import RULES, quality_figures


def story_with(**facts):
    """Return a story whose steps noted down these facts: step__name=value."""
    record = make_record(make_story().grid)
    for step in record["steps"]:
        step["facts"] = {}
    for name, value in facts.items():
        step, _, fact = name.partition("__")
        next(s for s in record["steps"] if s["name"] == step)["facts"][fact] = value
    return make_story(record=record, measures=[])


@pytest.mark.parametrize(
    ("name", "value", "light", "written"),
    [
        ("phase__snr", 55.0, "good", "55"),
        ("phase__snr", 20.0, "look", "20"),
        ("phase__snr", 3.0, "poor", "3"),
        ("phase__wraps_left", 0.0, "good", "0 %"),
        ("phase__wraps_left", 0.0005, "look", "0.05 %"),
        ("phase__wraps_left", 0.2, "poor", "20 %"),
        ("phase__fit_residual_rad", 0.1, "good", "0.1 rad"),
        ("phase__reliable", 0.8, "look", "80 %"),
        ("field__kept", 0.85, "good", "85 %"),
        ("field__kept", 0.5, "poor", "50 %"),
        ("susceptibility__streak_index", 1.0, "good", "1"),
        ("susceptibility__streak_index", 2.7, "poor", "2.7"),
        ("uncertainty__rim_index", 0.7, "good", "0.7"),
        ("uncertainty__rim_index", 2.4, "poor", "2.4"),
        ("phase__snr", float("nan"), "none", "nan"),
    ],
)
def test_light_follows_the_limits(name, value, light, written):
    (figure,) = quality_figures(story_with(**{name: value}))
    assert (figure.light, figure.value) == (light, written)


@pytest.mark.parametrize(("volume", "light"), [(400, "look"), (1400, "good"), (2500, "look")])
def test_mask_volume_may_be_too_small_or_too_large(volume, light):
    (figure,) = quality_figures(story_with(brain__volume_ml=volume))
    assert figure.light == light
    assert figure.value == f"{volume} mL"


def test_measures_are_looked_at_when_the_record_has_no_fact():
    story = make_story(
        record=make_record(make_story().grid) | {"steps": []},
        measures=[{"name": "snr", "value": 40.0}, {"name": "brain_volume", "value": 1300.0}],
    )
    assert [f.title for f in quality_figures(story)] == [
        "Brain mask volume",
        "Signal to noise, first echo",
    ]


def test_what_is_not_known_is_left_out():
    assert quality_figures(story_with(phase__snr=None, phase__fit_residual_rad=None)) == []


def test_limits_are_said_with_their_source():
    words = {rule.measure: rule.words for rule in RULES}
    assert words["qsm_kept"] == (
        "Brain kept for QSM: good at least 80 %, poor below 60 % (own rule of thumb)"
    )
    assert "at most 0.2 rad, poor above 0.5 rad" in words["fit_residual"]
