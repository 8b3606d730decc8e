from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.lesions.cavernoma import cavernoma, cavernomas
from arteriole.phantom.lesions.solids import painted_moment_ppm_mm3


def test_core_lies_within_its_rim(ground, rng):
    lesion = cavernoma(ground, rng, np.array([25.0, -20.0, 35.0]), 14.0)
    rim, core = lesion.solids[:2]
    assert rim.tissue == tissue.HAEMOSIDERIN
    assert {s.tissue for s in lesion.solids[1:]} == {tissue.CAVERNOMA}
    inside = np.argwhere(core.level > 0) * core.spacing_mm + core.origin_mm
    assert (rim.depth(inside) > 0.3).mean() > 0.99
    assert len({s.chi_ppm for s in lesion.solids[1:]}) > 2


def test_moment_is_that_of_all_parts(ground, rng):
    lesion = cavernoma(ground, rng, np.array([25.0, -20.0, 35.0]), 9.0)
    said = painted_moment_ppm_mm3(lesion.solids)
    assert lesion.truth.moment_ppm_mm3 == pytest.approx(said, rel=1e-3)
    assert 0.1 < lesion.truth.chi_ppm < 1.0
    assert 7 < lesion.truth.source_diameter_mm < 11


def test_drawn_ones_lie_in_the_brain(ground, rng):
    made = [x.truth for x in cavernomas(ground, rng, 2)]
    assert all(t.zone and 5 < t.source_diameter_mm < 25 for t in made)
