from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.threads import set_threads, threads
from arteriole.phase.field_fit import fit_field

TWO_PI = 2 * np.pi
SHAPE = (24, 22, 20)


def smooth_field(shape=SHAPE):
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    return 20 * x + 10 * y * z + 5


def noisy(rng, te_s, snr, offset=0.0, field_hz=None):
    """Unwrapped phase with the noise of a real complex image, and its magnitude."""
    field_hz = smooth_field() if field_hz is None else field_hz
    times = np.asarray(te_s)[:, None, None, None]
    truth = TWO_PI * field_hz * times + offset
    noise = rng.normal(size=truth.shape) + 1j * rng.normal(size=truth.shape)
    signal = np.exp(-25 * times) + noise * np.exp(0j) / snr
    unwrapped = truth + np.angle(signal)
    return unwrapped.astype(np.float32), np.abs(signal).astype(np.float32), field_hz


@pytest.mark.parametrize("te_s", [(0.01,), (0.004, 0.008), (0.005, 0.009, 0.016, 0.02)])
def test_a_field_without_noise_comes_back(te_s):
    field = smooth_field()
    phase = np.array([TWO_PI * field * te for te in te_s], dtype=np.float32)
    fit = fit_field(phase, np.ones_like(phase), te_s, mask=np.ones(SHAPE, bool))
    np.testing.assert_allclose(fit.field_hz, field, atol=1e-4)
    np.testing.assert_allclose(fit.residual, 0, atol=1e-5)
    assert fit.reliable.all()


def test_an_intercept_takes_an_offset_out():
    te_s = (0.005, 0.010, 0.015)
    field = smooth_field()
    phase = np.array([TWO_PI * field * te + 1.2 for te in te_s], dtype=np.float32)
    mask = np.ones(SHAPE, bool)
    with_one = fit_field(phase, np.ones_like(phase), te_s, mask=mask, intercept=True)
    np.testing.assert_allclose(with_one.field_hz, field, atol=1e-3)
    without = fit_field(phase, np.ones_like(phase), te_s, mask=mask)
    assert np.abs(without.field_hz - field).min() > 5


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize(
    "te_s", [(0.012,), (0.004, 0.009), (0.005, 0.010, 0.015, 0.020)], ids=["1", "2", "4"]
)
@pytest.mark.parametrize("snr", [8.0, 30.0])
def test_noise_map_is_right_to_a_tenth(rng, te_s, snr, intercept):
    """Monte Carlo over 10,560 voxels; sigma, too, is estimated from the data."""
    phase, magnitude, field = noisy(rng, te_s, snr)
    fit = fit_field(phase, magnitude, te_s, mask=np.ones(SHAPE, bool), intercept=intercept)
    error = fit.field_hz - field
    assert np.std(error / fit.noise_hz) == pytest.approx(1.0, abs=0.1)
    assert np.sqrt(np.mean(fit.noise_hz**2)) == pytest.approx(np.std(error), rel=0.1)
    assert fit.sigma == pytest.approx(1 / snr, rel=0.1)


def test_weights_follow_the_magnitude(rng):
    """The error equals that of the best linear unbiased estimate, not that of a plain mean."""
    te_s = (0.005, 0.010, 0.030)
    times = np.array(te_s)
    phase, magnitude, field = noisy(rng, te_s, 40.0)
    fit = fit_field(phase, magnitude, te_s, mask=np.ones(SHAPE, bool))
    power = np.exp(-50 * times)
    best = (1 / 40.0) / (TWO_PI * np.sqrt(np.sum(power * times**2)))
    assert np.std(fit.field_hz - field) == pytest.approx(best, rel=0.05)


@pytest.mark.parametrize("intercept", [False, True])
def test_whole_turns_between_echoes_are_taken_out(intercept):
    te_s = (0.005, 0.011, 0.016, 0.024)
    field = smooth_field()
    phase = np.array([TWO_PI * field * te for te in te_s], dtype=np.float32)
    phase[1] += np.float32(TWO_PI)
    phase[3] -= np.float32(2 * TWO_PI)
    fit = fit_field(
        phase, np.ones_like(phase), te_s, mask=np.ones(SHAPE, bool), intercept=intercept
    )
    np.testing.assert_allclose(fit.field_hz, field, atol=1e-3)


