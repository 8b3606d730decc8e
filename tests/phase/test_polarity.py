from __future__ import annotations

import numpy as np
import pytest
from simulated_head import TWO_PI, simulate_head, wrap

from arteriole.phase.polarity import find_polarity_phase, remove_polarity_phase


def bipolar(rng, *, te_s=(0.005, 0.010, 0.015, 0.020), constant=0.2, ramp=0.8, **options):
    """A head read by turns; half the phase that parts its echoes, and the scan."""
    head = simulate_head(rng, te_s=te_s, **options)
    along = (2 * np.arange(head.phase.shape[2]) + 1) / head.phase.shape[2] - 1
    half = constant + ramp * along[None, :, None] * np.ones(head.mask.shape)
    sign = np.array([1 - 2 * (e % 2) for e in range(len(te_s))])[:, None, None, None]
    return head, half, wrap(head.phase + sign * half)


def find(head, phase, **options):
    return find_polarity_phase(phase, head.magnitude, head.te_s, mask=head.mask, **options)


@pytest.mark.parametrize(
    "te_s", [(0.005, 0.010, 0.015, 0.020), (0.004, 0.012, 0.017), (0.003, 0.005, 0.009)]
)
@pytest.mark.parametrize("coil", [0.0, 1.5])
def test_the_phase_comes_back_whatever_field_and_offset(rng, te_s, coil):
    """To 0.01 rad, for even and uneven echo times."""
    head, half, phase = bipolar(rng, te_s=te_s, coil=coil)
    found = find(head, phase)
    assert found.alternates
    error = (found.half_rad - half)[head.mask]
    assert np.sqrt(np.mean(error**2)) < 0.01
    assert found.ramp_rad == pytest.approx((0.0, 1.6, 0.0), abs=0.04)
    assert found.size_rad == pytest.approx(np.sqrt(np.mean(half[head.mask] ** 2)), rel=0.05)


def test_what_is_removed_leaves_echoes_read_one_way(rng):
    head, _, phase = bipolar(rng, sigma=0.0)
    even = remove_polarity_phase(phase, find(head, phase).half_rad)
    assert np.abs(wrap(even - head.phase)[:, head.mask]).max() < 0.03
    assert np.abs(even).max() <= np.pi


@pytest.mark.parametrize("sigma", [0.02, 0.2])
def test_echoes_read_one_way_do_not_alternate(rng, sigma):
    head = simulate_head(rng, sigma=sigma, coil=1.0)
    found = find(head, head.phase)
    assert found.size_rad < 0.005
    assert not found.alternates


@pytest.mark.parametrize("ramp", [0.1, 3.0])
def test_weak_and_steep_ramps(rng, ramp):
    head, half, phase = bipolar(rng, constant=0.0, ramp=ramp)
    found = find(head, phase)
    assert found.alternates
    assert np.sqrt(np.mean((found.half_rad - half)[head.mask] ** 2)) < 0.01


def test_a_constant_is_the_smallest_that_fits(rng):
    """One of 1.3 rad looks as one of 1.3 - pi / 2: the field then is 1 / (4 step) off."""
    head, _, phase = bipolar(rng, constant=1.3, ramp=0.0)
    found = find(head, phase)
    assert np.median(found.half_rad) == pytest.approx(1.3 - np.pi / 2, abs=0.01)
    left = wrap(remove_polarity_phase(phase, found.half_rad) - head.phase)
    field = left / (TWO_PI * np.asarray(head.te_s)[:, None, None, None])
    step = wrap(left[1:] - left[:-1])[:, head.mask]
    assert np.abs(np.median(step, axis=1)) == pytest.approx([np.pi] * 3, abs=0.05)
    assert np.isfinite(field).all()


def test_a_bent_phase_needs_the_second_order(rng):
    head, half, _ = bipolar(rng)
    at = np.linspace(-1, 1, head.mask.shape[0])[:, None, None]
    half = half + 0.5 * at**2
    sign = np.array([1, -1, 1, -1])[:, None, None, None]
    phase = wrap(head.phase + sign * half)
    errors = [
        np.sqrt(np.mean((find(head, phase, order=n).half_rad - half)[head.mask] ** 2))
        for n in (1, 2)
    ]
    assert errors[0] > 0.04
    assert errors[1] < 0.01


@pytest.mark.parametrize("te_s", [(0.005, 0.010, 0.015), (0.004, 0.012, 0.017)])
def test_voxels_that_are_no_number_do_not_count(rng, te_s):
    head, half, phase = bipolar(rng, te_s=te_s)
    phase[2, 30:34, 30:34] = np.nan
    found = find(head, phase)
    assert np.sqrt(np.mean((found.half_rad - half)[head.mask] ** 2)) < 0.01


def test_refusals(rng):
    head = simulate_head(rng)
    with pytest.raises(ValueError, match="three or more echoes"):
        find_polarity_phase(head.phase[:2], head.magnitude[:2], head.te_s[:2], mask=head.mask)
    with pytest.raises(ValueError, match="do not fit phase"):
        find_polarity_phase(head.phase, head.magnitude[:, 1:], head.te_s, mask=head.mask)
    with pytest.raises(ValueError, match="order 1 or 2, not 3"):
        find(head, head.phase, order=3)
    with pytest.raises(ValueError, match="the mask is empty"):
        find_polarity_phase(head.phase, head.magnitude, head.te_s, mask=head.mask & False)
