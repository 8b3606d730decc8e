from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.bias import correct_bias

SHAPE, VOXEL = (30, 36, 27), (5.0, 5.0, 5.0)
BRIEF = (15, 15)


def head():
    """A brain of grey and white in a mask, and a field of +-35 %."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    mask = x**2 + y**2 + z**2 < 0.85
    white = x**2 + y**2 + z**2 < 0.45 + 0.15 * np.sin(9 * x) * np.cos(8 * y)
    tissue = np.where(white, 100.0, 65.0)
    field = np.exp(0.35 * x - 0.25 * y * z + 0.2 * z**2)
    noise = np.random.default_rng(0).normal(0, 1.5, SHAPE)
    return tissue, mask, white & mask, field / field[mask].mean(), noise


def spread(values):
    return values.std() / values.mean()


def test_field_comes_back_and_tissue_is_even():
    tissue, mask, white, field, noise = head()
    image = tissue * field + noise
    corrected, found = correct_bias(image, mask, voxel_size_mm=VOXEL, iterations=BRIEF)
    assert found.min() > 0
    assert found[mask].mean() == pytest.approx(1.0, abs=1e-3)
    assert spread(found[mask] / field[mask]) < 0.3 * spread(field[mask])
    assert spread(corrected[white]) < 0.5 * spread(image[white])
    np.testing.assert_allclose(corrected * found, image, rtol=1e-4, atol=1e-3)


def test_unit_and_type_do_not_matter():
    tissue, mask, _, field, noise = head()
    image = tissue * field + noise
    first = correct_bias(image, mask, voxel_size_mm=VOXEL, iterations=BRIEF)[1]
    other = correct_bias(
        (image * 37).astype(np.float32), mask, voxel_size_mm=VOXEL, iterations=BRIEF
    )[1]
    np.testing.assert_allclose(first, other, rtol=5e-3)


def test_a_lesion_hardly_draws_the_field():
    tissue, mask, _, field, noise = head()
    clean = correct_bias(tissue * field + noise, mask, voxel_size_mm=VOXEL, iterations=BRIEF)[1]
    lesion = np.zeros(SHAPE, bool)
    lesion[8:14, 15:21, 10:16] = True
    image = np.where(lesion, 1.9, 1.0) * tissue * field + noise
    for given in (None, lesion):
        found = correct_bias(image, mask, voxel_size_mm=VOXEL, iterations=BRIEF, lesions=given)[1]
        assert np.abs(found / clean - 1)[mask].max() < 0.08


def test_refusals():
    tissue, mask, *_ = head()
    with pytest.raises(ValueError, match="3-D shape"):
        correct_bias(tissue[1:], mask, voxel_size_mm=VOXEL)
    with pytest.raises(ValueError, match="needs 500"):
        correct_bias(0 * tissue, mask, voxel_size_mm=VOXEL)
    with pytest.raises(ValueError, match="negative or not finite"):
        correct_bias(-tissue, mask, voxel_size_mm=VOXEL)
    with pytest.raises(ValueError, match="sizes are positive"):
        correct_bias(tissue, mask, voxel_size_mm=VOXEL, shrink_mm=0)
    with pytest.raises(ValueError, match="outliers lie in"):
        correct_bias(tissue, mask, voxel_size_mm=VOXEL, outliers=0.5)
    with pytest.raises(ValueError, match="lesions"):
        correct_bias(tissue, mask, voxel_size_mm=VOXEL, lesions=mask[1:])
