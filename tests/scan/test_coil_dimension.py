from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.io.nifti import read_image
from arteriole.phantom.scanner.channels import coil_maps
from arteriole.scan.coil_dimension import vary_like_coils

GRID = Grid.from_voxel_size((44, 52, 30), (4.0, 4.0, 5.0), np.eye(3))


def head(rng):
    """Signal of a ball in noise, and its decay rate, fast in spots."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in GRID.shape], indexing="ij")
    ball = (x**2 + y**2 + z**2 < 0.8) * (1 + 0.2 * np.sin(9 * x))
    rate = 25 + 60 * (rng.random(GRID.shape) > 0.9)
    return ball, rate


@pytest.mark.parametrize("te_s", [(0.005, 0.010), (0.004, 0.012, 0.020, 0.045)])
@pytest.mark.parametrize("sigma", [0.01, 0.1])
def test_echoes_do_not(rng, te_s, sigma):
    ball, rate = head(rng)
    noise = sigma * rng.normal(size=(2, len(te_s), *GRID.shape))
    echoes = np.array([ball * np.exp(-rate * te) for te in te_s])
    assert not vary_like_coils(np.hypot(echoes + noise[0], noise[1]))


@pytest.mark.parametrize("coils", [4, 8, 32])
def test_coils_do(rng, coils):
    ball, _ = head(rng)
    noise = 0.01 * rng.normal(size=(2, *GRID.shape))
    volumes = [np.abs(ball * b + noise[0] + 1j * noise[1]) for b in coil_maps(GRID, coils)]
    assert vary_like_coils(np.array(volumes))


def test_one_volume_and_no_signal():
    assert not vary_like_coils(np.ones((1, 5, 5, 5)))
    assert not vary_like_coils(np.zeros((3, 5, 5, 5)))


@pytest.mark.real_data
def test_real_echoes_do_not(real_data):
    crop = read_image(real_data / "gre_three_echo_crop" / "Mag.nii").data
    assert not vary_like_coils(np.moveaxis(crop, -1, 0))
    folder = real_data / "gre_philips_3t_dual_echo_dicom" / "nifti_reference"
    echoes = [read_image(path).data for path in sorted(folder.glob("*_e[12].nii.gz"))]
    assert not vary_like_coils(np.array(echoes))


def test_refuses_other_shapes():
    with pytest.raises(ValueError, match=r"four dimensions, not shape \(5, 5, 5\)"):
        vary_like_coils(np.ones((5, 5, 5)))
