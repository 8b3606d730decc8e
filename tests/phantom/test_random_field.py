from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.random_field import gaussian_field, rough_field


def test_has_zero_mean_and_unit_variance(rng):
    field = gaussian_field(rng, 10.0)
    assert abs(field.values.mean()) < 1e-3
    assert field.values.std() == pytest.approx(1.0, rel=1e-3)


def test_ripples_have_the_stated_wavelength(rng):
    field = gaussian_field(rng, 12.0, bandwidth=0.1, size=64)
    spectrum = np.abs(np.fft.rfftn(field.values)) ** 2
    k = np.fft.fftfreq(64, field.spacing_mm)
    kz = np.fft.rfftfreq(64, field.spacing_mm)
    radius = np.sqrt(k[:, None, None] ** 2 + k[None, :, None] ** 2 + kz**2)
    assert (spectrum * radius).sum() / spectrum.sum() == pytest.approx(1 / 12.0, rel=0.05)


def test_is_known_between_and_beyond_its_points(rng):
    field = gaussian_field(rng, 8.0, size=16)
    d = field.spacing_mm
    ijk = (3, 5, 7)
    at = field.at(*(np.array([i * d]) for i in ijk))
    assert at[0] == pytest.approx(field.values[ijk], abs=1e-5)
    period = 16 * d
    again = field.at(*(np.array([i * d - 2 * period]) for i in ijk))
    assert again[0] == pytest.approx(at[0], abs=1e-4)
    between = field.at(np.array([3.5 * d]), np.array([5 * d]), np.array([7 * d]))
    assert between[0] == pytest.approx(field.values[3:5, 5, 7].mean(), abs=1e-5)


def test_same_seed_same_field():
    one, two = (gaussian_field(np.random.default_rng(3), 9.0, size=16) for _ in range(2))
    np.testing.assert_array_equal(one.values, two.values)


@pytest.mark.parametrize(("wavelength", "bandwidth"), [(0.0, 0.2), (5.0, -1.0)])
def test_refuses(rng, wavelength, bandwidth):
    with pytest.raises(ValueError, match="positive"):
        gaussian_field(rng, wavelength, bandwidth=bandwidth)


def test_rough_field_keeps_to_its_wavelengths(rng):
    field = rough_field(rng, 4.0, 24.0, size=48)
    assert field.values.std() == pytest.approx(1.0, rel=1e-3)
    spectrum = np.abs(np.fft.rfftn(field.values)) ** 2
    k, kz = np.fft.fftfreq(48, field.spacing_mm), np.fft.rfftfreq(48, field.spacing_mm)
    radius = np.sqrt(k[:, None, None] ** 2 + k[None, :, None] ** 2 + kz**2)
    outside = (radius > 1 / 4.0 + 1e-6) | (radius < 1 / 24.0 - 1e-6)
    assert spectrum[outside].sum() < 1e-6 * spectrum.sum()
    coarse = spectrum[radius < 1 / 12.0].sum()
    assert 0.3 < coarse / spectrum.sum() < 0.9


@pytest.mark.parametrize(("short", "long"), [(0.0, 5.0), (6.0, 5.0)])
def test_rough_field_refuses(rng, short, long):
    with pytest.raises(ValueError, match=f"in order, not {short}, {long}"):
        rough_field(rng, short, long)
