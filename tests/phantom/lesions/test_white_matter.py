from __future__ import annotations

import numpy as np

from arteriole.phantom.lesions import white_matter
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.lesions.grades import true_grades
from arteriole.phantom.lesions.white_matter import place_white_matter_lesions

SEVERE = Burden(
    hyperintensity=3.0,
    lacunes=5,
    subcortical_infarcts=1,
    cortical_infarcts=1,
    perivascular_basal=60,
    perivascular_centrum=140,
)


def test_all_come_in_the_order_of_painting_and_in_their_number(head, regions):
    made = place_white_matter_lesions(head.anatomy, regions, SEVERE, np.random.default_rng(2))
    kinds = [x.truth.kind for x in made]
    order = (
        "hyperintensity",
        "cortical infarct",
        "subcortical infarct",
        "lacune",
        "perivascular space",
    )
    assert kinds == sorted(kinds, key=order.index)
    assert [kinds.count(k) for k in order[1:]] == [1, 1, 5, 200]
    grades = true_grades(regions, made)
    assert grades.fazekas_deep >= 2
    assert grades.fazekas_periventricular >= 2
    assert grades.lacunes == 5
    assert grades.pvs_centrum_count > 5


def test_more_of_one_kind_moves_no_other(head, regions, terrain, monkeypatch):
    monkeypatch.setattr(white_matter, "survey", {head.anatomy: terrain}.__getitem__)
    few = Burden(lacunes=1, perivascular_basal=5)
    more = Burden(lacunes=1, perivascular_basal=5, perivascular_centrum=9)
    one, two = (
        place_white_matter_lesions(head.anatomy, regions, b, np.random.default_rng(2))
        for b in (few, more)
    )
    assert [x.truth for x in one] == [x.truth for x in two[:6]]


def test_no_disease_places_nothing(head, regions, rng):
    assert place_white_matter_lesions(head.anatomy, regions, Burden(), rng) == []
