from __future__ import annotations

from dataclasses import replace

import pytest

from arteriole.flow import STEPS
from arteriole.run.keys import content_key, step_keys
from arteriole.settings import Settings

GIVEN = {"magnitude": "m", "phase": "p"}
NUMBERS = {"separation", "veins", "regions"}
"""Steps that look at chi and R2*."""
CHI = {"susceptibility", "uncertainty", *NUMBERS}
"""Steps that follow the local field."""


def keys(*pairs: str, steps=STEPS, given=GIVEN, seed=0):
    return step_keys(steps, Settings.from_pairs(pairs), given=given, seed=seed)


def changed(one, two):
    return {name for name in one if one[name] != two[name]}


def test_a_key_does_not_depend_on_the_order_of_a_dictionary():
    assert content_key({"a": 1, "b": 2}) == content_key({"b": 2, "a": 1})


@pytest.mark.parametrize(
    ("pair", "steps"),
    [
        ("susceptibility.method=tkd", CHI),
        ("field.method=vsharp", {"field", *CHI}),
        ("r2star.method=nonlinear", {"r2star", *NUMBERS}),
        ("swi.method=classic", {"swi"}),
        ("phase.unwrapping=laplacian", {"phase", "field", *CHI}),
        ("separation.method=closed-form", {*NUMBERS}),
        ("veins.oxygenation=true", {"veins"}),
    ],
)
def test_a_setting_changes_its_step_and_what_follows(pair, steps):
    assert changed(keys(), keys(pair)) == steps


def test_a_raised_version_changes_what_follows():
    raised = tuple(replace(s, version=9) if s.name == "field" else s for s in STEPS)
    assert changed(keys(), keys(steps=raised)) == {"field", *CHI}


def test_another_phase_leaves_the_brain_mask():
    other = keys(given=GIVEN | {"phase": "q"})
    assert changed(keys(), other) == {"phase", "field", "swi", *CHI}


def test_seed_and_precision_change_everything():
    assert changed(keys(), keys(seed=1)) == set(keys())
    assert changed(keys(), keys("output.level=full")) == set(keys())
    assert not changed(keys(), keys("output.level=minimal"))
