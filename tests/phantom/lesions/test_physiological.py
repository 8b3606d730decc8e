from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.lesions import physiological as module
from arteriole.phantom.lesions.ground import Ground
from arteriole.phantom.lesions.physiological import PREVALENCE, physiological, prevalence


@pytest.fixture
def everything(monkeypatch):
    monkeypatch.setattr(module, "PREVALENCE", dict.fromkeys(PREVALENCE, (1.0, 1.0)))


def test_prevalence_rises_with_age():
    for site, (young, old) in PREVALENCE.items():
        shares = [prevalence(site, age) for age in (20, 45, 62.5, 80, 100)]
        assert shares == sorted(shares)
        assert shares[0] == pytest.approx(young)
        assert shares[2] == pytest.approx((young + old) / 2)
        assert shares[-1] == pytest.approx(old)


def test_each_site_is_where_it_belongs(everything, regions):
    made = physiological(Ground(regions), np.random.default_rng(3), age_y=70)
    of = {}
    for lesion in made:
        of.setdefault(lesion.truth.form, []).append(lesion.truth)
    assert set(of) == {
        "pineal gland", "choroid plexus", "pallidum", "falx", "dentate nucleus"
    }  # fmt: skip
    at = {f: regions.template(np.array([t.centre_mm for t in ts])) for f, ts in of.items()}
    assert np.abs(at["pineal gland"][0] - [0, -33, 3]).max() < 4
    assert abs(at["falx"][0, 0]) < 5
    assert at["falx"][0, 2] > 30
    assert {t.region for t in of["choroid plexus"]} == {"choroid plexus"}
    assert {t.region for t in of["pallidum"]} == {"pallidum"}
    assert {t.region for t in of["dentate nucleus"]} == {"cerebellum"}
    assert all(t.chi_ppm < 0 for ts in of.values() for t in ts)


def test_pairs_mirror_each_other(everything, regions):
    made = [x.truth for x in physiological(Ground(regions), np.random.default_rng(8), age_y=70)]
    pair = [t for t in made if t.form == "pallidum"]
    assert {t.side for t in pair} == {"left", "right"}
    one, two = regions.template(np.array([t.centre_mm for t in pair]))
    assert np.linalg.norm(one * [-1, 1, 1] - two) < 6
    assert pair[0].chi_ppm == pytest.approx(pair[1].chi_ppm, rel=0.4)


def test_young_people_have_fewer(regions):
    def count(age):
        return sum(
            len(physiological(Ground(regions), np.random.default_rng(i), age_y=age))
            for i in range(12)
        )

    assert count(30) <= count(90)
