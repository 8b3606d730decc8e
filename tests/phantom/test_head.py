from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.anatomy.generated import generated_anatomy
from arteriole.phantom.anatomy.lattice import draw_warp
from arteriole.phantom.head import make_head
from arteriole.phantom.painting.paint import cover
from arteriole.phantom.tissue import TISSUES
from arteriole.phantom.vessels.oxygenation import chi_of_blood

GRID = Grid.from_voxel_size((88, 104, 96), (2.0, 2.0, 2.0))


@pytest.fixture(scope="module")
def old():
    return make_head(seed=5, spacing_mm=2.0, atrophy=1.0)


def litres(fraction: np.ndarray) -> float:
    return float(fraction.sum(dtype=np.float64)) * GRID.voxel_volume_mm3 * 1e-6


def solid(head, name):
    return head.anatomy[name]


def test_same_seed_same_head(head):
    again = make_head(seed=11, spacing_mm=2.0)
    for one, two in zip(head.anatomy.structures, again.anatomy.structures, strict=True):
        np.testing.assert_array_equal(one.level, two.level)
    np.testing.assert_array_equal(head.vessels[0].start_mm, again.vessels[0].start_mm)
    assert [x.truth for x in head.lesions] == [x.truth for x in again.lesions]


def test_other_seed_other_head(head, old):
    one, two = (cover(GRID, solid(h, "white matter")) for h in (head, old))
    assert np.abs(one - two).mean() > 0.2 * one.mean()
    assert [x.truth for x in head.lesions] != [x.truth for x in old.lesions]


def test_sizes_are_those_of_a_head(head):
    assert 1.1 < litres(cover(GRID, head.anatomy.brain)) < 1.8
    assert 0.1 < litres(cover(GRID, solid(head, "cerebellar cortex"))) < 0.22
    assert 0.005 < litres(cover(GRID, solid(head, "lateral ventricles"))) < 0.09
    assert 0.004 < litres(cover(GRID, solid(head, "putamen"))) < 0.02
    white = cover(GRID, solid(head, "white matter"))
    grey = cover(GRID, solid(head, "cortex")) - white
    assert 0.7 < litres(grey) / litres(white) < 2.0


def test_atrophy_widens_the_ventricles(old):
    young = generated_anatomy(seed=5, spacing_mm=2.0, atrophy=0.0)
    one, two = (litres(cover(GRID, a["lateral ventricles"])) for a in (young, old.anatomy))
    assert two > 1.8 * one


def test_left_is_not_the_mirror_of_right(head):
    white = cover(GRID, solid(head, "white matter"))
    assert np.abs(white - white[::-1]).mean() > 0.05 * white.mean()


def test_lesions_lie_in_the_solid_their_region_names(head):
    of = {
        "cerebellum": {"cerebellar cortex", "cerebellar white matter", "dentate nucleus"},
        **{name: {"brainstem"} for name in ("midbrain", "pons", "medulla")},
        **{name: {name} for name in ("thalamus", "putamen", "pallidum", "caudate", "csf")},
        "choroid plexus": {"choroid plexus"},
    }
    white = {"cortex", "white matter", "optic radiation", "corpus callosum", "internal capsule"}
    for lesion in (x.truth for x in head.lesions):
        seen = head.anatomy.name_at(np.array([lesion.centre_mm]))[0]
        assert seen in of.get(lesion.region, white | {"hippocampus", "amygdala"}), lesion


def test_lesions_have_stated_signs_sizes_and_sides(head):
    kinds = [lesion.truth.kind for lesion in head.lesions]
    assert kinds.count("microbleed") == 6
    assert kinds.count("calcification") >= 2
    for lesion in (x.truth for x in head.lesions):
        assert (lesion.chi_ppm > 0) == (lesion.kind == "microbleed")
        assert 1.0 <= lesion.source_diameter_mm <= 10.0
        if abs(lesion.centre_mm[0]) > 8:
            assert lesion.side == ("right" if lesion.centre_mm[0] > 0 else "left")
        volume = np.pi / 6 * lesion.source_diameter_mm**3
        assert lesion.moment_ppm_mm3 == pytest.approx(lesion.chi_ppm * volume)


def test_with_lesions_replaces_them(head):
    assert head.with_lesions().lesions == ()
    assert head.with_lesions(head.lesions[0]).lesions == head.lesions[:1]


def test_veins_are_thin_and_carry_the_persons_blood(head):
    veins = head.vessels[0]
    blood = chi_of_blood(head.blood.oxygenation, haematocrit=head.blood.haematocrit)
    assert 0.25 < blood < 0.7
    assert len(veins.chi_ppm) > 10_000
    assert np.abs(veins.chi_ppm - blood).max() < 0.11
    assert 0.03 < veins.radius_mm.min() < veins.radius_mm.max() < 5


def test_warp_goes_both_ways(rng):
    warp = draw_warp(rng)
    points = rng.uniform(-60, 60, (50, 3))
    back = np.stack(warp.to_template(*warp.to_world(points).astype(np.float32).T), axis=1)
    np.testing.assert_allclose(back, points, atol=0.02)


def test_tissue_rows_are_where_their_names_say():
    assert TISSUES[tissue.PALLIDUM].name == "pallidum"
    assert TISSUES[tissue.CALCIFICATION].chi_ppm < 0
    assert TISSUES[tissue.VEIN].name == "venous blood"
    assert len(TISSUES) == tissue.OPTIC_NERVE + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"atrophy": 1.5}, r"atrophy lies in \[0, 1\], not 1.5"),
        ({"spacing_mm": 0.1}, "every 0.5 to 3 mm, not 0.1"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        make_head(seed=1, **change)
