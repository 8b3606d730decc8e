from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.scanner.acquire import acquire_channels
from arteriole.phantom.scanner.channels import coil_maps

GRID = Grid.from_voxel_size((22, 26, 20), (8.0, 8.0, 8.0))


def test_together_they_see_the_head_about_evenly():
    maps = np.stack(list(coil_maps(GRID, 12)))
    assert maps.dtype == np.complex64
    together = np.sqrt((np.abs(maps) ** 2).sum(axis=0))
    cells = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1)
    near = np.linalg.norm(GRID.to_world(cells) - (0.0, -12.0, 6.0), axis=-1) < 75
    assert together[near].mean() == pytest.approx(1.0, abs=0.08)
    assert together[near].min() > 0.2


def test_each_sees_its_own_side_with_its_own_phase():
    maps = np.stack(list(coil_maps(GRID, 8)))
    brightest = [np.unravel_index(np.abs(m).argmax(), GRID.shape) for m in maps]
    assert len(set(brightest)) == 8
    phases = np.angle(maps[:, 11, 13, 10])
    assert np.ptp(phases) > 1.0


def test_sampling_does_not_depend_on_the_grid():
    fine = Grid(
        (44, 52, 40),
        np.block([[GRID.affine[:3, :3] / 2, GRID.affine[:3, 3:]], [np.array([[0, 0, 0, 1]])]]),
    )
    coarse, dense = next(coil_maps(GRID, 4)), next(coil_maps(fine, 4))
    # Each grid lies on a lattice of its own, which is linear between its points.
    assert np.abs(dense[::2, ::2, ::2] - coarse).max() < 0.05 * np.abs(coarse).max()


@pytest.mark.usefixtures("painted_once")
def test_noise_is_independent_and_the_phase_of_each_coil_divides_out(head, protocol):
    tiny = replace(
        protocol, shape=(40, 48, 12), voxel_size_mm=(4.4, 4.4, 6.0), coils=3, te_s=(0.005, 0.01)
    )
    channels, truth = acquire_channels(head.with_lesions(), tiny, seed=2, cell_mm=2.2)
    noisy = np.stack(list(channels))
    clear = np.stack(
        list(acquire_channels(head.with_lesions(), tiny, seed=2, cell_mm=2.2, noise=False)[0])
    )
    assert noisy.shape == (3, 2, 40, 48, 12)
    noise = (noisy - clear).reshape(3, -1)
    sigma = truth.disturbance.noise_sigma
    covariance = noise @ noise.conj().T / noise.shape[1]
    np.testing.assert_allclose(covariance, 2 * sigma**2 * np.eye(3), atol=0.03 * sigma**2 * 2)
    both = (clear[:, 1] * clear[:, 0].conj()).sum(axis=0)
    turned = 2 * np.pi * 0.005 * truth.total_field_hz
    apart = np.abs(np.angle(both * np.exp(-1j * turned)))[truth.brain_mask]
    assert np.median(apart) < 0.05
