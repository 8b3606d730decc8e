from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.lesions.calcifications import calcifications, cluster
from arteriole.phantom.lesions.regions import Place
from arteriole.phantom.lesions.solids import painted_volume_mm3

PLACE = Place("thalamus", "left", "deep", "thalamus")


def test_all_are_diamagnetic_down_to_three_ppm(ground, rng):
    made = [x.truth for x in calcifications(ground, rng, 25)]
    chi = np.array([t.chi_ppm for t in made])
    assert chi.max() < -0.4
    assert chi.min() >= -3.001
    assert {t.form for t in made} == {"punctate", "cluster"}
    assert all(t.moment_ppm_mm3 < 0 and t.zone for t in made)


def test_cluster_has_the_volume_of_its_grains(rng):
    lesion = cluster(PLACE, rng, np.zeros(3), 3.0, -2.0, grains=5, form="cluster")
    assert len(lesion.solids) == 5
    volume = sum(painted_volume_mm3(s) for s in lesion.solids)
    assert lesion.truth.volume_mm3 == pytest.approx(volume, rel=1e-3)
    assert volume == pytest.approx(np.pi / 6 * 27, rel=0.12)
    assert lesion.truth.chi_ppm == pytest.approx(-2.0)


def test_grains_do_not_touch(rng):
    for _ in range(5):
        lesion = cluster(PLACE, rng, np.zeros(3), 4.0, -1.0, grains=6, form="cluster")
        for one in lesion.solids:
            inside = np.argwhere(one.level > 0) * one.spacing_mm + one.origin_mm
            others = [s for s in lesion.solids if s is not one]
            assert all((s.depth(inside) <= 0).all() for s in others)


def test_extent_reaches_from_end_to_end(rng):
    lesion = cluster(PLACE, rng, np.zeros(3), 3.0, -1.0, grains=4, form="cluster")
    longest, _, least = lesion.truth.extent_mm
    assert longest > lesion.truth.source_diameter_mm
    assert least > 0.5
