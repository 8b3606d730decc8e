from __future__ import annotations

from arteriole.run.anatomy_measures import anatomy_rows
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


FACTS = {
    "intracranial_ml": 1500.5, "brain_ml": 1150.0, "grey_ml": 650.0, "white_ml": 500.0,
    "fluid_ml": 350.5, "missed": "", "parts_ml": {"thalamus": 14.0, "brainstem": 22.0},
}  # fmt: skip


def anatomy_of(**changes):
    """Anatomy of a T1-weighted image, and a FLAIR that was not registered."""
    record = Record("sub-01")
    doubt = "not assessable: the two directions differ by up to 9.0 mm"
    sides = {"thalamus": {"left": 6.5, "right": 7.5}}
    off = {"confidence": 0.3, "reason": doubt, "assessable": False}
    for name, status, reason, facts in (
        ("segment-t1w", "done", "", FACTS | changes),
        ("segment-flair", "done", "", FACTS),
        ("segment-ct", "skipped", "the image shows no brain", {}),
        ("align", "done", "", {"reference": "t1w", "images": {"flair": off}}),
        ("template", "done", "", {"image": "t1w", "confidence": 0.9, "reason": ""}),
        ("regions-t1w", "done", "", {"confidence": 0.9, "sides": sides}),
        ("regions-flair", "skipped", doubt, {}),
    ):
        record.put(StepRecord(name, 1, "k", status, reason, facts=facts))
    return anatomy_rows(record)


def found(rows, measure, image, region="head", side=None):
    wanted = {"measure": measure, "image": image, "region": region, "side": side}
    (row,) = [row for row in rows if wanted.items() <= row.items()]
    return row["value"], row["status"]


def test_anatomy_of_each_image_with_sides_where_they_are_known():
    rows = anatomy_of()
    assert found(rows, "intracranial_volume", "t1w") == (1500.5, "ok")
    assert found(rows, "part_volume", "t1w", "thalamus", "left") == (6.5, "ok")
    assert found(rows, "part_volume", "t1w", "thalamus") == (14.0, "ok")
    assert not [r for r in rows if r["region"] == "brainstem" and r["side"]]
    assert found(rows, "template_confidence", "t1w") == (0.9, "ok")
    assert all(tuple(row) == COLUMNS for row in rows)
    assert {row["measure"] for row in rows} <= dictionary()["measure"]["Levels"].keys()


def test_what_cannot_be_assessed_says_so():
    rows = anatomy_of()
    value, status = found(rows, "part_volume", "flair", "thalamus", "left")
    assert value is None
    assert status.startswith("not assessable: the two directions differ")
    assert found(rows, "region_confidence", "flair") == (None, status)
    assert found(rows, "alignment_confidence", "flair") == (0.3, status)
    assert found(rows, "intracranial_volume", "ct") == (None, "the image shows no brain")


def test_a_cut_head_is_measured_and_flagged():
    missed = "the field of view misses the vertex"
    assert found(anatomy_of(missed=missed), "intracranial_volume", "t1w") == (1500.5, missed)
