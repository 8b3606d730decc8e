from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.lesions.infarct import cortical_infarct, subcortical_infarct
from arteriole.phantom.lesions.terrain import inner_depth


@pytest.fixture(scope="module")
def recent(terrain, regions):
    rng = np.random.default_rng(4)
    return [subcortical_infarct(terrain, regions, rng, []) for _ in range(6)]


@pytest.fixture(scope="module")
def old(terrain, regions):
    rng = np.random.default_rng(6)
    return [cortical_infarct(terrain, regions, rng, []) for _ in range(4)]


def points_in(solid):
    return np.asarray(solid.origin_mm) + solid.spacing_mm * np.argwhere(solid.level > 0)


def test_recent_ones_are_small_and_deep(head, recent):
    for lesion in recent:
        assert 3.0 < lesion.truth.extent_mm[0] < 20.0
        (solid,) = lesion.solids
        assert solid.tissue == tissue.RECENT_INFARCT
        assert (inner_depth(head.anatomy, points_in(solid)) >= 0).all()


def test_old_ones_take_cortex_and_white_matter_and_spare_the_rest(head, old):
    for lesion in old:
        border, scar, lost = lesion.solids
        names = head.anatomy.name_at(points_in(scar))
        cortex, white = (np.mean([n == w for n in names]) for w in ("cortex", "white matter"))
        assert cortex > 0.1
        assert white > 0.1
        assert cortex + white > 0.9
        assert lost.tissue == tissue.CSF
        assert scar.depth(points_in(lost)).min() > -0.2
        assert (border.level > 0).sum() > (scar.level > 0).sum() * 0.4


def test_old_ones_point_to_the_ventricle(terrain, old):
    for lesion in old:
        points = points_in(lesion.solids[1])
        depth = terrain.at(terrain.from_ventricle, points)
        far, near = points[depth > np.median(depth)], points[depth <= np.median(depth)]
        spread = [np.linalg.norm(p - p.mean(axis=0), axis=1).mean() for p in (far, near)]
        assert spread[0] > 0.8 * spread[1]


def test_same_seed_same_rows(terrain, regions):
    for draw in (subcortical_infarct, cortical_infarct):
        one, two = (draw(terrain, regions, np.random.default_rng(5), []) for _ in range(2))
        assert one.truth == two.truth


@pytest.mark.parametrize("draw", [subcortical_infarct, cortical_infarct])
def test_refuses_without_room(terrain, regions, old, draw):
    everywhere = [replace(old[0].truth, extent_mm=(400.0, 400.0, 400.0))]
    with pytest.raises(ValueError, match=r"no room for a \w+ infarct within 80 tries"):
        draw(terrain, regions, np.random.default_rng(1), everywhere)
