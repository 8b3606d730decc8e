from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.slices import see_slices, slice_profile, slice_weights


@pytest.mark.parametrize("thickness", [2.0, 5.0])
def test_full_width_at_half_maximum_is_the_thickness(thickness):
    """Within 1 %."""
    z = np.linspace(-8, 8, 16001)
    profile = slice_profile(z, thickness_mm=thickness)
    width = np.ptp(z[profile >= 0.5 * profile.max()])
    assert width == pytest.approx(thickness, rel=0.01)
    assert profile[8000] == pytest.approx(1.0, abs=0.05)
    assert np.abs(profile[np.abs(z) > thickness]).max() < 0.01


def test_constant_stays_constant():
    weights = slice_weights(6, 4, spacing_mm=6.0, thickness_mm=5.0)
    assert weights.shape == (6, 24)
    seen = see_slices(np.full((3, 2, 24), 2 + 1j, dtype=np.complex64), weights)
    np.testing.assert_allclose(seen, 2 + 1j, rtol=1e-6)


def test_a_plane_in_the_gap_is_hardly_seen():
    """1 mm gap between 5 mm slices: what lies half-way is seen at less than 0.4."""
    factor = 24
    weights = slice_weights(5, factor, spacing_mm=6.0, thickness_mm=5.0)
    in_gap, in_slice = 2 * factor, 2 * factor + factor // 2
    assert weights[:, in_gap].max() < 0.4 * weights[:, in_slice].max()
    assert weights[1:4].sum(axis=1) == pytest.approx(1.0)


def test_slices_know_nothing_of_each_other(rng):
    weights = slice_weights(5, 4, spacing_mm=4.0, thickness_mm=2.0)
    volume = rng.normal(size=(3, 3, 20)).astype(np.complex64)
    changed = volume.copy()
    changed[:, :, :2] += 5
    before, after = see_slices(volume, weights), see_slices(changed, weights)
    assert np.abs(after - before)[:, :, 0].max() > 1
    np.testing.assert_array_equal(after[:, :, 2:], before[:, :, 2:])


@pytest.mark.usefixtures("painted_once")
def test_whole_scan_by_slices(head, protocol, bare):
    """Full slices give nearly the 3-D scan; thin slices in wide gaps dephase less."""
    quiet = {"seed": 4, "cell_mm": 1.4, "noise": False}
    thin, _ = acquire(head.with_lesions(), replace(protocol, slice_mm=1.4), **quiet)
    full, truth = acquire(head.with_lesions(), replace(protocol, slice_mm=2.8), **quiet)
    within = truth.brain_mask
    apart = np.abs(full.magnitude[0] - bare[0].magnitude[0])[within]
    assert np.median(apart) < 0.03 * np.median(full.magnitude[0][within])
    late = [s.magnitude[2][within].mean() / s.magnitude[0][within].mean() for s in (thin, full)]
    assert late[0] > late[1]
