from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from arteriole.brain.registration.confidence import RigidMeasures, judged, judged_heads
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.transforms import Warp
from arteriole.grid import Grid

GOOD = RigidMeasures(apart_mm=0.3, information=0.12, sharpness=0.3, margin=1.0, moved_mm=20.0)


def changed(**what: float) -> float:
    return judged(np.eye(4), dataclasses.replace(GOOD, **what), 0.9).confidence


def test_confidence_falls_with_disagreement_and_with_a_blunt_optimum():
    assert 0.9 < changed() < 1
    assert changed(apart_mm=2.0) < changed()
    assert changed(sharpness=0.05) < changed(sharpness=0.2) < changed()
    assert changed(moved_mm=90.0) == changed()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"apart_mm": 4.0}, "differ by up to 4.0 mm"),
        ({"sharpness": 0.02}, "move of 4 mm costs 2 %"),
    ],
)
def test_what_is_not_assessable_says_why(what, said):
    found = judged(np.eye(4), dataclasses.replace(GOOD, **what), 0.9)
    assert not found.assessable
    assert said in found.reason


def test_two_heads():
    good = {"apart_mm": 0.5, "likeness": 0.7}
    assert judged_heads(np.eye(4), good, 0.8).assessable
    for spoilt in ({"apart_mm": 30.0}, {"likeness": 0.2}, {"folded": 0.01}):
        found = judged_heads(np.eye(4), good | spoilt, 0.8)
        assert not found.assessable
        assert found.reason


def test_a_warp_is_no_affine():
    warp = Warp(Grid((2, 2, 2), np.eye(4)), np.zeros((2, 2, 2, 3), np.float32))
    with pytest.raises(ValueError, match="a warp, not an affine"):
        _ = Registration(warp, 1.0, True, "").affine
