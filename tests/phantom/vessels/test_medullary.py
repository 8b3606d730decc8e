from __future__ import annotations

import numpy as np

from arteriole.phantom.vessels.medullary import DRAINED, EXITS_MM, VENTRICLES, medullary_veins
from arteriole.phantom.vessels.surfaces import depth_in_any


def test_every_vein_reaches_the_ventricles_wall(anatomy, medullary):
    roots = medullary.parent < 0
    assert 2 <= roots.sum() <= 2 * len(EXITS_MM)
    depth = anatomy["lateral ventricles"].depth(medullary.points[roots])
    assert depth.min() > -2.0
    # nearly all come in along the wall, not straight into an exit
    child = np.flatnonzero(medullary.parent >= 0)
    last = child[roots[medullary.parent[child]]]
    assert anatomy["lateral ventricles"].depth(medullary.points[last]).min() > -4.5


def test_they_stay_out_of_fluid_and_in_tissue(anatomy, medullary):
    assert depth_in_any(anatomy, VENTRICLES)(medullary.points).max() < 0.3
    inside = depth_in_any(anatomy, DRAINED)(medullary.points) > -0.5
    assert inside.mean() > 0.97


def test_radii_are_fine_in_white_matter_and_those_of_trunks_at_the_exits(anatomy, medullary):
    leaves = medullary.children == 0
    assert medullary.radius_mm[leaves].min() >= 0.05
    assert 0.08 < np.median(medullary.radius_mm[leaves]) < 0.16
    away = -anatomy["lateral ventricles"].depth(medullary.points)
    far = (away > 6.0) & (away < 100.0)
    assert np.quantile(medullary.radius_mm[far], 0.95) < 0.45
    assert 0.6 < medullary.radius_mm.max() < 1.6


def test_they_converge_rather_than_run_in_parallel(anatomy, medullary):
    away = -anatomy["lateral ventricles"].depth(medullary.points)
    inner = np.flatnonzero(medullary.parent >= 0)
    inwards = ((away[inner] > 3.0) & (away[medullary.parent[inner]] <= 3.0)).sum()
    beyond = ((medullary.children == 0) & (away > 3.0)).sum()
    assert 30 < inwards < 0.4 * beyond


def test_they_bend_but_gently(medullary):
    up = medullary.parent
    inner = np.flatnonzero((up >= 0) & (up[up] >= 0))
    one = medullary.points[up[inner]] - medullary.points[inner]
    two = medullary.points[up[up[inner]]] - medullary.points[up[inner]]
    cosine = (one * two).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(two, axis=1)
    angle = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    assert 3.0 < np.median(angle) < 25.0


def test_same_seed_same_veins(anatomy, medullary):
    again = medullary_veins(anatomy, np.random.default_rng(2))
    np.testing.assert_array_equal(again.points, medullary.points)
    np.testing.assert_array_equal(again.radius_mm, medullary.radius_mm)
