from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.lesions.grades import true_grades
from arteriole.phantom.lesions.hyperintensity import hyperintensities, intended_grades
from arteriole.phantom.painting.paint import Canvas, cover, paint_structure

GRADES = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3)]


@pytest.fixture(scope="module")
def severe(terrain, regions):
    return hyperintensities(terrain, regions, 2.8, np.random.default_rng(1), grades=(3, 3))


def lattice_points(solid):
    return np.asarray(solid.origin_mm) + solid.spacing_mm * np.argwhere(solid.level > 0)


def painted_mm3(solid, spacing):
    low = np.asarray(solid.origin_mm) - 2
    shape = tuple(int(s) for s in (solid.spacing_mm * np.array(solid.level.shape) + 4) / spacing)
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = low
    return float(cover(Grid(shape, affine), solid).sum(dtype=np.float64)) * spacing**3


@pytest.fixture(scope="module")
def graded(terrain, regions):
    made = []
    for seed, grades in enumerate(GRADES):
        rng = np.random.default_rng(seed)
        severity = max(float(np.mean(grades)), 0.2)
        lesions = hyperintensities(terrain, regions, severity, rng, grades=grades)
        made.append((grades, true_grades(regions, lesions)))
    return made


def test_true_geometry_has_the_intended_grades(graded):
    for grades, found in graded:
        assert (found.fazekas_periventricular, found.fazekas_deep) == grades


def test_volumes_follow_the_published_bands(graded):
    # 3.4, 9.6 and 17.1 mL divide total grades 0 to 3 (PMC9477348).
    bands = {0: (0.0, 3.4), 1: (0.0, 9.6), 2: (2.0, 23.0), 3: (13.0, 60.0)}
    for grades, found in graded:
        low, high = bands[max(grades)]
        assert low <= found.wmh_volume_ml < high


def test_more_severe_is_more(terrain, regions):
    volumes = [
        sum(
            x.truth.volume_mm3
            for x in hyperintensities(terrain, regions, severity, np.random.default_rng(1))
        )
        for severity in (0.0, 0.6, 1.2, 2.0, 3.0)
    ]
    assert volumes[0] == 0.0
    assert np.all(np.diff(volumes) > 0)


def test_they_lie_in_white_matter_that_is_seen(head, severe):
    points = np.concatenate([lattice_points(x.solids[0]) for x in severe])
    names = np.array(head.anatomy.name_at(points))
    assert np.isin(names, ["white matter", "optic radiation"]).mean() > 0.99


def test_fibres_under_the_cortex_are_spared(terrain, severe):
    points = np.concatenate([lattice_points(x.solids[0]) for x in severe])
    assert np.quantile(terrain.at(terrain.beneath_cortex, points), 0.01) > 1.8


def test_rows_are_components_with_their_volume(severe):
    low = np.min([x.solids[0].origin_mm for x in severe], axis=0) - 2
    affine = np.eye(4)
    affine[:3, 3] = low
    grid = Grid((170, 190, 130), affine)
    union = np.zeros(grid.shape, dtype=bool)
    for lesion in severe:
        union |= cover(grid, lesion.solids[0]) > 0.5
    big = [x for x in severe if x.truth.volume_mm3 > 100]
    label, _ = scipy.ndimage.label(union)
    sizes = np.bincount(label.ravel())[1:]
    assert (sizes > 100).sum() == pytest.approx(len(big), abs=1)
    for lesion in (x for x in severe if x.truth.volume_mm3 > 20):
        solid, truth = lesion.solids[0], lesion.truth
        # What is thinner than a few cells is blurred to more than it is.
        tolerance = 0.03 if truth.volume_mm3 > 100 else 0.2
        fine = min(0.35, truth.source_diameter_mm / 6)
        assert painted_mm3(solid, fine) == pytest.approx(truth.volume_mm3, rel=tolerance)
    painted = sum(painted_mm3(x.solids[0], 0.5) for x in severe)
    assert painted == pytest.approx(sum(x.truth.volume_mm3 for x in severe), rel=0.03)


def test_both_sides_are_alike_but_not_mirrored(severe):
    side = {
        s: sum(x.truth.volume_mm3 for x in severe if x.truth.side == s) for s in ("left", "right")
    }
    assert 0.4 < side["left"] / side["right"] < 2.5
    assert side["left"] != pytest.approx(side["right"], rel=1e-3)


def test_rows_say_what_they_are(severe):
    forms = {x.truth.form for x in severe}
    assert forms <= {"cap", "band", "lining", "punctate", "confluent"}
    assert "band" in forms
    for lesion in severe:
        assert lesion.truth.kind == "hyperintensity"
        assert lesion.truth.extent_mm == tuple(sorted(lesion.truth.extent_mm, reverse=True))
        assert 0.5 <= lesion.solids[0].edge_mm <= 1.5
        assert 0.5 <= lesion.solids[0].strength <= 1.0


def test_the_edge_is_as_soft_as_stated(severe):
    big = max(severe, key=lambda x: x.truth.volume_mm3)
    solid = big.solids[0]
    size = (6 * np.array(solid.level.shape)).tolist()
    affine = np.diag([solid.spacing_mm / 6] * 3 + [1.0])
    affine[:3, 3] = solid.origin_mm
    canvas = Canvas.blank(Grid((size[0], size[1], 40), affine @ shifted(size[2] // 2)))
    paint_structure(canvas, solid, np.array([0, 0, 1, 0], dtype=np.float32))
    full = canvas.signal.max()
    assert full == pytest.approx(solid.strength, abs=0.02)
    # Where the depth changes by 1 mm a mm, half of the edge lies within the solid.
    part = (canvas.signal > 0.02 * full) & (canvas.signal < 0.98 * full)
    depth = np.abs(solid.depth(points_of(canvas.grid)[part.ravel()]))
    assert depth.max() <= solid.edge_mm / 2 + 0.02


def shifted(k):
    affine = np.eye(4)
    affine[2, 3] = k
    return affine


def points_of(grid):
    cells = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)
    return cells.reshape(-1, 3) @ grid.affine[:3, :3].T + grid.affine[:3, 3]


def test_same_seed_same_bytes(terrain, regions, severe):
    again = hyperintensities(terrain, regions, 2.8, np.random.default_rng(1), grades=(3, 3))
    assert [x.truth for x in again] == [x.truth for x in severe]
    for a, b in zip(again, severe, strict=True):
        assert a.solids[0].level.tobytes() == b.solids[0].level.tobytes()


def test_intended_grades_stay_near_the_severity(rng):
    assert intended_grades(0.0, rng) == (0, 0)
    for severity in np.linspace(0.1, 3.0, 30):
        around, deep = intended_grades(float(severity), rng)
        assert abs(around - severity) <= 1
        assert abs(deep - severity) <= 1
        assert abs(around - deep) <= 1


def test_all_is_of_one_tissue(severe):
    assert {s.tissue for x in severe for s in x.solids} == {tissue.HYPERINTENSITY}


def test_refuses(terrain, regions, rng):
    with pytest.raises(ValueError, match=r"severity lies in \[0, 3\], not 3.2"):
        hyperintensities(terrain, regions, 3.2, rng)
