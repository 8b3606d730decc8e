from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.lattice import draw_warp
from arteriole.phantom.texture import Texture, draw_texture, texture_spread
from arteriole.phantom.tissue import TISSUES


@pytest.fixture(scope="module")
def frame():
    return draw_warp(np.random.default_rng(2))


@pytest.fixture(scope="module")
def texture(frame) -> Texture:
    return draw_texture(np.random.default_rng(3), frame)


def pattern_at(texture: Texture, frame, point) -> float:
    world = frame.to_world(np.array([point], dtype=float))[0]
    at = np.round((world - texture.origin_mm) / texture.step_mm).astype(int)
    return float(texture.regions[tuple(at)])


def test_primary_cortex_is_rich_and_the_frontal_pole_poor(texture, frame):
    for place in [(40, -20, 52), (-40, -20, 52), (8, -86, 4), (-8, -86, 4)]:
        assert pattern_at(texture, frame, place) > 0.7
    assert pattern_at(texture, frame, (26, 54, 2)) < -0.3
    assert pattern_at(texture, frame, (-22, -22, 44)) < -0.6
    assert np.abs(texture.regions).max() <= 1.2


def test_fields_are_independent_and_of_unit_variance(texture):
    for one, two in zip(texture.source, texture.other, strict=True):
        assert one.values.std() == pytest.approx(1.0, rel=1e-3)
        assert one.spacing_mm == two.spacing_mm
        drift = abs(np.corrcoef(one.values.ravel(), two.values.ravel())[0, 1])
        assert drift < 0.1


def test_same_stream_same_texture(texture, frame):
    again = draw_texture(np.random.default_rng(3), frame)
    np.testing.assert_array_equal(again.regions, texture.regions)
    np.testing.assert_array_equal(again.other[1].values, texture.other[1].values)


def test_spread_follows_the_rows():
    spread = texture_spread(TISSUES)
    assert spread.shape == (len(TISSUES), 5)
    assert spread[tissue.PUTAMEN, 2] > 0 > spread[tissue.WHITE, 2]
    assert spread[tissue.GREY, 3] > 0 > spread[tissue.WHITE, 3]
    assert not spread[tissue.AIR].any()
