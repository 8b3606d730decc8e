"""Periventricular and deep, by distance."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.atlas.zones import DEEP, PERIVENTRICULAR, fazekas_zones


def line(limit_mm=10.0):
    distance = np.arange(20, dtype=np.float32).reshape(20, 1, 1)
    return fazekas_zones(np.ones((20, 1, 1), dtype=bool), distance, limit_mm=limit_mm).ravel()


@pytest.mark.parametrize("limit_mm", [2.0, 10.0, 13.0])
def test_the_limit_divides(limit_mm):
    zones = line(limit_mm)
    assert (zones == PERIVENTRICULAR).sum() == limit_mm + 1
    assert (zones == DEEP).sum() == 19 - limit_mm


def test_other_tissue_and_unknown_distances_have_no_zone():
    distance = np.array([[[1.0, np.nan, 20.0]]])
    assert fazekas_zones(np.array([[[True, True, False]]]), distance).ravel().tolist() == [1, 0, 0]


def test_refusals():
    white = np.ones((2, 2, 2), dtype=bool)
    with pytest.raises(ValueError, match=r"shape \(2, 2, 2\), its distances \(2, 2, 3\)"):
        fazekas_zones(white, np.zeros((2, 2, 3)))
    with pytest.raises(ValueError, match="positive distance, not 0"):
        fazekas_zones(white, np.zeros((2, 2, 2)), limit_mm=0)
