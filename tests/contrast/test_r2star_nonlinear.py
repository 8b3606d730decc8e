from __future__ import annotations

import numpy as np
import pytest

from arteriole.contrast.r2star_arlo import fit_r2star_arlo
from arteriole.contrast.r2star_nonlinear import fit_r2star_nonlinear
from arteriole.numerics.threads import set_threads, threads

TE = (0.005, 0.012, 0.019, 0.026)
RATES = np.array([0.0, 5.0, 20.0, 40.0, 80.0, 150.0, 300.0])


def decay(rates, te=TE, s0=1.0):
    return (s0 * np.exp(-np.multiply.outer(np.asarray(te), rates))).reshape(len(te), -1, 1, 1)


def rician(rate, sigma, rng, n=8000):
    clean = decay(np.full(n, float(rate)))
    noise = rng.normal(0, sigma, (2, *clean.shape))
    return np.abs(clean + noise[0] + 1j * noise[1])


def all_of(magnitude):
    return np.ones(magnitude.shape[1:], dtype=bool)


def log_linear(magnitude, te=TE):
    t = np.asarray(te) - np.mean(te)
    return -(t @ np.log(magnitude.reshape(len(te), -1))) / (t @ t)


def test_noiseless_decay_comes_back():
    magnitude = decay(RATES, s0=900.0)
    fit = fit_r2star_nonlinear(magnitude, TE, mask=all_of(magnitude), noise=0.0)
    np.testing.assert_allclose(fit.r2star_hz.ravel(), RATES, rtol=2e-4, atol=0.01)
    np.testing.assert_allclose(fit.s0.ravel(), 900, rtol=1e-3)


@pytest.mark.parametrize(
    ("snr", "rate", "within"), [(10, 50, 1.0), (10, 100, 6.0), (20, 100, 1.5), (20, 200, 15.0)]
)
def test_median_error_at_the_noise_floor_is_far_below_that_of_the_log_linear_fit(
    snr, rate, within, rng
):
    magnitude = rician(rate, 1 / snr, rng)
    fit = fit_r2star_nonlinear(magnitude, TE, mask=all_of(magnitude), noise=1 / snr)
    error = abs(np.median(fit.r2star_hz) - rate)
    plain = abs(np.median(log_linear(magnitude)) - rate)
    assert error < within
    assert error < 0.4 * plain


def test_precision_reaches_the_cramer_rao_bound_at_snr_50(rng):
    sigma, rate = 0.02, 30.0
    magnitude = rician(rate, sigma, rng)
    fit = fit_r2star_nonlinear(magnitude, TE, mask=all_of(magnitude), noise=sigma)
    te = np.asarray(TE)
    jacobian = np.stack([np.exp(-rate * te), -te * np.exp(-rate * te)], axis=1)
    bound = sigma * np.sqrt(np.linalg.inv(jacobian.T @ jacobian)[1, 1])
    assert fit.r2star_hz.std() < 1.05 * bound
    assert abs(fit.r2star_hz.mean() - rate) < 0.1


def test_noise_is_estimated_where_it_is_not_given(rng):
    magnitude = rician(40, 0.04, rng, n=20 * 20 * 20).reshape(4, 20, 20, 20)
    mask = all_of(magnitude)
    told = fit_r2star_nonlinear(magnitude, TE, mask=mask, noise=0.04)
    found = fit_r2star_nonlinear(magnitude, TE, mask=mask)
    assert abs(np.median(found.r2star_hz) - np.median(told.r2star_hz)) < 0.2


def test_agrees_with_arlo_without_noise_and_for_two_echoes():
    magnitude = decay(RATES[1:5], TE[:2])
    two = fit_r2star_nonlinear(magnitude, TE[:2], mask=all_of(magnitude), noise=0.0)
    arlo = fit_r2star_arlo(magnitude, TE[:2], mask=all_of(magnitude))
    np.testing.assert_allclose(two.r2star_hz, arlo.r2star_hz, rtol=1e-3)


def test_unit_of_signal_and_noise_cancel(rng):
    magnitude = rician(60, 0.05, rng, n=500)
    one = fit_r2star_nonlinear(magnitude, TE, mask=all_of(magnitude), noise=0.05)
    big = fit_r2star_nonlinear(magnitude * 4096, TE, mask=all_of(magnitude), noise=0.05 * 4096)
    np.testing.assert_allclose(one.r2star_hz, big.r2star_hz, rtol=2e-3, atol=0.05)


def test_bounds_dead_voxels_and_dtype():
    magnitude = np.zeros((4, 4, 1, 1), dtype=np.float32)
    magnitude[0, 1] = 1.0
    magnitude[:, 2, 0, 0] = [1, 2, 3, 4]
    magnitude[:, 3] = np.nan
    fit = fit_r2star_nonlinear(magnitude, TE, mask=all_of(magnitude), noise=0.01)
    assert fit.r2star_hz.dtype == np.float32
    assert fit.r2star_hz.min() >= 0
    assert fit.r2star_hz.max() <= 1000
    assert (fit.r2star_hz.ravel()[[0, 2, 3]] == 0).all()
    assert np.isfinite(fit.s0).all()


def test_threads_do_not_change_the_result(rng):
    magnitude = rician(40, 0.05, rng, n=999)
    before, fits = threads(), []
    try:
        for count in (1, 2):
            set_threads(count)
            fit = fit_r2star_nonlinear(magnitude, TE, mask=all_of(magnitude), noise=0.05)
            fits.append(fit.r2star_hz)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(*fits)


@pytest.mark.parametrize(
    ("te", "noise", "message"),
    [((0.01,), 0.1, "at least two"), ((0.01, 0.02), -1.0, "not -1"), ((0.02, 0.01), 0, "increase")],
)
def test_refuses(te, noise, message):
    magnitude = np.ones((len(te), 2, 2, 2))
    with pytest.raises(ValueError, match=message):
        fit_r2star_nonlinear(magnitude, te, mask=all_of(magnitude), noise=noise)
