from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.vessels.growth import grow, pieces_of, smoothed, strewn, weave


@pytest.fixture
def web(rng):
    return weave(strewn(rng, np.zeros(3), np.full(3, 30.0), 2.0))


def grown(web, rng, **kind):
    points = web.points
    root = np.array([np.argmin(np.linalg.norm(points - [15, 15, 0], axis=1))])
    leaves = np.flatnonzero(points[:, 2] > 22)[::5]
    radius = rng.uniform(0.05, 0.15, len(leaves))
    cost = np.ones(len(points))
    return grow(web, cost, roots=root, leaves=leaves, leaf_radius_mm=radius, **kind), radius


def test_strewn_fills_a_box_evenly(rng):
    points = strewn(rng, np.zeros(3), np.array([8.0, 10.0, 12.0]), 2.0)
    assert points.shape == (4 * 5 * 6, 3)
    assert (np.floor(points / 2.0).astype(int).max(axis=0) == (3, 4, 5)).all()


def test_weave_joins_near_points_once(web):
    assert (web.one < web.two).all()
    assert web.length_mm.max() <= 4.0
    away = np.linalg.norm(web.points[web.one] - web.points[web.two], axis=1)
    np.testing.assert_allclose(away, web.length_mm)
    assert len(np.unique(np.stack([web.one, web.two]), axis=1).T) == len(web.one)


def test_cubes_of_radii_add_up_where_vessels_join(web, rng):
    tree, leaf = grown(web, rng)
    cubes = tree.radius_mm**3
    below = np.bincount(tree.parent[1:], weights=cubes[1:], minlength=len(cubes))
    joint = tree.children > 1
    assert joint.sum() > 10
    inner = joint & ~np.isin(np.arange(len(cubes)), np.flatnonzero(tree.children == 0))
    own = cubes - below
    # a leaf may lie on another's way: there its own cube is added
    assert (own[inner] > -1e-12).all()
    assert np.median(own[inner]) == pytest.approx(0.0, abs=1e-12)
    assert cubes[0] == pytest.approx((leaf**3).sum())


def test_unseen_tributaries_taper_a_vessel_but_not_a_joint(web, rng):
    tree, leaf = grown(web, rng, gain_mm3_per_mm=1e-4)
    assert tree.radius_mm[0] ** 3 > 1.05 * (leaf**3).sum()
    child = np.flatnonzero(tree.parent >= 0)
    assert (tree.radius_mm[child] <= tree.radius_mm[tree.parent[child]] + 1e-12).all()


def test_sharing_makes_ways_merge(web, rng):
    alone, _ = grown(web, rng, sharing=0.0)
    shared, _ = grown(web, rng, sharing=0.5)
    assert len(shared.points) < 0.85 * len(alone.points)


def test_every_point_leads_to_the_root(web, rng):
    tree, _ = grown(web, rng)
    assert (tree.parent[1:] < np.arange(1, len(tree.parent))).all()
    assert (tree.parent[1:] >= 0).all()
    assert tree.parent[0] == -1


def test_smoothing_straightens_and_leaves_the_ends(web, rng):
    tree, _ = grown(web, rng)
    soft = smoothed(tree, rounds=10)
    fixed = (tree.children == 0) | (tree.parent < 0)
    np.testing.assert_array_equal(soft.points[fixed], tree.points[fixed])

    def turn(t):
        n = np.flatnonzero((t.parent >= 0) & (t.parent[t.parent] >= 0))
        one = t.points[t.parent[n]] - t.points[n]
        two = t.points[t.parent[t.parent[n]]] - t.points[t.parent[n]]
        size = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
        return np.median(np.arccos(np.clip((one * two).sum(axis=1) / size, -1.0, 1.0)))

    assert turn(soft) < 0.5 * turn(tree)
    held = smoothed(tree, keep=lambda p: np.clip(p, 5.0, 25.0))
    assert held.points[~fixed].min() >= 5.0


def test_pieces_join_end_to_end_and_a_vessel_follows_its_widest_branch(web, rng):
    tree, _ = grown(web, rng)
    pieces = pieces_of(tree, most_radius_mm=0.3)
    assert len(pieces.vessel) == len(tree.parent) - 1
    assert pieces.radius_mm.max() <= 0.3
    starts = {tuple(p) for p in pieces.start_mm}
    root = tuple(tree.points[0])
    assert all(tuple(p) in starts or tuple(p) == root for p in pieces.end_mm)
    assert len(np.unique(pieces.vessel)) == (tree.children == 0).sum()


def test_leaves_without_a_way_are_left_out(rng):
    points = np.concatenate(
        [strewn(rng, np.zeros(3) + s, np.full(3, 6.0) + s, 2.0) for s in (0, 50)]
    )
    tree = grow(
        weave(points),
        np.ones(len(points)),
        roots=np.array([0]),
        leaves=np.array([20, 40]),
        leaf_radius_mm=np.array([0.1, 0.1]),
    )
    assert tree.points.max() < 7
    assert tree.radius_mm[0] == pytest.approx(0.1)
