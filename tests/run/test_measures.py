from __future__ import annotations

from arteriole.run.measures import COLUMNS, MEASURES, dictionary, measure_rows, region_rows
from arteriole.run.record import Record, StepRecord

SPREAD = {"mean": 0.06, "sd": 0.01, "median": 0.059, "p5": 0.04, "p95": 0.08}
REGION = {
    "region": "putamen", "side": "left", "voxels": 40, "volume_mm3": 100.0, "measured": 0.4,
    "maps": {"chi": SPREAD}, "status": "less than half was measured",
}  # fmt: skip


def record_of(*regions):
    record = Record("sub-01")
    record.put(StepRecord("regions", 1, "k", "done", facts={"regions": list(regions)}))
    return record


def test_a_region_has_its_size_and_the_statistics_of_each_map():
    rows = {row["measure"]: row for row in region_rows(record_of(REGION))}
    assert {name: row["value"] for name, row in rows.items()} == {
        "region_volume": 100.0, "region_voxels": 40, "region_measured": 0.4,
        "chi_mean": 0.06, "chi_sd": 0.01, "chi_median": 0.059, "chi_p5": 0.04, "chi_p95": 0.08,
    }  # fmt: skip
    assert {row["status"] for row in rows.values()} == {"less than half was measured"}
    assert (rows["chi_p5"]["unit"], rows["region_voxels"]["unit"]) == ("ppm", None)
    assert all((row["region"], row["side"]) == ("putamen", "left") for row in rows.values())


def test_a_region_that_was_not_measured_has_a_row_that_says_so():
    outside = REGION | {"voxels": 0, "maps": {}, "status": "outside the mask"}
    chi = next(r for r in region_rows(record_of(outside)) if r["measure"] == "chi_mean")
    assert (chi["value"], chi["status"]) == (None, "outside the mask")


def test_every_row_has_the_columns_and_its_measure_is_in_the_dictionary():
    both = REGION | {"maps": dict.fromkeys(("chi", "r2star", "chi_para", "chi_dia"), SPREAD)}
    rows = measure_rows(record_of(both))
    assert len(rows) == len(MEASURES) + 3 + 4 * 5
    assert all(tuple(row) == COLUMNS for row in rows)
    assert {row["measure"] for row in rows} <= dictionary()["measure"]["Levels"].keys()


def test_without_regions_there_are_the_measures_of_the_session():
    rows = measure_rows(Record("sub-01"))
    assert [row["measure"] for row in rows] == [measure.name for measure in MEASURES]
    assert {row["status"] for row in rows} == {"not asked for"}
