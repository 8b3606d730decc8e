from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.generated import generated_anatomy
from arteriole.phantom.anatomy.sulci import GREAT_SULCI, inward, on_surface

NAMES = {
    "skin", "subcutaneous fat", "muscle", "skull", "diploe", "air", "dura", "csf", "cortex",
    "white matter", "cerebellar cortex", "cerebellar white matter", "brainstem", "caudate",
    "putamen", "pallidum", "thalamus", "red nucleus", "substantia nigra", "dentate nucleus",
    "hippocampus", "amygdala", "accumbens", "corpus callosum", "internal capsule",
    "optic radiation", "lateral ventricles", "third and fourth ventricles", "choroid plexus",
    "eyes", "lenses", "optic nerve",
}  # fmt: skip

VOLUMES_ML = {
    "caudate": (5, 14),
    "putamen": (5, 15),
    "pallidum": (1.5, 5),
    "thalamus": (8, 20),
    "hippocampus": (3, 10),
    "amygdala": (1.2, 4.5),
    "accumbens": (0.4, 1.6),
    "red nucleus": (0.2, 0.8),
    "substantia nigra": (0.3, 1.4),
    "corpus callosum": (8, 40),
    "internal capsule": (4, 30),
    "optic radiation": (2, 25),
    "brainstem": (20, 60),
}
"""Both sides, what can be seen of them; published means of adults lie inside."""


@pytest.fixture(scope="module")
def anatomy() -> Anatomy:
    return generated_anatomy(seed=3, atrophy=0.3, spacing_mm=1.5)


@pytest.fixture(scope="module")
def seen(anatomy) -> tuple[np.ndarray, np.ndarray]:
    """Return points of a grid in the template, and the names seen there."""
    axes = [np.arange(a, b, 2.0) for a, b in ((-76, 77), (-110, 76), (-74, 86))]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    names = anatomy.name_at(anatomy.frame.to_world(points))
    return points, np.array(names)


def test_has_the_names_that_others_rely_on(anatomy):
    assert set(anatomy.names) >= NAMES
    assert len(set(anatomy.names)) == len(anatomy.names)


@pytest.mark.parametrize("name", VOLUMES_ML)
def test_parts_have_their_size(seen, name):
    millilitres = 8e-3 * float((seen[1] == name).sum())
    low, high = VOLUMES_ML[name]
    assert low < millilitres < high


def test_both_sides_are_there(seen):
    points, names = seen
    for name in VOLUMES_ML:
        side = points[names == name, 0]
        assert 0.5 < (side > 0).sum() / max((side < 0).sum(), 1) < 2.0


def test_tracts_lie_within_white_matter(anatomy):
    white = anatomy["white matter"]
    for name in ("corpus callosum", "internal capsule", "optic radiation"):
        solid = anatomy[name]
        inside = np.argwhere(solid.level > 0.5)
        points = np.asarray(solid.origin_mm) + inside * solid.spacing_mm
        assert (white.depth(points) > 0).all()
        assert anatomy.names.index(name) > anatomy.names.index("white matter")


def test_tracts_are_not_cut_by_sulci(seen):
    points, names = seen
    way = [(side * 31.0, y, 4.0) for side in (-1, 1) for y in (-40.0, -50.0, -60.0)]
    near = [np.linalg.norm(points - p, axis=1) < 5.0 for p in way]
    brain = {"white matter", "optic radiation", "corpus callosum", "lateral ventricles"}
    assert all(np.isin(names[n], list(brain | {"cortex"})).mean() > 0.9 for n in near)


def open_share(anatomy: Anatomy, course, shift_mm: float) -> float:
    """Return how much of a course, 6 mm under the surface and moved sideways, is in a sulcus."""
    way = on_surface(course)
    down = inward(way)
    across = np.cross(down, np.gradient(way, axis=0))
    across /= np.linalg.norm(across, axis=1)[:, None]
    line = way + 6.0 * down + shift_mm * across + np.arange(-4, 5)[:, None, None] * across
    found = []
    for side in (-1, 1):
        world = anatomy.frame.to_world(line.reshape(-1, 3) * (side, 1, 1))
        level = anatomy["cortex"].depth(world).reshape(line.shape[:2])
        found.append((level.min(axis=0) < 0.8).mean())
    return float(np.mean(found))


def test_great_sulci_are_where_the_template_has_them(anatomy):
    outer = [course for _, course in GREAT_SULCI[:5]]
    along = [open_share(anatomy, course, 0.0) for course in outer]
    beside = [open_share(anatomy, course, s) for course in outer for s in (-7.0, 7.0)]
    assert min(along) > 0.6
    assert np.mean(along) > np.mean(beside) + 0.1


def test_cerebrum_and_cerebellum_leave_room_for_the_tent(anatomy):
    both = [anatomy[n] for n in ("cortex", "cerebellar cortex")]
    grid = np.stack(np.meshgrid(*[np.arange(-50, 51, 5.0)] * 3, indexing="ij"), axis=-1)
    world = anatomy.frame.to_world(grid.reshape(-1, 3) + np.array([0, -60, -20]))
    deep = np.minimum(both[0].depth(world), both[1].depth(world))
    assert (deep > 2.0).mean() < 0.002


def test_same_seed_same_solids():
    one, two = (generated_anatomy(seed=8, atrophy=0.1, spacing_mm=3.0) for _ in range(2))
    for a, b in zip(one.structures, two.structures, strict=True):
        np.testing.assert_array_equal(a.level, b.level)
