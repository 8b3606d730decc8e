from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from arteriole.numerics.convolve import convolve, gaussian_taps
from arteriole.numerics.threads import set_threads, threads


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 2e-6), (np.float64, 1e-14)])
@pytest.mark.parametrize("sigmas", [(1.5, 0.7, 3.0), (12.0, 8.0, 5.0), (0.0, 2.0, 0.0)])
def test_is_scipys_gaussian_to_rounding(dtype, error, sigmas, rng):
    volume = rng.standard_normal((24, 19, 13)).astype(dtype)
    taps = tuple(gaussian_taps(s, dtype) for s in sigmas)
    expected = scipy.ndimage.gaussian_filter(volume.astype(np.float64), sigmas, mode="nearest")
    got = convolve(volume, taps)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, atol=error)


def test_a_constant_stays_and_the_input_too(rng):
    volume = np.full((9, 8, 7), np.float32(3))
    taps = tuple(gaussian_taps(s, np.float32) for s in (2.0, 2.0, 2.0))
    np.testing.assert_allclose(convolve(volume, taps), 3, rtol=1e-6)
    same = convolve(volume, tuple(gaussian_taps(0.0, np.float32) for _ in range(3)))
    assert same is not volume
    np.testing.assert_array_equal(same, volume)


def test_strided_volumes_and_threads_do_not_matter(rng):
    volume = rng.standard_normal((20, 21, 22)).astype(np.float32)
    taps = tuple(gaussian_taps(s, np.float32) for s in (2.0, 1.0, 3.0))
    before = threads()
    results = []
    for count in (1, 2):
        set_threads(count)
        results.append(convolve(volume[::2, :, ::-1], taps))
    set_threads(before)
    np.testing.assert_array_equal(*results)
    np.testing.assert_array_equal(
        results[0], convolve(np.ascontiguousarray(volume[::2, :, ::-1]), taps)
    )
