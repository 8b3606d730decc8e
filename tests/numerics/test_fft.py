from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.fft import frequencies, good_shape, irfft, padded, rfft


@pytest.mark.parametrize("shape", [(8, 9, 10), (7, 5, 3)])
def test_there_and_back_keeps_values_and_precision(shape, rng):
    volume = rng.standard_normal(shape).astype(np.float32)
    spectrum = rfft(volume)
    assert spectrum.dtype == np.complex64
    back = irfft(spectrum, shape)
    assert back.dtype == np.float32
    np.testing.assert_allclose(back, volume, atol=1e-6)


def test_padding_and_crop_are_inverse(rng):
    volume = rng.standard_normal((7, 5, 3)).astype(np.float32)
    spectrum = rfft(volume, (12, 10, 9))
    np.testing.assert_allclose(spectrum, rfft(padded(volume, (12, 10, 9))), atol=1e-5)
    back = irfft(spectrum, (12, 10, 9), (7, 5, 3))
    assert back.flags.c_contiguous
    np.testing.assert_allclose(back, volume, atol=1e-6)


def test_padded_keeps_the_low_corner():
    out = padded(np.ones((2, 3, 4), bool), (4, 4, 4))
    assert out.dtype == bool
    assert out[:2, :3, :4].all()
    assert out.sum() == 24
    same = np.ones((2, 2, 2))
    assert padded(same, (2, 2, 2)) is same


def test_good_shape_is_large_enough_and_fast():
    assert good_shape((97, 101, 64)) == (100, 108, 64)
    assert good_shape((10, 10, 10), (3, 0, 5)) == (15, 10, 15)


def test_frequencies_are_cycles_per_mm():
    kx, ky, kz = frequencies((8, 6, 7), (2.0, 1.0, 0.5))
    assert kx.shape == (8, 1, 1)
    assert kz.shape == (1, 1, 4)
    assert abs(kx).max() == pytest.approx(0.25)
    assert abs(ky).max() == pytest.approx(0.5)
    wave = np.cos(2 * np.pi * np.arange(8) * 2.0 * kx[2, 0, 0])[:, None, None] * np.ones((8, 6, 7))
    power = np.abs(rfft(wave))
    assert power[2, 0, 0] == pytest.approx(power.max())
