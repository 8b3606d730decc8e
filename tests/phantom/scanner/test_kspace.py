from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.scanner.kspace import block_mean, crop_axis, sample


def test_slow_wave_is_sampled_at_the_middles_of_voxels():
    fine, factor = 48, 4
    x = np.arange(fine)
    wave = np.exp(2j * np.pi * 3 * x / fine).astype(np.complex64)
    volume = np.broadcast_to(wave[:, None, None], (fine, 6, 6)).copy()
    sampled = sample(lambda rows: volume[rows], (fine, 6, 6), (factor, 2, 3), rows=10)
    middles = factor * np.arange(fine // factor) + (factor - 1) / 2
    expected = np.exp(2j * np.pi * 3 * middles / fine)
    np.testing.assert_allclose(sampled[:, 1, 1], expected, atol=1e-5)


def test_fast_wave_is_not_seen():
    x = np.arange(48)
    wave = np.cos(2 * np.pi * 9 * x / 48).astype(np.float32)
    volume = np.broadcast_to(wave, (6, 6, 48)).copy()
    sampled = sample(lambda rows: volume[rows], volume.shape, (2, 2, 4))
    assert np.abs(sampled).max() < 1e-5


def test_point_spreads_as_a_dirichlet_kernel():
    fine, factor, count = 64, 4, 16
    volume = np.zeros((fine, 4, 4), dtype=np.float32)
    volume[30] = 1.0
    seen = sample(lambda rows: volume[rows], volume.shape, (factor, 2, 2))[:, 0, 0]
    k = np.arange(-count // 2, count // 2)
    middles = factor * np.arange(count) + (factor - 1) / 2
    spread = np.exp(2j * np.pi * np.outer(middles - 30, k) / fine).sum(axis=1) / fine
    np.testing.assert_allclose(seen, spread, atol=1e-6)


def test_constant_stays_constant_and_slabs_do_not_matter(rng):
    flat = np.full((12, 8, 6), 3.0, dtype=np.float32)
    seen = sample(lambda rows: flat[rows], flat.shape, (3, 2, 2))
    np.testing.assert_allclose(seen, 3.0, rtol=1e-6)
    rough = rng.normal(size=(12, 8, 6)).astype(np.complex64)
    one = sample(lambda rows: rough[rows], (12, 8, 6), (3, 2, 2), rows=12)
    many = sample(lambda rows: rough[rows], (12, 8, 6), (3, 2, 2), rows=5)
    np.testing.assert_array_equal(one, many)


def test_block_mean_by_hand():
    volume = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    np.testing.assert_array_equal(block_mean(volume, (2, 2, 2)), [[[3.5]]])
    np.testing.assert_array_equal(block_mean(volume, (1, 1, 2))[..., 0], [[0.5, 2.5], [4.5, 6.5]])


def test_refuses_cells_that_make_no_whole_voxels():
    with pytest.raises(ValueError, match="10 fine cells do not make voxels of 3"):
        crop_axis(np.zeros((10, 2, 2), dtype=np.complex64), 0, 3)
