from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.lesions.place_at import place_at


def deepest(head, name):
    solid = head.anatomy[name]
    cell = np.unravel_index(int(np.argmax(solid.level)), solid.level.shape)
    return tuple(np.asarray(solid.origin_mm) + np.asarray(cell) * solid.spacing_mm)


@pytest.fixture(scope="module")
def at(head):
    return {name: deepest(head, name) for name in ("thalamus", "putamen")}


def test_lies_where_it_was_asked_for(head, regions, at):
    lesion = place_at(
        head.anatomy, "microbleed", at["thalamus"], diameter_mm=2.5, region="thalamus"
    )
    assert lesion.is_sphere
    assert lesion.truth.region == "thalamus"
    assert lesion.truth.zone == "deep"
    assert lesion.truth.centre_mm == pytest.approx(at["thalamus"], abs=1e-3)
    assert lesion.truth.moment_ppm_mm3 == pytest.approx(np.pi / 6 * 2.5**3, rel=1e-3)


def test_calcification_is_diamagnetic_unless_told(head, regions, at):
    lesion = place_at(
        head.anatomy, "calcification", at["putamen"], diameter_mm=2.0, regions=regions
    )
    assert lesion.truth.chi_ppm == -1.5


@pytest.mark.parametrize(
    ("kind", "centre", "change", "message"),
    [
        (
            "microbleed",
            "thalamus",
            {"region": "putamen"},
            r"of 2 mm at \(.*\) mm lies outside the putamen: the \w+ thalamus is there; move it",
        ),
        ("microbleed", (300.0, 0.0, 0.0), {}, "outside brain tissue: the right outside is there"),
        ("calcification", (300.0, 0.0, 0.0), {}, "lies outside the skull; move it inside"),
        ("flow void", "thalamus", {}, "outside fluid: the .* thalamus is there; move it into a su"),
        ("lacune", "thalamus", {}, "can be put at a place, not 'lacune'"),
        ("microbleed", "thalamus", {"diameter_mm": 20.0}, "0.5 to 10 mm wide, not 20"),
        ("microbleed", "thalamus", {"chi_ppm": -1.0}, "lies above 0, not -1.0 ppm"),
        ("calcification", "thalamus", {"chi_ppm": 1.0}, "lies below 0, not 1.0 ppm"),
        ("microbleed", "thalamus", {"region": "knee"}, "no region is called 'knee'; there are fr"),
    ],
)
def test_refuses(head, regions, at, kind, centre, change, message):
    place = at.get(centre, centre) if isinstance(centre, str) else centre
    given = {"diameter_mm": 2.0, "regions": regions, **change}
    with pytest.raises(ValueError, match=message):
        place_at(head.anatomy, kind, place, **given)
