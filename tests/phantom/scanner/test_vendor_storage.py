from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.scanner.vendor import store_complex_ge, store_magnitude, store_phase
from arteriole.scan.vendor import phase_sign, undo_slice_polarity


def rescaled(stored) -> np.ndarray:
    slope, intercept = stored.tags.get("RescaleSlope", 1), stored.tags.get("RescaleIntercept", 0)
    return stored.values * slope + intercept


@pytest.mark.parametrize(("vendor", "pi"), [("siemens", 4096), ("philips", 3142), ("ge", 3142)])
def test_phase_comes_back_within_half_a_step(vendor, pi, rng):
    """The steps are 1.5 mrad for Siemens and Philips and 1 mrad for GE."""
    phase = rng.uniform(-np.pi, 3.139, size=(5, 6, 7))
    stored = store_phase(phase, vendor)
    sign, _ = phase_sign(stored.tags["Manufacturer"])
    step = np.pi / 3142 if vendor == "ge" else 2 * np.pi / 4095
    back = sign * rescaled(stored) * np.pi / pi
    assert np.abs(back - phase).max() <= 0.5001 * step
    assert stored.values.dtype == (np.int16 if vendor == "ge" else np.uint16)


def test_stored_range_by_hand():
    ends = np.array([-np.pi, 0.0, np.pi])
    siemens, philips, ge = (store_phase(ends, v) for v in ("siemens", "philips", "ge"))
    np.testing.assert_array_equal(siemens.values, [0, 2048, 4095])
    np.testing.assert_array_equal(rescaled(siemens), [-4096, 0, 4094])
    np.testing.assert_array_equal(philips.values[[0, 2]], [0, 4095])
    np.testing.assert_allclose(rescaled(philips)[[0, 2]], [-3142, 3142])
    np.testing.assert_array_equal(ge.values, [3142, 0, -3142])


@pytest.mark.parametrize("vendor", ["siemens", "philips", "ge"])
def test_magnitude_keeps_its_ratios(vendor, rng):
    data = rng.uniform(0, 730.0, size=(2, 4, 5, 6))
    stored = store_magnitude(data, vendor)
    top = stored.values.max()
    assert top == (16383 if vendor == "ge" else 4095)
    np.testing.assert_allclose(stored.values / top, data / data.max(), atol=0.51 / top)
    if vendor == "philips":
        np.testing.assert_allclose(rescaled(stored), data, atol=730 / 4095)


def test_ge_parts_alternate_from_slice_to_slice_and_come_back(rng):
    magnitude = rng.uniform(50, 100, size=(6, 5, 8))
    x = np.arange(6)[:, None, None]
    phase = np.angle(np.exp(1j * (0.5 * x + 0.1 * rng.normal(size=magnitude.shape))))
    real, imaginary = store_complex_ge(magnitude, phase)
    both = (real.values + 1j * imaginary.values).astype(np.complex64)
    signal, alternates = undo_slice_polarity(both)
    assert alternates
    assert phase_sign(real.tags["Manufacturer"])[0] == -1
    assert np.abs(np.angle(np.conj(signal) * np.exp(-1j * phase))).max() < 1e-3
    assert list(real.private.values()) == [2]
    assert list(imaginary.private.values()) == [3]


def test_refuses():
    with pytest.raises(ValueError, match="no convention known of 'esaote'"):
        store_phase(np.zeros(3), "esaote")
    with pytest.raises(ValueError, match=r"phase reaches 4\.000 rad"):
        store_phase(np.full(3, 4.0), "ge")
    with pytest.raises(ValueError, match="cannot be negative"):
        store_magnitude(np.full(3, -1.0), "ge")
