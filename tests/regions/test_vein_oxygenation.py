from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.vessels.oxygenation import chi_of_blood
from arteriole.regions.oxygenation import blood_chi, oxygenation_of
from arteriole.regions.veins import Veins

SHAPE = (30, 30, 30)


@pytest.mark.parametrize("haematocrit", [0.35, 0.42, 0.5])
@pytest.mark.parametrize("oxygenation", [0.4, 0.65, 0.98])
def test_undoes_the_susceptibility_of_blood(haematocrit, oxygenation):
    chi = float(chi_of_blood(oxygenation, haematocrit=haematocrit))
    found = oxygenation_of(chi, haematocrit=haematocrit)
    assert found == pytest.approx(oxygenation, abs=1e-12)


def test_sensitivity_is_as_stated():
    chi = float(chi_of_blood(0.65, haematocrit=0.42))
    assert oxygenation_of(chi, haematocrit=0.44) - 0.65 == pytest.approx(0.015, abs=0.001)
    assert 0.65 - oxygenation_of(chi + 0.01) == pytest.approx(0.007, abs=0.0005)


@pytest.fixture
def given(rng):
    """A band of vein of which a tenth is full of blood of 0.45 ppm, in a mask."""
    mask = np.zeros(SHAPE, bool)
    mask[2:-2, 2:-2, 2:-2] = True
    vein = np.zeros(SHAPE, bool)
    vein[4:-4, 13:16, 13:16] = True
    chi = np.where(vein, 0.2, 0.0)
    full = rng.permutation(np.flatnonzero(vein))[: vein.sum() // 10]
    chi.ravel()[full] = 0.45
    none = np.zeros(SHAPE, np.float32)
    return chi.astype(np.float32), Veins(vein, none, none), mask


def test_voxels_full_of_blood_stand_for_it(given):
    found = blood_chi(*given, voxel_size_mm=(1.5, 1.5, 1.5), least_voxels=100)
    assert found.chi_ppm == pytest.approx(0.45)
    assert 100 < found.voxels < given[1].mask.sum()


def test_says_why_there_is_none(given):
    thick = blood_chi(*given, voxel_size_mm=(0.8, 0.8, 3.0))
    assert (thick.chi_ppm, thick.why) == (
        None, "voxels of 3 mm are too long: no vein inside the brain fills them"
    )  # fmt: skip
    few = blood_chi(*given, voxel_size_mm=(1.5, 1.5, 1.5), least_voxels=1000)
    assert few.chi_ppm is None
    assert few.why == f"{few.voxels} voxels of veins inside the brain are too few"
    rim = blood_chi(*given, voxel_size_mm=(1.5, 1.5, 1.5), depth_mm=30.0)
    assert rim.voxels == 0


def test_refuses(given):
    chi, veins, _ = given
    with pytest.raises(ValueError, match="share one shape"):
        blood_chi(chi, veins, np.ones((2, 2, 2), bool), voxel_size_mm=(1.0, 1.0, 1.0))
    for wrong in (0.0, 1.0, 42.0):
        with pytest.raises(ValueError, match="haematocrit lies within"):
            oxygenation_of(0.4, haematocrit=wrong)
