from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.region_map import Region, RegionMap
from arteriole.grid import Grid
from arteriole.step import Acquisition
from arteriole.susceptibility.fluid import refer, reference_fluid

GRID = Grid.from_voxel_size((24, 24, 24), (2.0, 2.0, 2.0))
SCAN = Acquisition(GRID, 3.0, (0.0, 0.0, 1.0), (0.01, 0.02))
BLOCK = np.s_[8:16, 8:16, 8:16]


@pytest.fixture
def given():
    mask = np.zeros(GRID.shape, bool)
    mask[2:-2, 2:-2, 2:-2] = True
    labels = np.zeros(GRID.shape, np.int32)
    labels[BLOCK] = 4
    names = {4: Region("lateral ventricle", "left")}
    return {"qsm_mask": mask, "regions": RegionMap(labels, names)}


@pytest.fixture
def chi(rng):
    values = rng.normal(0.1, 0.01, GRID.shape).astype(np.float32)
    values[BLOCK] -= 0.07
    return values


def test_named_ventricles_are_taken_without_their_border(given, chi):
    out, reference, warnings = refer(chi, given, SCAN, region="csf")
    inner = np.s_[9:15, 9:15, 9:15]
    assert abs(out[inner].mean()) < 1e-6
    assert reference.voxels == 6**3
    assert reference.mean_ppm == pytest.approx(0.03, abs=0.002)
    assert reference.std_ppm == pytest.approx(0.01, abs=0.002)
    assert "map of regions" in reference.source
    assert warnings == ()


def test_without_fluid_the_brain_is_taken_and_a_warning_says_why(given, chi):
    del given["regions"]
    out, reference, warnings = refer(chi, given, SCAN, region="csf")
    assert reference.region == "brain"
    assert abs(out[given["qsm_mask"]].mean()) < 1e-6
    assert "not to CSF as asked for: to find fluid, magnitude of two or more" in warnings[0]


def test_a_map_without_ventricles_leaves_it_to_the_magnitude(given):
    given["regions"] = RegionMap(given["regions"].labels, {})
    given["magnitude"] = np.ones((2, *GRID.shape), np.float32)
    given["magnitude"][1] = 0.7
    fluid = reference_fluid(given, SCAN)
    assert fluid.mask is None
    assert "less than 1 mL of ventricles" in fluid.words
    assert "deep in the brain" in fluid.words
    # decays by 1 % in 10 ms: 1 1/s
    given["magnitude"][1][BLOCK] = 0.99
    found = reference_fluid(given, SCAN)
    assert found.mask is not None
    assert found.mask[10:14, 10:14, 10:14].all()
    assert not found.mask[~np.isin(np.arange(24), range(8, 16))].any()


@pytest.mark.parametrize("region", ["brain", "none"])
def test_other_references_do_not_look_for_fluid(given, chi, region):
    _, reference, warnings = refer(chi, {"qsm_mask": given["qsm_mask"]}, SCAN, region=region)
    assert (reference.region, warnings) == (region, ())
