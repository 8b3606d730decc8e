from __future__ import annotations

import numpy as np
import pytest

from arteriole.flow import run_in_memory
from arteriole.grid import Grid
from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.morphology import distance_inside
from arteriole.settings import Settings
from arteriole.step import Acquisition
from arteriole.susceptibility.uncertainty_stage import map_uncertainty
from arteriole.units import ppm_to_hz
from simulated_fields import textured_head

SHAPE, VOXEL = (48, 48, 32), (1.5, 1.5, 2.0)
SCAN = Acquisition(Grid.from_voxel_size(SHAPE, VOXEL), 3.0, (0.0, 0.0, 1.0))


@pytest.fixture(scope="module")
def given():
    head = textured_head(SHAPE, VOXEL, (0, 0, 1))
    field = ppm_to_hz(head.local_ppm, 3.0)
    return {"chi_ppm": head.chi_ppm, "local_field_hz": field, "qsm_mask": head.mask}


def test_sound_chi_is_not_warned_of(given):
    result = map_uncertainty(given, SCAN, Settings())
    assert result.warnings == ()
    assert result.facts["rim_index"] < 1.4
    sigma = result.values["chi_uncertainty_ppm"][given["qsm_mask"]]
    assert result.facts["median_ppm"] == pytest.approx(np.median(sigma))
    assert 0 < result.facts["median_ppm"] < result.facts["p95_ppm"] < 0.1


def test_the_error_of_the_field_counts_before_its_noise(given):
    noise = np.full(SHAPE, 0.1, np.float32)
    quiet, loud = (
        map_uncertainty(given | {"field_noise_hz": noise} | more, SCAN, Settings()).facts[
            "median_ppm"
        ]
        for more in ({}, {"field_error_hz": 20 * noise})
    )
    assert loud > 2 * quiet


def test_streaks_and_a_rim_are_warned_of(given, rng):
    head, mask = given["chi_ppm"], given["qsm_mask"]
    spectrum = rfft(rng.standard_normal(SHAPE, np.float32))
    spectrum *= np.abs(dipole_kernel(SHAPE, voxel_size_mm=VOXEL)) < 0.1
    streaks = irfft(spectrum, SHAPE)
    streaky = head + 0.06 * streaks / streaks.std()
    (told,) = map_uncertainty(given | {"chi_ppm": streaky}, SCAN, Settings()).warnings
    assert told.startswith("chi has streaks (index ")
    rim = mask & (distance_inside(mask, voxel_size_mm=VOXEL) <= 3)
    rimmed = np.where(rim, head + rng.normal(0, 0.1, SHAPE), head).astype(np.float32)
    (told,) = map_uncertainty(given | {"chi_ppm": rimmed}, SCAN, Settings()).warnings
    assert "spreads more at the rim of the QSM mask" in told


def test_a_setting_switches_it_off(given):
    off = Settings.from_pairs(["uncertainty.method=none"])
    assert "chi_uncertainty_ppm" not in run_in_memory(
        given, SCAN, off, targets=["chi_uncertainty_ppm"]
    )
