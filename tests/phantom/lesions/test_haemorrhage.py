from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.lesions.ground import Ground
from arteriole.phantom.lesions.haemorrhage import haemorrhage, haemorrhages
from arteriole.phantom.lesions.solids import painted_moment_ppm_mm3


def middle(head) -> np.ndarray:
    return head.anatomy.frame.to_world(np.array([[30.0, -30.0, 40.0]]))[0]


@pytest.mark.parametrize(
    ("form", "filling"), [("fresh", tissue.HAEMATOMA), ("slit", tissue.CAVITY)]
)
def test_core_within_a_stained_wall(head, ground, rng, form, filling):
    lesion = haemorrhage(ground, rng, middle(head), 20.0, form=form)
    wall, core = lesion.solids
    assert (wall.tissue, core.tissue) == (tissue.HAEMOSIDERIN, filling)
    inside = np.argwhere(core.level > 0) * core.spacing_mm + core.origin_mm
    assert (wall.depth(inside) > 0).mean() > 0.97
    said = painted_moment_ppm_mm3(lesion.solids)
    assert lesion.truth.moment_ppm_mm3 == pytest.approx(said, rel=1e-3)
    assert lesion.truth.form == form
    assert lesion.truth.chi_ppm > 0.2


def test_slit_is_flat(head, ground, rng):
    lesion = haemorrhage(ground, rng, middle(head), 24.0, form="slit")
    fresh = haemorrhage(ground, rng, middle(head), 24.0, form="fresh")
    assert lesion.truth.volume_mm3 < 0.5 * fresh.truth.volume_mm3


def test_stays_within_the_brain_and_out_of_the_ventricles(head, ground, rng):
    lesion = haemorrhage(ground, rng, middle(head), 45.0)
    wall = lesion.solids[0]
    inside = np.argwhere(wall.level > 0) * wall.spacing_mm + wall.origin_mm
    assert (head.anatomy.brain.depth(inside) > 1.0).all()
    assert (head.anatomy["lateral ventricles"].depth(inside) < 0.0).all()


@pytest.mark.parametrize(("pattern", "zone"), [("lobar", "lobar"), ("deep", "deep")])
def test_patterns(regions, rng, pattern, zone):
    made = [x.truth for x in haemorrhages(Ground(regions), rng, 2, pattern=pattern)]
    assert {t.zone for t in made} == {zone}
