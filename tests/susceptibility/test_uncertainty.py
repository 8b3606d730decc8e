from __future__ import annotations

import numpy as np
import pytest

from arteriole.susceptibility.l2 import invert_l2
from arteriole.susceptibility.tv import invert_tv
from arteriole.susceptibility.uncertainty import L2_WEIGHT, chi_uncertainty, uncertainty_parts
from simulated_fields import textured_head, turned

SHAPE, VOXEL = (48, 48, 32), (1.5, 1.5, 2.0)
NOISE = 0.002


@pytest.fixture(scope="module")
def scan():
    """A textured head, its noisy field, and chi from it."""
    b0 = turned(20)
    head = textured_head(SHAPE, VOXEL, b0, seed=3)
    noise = np.random.default_rng(4).normal(0, NOISE, SHAPE)
    field = np.where(head.mask, head.local_ppm + noise, 0).astype(np.float32)
    error = np.full(SHAPE, NOISE, np.float32)
    geometry = {"voxel_size_mm": VOXEL, "b0_direction": b0}
    chi = invert_tv(field, head.mask, noise_ppm=error, **geometry)
    return head, chi, field, error, geometry


def test_most_voxels_of_another_head_lie_within_two_sigma(scan):
    head, chi, field, error, geometry = scan
    sigma = chi_uncertainty(chi, field, head.mask, error_ppm=error, **geometry)
    apart = (chi - head.chi_ppm)[head.mask]
    share = np.mean(np.abs(apart - apart.mean()) < 2 * sigma[head.mask])
    assert 0.9 < share < 0.99
    assert sigma[head.mask].min() > 0
    assert not sigma[~head.mask].any()
    assert sigma.dtype == np.float32


def test_scales_with_the_data_and_does_not_see_the_zero_of_chi(scan):
    head, chi, field, error, geometry = scan
    one = chi_uncertainty(chi, field, head.mask, error_ppm=error, **geometry)
    three = chi_uncertainty(
        3 * chi + np.float32(0.5), 3 * field, head.mask, error_ppm=3 * error, **geometry
    )
    np.testing.assert_allclose(three, 3 * one, rtol=1e-3, atol=1e-6)


def test_noise_is_estimated_where_it_is_not_given(scan, rng):
    """From a field of noise alone; detail of a real field would count as noise."""
    head, chi, _, error, geometry = scan
    field = rng.normal(0, NOISE, SHAPE).astype(np.float32)
    given = uncertainty_parts(chi, field, head.mask, error_ppm=error, **geometry).noise
    found = uncertainty_parts(chi, field, head.mask, **geometry).noise
    ratio = found[head.mask] / given[head.mask]
    assert np.median(ratio) == pytest.approx(1, abs=0.03)


def test_noise_part_is_what_many_noisy_fields_give(rng):
    mask = np.ones((24, 24, 24), bool)
    error = np.full(mask.shape, 0.01, np.float32)
    error[:12] = 0.002
    geometry = {"voxel_size_mm": (1.0, 1.0, 1.5), "b0_direction": turned(30)}
    chi = np.zeros(mask.shape, np.float32)
    draws = [
        invert_l2(
            error * rng.standard_normal(mask.shape, np.float32), mask, weight=L2_WEIGHT, **geometry
        )
        for _ in range(200)
    ]
    found = uncertainty_parts(chi, chi, mask, error_ppm=error, **geometry).noise
    ratio = np.std(draws, axis=0) / found
    assert np.median(ratio) == pytest.approx(1, abs=0.02)
    assert np.percentile(ratio, [1, 99]) == pytest.approx(1, abs=0.15)


def test_a_part_grows_where_its_cause_is(scan):
    """A ball whose field is not that of chi, a dot that chi has, and noise on one side."""
    head, chi, field, error, geometry = scan
    plain = uncertainty_parts(chi, field, head.mask, error_ppm=error, **geometry)
    ball = (slice(20, 24),) * 3
    wrong, dotted, noisy = field.copy(), chi.copy(), error.copy()
    wrong[ball] += 0.05
    dotted[22, 22, 16] += 0.3
    noisy[24:] *= 4
    middle = (22, 22, 22)
    misfit = uncertainty_parts(chi, wrong, head.mask, error_ppm=error, **geometry).misfit
    assert misfit[middle] > 3 * plain.misfit[middle]
    detail = uncertainty_parts(dotted, field, head.mask, error_ppm=error, **geometry).detail
    assert detail[22, 22, 16] > plain.detail[22, 22, 16] + 0.2
    louder = uncertainty_parts(chi, field, head.mask, error_ppm=noisy, **geometry).noise
    ratio = louder / np.maximum(plain.noise, 1e-9)
    assert ratio[32, 24, 16] == pytest.approx(4, abs=0.1)
    assert ratio[14, 24, 16] < 1.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chi_ppm": np.zeros((2, 2, 2), np.float32)}, "of its shape"),
        ({"chi_ppm": np.full((8, 8, 8), np.nan, np.float32)}, "chi .* is finite"),
        ({"error_ppm": np.full((8, 8, 8), -1, np.float32)}, "not negative"),
        ({"error_ppm": np.zeros((2, 2, 2), np.float32)}, "share one shape"),
        ({"mask": np.zeros((8, 8, 8), bool)}, "empty"),
    ],
)
def test_refuses(change, message):
    flat = np.zeros((8, 8, 8), np.float32)
    given = {"chi_ppm": flat, "field_ppm": flat, "mask": np.ones((8, 8, 8), bool)}
    with pytest.raises(ValueError, match=message):
        chi_uncertainty(**(given | change), voxel_size_mm=(1, 1, 1))
