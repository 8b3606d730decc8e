from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.gradients import gradient_power
from arteriole.susceptibility.l2 import invert_l2

SHAPE, VOXEL = (40, 36, 32), (1.0, 1.0, 1.0)


def whole():
    return np.ones(SHAPE, bool)


def test_is_linear(rng):
    field = rng.normal(0, 0.01, SHAPE).astype(np.float32)
    chi = invert_l2(field, whole(), voxel_size_mm=VOXEL)
    np.testing.assert_allclose(
        invert_l2(3 * field, whole(), voxel_size_mm=VOXEL), 3 * chi, atol=1e-6
    )


def test_solves_the_normal_equations(rng):
    """Without padding: ``(D^2 + w G^2) chi = D f`` in the spectrum."""
    field = rng.normal(0, 0.01, SHAPE).astype(np.float32)
    chi = invert_l2(field, whole(), voxel_size_mm=VOXEL, weight=0.02, pad_mm=0)
    dipole = dipole_kernel(SHAPE, voxel_size_mm=VOXEL)
    left = (dipole**2 + 0.02 * gradient_power(SHAPE, voxel_size_mm=VOXEL)) * np.fft.rfftn(chi)
    np.testing.assert_allclose(left, dipole * np.fft.rfftn(field), atol=2e-4)


def test_weight_smooths(rng):
    field = rng.normal(0, 0.01, SHAPE).astype(np.float32)
    spread = [
        invert_l2(field, whole(), voxel_size_mm=VOXEL, weight=w).std() for w in (1e-3, 1e-2, 1e-1)
    ]
    assert spread[0] > 1.3 * spread[1] > 1.69 * spread[2]


def test_refuses_weight():
    with pytest.raises(ValueError, match="weight is positive"):
        invert_l2(np.zeros(SHAPE), whole(), voxel_size_mm=VOXEL, weight=0)
