from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.lesions.ground import Ground, parenchyma_share
from arteriole.phantom.lesions.microbleeds import SITES, draw_diameter_mm, microbleed, microbleeds
from arteriole.phantom.painting.paint import Canvas, paint_structure
from arteriole.phantom.painting.scene import _paint_sphere
from arteriole.phantom.tissue import CHI_AIR_PPM, TISSUES


def painted_moment(lesion) -> float:
    """Paint one lesion in water on cells of 0.5 mm and add up its susceptibility."""
    centre = lesion.truth.centre_mm
    base = Grid.from_voxel_size((50, 50, 50), (0.5, 0.5, 0.5))
    affine = np.array(base.affine)
    affine[:3, 3] += centre
    canvas = Canvas.blank(Grid(base.shape, affine))
    canvas.chi_ppm[:] = -CHI_AIR_PPM
    values = np.zeros((len(TISSUES), 4), dtype=np.float32)
    values[:, 3] = -CHI_AIR_PPM
    if lesion.is_sphere:
        _paint_sphere(canvas, lesion.truth, values, with_chi=True)
    for solid in lesion.solids:
        paint_structure(canvas, solid, values[solid.tissue])
    total = (canvas.chi_ppm + np.float32(CHI_AIR_PPM)).sum(dtype=np.float64)
    return float(total) * canvas.grid.voxel_volume_mm3


def test_sizes_are_spread_as_said(rng):
    sizes = np.array([draw_diameter_mm(rng) for _ in range(2000)])
    assert sizes.min() >= 1.0
    assert sizes.max() <= 10.0
    assert np.median(sizes) == pytest.approx(2.2, rel=0.06)


def test_moment_is_what_is_painted(ground, rng):
    centre = ground.draw(rng, "white matter", depth_mm=3.0, radius_mm=4.0)
    for diameter in (2.0, 3.5, 5.0, 7.5, 9.0):
        for _ in range(3):
            lesion = microbleed(ground, rng, centre, diameter, 1.4)
            truth = lesion.truth
            assert painted_moment(lesion) == pytest.approx(truth.moment_ppm_mm3, rel=0.03)
            assert truth.chi_ppm == pytest.approx(1.4, rel=1e-4)
            assert truth.source_diameter_mm == pytest.approx(diameter, rel=0.12)


def test_all_lie_in_the_brain_apart_from_each_other(regions, ground, rng):
    made = [x.truth for x in microbleeds(ground, rng, 40)]
    assert all(t.zone for t in made)
    at = np.array([t.centre_mm for t in made])
    radius = np.array([0.5 * t.source_diameter_mm for t in made])
    share = [parenchyma_share(regions, a, r + 1.0)[0] for a, r in zip(at, radius, strict=True)]
    assert np.mean(np.array(share) >= 0.5) > 0.95
    gap = np.linalg.norm(at[:, None] - at[None], axis=2) - radius[:, None] - radius[None]
    assert gap[np.triu_indices(40, 1)].min() > 0


def test_mixed_pattern_follows_public_tables(regions, rng):
    made = [x.truth for x in microbleeds(Ground(regions), rng, 80)]
    lobar = np.mean([t.zone == "lobar" for t in made])
    assert 0.50 < lobar < 0.86
    assert {t.zone for t in made} == {"lobar", "deep", "infratentorial"}


@pytest.mark.parametrize(("pattern", "never"), [("lobar", "deep"), ("deep", "lobar")])
def test_strict_patterns_are_strict(regions, rng, pattern, never):
    made = [x.truth for x in microbleeds(Ground(regions), rng, 30, pattern=pattern)]
    assert never not in {t.zone for t in made}
    if pattern == "lobar":
        assert {t.region for t in made if t.zone == "infratentorial"} <= {"cerebellum"}


def test_shares_add_up():
    for odds in SITES.values():
        assert sum(odds.values()) == pytest.approx(1.0)


def test_same_seed_same_lesions(regions):
    one, two = (
        [x.truth for x in microbleeds(Ground(regions), np.random.default_rng(4), 5)] for _ in "ab"
    )
    assert one == two
