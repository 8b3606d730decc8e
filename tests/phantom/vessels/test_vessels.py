from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.vessels.vessels import vessels


@pytest.fixture(scope="module")
def grown(anatomy):
    return vessels(anatomy, np.random.default_rng(7), age_y=70.0, fast=("BA",))


def test_veins_arteries_and_flow_voids_come_apart(grown):
    tubes, blood = grown
    assert [t.tissue for t in tubes] == [tissue.VEIN, tissue.ARTERY, tissue.FLOW_VOID]
    assert 0.3 < blood.haematocrit < 0.5
    for t in tubes:
        for values in (t.start_mm, t.end_mm, t.radius_mm, t.chi_ppm):
            assert np.isfinite(values).all()
            assert values.dtype == np.float32
        assert t.radius_mm.min() > 0.03
        assert t.length_mm.max() < 12.0
    assert len(tubes[2].chi_ppm) < 60


def test_blood_is_darker_in_some_veins_than_in_others_but_near_the_persons(grown):
    (veins, arteries, _), blood = grown
    _, first = np.unique(veins.vessel, return_index=True)
    chi = veins.chi_ppm[first]
    mean = blood.haematocrit * 4 * np.pi * (0.273 * (1 - blood.oxygenation) - 0.008)
    assert chi.mean() == pytest.approx(mean, rel=0.03)
    assert 0.02 < chi.std() < 0.06
    assert np.abs(arteries.chi_ppm + 0.013).max() < 0.005


def test_veins_fill_a_small_share_of_white_matter(anatomy, grown):
    veins = grown[0][0]
    middle = 0.5 * (veins.start_mm + veins.end_mm)
    white = anatomy.visible_depth("white matter", middle) > 0
    solid = anatomy["white matter"]
    volume = (solid.level > 0).sum() * solid.spacing_mm**3
    share = veins.volume_mm3[white].sum() / volume
    assert 0.0005 < share < 0.01


def test_same_seed_same_bytes(anatomy, grown):
    again, blood = vessels(anatomy, np.random.default_rng(7), age_y=70.0, fast=("BA",))
    assert blood == grown[1]
    for one, two in zip(grown[0], again, strict=True):
        for name in ("start_mm", "end_mm", "radius_mm", "chi_ppm", "vessel"):
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age_y": 0.0}, r"age lies within \(0, 120\) years, not 0.0"),
        ({"age_y": 70.0, "fast": ("XX",)}, r"no arteries \['XX'\]"),
    ],
)
def test_refuses(anatomy, rng, change, message):
    with pytest.raises(ValueError, match=message):
        vessels(anatomy, rng, **change)
