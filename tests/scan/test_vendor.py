from __future__ import annotations

import numpy as np
import pytest

from arteriole.scan.vendor import phase_sign, undo_slice_polarity


@pytest.mark.parametrize(
    ("maker", "setting", "sign", "why"),
    [
        ("GE MEDICAL SYSTEMS", "auto", -1, "GE counts the other way"),
        ("GE", "auto", -1, "GE counts the other way"),
        ("SIEMENS", "auto", 1, "sign kept (SIEMENS)"),
        ("Philips Medical Systems", "auto", 1, "sign kept (Philips"),
        (None, "auto", 1, "maker unknown"),
        ("GE", "keep", 1, "settings"),
        ("Siemens", "flip", -1, "settings"),
    ],
)
def test_sign_by_maker_and_setting(maker, setting, sign, why):
    got, words = phase_sign(maker, setting)
    assert got == sign
    assert why in words


def image(rng, slices=9):
    z = np.arange(slices)
    smooth = np.exp(1j * (0.3 * z + np.linspace(0, 1, 12)[:, None, None]))
    noise = rng.normal(size=(12, 12, slices)) + 1j * rng.normal(size=(12, 12, slices))
    return (np.broadcast_to(smooth, noise.shape) + 0.2 * noise).astype(np.complex64)


@pytest.mark.parametrize("slices", [8, 9])
def test_alternating_slices_are_turned_back(rng, slices):
    signal = image(rng, slices)
    chopped = signal * (1 - 2 * (np.arange(slices) % 2)).astype(np.float32)
    before = chopped.copy()
    got, alternates = undo_slice_polarity(chopped)
    assert alternates
    np.testing.assert_array_equal(got, signal)
    np.testing.assert_array_equal(chopped, before)


@pytest.mark.parametrize("slices", [2, 9])
def test_smooth_images_and_noise_are_left_alone(rng, slices):
    signal = image(rng, slices)
    got, alternates = undo_slice_polarity(signal)
    assert got is signal
    assert not alternates
    noise = (rng.normal(size=(9, 9, 9)) + 1j * rng.normal(size=(9, 9, 9))).astype(np.complex64)
    assert not undo_slice_polarity(noise)[1]
