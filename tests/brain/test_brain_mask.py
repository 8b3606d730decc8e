from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.mask import brain_mask

TE = (0.005, 0.015)


def ellipsoid(grid, radii, centre=(0, 0, 0)):
    return sum(((g - c) / r) ** 2 for g, r, c in zip(grid, radii, centre, strict=True)) <= 1


def head(shape=(64, 76, 60), voxel=(3.0, 3.0, 3.0), *, snr=30.0, seed=0, shift=(0, 0, 0)):
    """Scalp (bright fat), dark skull and a brain with ventricles; returns magnitude and truth."""
    rng = np.random.default_rng(seed)
    grid = np.meshgrid(
        *[(np.arange(n) - (n - 1) / 2) * d for n, d in zip(shape, voxel, strict=True)],
        indexing="ij",
    )
    grid = [g - s for g, s in zip(grid, shift, strict=True)]
    volume = np.zeros(shape)
    volume[ellipsoid(grid, (85, 103, 83))] = 1.6
    volume[ellipsoid(grid, (78, 96, 76))] = 0.06
    brain = ellipsoid(grid, (72, 90, 70))
    volume[brain] = 1.0
    volume[ellipsoid(grid, (8, 30, 12), (12, 0, 8))] = 0.6
    volume[ellipsoid(grid, (8, 30, 12), (-12, 0, 8))] = 0.6
    volume *= np.exp(0.006 * grid[1] + 0.004 * grid[0])
    echoes = np.stack([volume, volume * 0.7])
    noise = rng.normal(0, 1 / snr, (2, *echoes.shape))
    return np.abs(echoes + noise[0] + 1j * noise[1]).astype(np.float32), brain


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


def test_brain_of_a_simple_head():
    magnitude, brain = head()
    assert dice(brain_mask(magnitude, TE, voxel_size_mm=(3, 3, 3)), brain) > 0.97


def test_refuses_noise_and_constants(rng):
    noise = np.abs(rng.normal(size=(2, 40, 40, 30)) + 1j * rng.normal(size=(2, 40, 40, 30)))
    with pytest.raises(ValueError, match="is noise"):
        brain_mask(noise, TE, voxel_size_mm=(1, 1, 1))
    for value in (0.0, 7.0):
        with pytest.raises(ValueError, match="everywhere: there is no head"):
            brain_mask(np.full((2, 8, 8, 8), value), TE, voxel_size_mm=(1, 1, 1))
