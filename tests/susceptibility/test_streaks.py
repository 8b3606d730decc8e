from __future__ import annotations

import numpy as np
import pytest
import scipy.fft

from arteriole.numerics.dipole import dipole_kernel
from arteriole.susceptibility.streaks import streak_index
from arteriole.susceptibility.tkd import invert_tkd
from simulated_fields import textured_head, turned

SHAPE = (60, 60, 40)


def streaks(shape, voxel, b0, rng):
    """Noise of the spectrum's cone alone, standard deviation 1."""
    dipole = dipole_kernel(shape, voxel_size_mm=voxel, b0_direction=b0)
    spectrum = scipy.fft.rfftn(rng.standard_normal(shape)) * (np.abs(dipole) < 0.1)
    volume = scipy.fft.irfftn(spectrum, s=shape).astype(np.float32)
    return volume / volume.std()


@pytest.mark.parametrize("voxel", [(1.5, 1.5, 1.5), (0.9, 0.9, 3.0)])
@pytest.mark.parametrize("degrees", [0, 35])
def test_grows_with_streaks_from_one(voxel, degrees, rng):
    b0 = turned(degrees)
    head = textured_head(SHAPE, voxel, b0)
    added = streaks(SHAPE, voxel, b0, rng)
    found = [
        streak_index(head.chi_ppm + a * added, head.mask, voxel_size_mm=voxel, b0_direction=b0)
        for a in (0, 0.01, 0.02, 0.04)
    ]
    assert 0.85 < found[0] < 1.25
    assert found[1] > 1.3 * found[0]
    assert found[2] > 1.3 * found[1]
    assert found[3] > 1.3 * found[2]


def test_sees_an_inversion_that_amplifies_noise(rng):
    voxel, b0 = (1.5, 1.5, 1.5), (0.0, 0.0, 1.0)
    head = textured_head(SHAPE, voxel, b0)
    field = head.local_ppm + rng.normal(0, 0.002, SHAPE).astype(np.float32)
    rough, smooth = (
        streak_index(
            invert_tkd(field, head.mask, voxel_size_mm=voxel, threshold=t),
            head.mask,
            voxel_size_mm=voxel,
        )
        for t in (0.02, 0.2)
    )
    assert rough > 2
    assert smooth < 1


def test_does_not_depend_on_unit_or_zero(rng):
    chi = rng.standard_normal(SHAPE).astype(np.float32)
    mask = np.ones(SHAPE, bool)
    one = streak_index(chi, mask, voxel_size_mm=(1, 1, 1))
    assert one == pytest.approx(1, abs=0.05)
    assert streak_index(1000 * chi + 7, mask, voxel_size_mm=(1, 1, 1)) == pytest.approx(one, 1e-3)


@pytest.mark.parametrize(
    ("chi", "mask", "message"),
    [
        (np.zeros(SHAPE), np.ones(SHAPE, bool), "vary"),
        (np.full(SHAPE, np.nan), np.ones(SHAPE, bool), "finite"),
        (np.zeros(SHAPE), np.zeros(SHAPE, bool), "empty"),
        (np.zeros(SHAPE), np.ones((2, 2, 2), bool), "share one 3-D shape"),
        (np.eye(3)[:, :, None], np.ones((3, 3, 1), bool), "too small"),
    ],
)
def test_refuses(chi, mask, message):
    with pytest.raises(ValueError, match=message):
        streak_index(chi, mask, voxel_size_mm=(1, 1, 1))
