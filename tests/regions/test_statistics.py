from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.region_map import Region, RegionMap
from arteriole.regions.statistics import measure_regions, statistics_of

LEFT, RIGHT = Region("putamen", "left"), Region("putamen", "right")
NAMES = {3: LEFT, 7: RIGHT, 8: RIGHT, 9: Region("pons")}


@pytest.fixture
def given(rng):
    """Labels 3, 7, 8 and 9 in blocks; a mask that cuts them; two maps."""
    labels = np.zeros((10, 12, 6), np.int32)
    labels[:4, :5] = 3
    labels[6:, :3] = 7
    labels[6:, 3:5] = 8
    labels[2:6, 8:] = 9
    mask = np.ones(labels.shape, bool)
    mask[:, 10:] = False
    mask[0] = False
    chi = rng.normal(0.05, 0.02, labels.shape).astype(np.float32)
    r2star = rng.normal(25, 3, labels.shape).astype(np.float32)
    return labels, mask, {"chi": chi, "r2star": r2star}


def measured(given, **more):
    labels, mask, maps = given
    rows = measure_regions(RegionMap(labels, NAMES), mask, maps, voxel_volume_mm3=2.0, **more)
    return {row.region: row for row in rows}


def test_every_region_has_the_statistics_of_its_voxels_in_the_mask(given):
    labels, mask, maps = given
    rows = measured(given)
    for region, own in ((LEFT, (3,)), (RIGHT, (7, 8)), (Region("pons"), (9,))):
        inside = np.isin(labels, own) & mask
        for name, values in maps.items():
            found, values = rows[region].maps[name], values[inside].astype(np.float64)
            assert found.mean == pytest.approx(values.mean(), rel=1e-12)
            assert found.sd == pytest.approx(values.std(), rel=1e-12)
            assert found.median == pytest.approx(np.median(values), rel=1e-12)
            assert (found.p5, found.p95) == pytest.approx(np.percentile(values, [5, 95]))
        assert rows[region].voxels == inside.sum()
        assert rows[region].volume_mm3 == 2.0 * np.isin(labels, own).sum()


def test_labels_of_one_name_and_side_are_one_region(given):
    assert list(measured(given)) == [LEFT, RIGHT, Region("pons")]


def test_share_that_was_measured_and_what_is_said_of_it(given):
    rows = measured(given)
    assert (rows[LEFT].measured, rows[LEFT].status) == (0.75, "ok")
    assert (rows[Region("pons")].measured, rows[Region("pons")].status) == (0.5, "ok")
    given[1][:, 9:] = False
    few = measured(given)[Region("pons")]
    assert (few.measured, few.status) == (0.25, "less than half was measured")
    assert few.maps["chi"].mean
    given[1][:, 8:] = False
    none = measured(given)[Region("pons")]
    assert (none.voxels, none.maps, none.status) == (0, {}, "outside the mask")


def test_groups_pool_their_labels_and_empty_ones_are_left_out(given):
    labels, mask, maps = given
    both, nobody = Region("putamina"), Region("lobe", "left")
    rows = measured(given, groups={both: (3, 7, 8), nobody: (99,)})
    assert nobody not in rows
    inside = np.isin(labels, (3, 7, 8)) & mask
    assert rows[both].maps["chi"].median == pytest.approx(np.median(maps["chi"][inside]))
    assert list(rows)[-1] == both


def test_labels_without_a_name_are_called_by_their_number(given):
    labels, mask, maps = given
    rows = measure_regions(RegionMap(labels, {}), mask, maps, voxel_volume_mm3=1.0)
    assert [row.region.name for row in rows] == ["label 3", "label 7", "label 8", "label 9"]


def test_no_label_gives_no_row(given):
    labels, mask, maps = given
    assert not measure_regions(RegionMap(labels * 0, {}), mask, maps, voxel_volume_mm3=1.0)
    none = measure_regions(RegionMap(labels, {}), mask & False, maps, voxel_volume_mm3=1.0)
    assert {row.status for row in none} == {"outside the mask"}


def test_refuses(given):
    labels, mask, maps = given
    with pytest.raises(ValueError, match=r"the mask \(2, 2, 2\) and regions"):
        measured((labels, np.ones((2, 2, 2), bool), maps))
    with pytest.raises(ValueError, match="finite values"):
        measured((labels, mask, {"chi": np.full(labels.shape, np.nan, np.float32)}))
    with pytest.raises(ValueError, match="not 0"):
        statistics_of(np.empty(0, np.float32))
