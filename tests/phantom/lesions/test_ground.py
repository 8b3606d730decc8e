from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.lesions.ground import GAP_MM, parenchyma_share, row
from arteriole.phantom.lesions.regions import Place


def test_points_are_deep_enough_and_apart(head, ground, rng):
    points = [ground.draw(rng, "thalamus", depth_mm=1.0, radius_mm=1.0) for _ in range(6)]
    assert (head.anatomy.visible_depth("thalamus", np.array(points)) >= 1.0).all()
    apart = np.linalg.norm(np.array(points)[:, None] - np.array(points)[None], axis=2)
    assert apart[np.triu_indices(6, 1)].min() > GAP_MM + 2.0


def test_never_overlaps_what_is_there(ground, rng):
    made = [ground.draw(rng, "pallidum", depth_mm=0.5, radius_mm=2.0) for _ in range(4)]
    apart = np.linalg.norm(np.array(made)[:, None] - np.array(made)[None], axis=2)
    assert apart[np.triu_indices(4, 1)].min() > 4.0


def test_refuses_when_there_is_no_room(ground, rng):
    ground.take(np.zeros(3), 300.0)
    with pytest.raises(ValueError, match=r"no room for a lesion of 80\.0 mm at least 0\.5 mm in"):
        ground.draw(rng, "putamen", depth_mm=0.5, radius_mm=40.0)
    with pytest.raises(ValueError, match=r"at least 90\.0 mm inside the thalamus: ask for fewer"):
        ground.draw(rng, "thalamus", depth_mm=90.0, radius_mm=1.0)


def test_share_of_tissue_around(head, regions):
    thalamus = head.anatomy["thalamus"]
    deepest = np.unravel_index(int(np.argmax(thalamus.level)), thalamus.level.shape)
    point = np.asarray(thalamus.origin_mm) + np.asarray(deepest) * thalamus.spacing_mm
    assert parenchyma_share(regions, point, 2.0)[0] == 1.0
    assert parenchyma_share(regions, np.array([300.0, 0, 0]), 2.0)[0] == 0.0


def test_row_keeps_volume_and_moment():
    place = Place("thalamus", "left", "deep", "thalamus")
    truth = row("microbleed", place, (1.23456, 2, 3), volume_mm3=20.0, moment_ppm_mm3=13.0)
    assert truth.volume_mm3 == pytest.approx(20.0, rel=1e-4)
    assert truth.moment_ppm_mm3 == pytest.approx(13.0, rel=1e-4)
    assert truth.centre_mm == (1.235, 2.0, 3.0)
    assert truth.region == "thalamus"
