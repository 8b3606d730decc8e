from __future__ import annotations

import numpy as np
import pytest

from arteriole.susceptibility.data_weights import estimated_noise, weighted_data

MASK = np.ones((40, 40, 40), bool)


def test_noise_of_a_smooth_field_is_found(rng):
    smooth = np.add.outer(np.add.outer(np.arange(40.0), np.arange(40.0) ** 2), np.arange(40.0))
    field = smooth + rng.normal(0, 0.01, MASK.shape)
    assert estimated_noise(field, MASK) == pytest.approx(0.01, rel=0.02)


def test_a_mask_without_cubes_has_no_estimate():
    mask = np.zeros_like(MASK)
    mask[20, 20] = True
    assert estimated_noise(np.zeros(MASK.shape), mask) == 0.0


def test_voxels_count_by_inverse_variance():
    noise = np.full(MASK.shape, 0.002)
    noise[0], noise[1], noise[2] = 0.004, 0.001, 1e-9
    mask = MASK.copy()
    mask[3] = False
    trust, typical = weighted_data(np.zeros(MASK.shape, np.float32), mask, noise)
    assert typical == pytest.approx(0.002)
    assert [float(trust[i, 0, 0]) for i in range(5)] == pytest.approx([0.25, 4, 4, 0, 1])


def test_refuses():
    field = np.zeros(MASK.shape, np.float32)
    with pytest.raises(ValueError, match="share one shape"):
        weighted_data(field, MASK, np.ones((2, 2, 2)))
    with pytest.raises(ValueError, match="not negative"):
        weighted_data(field, MASK, np.full(MASK.shape, -1.0))
