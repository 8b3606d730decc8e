from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from arteriole.phantom.anatomy.ageing import (
    SULCI_MM,
    ageing_shift,
    hippocampus_left,
    receding,
    ventricle_growth,
)

SPACING_MM = 2.0


def shapes() -> tuple[np.ndarray, np.ndarray]:
    x, y, z = np.meshgrid(*[SPACING_MM * (np.arange(50) - 25)] * 3, indexing="ij")
    hollow = np.clip(1 - (np.sqrt((x / 5) ** 2 + (y / 30) ** 2 + (z / 8) ** 2) - 1) * 2.5, 0, 1)
    small = np.sqrt(((x - 24) / 6) ** 2 + (y / 16) ** 2 + ((z + 16) / 6) ** 2) < 1
    return hollow.astype(np.float32), small.astype(np.float32)


def ratio(share: np.ndarray, shift: np.ndarray) -> float:
    places = np.stack(np.meshgrid(*[np.arange(n) for n in share.shape], indexing="ij"))
    moved = scipy.ndimage.map_coordinates(share, places + shift / SPACING_MM, order=1)
    return float(moved.sum() / share.sum())


@pytest.mark.parametrize("atrophy", [0.3, 1.0])
def test_volumes_are_those_asked_for(atrophy):
    hollow, small = shapes()
    shift = ageing_shift(hollow, small, SPACING_MM, atrophy=atrophy)
    volume_ml = float(hollow.sum()) * SPACING_MM**3 * 1e-3
    assert ratio(hollow, shift) == pytest.approx(ventricle_growth(volume_ml, atrophy), rel=0.05)
    assert ratio(small, shift) == pytest.approx(hippocampus_left(atrophy), rel=0.05)


def test_no_two_points_meet():
    shift = ageing_shift(*shapes(), SPACING_MM, atrophy=1.0)
    slopes = [[np.gradient(shift[c], SPACING_MM, axis=a) for a in range(3)] for c in range(3)]
    full = np.moveaxis(np.array(slopes), (0, 1), (-2, -1)) + np.eye(3)
    assert np.linalg.det(full).min() > 0.05


def test_young_heads_stay_as_they_are():
    assert not ageing_shift(*shapes(), SPACING_MM, atrophy=0.0).any()


def test_far_away_nothing_moves():
    shift = ageing_shift(*shapes(), SPACING_MM, atrophy=1.0)
    assert np.abs(shift[:, 0]).max() < 0.02


def test_heads_without_ventricles_stay_as_they_are():
    nothing = np.zeros((8, 8, 8), dtype=np.float32)
    assert not ageing_shift(nothing, nothing, SPACING_MM, atrophy=1.0).any()


def test_large_ventricles_grow_by_thirty_millilitres_at_most():
    assert ventricle_growth(10.0, 1.0) == pytest.approx(2.0)
    assert ventricle_growth(60.0, 1.0) * 60.0 == pytest.approx(90.0)


def test_cortex_recedes_in_patches(rng):
    points = np.ix_(*[np.arange(-60.0, 60.0, 4.0)] * 3)
    away = receding(rng, points, atrophy=0.5)
    assert away.min() > 0
    assert away.mean() == pytest.approx(0.5 * SULCI_MM, rel=0.15)
    assert away.std() > 0.2 * away.mean()
