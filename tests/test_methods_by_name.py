"""Every method that settings name is what the flow then runs."""

from __future__ import annotations

from typing import get_args, get_type_hints

import numpy as np
import pytest
import scipy.fft
import scipy.ndimage

from arteriole.flow import run_in_memory
from arteriole.grid import Grid
from arteriole.numerics.dipole import dipole_kernel
from arteriole.settings import FieldSettings, Settings, SusceptibilitySettings
from arteriole.step import Acquisition, NotApplicableError

SHAPE, VOXEL = (36, 40, 32), (1.5, 1.5, 2.0)
SCAN = Acquisition(Grid.from_voxel_size(SHAPE, VOXEL), 3.0, (0.0, 0.0, 1.0), (0.01, 0.02))
HZ = 42.577478518 * 3.0


def methods(section: type) -> tuple[str, ...]:
    return get_args(get_type_hints(section)["method"])


@pytest.fixture(scope="module")
def given():
    """Smooth sources in a ball of brain, their field, and that of what lies outside."""
    rng = np.random.default_rng(4)
    axes = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    mask = sum(a**2 for a in axes) < 0.75
    inner = scipy.ndimage.binary_erosion(mask, iterations=3)
    chi = scipy.ndimage.gaussian_filter(rng.standard_normal(SHAPE), 1.5) * inner
    chi = (0.05 * chi / chi[inner].std()).astype(np.float32)
    kernel = dipole_kernel(SHAPE, voxel_size_mm=VOXEL, b0_direction=(0.0, 0.0, 1.0))
    spectrum = scipy.fft.rfftn(chi) * kernel
    local = HZ * scipy.fft.irfftn(spectrum, s=SHAPE).astype(np.float32)
    background = (20.0 * axes[0] + 15.0 * (axes[0] ** 2 - axes[1] ** 2)).astype(np.float32)
    noise = np.full(SHAPE, 0.05, dtype=np.float32)
    return {
        "chi": chi,
        "local_field_hz": (local * mask).astype(np.float32),
        "total_field_hz": ((local + background) * mask).astype(np.float32),
        "brain_mask": mask,
        "qsm_mask": mask,
        "field_noise_hz": noise,
        "magnitude": np.stack([1.0 + np.abs(chi), 0.8 + np.abs(chi)]).astype(np.float32),
    }


@pytest.mark.parametrize("method", methods(FieldSettings))
def test_background_is_removed_by_any(given, method):
    names = ("total_field_hz", "brain_mask", "field_noise_hz")
    settings = Settings.from_pairs([f"field.method={method}"])
    made = run_in_memory({n: given[n] for n in names}, SCAN, settings, targets=["local_field_hz"])
    inside = scipy.ndimage.binary_erosion(made["qsm_mask"], iterations=3)
    truth, got = given["local_field_hz"][inside], made["local_field_hz"][inside]
    assert np.corrcoef(truth, got)[0, 1] > 0.75


@pytest.mark.parametrize("method", methods(SusceptibilitySettings))
def test_field_is_inverted_by_any(given, method):
    names = ("local_field_hz", "qsm_mask", "field_noise_hz", "magnitude")
    settings = Settings.from_pairs([f"susceptibility.method={method}"])
    made = run_in_memory({n: given[n] for n in names}, SCAN, settings, targets=["chi_ppm"])
    inside = scipy.ndimage.binary_erosion(given["qsm_mask"], iterations=4)
    assert np.corrcoef(given["chi"][inside], made["chi_ppm"][inside])[0, 1] > 0.75


def test_medi_says_that_it_needs_the_magnitude(given):
    settings = Settings.from_pairs(["susceptibility.method=medi"])
    names = ("local_field_hz", "qsm_mask", "field_noise_hz")
    with pytest.raises(NotApplicableError, match="medi needs the magnitude"):
        run_in_memory({n: given[n] for n in names}, SCAN, settings, targets=["chi_ppm"])
