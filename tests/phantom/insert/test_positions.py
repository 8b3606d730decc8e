from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.insert.positions import CLUSTER, draw_lesions, free_places

GRID = Grid.from_voxel_size((50, 48, 20), (1.0, 1.0, 3.0))


def image():
    """An even ball with a dark line through it."""
    at = GRID.to_world(np.stack(np.indices(GRID.shape), axis=-1))
    mask = np.sum(at**2, axis=-1) < 22**2
    magnitude = np.where(mask, 100.0, 3.0)
    magnitude[30, 20, :] = 40
    return magnitude, mask


def test_free_places_are_deep_and_away_from_the_dark():
    magnitude, mask = image()
    free = free_places(magnitude, mask, GRID)
    at = np.argwhere(free)
    assert free.sum() > 0.3 * mask.sum()
    assert (np.linalg.norm(GRID.to_world(at), axis=1) < 20).all()
    assert np.hypot(at[:, 0] - 30, at[:, 1] - 20).min() > 3


def test_drawn_lesions_are_apart_and_repeat():
    magnitude, mask = image()
    free = free_places(magnitude, mask, GRID)

    def drawn(seed):
        return draw_lesions(
            free, GRID, np.random.default_rng(seed), microbleeds=4, calcifications=2
        )

    made = drawn(3)
    assert made == drawn(3)
    assert made != drawn(4)
    assert [m.kind for m in made] == ["microbleed"] * 4 + ["calcification"] * 2
    for m in made:
        assert (m.chi_ppm > 0) == (m.kind == "microbleed")
        assert 1 <= m.source_diameter_mm <= 5
        assert free[tuple(np.rint(GRID.to_voxel(m.centre_mm)).astype(int))]
        if abs(m.centre_mm[0]) > 4:
            assert m.side == ("right" if m.centre_mm[0] > 0 else "left")
    places = np.array([m.centre_mm for m in made])
    gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
    assert gaps[np.triu_indices(6, 1)].min() >= 12


def test_a_share_of_the_microbleeds_is_irregular():
    magnitude, mask = image()
    free = free_places(magnitude, mask, GRID)
    for share, expected in ((0.0, 0), (1.0, 6)):
        made = draw_lesions(
            free, GRID, np.random.default_rng(1), microbleeds=6, calcifications=3,
            apart_mm=4.0, irregular=share,
        )  # fmt: skip
        assert [m.form for m in made].count(CLUSTER) == expected
        assert all(m.form != CLUSTER for m in made[6:])


def test_refuses_when_there_is_no_room():
    magnitude, mask = image()
    free = free_places(magnitude, mask, GRID)
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="no room for a microbleed 60 mm from the 1 others"):
        draw_lesions(free, GRID, rng, microbleeds=3, apart_mm=60.0)
    with pytest.raises(ValueError, match="no free place"):
        draw_lesions(np.zeros_like(free), GRID, rng, calcifications=1)
    with pytest.raises(ValueError, match="not one image"):
        free_places(magnitude[:-1], mask, GRID)
