"""The steps: what they take, what they note, what they warn of."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.freesurfer import freesurfer_regions
from arteriole.brain.region_map import Region, RegionMap
from arteriole.flow import run_in_memory
from arteriole.grid import Grid
from arteriole.phantom.vessels.oxygenation import chi_of_blood
from arteriole.settings import Settings
from arteriole.step import Acquisition, NotApplicableError

GRID = Grid.from_voxel_size((40, 40, 40), (1.0, 1.0, 1.0))
SCAN = Acquisition(GRID, 3.0, (0.0, 0.0, 1.0), (0.01, 0.02))
MASK = np.ones(GRID.shape, bool)


def regions_of(labels, names=None):
    return RegionMap(labels, freesurfer_regions() if names is None else names)


@pytest.fixture
def labels():
    labels = np.zeros(GRID.shape, np.int32)
    labels[:5], labels[5:10], labels[10:15], labels[15:20] = 1024, 1028, 2022, 12
    return labels


@pytest.fixture
def chi(rng):
    return rng.normal(0, 0.02, GRID.shape).astype(np.float32)


def measured(given, *pairs):
    settings = Settings.from_pairs(pairs)
    return run_in_memory(given, SCAN, settings, targets=["region_measures"])["region_measures"]


def test_freesurfer_parcels_are_measured_together_as_lobes(labels, chi):
    given = {"regions": regions_of(labels), "brain_mask": MASK, "qsm_mask": MASK, "chi_ppm": chi}
    rows = {row.region: row for row in measured(given)}
    frontal = rows[Region("frontal cortex", "left")]
    assert frontal.maps["chi"].mean == pytest.approx(chi[:10].mean(dtype=np.float64))
    assert rows[Region("parietal cortex", "right")].voxels == 5 * 40 * 40
    assert Region("putamen", "left") in rows
    assert not any("occipital" in region.name for region in rows)


def test_a_table_of_names_makes_no_lobes(labels, chi):
    regions = regions_of(labels, {1024: Region("mine")})
    given = {"regions": regions, "brain_mask": MASK, "qsm_mask": MASK, "chi_ppm": chi}
    assert [row.region.name for row in measured(given)] == [
        "label 12", "mine", "label 1028", "label 2022"
    ]  # fmt: skip


def test_without_chi_there_is_r2star_in_the_brain(labels, chi):
    given = {"regions": regions_of(labels), "brain_mask": MASK, "r2star_hz": chi + 20}
    (first, *_) = measured(given)
    assert set(first.maps) == {"r2star"}


def test_a_map_without_labels_says_so(labels, chi):
    given = {"regions": regions_of(0 * labels), "brain_mask": MASK, "chi_ppm": chi}
    with pytest.raises(NotApplicableError, match="holds no label"):
        measured(given)


@pytest.fixture
def vein():
    """A tube of blood, oxygenation 0.65 at a haematocrit of 0.42, 4 mm wide through the volume."""
    y, z = np.ix_(np.arange(40) - 19.5, np.arange(40) - 19.5)
    inside = np.clip(2.5 - np.sqrt(y**2 + z**2), 0, 1)
    blood = float(chi_of_blood(0.65, haematocrit=0.42))
    return np.broadcast_to(blood * inside, GRID.shape).astype(np.float32)


def veins_of(chi, *pairs):
    """Return what the step of veins notes and warns of."""
    from arteriole.regions.stage import find_large_veins

    given = {"chi_ppm": chi, "qsm_mask": MASK}
    return find_large_veins(given, SCAN, Settings.from_pairs(pairs))


def test_veins_are_measured_and_their_oxygenation_is_off_by_default(vein):
    result = veins_of(vein)
    (row,) = result.facts["regions"]
    assert row["region"] == "veins"
    assert row["voxels"] == result.values["vein_mask"].sum()
    assert result.facts["volume_ml"] == pytest.approx(row["voxels"] / 1000)
    assert "blood" not in result.facts


def test_oxygenation_of_a_vein_that_fills_voxels(vein):
    on = veins_of(vein, "veins.oxygenation=true").facts["blood"]
    assert on["oxygenation"] == pytest.approx(0.65, abs=0.01)
    other = veins_of(vein, "veins.oxygenation=true", "veins.haematocrit=0.5").facts["blood"]
    assert other["oxygenation"] > on["oxygenation"] + 0.03


def test_oxygenation_that_cannot_be_is_not_given(vein):
    result = veins_of(5 * vein, "veins.oxygenation=true")
    assert "oxygenation" not in result.facts["blood"]
    assert "does not fit a haematocrit of 0.42" in result.warnings[0]
    few = veins_of(0 * vein, "veins.oxygenation=true")
    assert "0 voxels of veins inside the brain are too few" in few.warnings[0]
    assert few.facts["regions"] == []
