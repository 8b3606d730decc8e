from __future__ import annotations

import numpy as np
import pytest
from test_field_fit import SHAPE, TWO_PI, noisy, smooth_field

from arteriole.numerics.threads import set_threads, threads
from arteriole.phase.field_fit import fit_field
from arteriole.phase.field_fit_complex import fit_field_complex

TE_S = (0.005, 0.010, 0.015, 0.020)
ALL = np.ones(SHAPE, bool)


@pytest.mark.parametrize("te_s", [(0.01,), (0.004, 0.008), (0.005, 0.009, 0.016, 0.02)])
@pytest.mark.parametrize("intercept", [False, True])
def test_a_field_without_noise_comes_back(te_s, intercept):
    field = smooth_field()
    offset = 0.9 if intercept and len(te_s) > 1 else 0.0
    phase = np.array([TWO_PI * field * te + offset for te in te_s], dtype=np.float32)
    fit = fit_field_complex(phase, np.ones_like(phase), te_s, mask=ALL, intercept=intercept)
    np.testing.assert_allclose(fit.field_hz, field, atol=2e-3)
    np.testing.assert_allclose(fit.residual, 0, atol=1e-4)
    assert fit.reliable.all()


def test_small_residuals_give_the_weighted_fit(rng):
    phase, magnitude, _ = noisy(rng, TE_S, 200.0)
    one = fit_field(phase, magnitude, TE_S, mask=ALL)
    other = fit_field_complex(phase, magnitude, TE_S, mask=ALL)
    np.testing.assert_allclose(other.field_hz, one.field_hz, atol=0.01)
    np.testing.assert_allclose(other.noise_hz, one.noise_hz, rtol=1e-3)


@pytest.mark.parametrize("echo", [1, 2, 3])
def test_a_wrong_turn_in_one_echo_does_not_count(rng, echo):
    """The weighted fit is 7 Hz and more off there."""
    phase, magnitude, field = noisy(rng, TE_S, 30.0)
    phase[echo, 5:12, 5, 5] += TWO_PI
    wrong = fit_field(phase, magnitude, TE_S, mask=ALL).field_hz[5:12, 5, 5]
    right = fit_field_complex(phase, magnitude, TE_S, mask=ALL)
    assert np.abs(wrong - field[5:12, 5, 5]).min() > 7
    assert np.abs(right.field_hz - field)[5:12, 5, 5].max() < 2
    assert right.reliable.all()


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("te_s", [(0.004, 0.009), TE_S], ids=["2", "4"])
@pytest.mark.parametrize("snr", [4.0, 8.0, 30.0])
def test_noise_map_is_right(rng, te_s, snr, intercept):
    """Monte Carlo over 10,560 voxels: to a tenth, and to a fifth at a signal to noise of 4."""
    phase, magnitude, field = noisy(rng, te_s, snr)
    fit = fit_field_complex(phase, magnitude, te_s, mask=ALL, intercept=intercept, sigma=1 / snr)
    scaled = np.median(np.abs(fit.field_hz - field) / fit.noise_hz) / 0.6745
    assert scaled == pytest.approx(1.0, abs=0.1 if snr > 4 else 0.2)


def test_low_signal_and_late_wraps(rng):
    """Unwrapped echo by echo from the one before, at a signal of 3 sigma in the first."""
    te_s = (0.008, 0.016, 0.024, 0.032, 0.040)
    phase, magnitude, field = noisy(rng, te_s, 3.5)
    for e in range(1, len(te_s)):
        forecast = phase[e - 1] * np.float32(te_s[e] / te_s[e - 1])
        phase[e] += np.float32(TWO_PI) * np.rint((forecast - phase[e]) / TWO_PI)
    errors = [
        np.sqrt(np.mean(np.square(fit(phase, magnitude, te_s, mask=ALL).field_hz - field)))
        for fit in (fit_field, fit_field_complex)
    ]
    assert errors[1] < 0.95 * errors[0]


def test_voxels_without_signal_and_outside_the_mask(rng):
    phase, magnitude, _ = noisy(rng, TE_S, 30.0)
    magnitude[:, 1, 1, 1] = 0
    phase[2, 3, 3, 3] = np.nan
    mask = ALL.copy()
    mask[-3:] = False
    fit = fit_field_complex(phase, magnitude, TE_S, mask=mask)
    assert not fit.reliable[1, 1, 1]
    assert fit.reliable[3, 3, 3]
    for name in ("field_hz", "noise_hz", "residual", "reliable"):
        assert not getattr(fit, name)[-3:].any()
        assert np.isfinite(getattr(fit, name)).all()


def test_units_of_magnitude_do_not_matter(rng):
    phase, magnitude, _ = noisy(rng, TE_S, 10.0)
    one = fit_field_complex(phase, magnitude, TE_S, mask=ALL)
    other = fit_field_complex(phase, 1000 * magnitude, TE_S, mask=ALL)
    np.testing.assert_allclose(one.field_hz, other.field_hz, atol=1e-3)
    np.testing.assert_allclose(one.noise_hz, other.noise_hz, rtol=1e-3)


def test_same_answer_for_one_and_two_threads(rng):
    phase, magnitude, _ = noisy(rng, TE_S, 3.0)
    count = threads()
    fits = []
    try:
        for n in (1, 2):
            set_threads(n)
            fits.append(fit_field_complex(phase, magnitude, TE_S, mask=ALL))
    finally:
        set_threads(count)
    np.testing.assert_array_equal(fits[0].field_hz, fits[1].field_hz)


def test_refusals(rng):
    phase, magnitude, _ = noisy(rng, TE_S, 30.0)
    with pytest.raises(ValueError, match="at least one step, not 0"):
        fit_field_complex(phase, magnitude, TE_S, mask=ALL, iterations=0)
    with pytest.raises(ValueError, match="all weights are zero"):
        fit_field_complex(phase, 0 * magnitude, TE_S, mask=ALL)
