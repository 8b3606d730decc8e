from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.anatomy.label_additions import joined, with_iron_gradient
from arteriole.phantom.anatomy.label_map import label_map_anatomy
from arteriole.phantom.anatomy.structure import Structure


@pytest.fixture(scope="module")
def anatomy(written):
    return label_map_anatomy(*written, seed=3, spacing_mm=2.0, elastic_mm=0.0, affine=0.0)


def inside(solid: Structure) -> np.ndarray:
    return np.argwhere(solid.level > 0) * solid.spacing_mm + np.asarray(solid.origin_mm)


def box(name: str, at: float, level: float) -> Structure:
    return Structure(name, 1, np.full((3, 3, 3), level, np.float32), (at, 0.0, 0.0), 1.0)


@pytest.mark.parametrize(
    ("name", "around"),
    [
        ("red nucleus", "brainstem"),
        ("substantia nigra", "brainstem"),
        ("dentate nucleus", "cerebellar white matter"),
        ("lenses", "eyes"),
    ],
)
def test_lies_within(anatomy, name, around):
    points = inside(anatomy[name])
    assert len(points) > 3
    assert anatomy[around].depth(points).min() > -0.2
    sides = np.sign(anatomy.frame.to_template(*points.T.astype(np.float32))[0])
    assert 0.3 < (sides > 0).mean() < 0.7


def test_layers_follow_each_other_under_the_skin(anatomy):
    skin, fat, muscle = (anatomy[n] for n in ("skin", "subcutaneous fat", "muscle"))
    points = inside(muscle)[::50]
    assert (skin.depth(points) > fat.depth(points)).all()
    assert (fat.depth(points) > -0.1).all()


def test_lenses_look_ahead(anatomy):
    globes, lenses = inside(anatomy["eyes"]), inside(anatomy["lenses"])
    assert lenses[:, 1].mean() > globes[:, 1].mean() + 5.0


def test_joined_keeps_both():
    (both,) = joined([box("a", 0.0, 1.0), box("a", 7.0, 2.0)])
    assert both.level.shape == (10, 3, 3)
    assert both.level[0, 0, 0] == 1.0
    assert both.level[8, 1, 1] == 2.0
    assert both.level[5, 1, 1] < 0


def test_iron_changes_along_nuclei_only(rng):
    putamen, other = with_iron_gradient([box("putamen", 0.0, 1.0), box("skull", 0.0, 1.0)], rng)
    assert putamen.slope_per_mm[1] != 0
    assert putamen.centre_mm == (1.0, 1.0, 1.0)
    assert other.slope_per_mm == (0.0, 0.0, 0.0)
