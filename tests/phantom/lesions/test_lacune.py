from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.lesions.lacune import lacune
from arteriole.phantom.lesions.terrain import inner_depth
from arteriole.phantom.painting.paint import cover


@pytest.fixture(scope="module")
def many(terrain, regions):
    rng = np.random.default_rng(2)
    made = []
    for _ in range(14):
        made.append(lacune(terrain, regions, rng, [x.truth for x in made]))
    return made


def inside_points(solid):
    return np.asarray(solid.origin_mm) + solid.spacing_mm * np.argwhere(solid.level > 0)


def test_cavities_are_3_to_15_mm_over_a_thin_rim(many):
    for lesion in many:
        rim, cavity = lesion.solids
        assert (rim.tissue, cavity.tissue) == (tissue.GLIOSIS, tissue.CAVITY)
        assert 2.7 < lesion.truth.extent_mm[0] < 16.0
        points = inside_points(cavity)
        thick = (rim.depth(points) - cavity.depth(points)).max()
        assert 0.4 < thick < 1.55


def test_some_rims_are_incomplete(many):
    thinnest = []
    for lesion in many:
        rim, cavity = lesion.solids
        points = inside_points(cavity)
        points = points[cavity.depth(points) < 0.6]
        thinnest.append(float((rim.depth(points) - cavity.depth(points)).min()))
    assert min(thinnest) < 0.05
    assert max(thinnest) > 0.4


def test_they_touch_neither_cortex_nor_other_fluid(head, many):
    for lesion in many:
        points = inside_points(lesion.solids[0])
        assert (inner_depth(head.anatomy, points) >= 0).all()


def test_they_lie_apart(many):
    for i, one in enumerate(many):
        for two in many[i + 1 :]:
            away = np.linalg.norm(np.subtract(one.truth.centre_mm, two.truth.centre_mm))
            longest = (one.truth.extent_mm[0] + two.truth.extent_mm[0]) / 2
            assert away > longest


def test_the_painted_cavity_has_the_volume_of_its_row(many):
    for lesion in many:
        cavity = lesion.solids[1]
        affine = np.diag([0.3, 0.3, 0.3, 1.0])
        affine[:3, 3] = np.asarray(cavity.origin_mm) - 1
        shape = tuple(int(n) for n in (np.array(cavity.level.shape) * cavity.spacing_mm + 2) / 0.3)
        painted = cover(Grid(shape, affine), cavity).sum(dtype=np.float64) * 0.3**3
        assert painted == pytest.approx(lesion.truth.volume_mm3, rel=0.03)


def test_rows_say_where(many):
    regions = {x.truth.region for x in many}
    assert len(regions) > 3
    assert {x.truth.form for x in many} == {"ovoid", "wedge"}
    assert all(x.truth.zone in ("deep", "infratentorial", "lobar") for x in many)


def test_same_seed_same_bytes(terrain, regions):
    one, two = (lacune(terrain, regions, np.random.default_rng(5), []) for _ in range(2))
    assert one.truth == two.truth
    assert one.solids[1].level.tobytes() == two.solids[1].level.tobytes()


def test_refuses_without_room(terrain, regions, many):
    everywhere = [
        type(many[0].truth)(**{**vars(many[0].truth), "extent_mm": (400.0, 400.0, 400.0)})
    ]
    with pytest.raises(ValueError, match="no room for a lacune within 80 tries"):
        lacune(terrain, regions, np.random.default_rng(1), everywhere)