def test_voxels_whose_echoes_disagree_are_not_reliable(rng):
    te_s = (0.005, 0.010, 0.015, 0.020)
    phase, magnitude, _ = noisy(rng, te_s, 30.0)
    phase[2, 5:8, 5, 5] += TWO_PI  # a wrap left in one echo
    magnitude[:, 1, 1, 1] = 0
    fit = fit_field(phase, magnitude, te_s, mask=np.ones(SHAPE, bool))
    assert not fit.reliable[5:8, 5, 5].any()
    assert not fit.reliable[1, 1, 1]
    assert fit.reliable.sum() == fit.reliable.size - 4
    assert fit.residual_limit == pytest.approx(0.5)
    # a phase that is not known at all in the first echo: sd of pi / sqrt(3)
    assert fit.noise_hz[1, 1, 1] == pytest.approx(1 / (2 * np.sqrt(3) * te_s[0]))


def test_an_echo_that_is_not_finite_is_left_out_of_its_voxel(rng):
    te_s = (0.005, 0.010, 0.015)
    field = smooth_field()
    phase = np.array([TWO_PI * field * te for te in te_s], dtype=np.float32)
    phase[1, 3, 3, 3] = np.nan
    magnitude = np.ones_like(phase)
    magnitude[2, 4, 4, 4] = np.nan
    fit = fit_field(phase, magnitude, te_s, mask=np.ones(SHAPE, bool))
    np.testing.assert_allclose(fit.field_hz, field, atol=1e-4)


def test_outside_the_mask_is_zero_and_magnitude_units_do_not_matter(rng):
    te_s = (0.005, 0.010)
    phase, magnitude, _ = noisy(rng, te_s, 20.0)
    mask = np.zeros(SHAPE, bool)
    mask[5:15, 5:15, 5:15] = True
    one = fit_field(phase, magnitude, te_s, mask=mask)
    other = fit_field(phase, 1000 * magnitude, te_s, mask=mask)
    for name in ("field_hz", "noise_hz", "residual", "reliable"):
        assert not getattr(one, name)[~mask].any()
    np.testing.assert_allclose(one.noise_hz, other.noise_hz, rtol=1e-4)
    np.testing.assert_allclose(one.field_hz, other.field_hz, rtol=1e-4, atol=1e-4)
    assert other.sigma == pytest.approx(1000 * one.sigma, rel=1e-4)


def test_a_given_sigma_is_used(rng):
    phase, magnitude, _ = noisy(rng, (0.01,), 20.0)
    fit = fit_field(phase[0], magnitude[0], (0.01,), mask=np.ones(SHAPE, bool), sigma=0.05)
    np.testing.assert_allclose(fit.noise_hz, 0.05 / magnitude[0] / (TWO_PI * 0.01), rtol=1e-4)


def test_same_answer_for_one_and_two_threads(rng):
    te_s = (0.005, 0.010, 0.015)
    phase, magnitude, _ = noisy(rng, te_s, 10.0)
    count = threads()
    fits = []
    try:
        for n in (1, 2):
            set_threads(n)
            fits.append(fit_field(phase, magnitude, te_s, mask=np.ones(SHAPE, bool)))
    finally:
        set_threads(count)
    np.testing.assert_array_equal(fits[0].field_hz, fits[1].field_hz)
    np.testing.assert_array_equal(fits[0].noise_hz, fits[1].noise_hz)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"te_s": (0.01,)}, r"1 echo times do not fit phase of shape \(2, 4, 4, 4\)"),
        ({"te_s": (0.02, 0.01)}, "positive and increase"),
        ({"magnitude": np.ones((4, 4, 4))}, r"magnitude has shape \(4, 4, 4\)"),
        ({"mask": np.ones((4, 4, 5), bool)}, r"mask has shape \(4, 4, 5\)"),
        ({"mask": np.zeros((4, 4, 4), bool)}, "mask is empty"),
    ],
)
def test_refuses(change, message):
    given = {
        "magnitude": np.ones((2, 4, 4, 4)),
        "te_s": (0.01, 0.02),
        "mask": np.ones((4, 4, 4), bool),
    } | change
    with pytest.raises(ValueError, match=message):
        fit_field(np.zeros((2, 4, 4, 4)), given["magnitude"], given["te_s"], mask=given["mask"])
