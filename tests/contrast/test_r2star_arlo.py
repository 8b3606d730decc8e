from __future__ import annotations

import numpy as np
import pytest

from arteriole.contrast.r2star_arlo import fit_r2star_arlo
from arteriole.numerics.threads import set_threads, threads

TE = (0.005, 0.010, 0.015, 0.020, 0.025)
RATES = np.array([0.0, 5.0, 20.0, 40.0, 80.0, 150.0, 300.0])


def decay(rates, te, s0=700.0):
    return (s0 * np.exp(-np.multiply.outer(np.asarray(te), rates))).reshape(len(te), -1, 1, 1)


def all_of(magnitude):
    return np.ones(magnitude.shape[1:], dtype=bool)


def test_noiseless_decay_comes_back():
    magnitude = decay(RATES, TE)
    fit = fit_r2star_arlo(magnitude, TE, mask=all_of(magnitude))
    rates = fit.r2star_hz.ravel()
    np.testing.assert_allclose(rates[:6], RATES[:6], rtol=0.002, atol=1e-3)
    np.testing.assert_allclose(fit.s0.ravel()[:6], 700, rtol=0.002)
    # Simpson's rule over a decay of exp(-1.5) a spacing: the stated error of the method.
    assert rates[6] == pytest.approx(300, rel=0.025)


def test_time_is_one_over_rate_and_zero_without_decay():
    magnitude = decay(RATES, TE)
    fit = fit_r2star_arlo(magnitude, TE, mask=all_of(magnitude))
    some = fit.r2star_hz > 0
    np.testing.assert_allclose(fit.t2star_s[some] * fit.r2star_hz[some], 1, rtol=1e-6)
    assert (fit.t2star_s[~some] == 0).all()


def test_unequal_spacing_within_one_per_cent():
    te = (0.004, 0.009, 0.012, 0.019, 0.026)
    magnitude = decay(RATES[:6], te)
    fit = fit_r2star_arlo(magnitude, te, mask=all_of(magnitude))
    np.testing.assert_allclose(fit.r2star_hz.ravel(), RATES[:6], rtol=0.01, atol=1e-3)


def test_two_echoes_take_the_log_ratio():
    magnitude = decay(RATES, TE[:2])
    fit = fit_r2star_arlo(magnitude, TE[:2], mask=all_of(magnitude))
    np.testing.assert_allclose(fit.r2star_hz.ravel(), RATES, rtol=1e-4, atol=1e-3)


def test_rate_does_not_follow_the_unit_of_the_signal():
    magnitude = decay(RATES, TE)
    one = fit_r2star_arlo(magnitude, TE, mask=all_of(magnitude))
    tiny = fit_r2star_arlo(magnitude * 1e-7, TE, mask=all_of(magnitude))
    np.testing.assert_allclose(one.r2star_hz, tiny.r2star_hz, rtol=1e-4, atol=1e-3)


def test_precision_at_snr_50_is_that_of_the_least_squares_within_a_fifth(rng):
    """Pei 2015 states the precision of nonlinear least squares; here its Cramer-Rao bound."""
    s0, rate, sigma, n = 1.0, 30.0, 0.02, 20000
    clean = decay(np.full(n, rate), TE, s0)
    noisy = np.abs(clean + sigma * rng.standard_normal(clean.shape))
    fit = fit_r2star_arlo(noisy, TE, mask=all_of(noisy))
    te = np.asarray(TE)
    jacobian = np.stack([np.exp(-rate * te), -s0 * te * np.exp(-rate * te)], axis=1)
    bound = sigma * np.sqrt(np.linalg.inv(jacobian.T @ jacobian)[1, 1])
    assert fit.r2star_hz.std() < 1.2 * bound
    assert abs(fit.r2star_hz.mean() - rate) < 0.3


def test_rates_are_bounded_and_dead_voxels_zero():
    magnitude = np.zeros((5, 4, 1, 1))
    magnitude[0, 1] = 1.0
    magnitude[:, 2, 0, 0] = [1, 2, 3, 4, 5]
    magnitude[:, 3] = np.nan
    fit = fit_r2star_arlo(magnitude, TE, mask=all_of(magnitude))
    assert fit.r2star_hz.min() >= 0
    assert fit.r2star_hz.max() <= 1000
    assert (fit.r2star_hz.ravel()[[0, 2, 3]] == 0).all()
    assert np.isfinite(fit.s0).all()


def test_outside_the_mask_is_zero_and_float32():
    magnitude = decay(RATES, TE).astype(np.float32)
    mask = all_of(magnitude)
    mask[3] = False
    fit = fit_r2star_arlo(magnitude, TE, mask=mask)
    for volume in (fit.r2star_hz, fit.t2star_s, fit.s0):
        assert volume.dtype == np.float32
        assert volume[3] == 0


def test_threads_do_not_change_the_result(rng):
    magnitude = rng.uniform(1, 2, (4, 9, 8, 7)).astype(np.float32)
    before, fits = threads(), []
    try:
        for count in (1, 2):
            set_threads(count)
            fits.append(fit_r2star_arlo(magnitude, TE[:4], mask=all_of(magnitude)).r2star_hz)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(*fits)


@pytest.mark.parametrize(
    ("shape", "te", "mask", "message"),
    [
        ((1, 2, 2, 2), (0.01,), (2, 2, 2), "at least two echoes, not 1"),
        ((3, 2, 2, 2), (0.01, 0.02), (2, 2, 2), "for 2 echo times"),
        ((2, 2, 2, 2), (0.02, 0.01), (2, 2, 2), "increase"),
        ((2, 2, 2, 2), (0.01, 0.02), (2, 2, 3), "mask has shape"),
    ],
)
def test_refuses(shape, te, mask, message):
    with pytest.raises(ValueError, match=message):
        fit_r2star_arlo(np.ones(shape), te, mask=np.ones(mask, dtype=bool))
