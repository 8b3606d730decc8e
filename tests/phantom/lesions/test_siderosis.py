from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.lesions.ground import Ground
from arteriole.phantom.lesions.siderosis import ribbon, siderosis
from arteriole.phantom.lesions.solids import painted_volume_mm3


def test_is_a_thin_sheet_on_the_cortical_surface(head, ground, rng):
    lesion = siderosis(ground, rng, 1)[0]
    solid = lesion.solids[0]
    assert solid.tissue == tissue.HAEMOSIDERIN
    points = np.argwhere(solid.level > 0) * solid.spacing_mm + solid.origin_mm
    assert len(points) > 50
    assert np.abs(head.anatomy["cortex"].depth(points)).max() < 0.61
    assert lesion.truth.zone == "lobar"
    assert lesion.truth.moment_ppm_mm3 == pytest.approx(
        solid.chi_ppm * painted_volume_mm3(solid), rel=1e-3
    )


def test_wider_ribbons_hold_more(head, ground, rng):
    seed = np.array(siderosis(ground, rng, 1)[0].truth.centre_mm)
    thin, thick = (
        ribbon(ground, seed, reach_mm=8.0, width_mm=w, chi_ppm=0.4, form="focal").truth
        for w in (0.5, 1.2)
    )
    assert 1.6 < thick.volume_mm3 / thin.volume_mm3 < 3.2


@pytest.mark.parametrize(("sulci", "form"), [(3, "focal"), (4, "disseminated")])
def test_form_follows_the_number_of_sulci(regions, rng, sulci, form):
    made = [x.truth for x in siderosis(Ground(regions), rng, sulci)]
    assert [t.form for t in made] == [form] * sulci
    at = np.array([t.centre_mm for t in made])
    apart = np.linalg.norm(at[:, None] - at[None], axis=2)[np.triu_indices(sulci, 1)]
    assert apart.min() > 6
