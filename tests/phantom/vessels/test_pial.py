from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.vessels.pial import intracortical_veins, pial_veins
from arteriole.phantom.vessels.sinuses import sinuses


@pytest.fixture(scope="module")
def grown(anatomy, surface):
    rng = np.random.default_rng(5)
    return pial_veins(anatomy, surface, sinuses(anatomy, rng), rng)


def test_the_web_has_no_step_through_a_gyrus(surface):
    web = surface.web
    assert surface.depth(0.5 * (web.points[web.one] + web.points[web.two])).max() < 0.5
    assert surface.depth_mm.max() < 0.25


def test_veins_creep_in_the_fluid(anatomy, surface, grown):
    tree, _ = grown
    depth = surface.depth(tree.points)
    assert (depth < 0.4).mean() > 0.95
    assert (depth > -4.0).mean() > 0.99
    assert (anatomy.brain.depth(tree.points) > -2.5).mean() > 0.99


def test_they_widen_towards_the_sinuses(grown):
    tree, bridges = grown
    leaves = tree.children == 0
    assert 0.1 < np.median(tree.radius_mm[leaves]) < 0.18
    roots = tree.parent < 0
    assert 5 < roots.sum() < 120
    assert 0.5 < tree.radius_mm[roots].max() < 1.6
    assert len(bridges.vessel) == roots.sum()
    length = np.linalg.norm(bridges.end_mm - bridges.start_mm, axis=1)
    assert length.max() < 9.0


def test_intracortical_veins_go_into_tissue(surface, grown, rng):
    tree, _ = grown
    pieces = intracortical_veins(surface, tree, rng)
    assert len(np.unique(pieces.vessel)) > 200
    assert (surface.depth(pieces.start_mm) > 0.0).mean() > 0.8
    assert 0.04 <= pieces.radius_mm.min() <= pieces.radius_mm.max() <= 0.16
    _, first = np.unique(pieces.vessel, return_index=True)
    from_tree = {tuple(p) for p in tree.points}
    assert all(tuple(p) in from_tree for p in pieces.end_mm[first])
