from __future__ import annotations

import time

import numpy as np
import pytest
import scipy.ndimage

from arteriole.phantom.lesions.regions import REGIONS, ZONES, Regions


def seen(head, name, count=200, depth=1.0):
    solid = head.anatomy[name]
    cells = np.argwhere(solid.level > depth)
    cells = cells[:: max(1, len(cells) // (8 * count))]
    points = np.asarray(solid.origin_mm) + cells * solid.spacing_mm
    points = points[head.anatomy.visible_depth(name, points) > 0.2]
    return points[:: max(1, len(points) // count)]


@pytest.mark.parametrize("name", ["thalamus", "putamen", "pallidum", "caudate"])
def test_nuclei_are_named_by_their_solid(head, regions, name):
    places = regions.where(seen(head, name))
    assert {p.region for p in places} == {name}
    assert {p.zone for p in places} == {"deep"}
    assert {p.side for p in places} == {"left", "right"}


def test_side_is_that_of_the_template(head, regions):
    points = seen(head, "putamen")
    x = regions.template(points)[:, 0]
    for place, across in zip(regions.where(points), x, strict=True):
        assert place.side == ("right" if across > 0 else "left")


def test_brainstem_has_three_parts_from_top_to_bottom(head, regions):
    points = seen(head, "brainstem", 2000)
    found = np.array([p.region for p in regions.where(points)])
    assert set(found) <= {"midbrain", "pons", "medulla", "cerebellum"}
    heights = [points[found == r, 2].mean() for r in ("midbrain", "pons", "medulla")]
    assert heights == sorted(heights, reverse=True)


def test_white_matter_is_deep_within_ten_millimetres_of_the_ventricles(head, regions):
    points = seen(head, "white matter", 3000)
    away = regions.ventricle_distance_mm(points)
    for place, d in zip(regions.where(points), away, strict=True):
        if place.zone == "lobar":
            assert d > 10.0
        elif place.region == "periventricular white matter":
            assert d <= 10.0
    none = Regions(head.anatomy, deep_mm=0.0).where(points)
    assert "periventricular white matter" not in {p.region for p in none}


def test_cortex_is_lobar_and_all_lobes_are_there(head, regions):
    places = regions.where(seen(head, "cortex", 4000, depth=0.3))
    assert {p.zone for p in places} == {"lobar"}
    assert {p.region for p in places} >= {*REGIONS[:4], "insula"}


def test_external_capsule_and_insula_lie_beside_the_putamen(head, regions):
    points = np.concatenate([seen(head, n, 20000, 0.2) for n in ("white matter", "cortex")])
    found = np.array([p.region for p in regions.where(points)])
    for name in ("external capsule", "insula"):
        x = np.abs(regions.template(points[found == name])[:, 0])
        assert len(x) > 3
        assert 26 < np.median(x) < 46
    assert (regions.anatomy["putamen"].depth(points[found == "external capsule"]) <= 0).all()


def test_outside_the_brain(head, regions):
    far, skull = np.array([[300.0, 0, 0]]), seen(head, "skull", 20)
    assert regions.where(far)[0].region == "outside"
    assert regions.where(far)[0].solid == ""
    assert {p.region for p in regions.where(skull)} == {"skull"}
    assert {p.zone for p in regions.where(skull)} == {""}


def test_distance_is_a_true_one(head, regions):
    solid, far = head.anatomy["lateral ventricles"], regions.ventricles
    x, y, z = np.broadcast_arrays(*far.points())
    points = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
    surface = points[np.abs(solid.depth(points)) < 0.3]
    probe = points[(-far.level.ravel() > 6) & (-far.level.ravel() < 30)][::4001]
    exact = np.array([np.linalg.norm(surface - p, axis=1).min() for p in probe])
    error = regions.ventricle_distance_mm(probe) - exact
    assert np.abs(error).mean() < 0.6
    assert np.abs(error).max() < 2.0
    inside = scipy.ndimage.binary_erosion(far.level > 0)
    assert (solid.depth(points)[inside.ravel()] > 0).all()


def test_codes_and_places_agree(head, regions, rng):
    points = rng.uniform(-70, 70, (500, 3))
    codes = regions.codes(points)
    places = regions.where(points)
    assert [REGIONS[c] for c in codes] == [p.region for p in places]
    assert all(p.zone == ZONES[p.region] for p in places)


def test_is_built_quickly(head):
    made = Regions(head.anatomy)
    start = time.process_time()
    made.where(np.zeros((1, 3)))
    _ = made.ventricles
    assert time.process_time() - start < 6.0


def test_refuses_a_negative_depth(head):
    with pytest.raises(ValueError, match="not negative, not -1"):
        Regions(head.anatomy, deep_mm=-1.0)
