from __future__ import annotations

import json
from types import SimpleNamespace

from stories import make_record, make_story

from arteriole.report.consensus import consensus_json, consensus_table, consensus_text
from arteriole.settings import Settings

STEPS = (
    "Toolbox used",
    "Phase reconstruction",
    "Phase offset",
    "Masking",
    "Phase unwrapping",
    "Echo combination",
    "Background field removal",
    "Dipole inversion",
    "Further processing",
    "Referencing",
    "Inclusion and exclusion criteria",
)


def rows(story) -> dict[str, dict]:
    return {row["item"]: row for row in consensus_table(story)}


def with_settings(*pairs: str):
    settings = Settings.from_pairs(pairs).to_dict()
    record = make_record(make_story().grid)
    for step in record["steps"]:
        step["settings"] = {step["name"]: settings.get(step["name"], {})}
    return make_story(settings=settings, record=record)


def test_every_item_of_table_5_is_answered():
    told = rows(make_story())
    for item in STEPS:
        assert told[item]["answer"]
    assert all(told[item]["asked"] == "mandatory" for item in STEPS if "Further" not in item)


def test_defaults_are_reported_too():
    row = rows(make_story())["Background field removal"]
    assert row["parameters"][:2] == [
        "field.method = pdf (default)",
        "field.allow_cut_mask = false (default)",
    ]


def test_changed_settings_are_reported_with_their_default():
    told = rows(with_settings("field.method=vsharp", "susceptibility.tv_weight=0.001"))
    assert "field.method = vsharp (default pdf)" in told["Background field removal"]["parameters"]
    assert not any("resharp_" in p for p in told["Background field removal"]["parameters"])
    assert told["Dipole inversion"]["parameters"][:3] == [
        "susceptibility.method = tv (default)",
        "susceptibility.automatic_weight = true (default)",
        "susceptibility.tv_weight = 0.001 (default 0.0001)",
    ]


def test_every_setting_that_changes_maps_is_in_the_table():
    """Each key of each section of a step turns up for some choice of methods."""
    choices = (
        (),
        ("field.method=vsharp", "susceptibility.method=l2"),
        ("susceptibility.method=tkd",),
        ("susceptibility.method=tv", "field.method=ismv"),
        ("susceptibility.method=weak-harmonic",),
        ("susceptibility.method=medi",),
        ("susceptibility.method=rts",),
        ("susceptibility.method=smv-tv", "field.method=resharp"),
    )
    told = "\n".join(consensus_text(with_settings(*pairs)) for pairs in choices)
    for section, keys in Settings().to_dict().items():
        for key in keys:
            assert f"{section}.{key} = " in told, f"{section}.{key}"


def test_reference_region_comes_with_mean_and_spread():
    row = rows(make_story())["Referencing"]
    assert "ppm, relative to the mean of the whole brain" in row["answer"]
    assert "+0.0123 ± 0.0456 ppm" in row["answer"]
    assert row["parameters"] == ["susceptibility.reference = brain (default)"]


def test_no_reference_is_said():
    unreferenced = SimpleNamespace(region="none", mean_ppm=0.01, std_ppm=0.05)
    assert "not referenced" in rows(make_story(reference=unreferenced))["Referencing"]["answer"]
    assert "no susceptibility map" in rows(make_story(reference=None))["Referencing"]["answer"]


def test_fluid_is_named_with_its_source_and_volume():
    record = make_record(make_story().grid)
    record["steps"][3]["facts"]["reference"] = {
        "region": "csf", "mean_ppm": -0.01, "std_ppm": 0.02, "voxels": 1500, "source": "a map",
    }  # fmt: skip
    fluid = SimpleNamespace(region="csf", mean_ppm=-0.01, std_ppm=0.02)
    answer = rows(make_story(record=record, reference=fluid))["Referencing"]["answer"]
    assert "mean of ventricular fluid, which is zero (a map, 4.5 mL)" in answer
    assert "-0.0100 ± 0.0200 ppm" in answer


def test_steps_beside_qsm_that_are_off_are_not_in_the_table():
    record = make_record(make_story().grid)
    assert "Source separation (beside QSM)" in rows(make_story(record=record))
    record["steps"] = [step for step in record["steps"] if step["name"] != "separation"]
    told = rows(make_story(record=record))
    assert "Source separation (beside QSM)" not in told
    assert "SWI (beside QSM)" in told


def test_what_did_not_run_says_why():
    record = make_record(make_story().grid)
    record["steps"][3] |= {"status": "failed", "reason": "the mask is empty"}
    assert rows(make_story(record=record))["Dipole inversion"]["answer"] == (
        "not done: the mask is empty"
    )


def test_unknown_facts_of_the_scan_are_said_to_be_missing():
    record = make_record(make_story().grid)
    record["scan"] |= {"repetition_time_s": 0.03, "dimensions": "3D", "sequence": "GR"}
    told = rows(make_story(record=record))
    assert told["TR"]["answer"] == "0.03 s"
    assert told["Sequence type"]["answer"] == "3D GR"
    assert told["Flip angle"]["answer"] == "not in the files that were read"
    assert told["Echoes"]["answer"] == "3, TE = 4, 12, 20 ms"


def test_warnings_stand_under_the_criteria_without_folders():
    record = make_record(make_story().grid) | {"warnings": ["no signal in /home/jane/a.nii"]}
    answer = rows(make_story(record=record))["Inclusion and exclusion criteria"]["answer"]
    assert "no signal in a.nii" in answer
    assert "jane" not in json.dumps(consensus_table(make_story(record=record)))


def test_json_holds_the_table():
    story = make_story()
    loaded = json.loads(consensus_json(story))
    assert loaded["source"] == "doi:10.1002/mrm.30006"
    assert loaded["rows"] == consensus_table(story)


def test_text_has_every_item_and_parameter():
    story = make_story()
    text = consensus_text(story)
    for row in consensus_table(story):
        assert f"{row['item']}: {row['answer']}" in text
        assert all(parameter in text for parameter in row["parameters"])
