from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.vessels.arteries import (
    REACH_MM,
    arteries,
    cortical_arteries,
    perforators,
)
from arteriole.phantom.vessels.courses import COURSES
from arteriole.phantom.vessels.curves import curve


@pytest.fixture(scope="module")
def named(anatomy, surface):
    return arteries(anatomy, surface, np.random.default_rng(3), age_y=60.0)


def length(path):
    return np.linalg.norm(np.diff(path, axis=0), axis=1).sum()


def test_all_arteries_are_there_on_both_sides(anatomy, named):
    assert {a.name for a in named} == set(COURSES)
    assert [a.side for a in named if a.name == "BA"] == ["middle"]
    assert len(named) == 2 * len(COURSES) - 1
    for artery in named:
        if artery.name in ("ICA", "M1"):
            assert (artery.path[:, 0] > 0).mean() == (1.0 if artery.side == "right" else 0.0)
        assert np.isfinite(artery.path).all()
        assert 0.4 < artery.radius_mm.min() <= artery.radius_mm.max() < 3.2


@pytest.mark.parametrize(
    ("one", "two"), [("ICA", "M1"), ("ICA", "A1"), ("A1", "A2"), ("V4", "BA"), ("PCoA", "P2")]
)
def test_one_goes_on_where_another_ends(named, one, two):
    for artery in (a for a in named if a.name == one):
        other = next(a for a in named if a.name == two and a.side in (artery.side, "middle"))
        np.testing.assert_allclose(artery.path[-1], other.path[0], atol=1e-6)


def test_less_than_a_twentieth_of_each_artery_lies_in_tissue(surface, named):
    for name in COURSES:
        inside = np.concatenate([surface.depth(a.path) for a in named if a.name == name])
        assert (inside > 0.5).mean() < 0.05, name


def test_those_of_the_cisterns_keep_near_their_course(anatomy, named):
    for artery in (a for a in named if a.side != "left"):
        course = anatomy.frame.to_world(np.array(COURSES[artery.name].points))
        away, _ = cKDTree(curve(course, step_mm=1.0)).query(artery.path)
        # the way is sought within this reach; winding and settling add to it
        assert away.max() < REACH_MM + 3.0, artery.name
        assert np.linalg.norm(np.diff(artery.path, axis=0), axis=1).max() < 4.0


def test_carotids_run_in_those_that_a_label_map_marks(anatomy, surface, named):
    ways = [np.add(a.path, (3.0, 2.0, 0.0)) for a in named if a.name == "ICA"]
    like = anatomy["csf"]
    points = np.stack(np.broadcast_arrays(*like.points()), axis=-1).reshape(-1, 3)
    away, _ = cKDTree(np.concatenate(ways)).query(points)
    level = (2.5 - away).reshape(like.level.shape).astype(np.float32)
    marked = replace(like, name="arteries", tissue=tissue.ARTERY, level=level)
    labelled = Anatomy((*anatomy.structures, marked), anatomy.brain, anatomy.trunk, anatomy.frame)
    found = arteries(labelled, surface, np.random.default_rng(3), age_y=60.0)
    shares = []
    for group in (named, found):
        bound = np.concatenate([a.path[8:-25] for a in group if a.name == "ICA"])
        shares.append((marked.depth(bound) > -0.5).mean())
    assert shares[1] > max(0.6, shares[0] + 0.3)


def test_age_winds_and_widens(anatomy, surface):
    young, old = (
        arteries(anatomy, surface, np.random.default_rng(3), age_y=a) for a in (30.0, 90.0)
    )
    for name in ("ICA", "A2"):
        one, two = (next(a for a in group if a.name == name) for group in (young, old))
        assert length(two.path) > length(one.path)
        assert two.radius_mm.mean() > 1.05 * one.radius_mm.mean()


def test_perforators_rise_from_m1_into_the_nuclei(anatomy, named, rng):
    pieces = perforators(anatomy, named, rng)
    count = int(pieces.vessel.max()) + 1
    assert 12 <= count <= 24
    paths = np.concatenate([a.path for a in named if a.name == "M1"])
    for vessel in range(count):
        own = pieces.vessel == vessel
        assert np.linalg.norm(paths - pieces.start_mm[own][0], axis=1).min() < 1e-6
        assert pieces.end_mm[own][-1, 2] > pieces.start_mm[own][0, 2] + 15
    assert 0.05 < pieces.radius_mm.min() <= pieces.radius_mm.max() < 0.35


def test_cortical_branches_spread_over_the_surface(surface, named, rng):
    tree = cortical_arteries(surface, named, rng)
    assert (surface.depth(tree.points) < 0.4).mean() > 0.95
    assert np.ptp(tree.points, axis=0).min() > 80
    assert tree.radius_mm.min() > 0.05
