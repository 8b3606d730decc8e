from __future__ import annotations

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.lesions.vein_sections import vein_sections


def test_rows_describe_veins_and_paint_nothing(head, ground, rng):
    made = vein_sections(ground, head.vessels, rng, 5)
    assert len(made) == 5
    starts = np.concatenate([t.start_mm for t in head.vessels if t.tissue == tissue.VEIN])
    ends = np.concatenate([t.end_mm for t in head.vessels if t.tissue == tissue.VEIN])
    for lesion in made:
        assert lesion.solids == ()
        assert lesion.tubes is None
        assert not lesion.is_sphere
        assert lesion.truth.kind == "vein"
        assert 0.1 < lesion.truth.chi_ppm < 0.8
        away = np.linalg.norm(0.5 * (starts + ends) - lesion.truth.centre_mm, axis=1)
        assert away.min() < 1e-2


def test_none_without_vessels(ground, rng):
    assert vein_sections(ground, (), rng, 5) == []
