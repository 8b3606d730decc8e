from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.lattice import LatticeWarp
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.anatomy.tracts import tracts
from arteriole.phantom.random_field import gaussian_field

INSIDE = {
    "corpus callosum": [(0, 29, 5), (0, 0, 25), (0, -40, 14), (20, 48, 5), (-21, -70, 10)],
    "internal capsule": [(18, 10, 6), (-23, -14, 6)],
    "optic radiation": [(37, -46, 5), (-30, -64, 5)],
}


@pytest.fixture(scope="module")
def frame() -> LatticeWarp:
    field = gaussian_field(np.random.default_rng(1), 95.0, size=16)
    return LatticeWarp((1.0, 1.0, 1.0), (field, field, field), 0.0)


def block(low, high) -> Structure:
    """Return a solid that is white matter everywhere inside, 5 mm deep at most."""
    n = [int((b - a) / 2) + 1 for a, b in zip(low, high, strict=True)]
    level = np.full(n, 5.0, dtype=np.float32)
    return Structure("white matter", tissue.WHITE, level, low, 2.0)


def test_bundles_are_where_the_template_has_them(frame):
    made = {s.name: s for s in tracts(frame, block((-80, -110, -60), (80, 80, 80)))}
    assert list(made) == list(INSIDE)
    for name, points in INSIDE.items():
        assert (made[name].depth(points) > 0).all()
        assert made[name].depth([(0, 0, 60)]) < 0
    volumes = [8e-3 * float((s.level > 0).sum()) for s in made.values()]
    assert all(6 < v < 70 for v in volumes)


def test_bundles_end_where_the_white_matter_does(frame):
    white = block((-80, -110, -60), (80, 80, 80))
    x, _, _ = white.points()
    half = np.minimum(white.level, x).astype(np.float32)
    cut = Structure("white matter", tissue.WHITE, half, white.origin_mm, 2.0)
    for solid in tracts(frame, cut):
        sides = np.broadcast_to(solid.points()[0], solid.level.shape)
        assert solid.level[sides <= 1.0].max() <= 0
        assert solid.level.max() > 0


def test_both_sides_are_alike(frame):
    for solid in tracts(frame, block((-80, -110, -60), (80, 80, 80))):
        np.testing.assert_allclose(solid.level, solid.level[::-1], atol=1e-3)


def test_bundles_out_of_the_lattice_are_empty_not_wrong(frame):
    for solid in tracts(frame, block((-20, 60, 60), (20, 80, 80))):
        assert (solid.level <= 0).all()
