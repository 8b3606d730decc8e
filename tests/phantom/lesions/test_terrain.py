from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.lesions.terrain import inner_depth, survey


def test_the_distance_from_the_ventricle_is_that_to_its_nearest_point(terrain, rng):
    ventricle = terrain.world(np.argwhere(terrain.from_ventricle < 0))
    cells = np.argwhere((terrain.from_ventricle > 2) & (terrain.from_ventricle < 30))
    cells = cells[rng.integers(len(cells), size=60)]
    points = terrain.world(cells)
    nearest = np.linalg.norm(points[:, None] - ventricle[None], axis=2).min(axis=1)
    found = terrain.from_ventricle[tuple(cells.T)]
    # The nearest lattice point inside lies up to a spacing behind the surface.
    assert (found <= nearest + 1e-3).all()
    assert (found > nearest - terrain.spacing_mm - 1e-3).all()


def test_white_is_what_is_seen_of_it(terrain, head, rng):
    cells = np.argwhere(terrain.white > 0.3)
    points = terrain.world(cells[rng.integers(len(cells), size=300)])
    assert set(head.anatomy.name_at(points)) <= {"white matter", "optic radiation"}


def test_ways_lead_to_ventricle_and_cortex(terrain, rng):
    far = (terrain.from_ventricle > 6) & (terrain.white > 3) & (terrain.template[2] > 20)
    cells = np.argwhere(far)
    points = terrain.world(cells[rng.integers(len(cells), size=100)])
    inward = points + 2.0 * terrain.to_ventricle(points)
    outward = points + 1.0 * terrain.to_cortex(points)
    gained = terrain.at(terrain.from_ventricle, points) - terrain.at(terrain.from_ventricle, inward)
    lost = terrain.at(terrain.beneath_cortex, points) - terrain.at(terrain.beneath_cortex, outward)
    assert np.median(gained) == pytest.approx(2.0, abs=0.3)
    assert (lost > 0).mean() > 0.9


def test_inner_depth_is_negative_in_fluid_and_outside_the_brain(head):
    anatomy = head.anatomy
    centre = anatomy.frame.to_world(np.array([[11.0, -18.0, 6.0]]))
    assert inner_depth(anatomy, centre)[0] > 3.0
    ventricle = anatomy["lateral ventricles"]
    deepest = np.unravel_index(int(np.argmax(ventricle.level)), ventricle.level.shape)
    at = np.asarray(ventricle.origin_mm) + ventricle.spacing_mm * np.array(deepest)
    assert inner_depth(anatomy, at)[0] < 0
    assert inner_depth(anatomy, np.array([0.0, 0.0, 300.0]))[0] < 0


def test_refuses_a_head_without_ventricles(head):
    anatomy = head.anatomy
    ventricle = anatomy["lateral ventricles"]
    solids = tuple(
        type(s)(s.name, s.tissue, -np.abs(s.level) - 1, s.origin_mm, s.spacing_mm)
        if s is ventricle
        else s
        for s in anatomy.structures
    )
    without = Anatomy(solids, anatomy.brain, anatomy.trunk, anatomy.frame)
    with pytest.raises(ValueError, match="no lateral ventricle lies within"):
        survey(without)
