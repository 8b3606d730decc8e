from __future__ import annotations

import re

import pytest
from stories import make_record, make_story

from arteriole.report.citations import CITATIONS
from arteriole.report.methods import methods_text, step_sentence
from arteriole.settings import Settings


def told(*pairs: str, record=None) -> str:
    """Return the methods text of a run with these settings."""
    settings = Settings.from_pairs(pairs).to_dict()
    record = record or make_record(make_story().grid)
    for step in record["steps"]:
        step["settings"] = {step["name"]: settings.get(step["name"], {})}
        step["facts"] = {}
    return methods_text(make_story(settings=settings, record=record)).text


@pytest.mark.parametrize(
    ("pair", "words", "doi"),
    [
        ("phase.unwrapping=romeo", "one echo in space", "10.1002/mrm.28563"),
        ("phase.unwrapping=romeo-template", "in time [", "10.1002/mrm.28563"),
        ("phase.unwrapping=romeo-individual", "each echo on its own", "10.1002/mrm.28563"),
        ("phase.weights=bestpath", "with best-path weights", "10.1364/AO.46.006623"),
        ("phase.fit=complex", "fitted to the complex signal", "10.1002/mrm.24272"),
        ("phase.fit=weighted", "weighted by its expected noise", "10.1002/mrm.28563"),
        ("phase.unwrapping=laplacian", "not exact", "10.1364/OL.28.001194"),
        ("phase.remove_offset=true", "MCPC-3D-S", "10.1002/mrm.26963"),
        ("field.method=vsharp", "V-SHARP, spheres of 12 mm down to 1 mm", "10.1002/mrm.23000"),
        (
            "field.method=resharp",
            "RESHARP, spheres of 12 mm, halved down to 1 mm",
            "10.1002/mrm.24765",
        ),
        ("field.method=pdf", "projection onto dipole fields", "10.1002/nbm.1670"),
        ("field.method=lbv", "boundary values", "10.1002/nbm.3064"),
        ("field.method=ismv", "a sphere of 5 mm", "10.1002/mrm.24998"),
        ("susceptibility.method=weak-harmonic", "nearly harmonic", "10.1002/mrm.27483"),
        ("susceptibility.method=medi", "edges of the", "10.1016/j.neuroimage.2011.08.082"),
        ("susceptibility.method=rts", "in two steps", "10.1016/j.neuroimage.2017.11.018"),
        ("susceptibility.method=smv-tv", "less its spherical means", "10.1002/nbm.3570"),
        ("susceptibility.method=tv", "total-variation", "10.1002/mrm.25029"),
        ("susceptibility.method=l2", "gradient L2 norm, weight 0.005", "10.1002/jmri.24365"),
        ("susceptibility.method=tkd", "threshold 0.15", "10.1002/mrm.22135"),
        ("r2star.method=arlo", "ARLO", "10.1002/mrm.25137"),
        ("swi.method=clear", "CLEAR-SWI", "10.1016/j.neuroimage.2021.118175"),
        ("swi.method=auto", "CLEAR-SWI", "10.1016/j.neuroimage.2021.118175"),
        ("swi.method=classic", "homodyne", "10.1002/mrm.20198"),
    ],
)
def test_text_follows_the_settings(pair, words, doi):
    text = told(pair)
    assert words in text
    assert doi in text
    assert "10.1002/mrm.30006" in text


@pytest.mark.parametrize(
    ("pair", "absent"),
    [
        ("phase.remove_offset=false", "MCPC"),
        ("phase.quality_mask=false", "unreliable phase"),
        ("field.method=vsharp", "RESHARP"),
        ("susceptibility.reference=none", "mean of the whole brain"),
        ("r2star.method=nonlinear", "ARLO"),
    ],
)
def test_what_was_not_done_is_not_told(pair, absent):
    assert absent not in told(pair)


def test_skipped_steps_are_not_told():
    record = make_record(make_story().grid)
    for step in record["steps"][1:]:
        step["status"] = "skipped"
    text = told(record=record)
    assert "brain mask" in text
    for absent in ("ROMEO", "SHARP", "inverted", "R2*", "consensus"):
        assert absent not in text


def test_one_echo_is_not_combined():
    record = make_record(make_story().grid)
    record["scan"]["te_s"] = [0.02]
    text = told(record=record)
    assert "1 echo (TE 20 ms)" in text
    assert "phase of the one echo" in text
    assert "MCPC" not in text
    assert "homodyne" in text


def test_a_run_from_a_field_map_does_not_speak_of_echoes():
    record = make_record(make_story().grid)
    record["scan"] |= {"te_s": [], "phase_source": "none: started from a field map in ppm"}
    record["steps"] = [s for s in record["steps"] if s["name"] == "susceptibility"]
    text = told(record=record)
    assert text.startswith("Field maps at 3 T")
    assert "echo" not in text.partition("References")[0]


def test_a_direction_that_was_given_is_not_told_as_taken_from_the_image():
    record = make_record(make_story().grid)
    assert "was taken from the image orientation" in told(record=record)
    record["scan"]["b0_direction"] = [0.0, 0.0, 1.0]
    assert "(0.000, 0.000, 1.000), was given by the user" in told(record=record)


def test_numbers_count_up_and_every_one_has_its_reference():
    methods = methods_text(make_story())
    groups = re.findall(r"\[([\d, ]+)\]", " ".join(methods.paragraphs))
    numbers = [int(n) for group in groups for n in group.split(", ")]
    assert numbers == list(range(1, len(methods.references) + 1))
    assert set(methods.references) <= set(CITATIONS.values())


def test_versions_are_named():
    assert "arteriole 0.1.0 (python 3.11.7, numpy 2.1.0)" in told()


def test_sentences_of_a_step_carry_no_citation():
    story = make_story()
    for name in ("brain", "phase", "field", "susceptibility", "r2star", "swi"):
        sentence = step_sentence(story, name)
        assert sentence.endswith(".")
        assert "[" not in sentence
    assert step_sentence(story, "unknown") == ""


def test_every_citation_has_a_doi():
    assert all(re.search(r"doi:10\.\d{4,}/\S+$", text) for text in CITATIONS.values())


def test_one_radius_of_resharp_is_not_halved():
    assert "spheres of 12 mm and" in told("field.method=resharp", "field.resharp_smallest_mm=0")
