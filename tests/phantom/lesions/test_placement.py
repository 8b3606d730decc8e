from __future__ import annotations

import numpy as np

from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.lesions.placement import place_lesions

MANY = Burden(
    microbleeds=6,
    calcifications=3,
    flow_voids=2,
    cavernomas=1,
    haemorrhages=1,
    siderosis_sulci=2,
    vein_sections=3,
)


def placed(head, burden, seed=2):
    rng = np.random.default_rng(seed)
    return place_lesions(head.anatomy, head.vessels, burden, rng, age_y=75.0)


def test_gives_what_was_asked_for_in_the_order_of_painting(head):
    kinds = [x.truth.kind for x in placed(head, MANY)]
    order = ["siderosis", "haemorrhage", "cavernoma", "calcification", "flow void", "microbleed"]
    first = [kinds.index(k) for k in (*order, "vein")]
    assert first == sorted(first)
    assert kinds.count("microbleed") == 6
    assert kinds.count("siderosis") == 2
    assert kinds.count("vein") == 3


def test_same_seed_same_lesions(head):
    one, two = (tuple(x.truth for x in placed(head, MANY)) for _ in range(2))
    assert one == two


def test_more_of_a_later_kind_leave_the_earlier_ones(head):
    few = placed(head, Burden(calcifications=2, physiological=False))
    more = placed(head, Burden(calcifications=2, microbleeds=3, physiological=False))
    assert [x.truth for x in few] == [x.truth for x in more][:2]


def test_nothing_for_an_empty_burden(head):
    assert placed(head, Burden(physiological=False)) == ()
