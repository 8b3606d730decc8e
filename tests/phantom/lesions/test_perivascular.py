from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.lesions.perivascular import SIZES, perivascular_spaces
from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.painting.paint_tubes import paint_tubes


@pytest.fixture(scope="module")
def centrum(terrain, regions):
    return perivascular_spaces(terrain, regions, "centrum semiovale", 80, np.random.default_rng(3))


@pytest.fixture(scope="module")
def basal(terrain, regions):
    return perivascular_spaces(terrain, regions, "basal ganglia", 40, np.random.default_rng(3))


def ends(lesion):
    return lesion.tubes.start_mm[0].astype(float), lesion.tubes.end_mm[-1].astype(float)


def test_there_are_as_many_as_asked_of_stated_sizes(centrum, basal):
    assert (len(centrum), len(basal)) == (80, 40)
    for lesion in (*centrum, *basal):
        assert lesion.tubes.tissue == tissue.PERIVASCULAR
        assert 2.9 <= lesion.truth.extent_mm[0] <= 20.1
        assert lesion.tubes.radius_mm.max() <= 1.13
        assert lesion.tubes.radius_mm.min() >= 0.2 * 0.7 * 0.88 - 1e-3
        assert (lesion.tubes.chi_ppm == 0).all()


def test_those_of_the_centrum_run_from_the_cortex_to_the_ventricle(terrain, centrum):
    starts, stops = (np.array(p) for p in zip(*[ends(x) for x in centrum], strict=True))
    nearer = terrain.at(terrain.from_ventricle, starts) - terrain.at(terrain.from_ventricle, stops)
    assert (nearer > 0).mean() > 0.8
    way = stops - starts
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    # Seven of ten within 45 degrees of the perpendicular to the cortex at their outer end.
    upright = np.abs((way * terrain.to_cortex(starts)).sum(axis=1))
    assert (upright > np.cos(np.radians(45))).mean() > 0.7


def test_those_of_the_basal_ganglia_fan_out_from_below(head, basal):
    ways = []
    for lesion in basal:
        start, stop = ends(lesion)
        gate = head.anatomy.frame.to_world(
            np.array([[17.0 if start[0] > 0 else -17.0, 4.0, -17.0]])
        )[0]
        out = (start - gate) / np.linalg.norm(start - gate)
        ways.append((stop - start) @ out / np.linalg.norm(stop - start))
        assert stop[2] > start[2] - 3.0
    assert np.median(ways) > np.cos(np.radians(20))


def test_they_lie_in_their_tissue(head, centrum, basal):
    for lesions, allowed, least in (
        (centrum, {"white matter", "optic radiation"}, 0.98),
        (
            basal,
            {"putamen", "pallidum", "caudate", "internal capsule", "white matter", "thalamus"},
            0.95,
        ),
    ):
        points = np.concatenate([x.tubes.start_mm for x in lesions])
        names = head.anatomy.name_at(points)
        assert np.mean([n in allowed for n in names]) > least


def test_the_painted_volume_is_that_of_the_row(centrum):
    rows = painted = 0.0
    for lesion in centrum[:12]:
        low = np.minimum(lesion.tubes.start_mm, lesion.tubes.end_mm).min(axis=0) - 3
        high = np.maximum(lesion.tubes.start_mm, lesion.tubes.end_mm).max(axis=0) + 3
        affine = np.diag([0.25, 0.25, 0.25, 1.0])
        affine[:3, 3] = low
        shape = tuple(int(n) for n in (high - low) / 0.25)
        canvas = Canvas.blank(Grid(shape, affine))
        paint_tubes(canvas, lesion.tubes, np.array([0, 0, 1, 0], dtype=np.float32))
        painted += canvas.signal.sum(dtype=np.float64) * 0.25**3
        rows += lesion.truth.volume_mm3
    # Round ends and joints add a little to the sum of the frusta.
    assert painted == pytest.approx(rows, rel=0.10)


def test_both_sides_have_some(centrum, basal):
    for lesions in (centrum, basal):
        left = np.mean([x.truth.side == "left" for x in lesions])
        assert 0.2 < left < 0.8


def test_same_seed_same_bytes(terrain, regions):
    one, two = (
        perivascular_spaces(terrain, regions, "basal ganglia", 5, np.random.default_rng(1))
        for _ in range(2)
    )
    for a, b in zip(one, two, strict=True):
        assert a.truth == b.truth
        assert a.tubes.end_mm.tobytes() == b.tubes.end_mm.tobytes()


@pytest.mark.parametrize(
    ("group", "count", "message"),
    [
        ("hippocampus", 3, "not 'hippocampus'"),
        ("basal ganglia", -1, "count from zero, not -1"),
    ],
)
def test_refuses(terrain, regions, rng, group, count, message):
    with pytest.raises(ValueError, match=message):
        perivascular_spaces(terrain, regions, group, count, rng)


def test_refuses_more_than_there_is_room_for(terrain, regions, rng, monkeypatch):
    wide = replace(SIZES["basal ganglia"], gap_mm=40.0)
    monkeypatch.setitem(SIZES, "basal ganglia", wide)
    with pytest.raises(ValueError, match=r"room for \d+ of 20 perivascular spaces in the basal"):
        perivascular_spaces(terrain, regions, "basal ganglia", 20, rng)


def test_none_of_none(terrain, regions, rng):
    assert perivascular_spaces(terrain, regions, "basal ganglia", 0, rng) == []
