from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.vessels.curves import curve, evenly, softened, wound


def test_curve_passes_through_its_points_at_even_steps():
    points = np.array([(0.0, 0, 0), (10, 4, 0), (20, 0, 5), (30, 0, 0)])
    path = curve(points, step_mm=0.5)
    for p in points:
        assert np.linalg.norm(path - p, axis=1).min() < 0.3
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert steps.max() <= 0.51
    assert steps.min() > 0.4
    np.testing.assert_allclose(path[[0, -1]], points[[0, -1]])


def test_evenly_keeps_a_straight_line():
    line = np.array([(0.0, 0, 0), (1, 0, 0), (7, 0, 0)])
    np.testing.assert_allclose(evenly(line, step_mm=1.0)[:, 0], np.arange(8.0))


def test_wound_has_the_stated_size_and_ends(rng):
    line = evenly(np.array([(0.0, 0, 0), (900, 0, 0)]), step_mm=1.0)
    bent = wound(line, rng, amplitude_mm=1.5, wavelength_mm=10.0)
    np.testing.assert_allclose(bent[[0, -1]], line[[0, -1]])
    assert (bent - line)[:, 1].std() == pytest.approx(1.5 * 0.85, rel=0.15)
    assert np.linalg.norm(np.diff(bent, axis=0), axis=1).max() < 4.0


def test_softened_takes_out_zigzag():
    zigzag = np.zeros((40, 3))
    zigzag[:, 0] = np.arange(40)
    zigzag[1:-1:2, 1] = 1.0
    soft = softened(zigzag, rounds=4)
    assert np.abs(np.diff(soft[5:-5, 1])).max() < 0.1
    np.testing.assert_array_equal(soft[[0, -1]], zigzag[[0, -1]])
    assert zigzag[1, 1] == 1.0
