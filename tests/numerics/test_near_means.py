from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from arteriole.numerics.near_means import NearMeans
from arteriole.numerics.spheres import sphere_kernel
from arteriole.numerics.threads import set_threads, threads

WEIGHTS = sphere_kernel(3.0, voxel_size_mm=(1.5, 1.0, 2.0))


@pytest.fixture
def where(rng):
    inside = np.zeros((22, 24, 17), bool)
    inside[4:-4, 5:-5, 4:-4] = rng.random((14, 14, 9)) < 0.3
    return inside


def test_means_are_those_of_a_convolution(rng, where):
    volume = rng.standard_normal(where.shape).astype(np.float32)
    out = np.zeros_like(volume)
    NearMeans(WEIGHTS, where).subtract(volume, out)
    mean = scipy.ndimage.convolve(volume.astype(float), WEIGHTS, mode="constant")
    np.testing.assert_allclose(out, np.where(where, -mean, 0), atol=1e-6)


def test_adjoint(rng, where):
    means = NearMeans(WEIGHTS, where)
    x, y = rng.standard_normal((2, *where.shape)).astype(np.float32)
    forward, back = np.zeros_like(x), np.zeros_like(x)
    means.subtract(x, forward)
    means.subtract_adjoint(y, back)
    left, right = (np.vdot(a.astype(float), b) for a, b in ((forward, y), (x, back)))
    assert left == pytest.approx(right, rel=1e-5)


def test_the_number_of_threads_changes_nothing(rng, where):
    volume = rng.standard_normal(where.shape).astype(np.float32)
    before, results = threads(), []
    for count in (1, 2):
        set_threads(count)
        out = np.zeros_like(volume)
        means = NearMeans(WEIGHTS, where)
        means.subtract(volume, out)
        means.subtract_adjoint(volume, out)
        results.append(out)
    set_threads(before)
    assert np.array_equal(*results)


def test_work_is_neighbours_times_voxels(where):
    assert NearMeans.work(WEIGHTS, where) == np.count_nonzero(WEIGHTS) * where.sum()


def test_refuses_neighbours_outside(where):
    where[0, 8, 8] = True
    with pytest.raises(ValueError, match="lie outside of"):
        NearMeans(WEIGHTS, where)
