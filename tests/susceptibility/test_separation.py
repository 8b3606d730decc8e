"""Sources of both signs in known amounts, and what the closed form makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.susceptibility.separation import estimate_r2prime, separate_chi

SHAPE = (12, 13, 14)


@pytest.fixture
def sources(rng):
    """Paramagnetic and diamagnetic susceptibility, ppm, of iron and myelin in one voxel."""
    para = rng.uniform(0.0, 0.15, SHAPE).astype(np.float32)
    dia = -rng.uniform(0.0, 0.08, SHAPE).astype(np.float32)
    return para, dia, np.ones(SHAPE, bool)


@pytest.mark.parametrize("b0_tesla", [1.5, 3.0, 7.0])
@pytest.mark.parametrize("constant", [137.0, 114.0])
def test_known_sources_come_back(sources, b0_tesla, constant):
    para, dia, mask = sources
    r2prime = constant * b0_tesla / 3 * (para - dia)
    found = separate_chi(
        para + dia, r2prime, mask, b0_tesla=b0_tesla, relaxation_hz_per_ppm=constant
    )
    np.testing.assert_allclose(found[0], para, atol=1e-6)
    np.testing.assert_allclose(found[1], dia, atol=1e-6)


def test_the_parts_add_up_to_chi_and_keep_their_signs(sources, rng):
    """Whatever R2' is: too small for chi, or too large."""
    para, dia, mask = sources
    chi = para + dia
    para, dia = separate_chi(chi, rng.uniform(0, 30, SHAPE).astype(np.float32), mask, b0_tesla=3.0)
    np.testing.assert_allclose(para + dia, chi, atol=1e-7)
    assert para.min() >= 0 >= dia.max()


def test_without_r2prime_chi_is_of_one_sign(sources):
    para, dia, mask = sources
    chi = para + dia
    found = separate_chi(chi, np.zeros(SHAPE, np.float32), mask, b0_tesla=3.0)
    np.testing.assert_array_equal(found[0], np.maximum(chi, 0))
    np.testing.assert_array_equal(found[1], np.minimum(chi, 0))


def test_nothing_is_outside_the_mask_and_types_stay(sources):
    para, dia, mask = sources
    mask[:6] = False
    for part in separate_chi(para + dia, para, mask, b0_tesla=3.0):
        assert part.dtype == np.float32
        assert not part[~mask].any()
        assert part[mask].any()


def test_noise_of_r2star_goes_half_into_each_source(sources, rng):
    """1 1/s of noise at 3 T: 1 / 137 / 2 = 0.0036 ppm in each, with opposite signs."""
    para, dia, mask = sources
    para, dia = para + 0.05, dia - 0.05
    r2prime = 137 * (para - dia)
    noisy = (r2prime + rng.normal(0, 1, SHAPE)).astype(np.float32)
    found = separate_chi(para + dia, noisy, mask, b0_tesla=3.0)
    assert (found[0] - para).std() == pytest.approx(1 / 137 / 2, rel=0.05)
    np.testing.assert_allclose(found[0] - para, -(found[1] - dia), atol=1e-6)


def test_r2prime_is_r2star_less_a_map_or_a_number(rng):
    r2star = rng.uniform(10, 40, SHAPE).astype(np.float32)
    r2 = rng.uniform(8, 20, SHAPE).astype(np.float32)
    np.testing.assert_array_equal(estimate_r2prime(r2star, r2), np.maximum(r2star - r2, 0))
    np.testing.assert_allclose(estimate_r2prime(r2star, 15.0), np.maximum(r2star - 15, 0))
    # R2 of 15 1/s at 3 T is 15 * (1 + 0.145 * 4) = 23.7 1/s at 7 T
    at_7t = estimate_r2prime(r2star, 15.0, b0_tesla=7.0)
    np.testing.assert_allclose(at_7t, np.maximum(r2star - 23.7, 0), atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"r2prime_hz": np.zeros((2, 2, 2), np.float32)}, "share one shape"),
        ({"r2prime_hz": np.full(SHAPE, -1, np.float32)}, "not negative, as -1"),
        ({"b0_tesla": 0.0}, "are positive"),
        ({"relaxation_hz_per_ppm": -137.0}, "are positive"),
    ],
)
def test_refuses(sources, change, message):
    para, dia, mask = sources
    given = {"chi_ppm": para + dia, "r2prime_hz": para, "mask": mask, "b0_tesla": 3.0} | change
    with pytest.raises(ValueError, match=message):
        separate_chi(**given)


@pytest.mark.parametrize(
    ("r2", "message"),
    [(np.zeros((2, 2, 2), np.float32), "share one shape"), (-1.0, "0 or more"), (np.nan, "nan")],
)
def test_refuses_r2(r2, message):
    with pytest.raises(ValueError, match=message):
        estimate_r2prime(np.zeros(SHAPE, np.float32), r2)
