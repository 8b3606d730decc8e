from __future__ import annotations

import pytest
from stories import make_record, make_story

from arteriole.report.methods import methods_text
from arteriole.report.panels import panels
from arteriole.report.regions import region_table
from arteriole.report.session import session_html


def with_facts(name: str, **facts):
    record = make_record(make_story().grid)
    for step in record["steps"]:
        if step["name"] == name:
            step["facts"] |= facts
    return make_story(record=record)


def test_a_row_for_every_region_in_the_units_of_the_page():
    veins, left, right = region_table(make_story())
    assert (veins.name, veins.side) == ("veins", "")
    assert (left.name, left.side, left.volume, left.measured) == ("putamen", "left", "4.80", "75 %")
    assert (left.chi, left.chi_median, left.r2star) == ("61.2 ± 12.3", "+59.7", "30.6 ± 6.2")
    assert (right.chi, right.chi_median, right.r2star) == ("–", "–", "–")
    assert right.status == "outside the mask"


def test_regions_of_steps_that_did_not_run_are_not_shown():
    record = make_record(make_story().grid)
    record["steps"] = [s for s in record["steps"] if s["name"] not in ("veins", "regions")]
    story = make_story(record=record)
    assert region_table(story) == []
    assert "<summary>Regions" not in session_html(story)


def test_the_page_has_the_table_and_escapes_names():
    region = make_record(make_story().grid)["steps"][-1]["facts"]["regions"][0]
    page = session_html(with_facts("regions", regions=[region | {"region": "<script>x"}]))
    assert "<summary>Regions (2)</summary>" in page
    assert "&lt;script&gt;x" in page


@pytest.mark.parametrize(
    ("step", "facts", "words"),
    [
        ("separation", {}, "R2' is R2* less 15 1/s (at 3 T) everywhere, which is an approximation"),
        ("separation", {"r2": "measured by spin echoes"}, "R2' is R2* less the R2 of spin echoes"),
        ("veins", {}, "at least 0.1 ppm above what surrounds them"),
        ("veins", {"blood": {"oxygenation": 0.64, "haematocrit": 0.4}}, "haematocrit of 0.4"),
        ("regions", {}, "measured over 2 regions of a label map"),
        ("susceptibility", {"reference": {"region": "csf"}}, "mean of the fluid in the ventricles"),
    ],
)
def test_methods_tell_what_was_done(step, facts, words):
    assert words in methods_text(with_facts(step, **facts)).text


def test_a_reference_that_was_not_found_is_not_told():
    """Asked for fluid, the brain was taken: the text goes by what was done."""
    settings = {"susceptibility": {"reference": "csf"}}
    record = make_record(make_story().grid)
    record["steps"][3]["settings"] = settings
    record["steps"][3]["facts"]["reference"] = {"region": "brain"}
    text = methods_text(make_story(record=record)).text
    assert "mean of the whole brain mask" in text
    assert "fluid" not in text


def test_pictures_of_sources_and_veins_are_there_only_when_they_were_made():
    story = make_story()
    names = {panel.name for panel in panels(story)}
    assert not {"veins", "chi-para", "chi-dia"} & names
    more = dict.fromkeys(("chi_para_ppm", "chi_dia_ppm"), story.values["chi_ppm"])
    more["vein_mask"] = story.values["chi_ppm"] > 0.1
    full = make_story(values={**story.values, **more})
    made = {panel.name: panel for panel in panels(full)}
    assert all(made[name].jpeg_base64 for name in ("veins", "chi-para", "chi-dia"))
