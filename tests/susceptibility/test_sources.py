from __future__ import annotations

import numpy as np
import pytest

from arteriole.flow import run_in_memory
from arteriole.grid import Grid
from arteriole.settings import Settings
from arteriole.step import Acquisition, NotApplicableError
from arteriole.susceptibility.sources import separate_sources

SHAPE = (8, 9, 10)
SCAN = Acquisition(Grid.from_voxel_size(SHAPE, (1, 1, 1)), 3.0, (0.0, 0.0, 1.0), (0.01, 0.02))
ON = Settings.from_pairs(["separation.method=closed-form"])


@pytest.fixture
def given():
    """0.1 ppm of iron and -0.04 ppm of myelin; R2 of 18 1/s."""
    r2star = np.full(SHAPE, 18 + 137 * 0.14, np.float32)
    r2star[0] = 0
    chi = np.full(SHAPE, 0.06, np.float32)
    return {"chi_ppm": chi, "qsm_mask": np.ones(SHAPE, bool), "r2star_hz": r2star}


def test_off_it_makes_nothing(given):
    made = run_in_memory(given, SCAN, targets=["chi_para_ppm"])
    assert "chi_para_ppm" not in made


def test_measured_r2_gives_the_sources(given):
    result = separate_sources(given | {"r2_hz": np.full(SHAPE, 18, np.float32)}, SCAN, ON)
    np.testing.assert_allclose(result.values["chi_para_ppm"][1:], 0.10, atol=1e-6)
    np.testing.assert_allclose(result.values["chi_dia_ppm"][1:], -0.04, atol=1e-6)
    assert not result.values["chi_para_ppm"][0].any()
    assert result.facts["r2"] == "measured by spin echoes"
    assert result.facts["voxels"] == 7 * 9 * 10


def test_one_number_for_r2_shifts_both_alike(given):
    """3 1/s of R2 too few: 3 / 137 / 2 = 0.011 ppm too many in each."""
    result = separate_sources(given, SCAN, ON)
    np.testing.assert_allclose(result.values["chi_para_ppm"][1:], 0.10 + 3 / 274, atol=1e-5)
    np.testing.assert_allclose(result.values["chi_dia_ppm"][1:], -0.04 - 3 / 274, atol=1e-5)
    assert result.facts["r2"] == "one number for all tissue"


def test_refuses_when_nothing_is_left(given):
    with pytest.raises(NotApplicableError, match="no voxel has chi"):
        separate_sources(given | {"r2_hz": np.zeros(SHAPE, np.float32)}, SCAN, ON)
