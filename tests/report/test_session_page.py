from __future__ import annotations

import base64
import dataclasses
import io
import re
import time
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from stories import make_record, make_story, make_values

from arteriole.errors import OutputError
from arteriole.grid import Grid
from arteriole.report.session import session_html, write_session_report

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


class Outline(HTMLParser):
    """What a browser would see: tags with attributes, and the text between."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def page() -> str:
    return session_html(make_story())


@pytest.fixture(scope="module")
def outline(page) -> Outline:
    return Outline(page)


def test_page_is_written_whole(tmp_path):
    story = make_story()
    write_session_report(tmp_path / "page.html", story)
    assert (tmp_path / "page.html").read_text("utf-8") == session_html(story)
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="folder"):
        write_session_report(tmp_path / "file" / "page.html", make_story())


def test_same_story_gives_the_same_page(page):
    assert session_html(make_story()) == page


def test_page_asks_for_nothing_outside(page, outline):
    names = ("src", "href", "action", "srcset", "background", "data")
    addresses = [str(tag[name]) for _, tag in outline.tags for name in names if name in tag]
    assert len(addresses) > 20
    assert all(a.startswith(("data:image/jpeg;base64,", "#")) for a in addresses)
    assert not re.search(r"url\(|@import", page)
    assert not outline.named("script")
    assert not outline.named("link")


def test_policy_forbids_all_but_pictures_and_style(outline):
    (policy,) = (m for m in outline.named("meta") if m.get("http-equiv"))
    rules = str(policy["content"]).split("; ")
    assert rules[:3] == ["default-src 'none'", "img-src data:", "style-src 'unsafe-inline'"]


def test_links_within_the_page_lead_somewhere(outline):
    there = {attributes.get("id") for _, attributes in outline.tags}
    assert all(str(a["href"])[1:] in there for a in outline.named("a"))
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_every_map_has_a_picture_that_opens(outline):
    pictures = outline.named("img")
    assert len(pictures) == 13 + 4
    for attributes in pictures:
        data = base64.b64decode(str(attributes["src"]).partition(",")[2])
        image = Image.open(io.BytesIO(data))
        image.load()
        assert image.size == (int(attributes["width"]), int(attributes["height"]))
        assert attributes["alt"]


def test_says_once_that_it_is_for_research(outline):
    assert outline.text.count("Research use only, not a medical device.") == 1


def test_simulated_data_are_called_so_at_the_top(outline):
    told = Outline(session_html(make_story(simulated=True)))
    assert told.text.index("SIMULATED DATA") < told.text.index("sub-01_ses-02", 200)
    assert "SIMULATED" not in outline.text
    assert "Simulated gradient-echo images" in told.text


def test_words_of_the_record_are_on_the_page(outline):
    for words in (
        "the phase of echo 2 is noisy",
        "sub-01/anat/sub-01_part-mag_MEGRE.nii.gz",
        "not a gradient echo",
        "Siemens Prisma",
        "4, 12, 20 ms",
        "512 MiB",
        "numpy",
        "Spread of susceptibility",
        "0.04561",
        "Window −0.15 to 0.15 ppm",
        "Window 0 to 60 1/s",
    ):
        assert words in outline.text, words


def test_hostile_text_stays_text():
    record = make_record(make_story().grid)
    record["inputs"][0]["file"] = HOSTILE
    record["ignored"][0]["reason"] = HOSTILE
    record["warnings"] = [HOSTILE]
    record["versions"] = {HOSTILE: HOSTILE}
    record["scan"] |= {"manufacturer": HOSTILE, "phase_source": HOSTILE}
    record["steps"][1] |= {"status": HOSTILE, "reason": HOSTILE, "name": HOSTILE}
    row = {"name": HOSTILE, "region": HOSTILE, "value": HOSTILE, "words": HOSTILE}
    told = Outline(session_html(make_story(label=HOSTILE, record=record, measures=[row])))
    assert not told.named("script")
    assert all(str(a["src"]).startswith("data:image/jpeg") for a in told.named("img"))
    assert not any(name.startswith("on") for _, a in told.tags for name in a)
    assert told.text.count("<script>alert('x')</script>") >= 10


def test_no_folder_of_this_machine_is_told(tmp_path):
    record = make_record(make_story().grid)
    record["inputs"][0]["file"] = "/home/jane/study/sub-01_MEGRE.nii.gz"
    record["warnings"] = ["cannot read '/data/secret place/x.nii.gz' nor C:\\Users\\jane\\y.nii"]
    text = session_html(make_story(record=record))
    assert "jane" not in text
    assert "/data/" not in text
    assert "sub-01_MEGRE.nii.gz" in text


def test_without_phase_the_page_says_why():
    story = make_story()
    record = make_record(story.grid)
    for step in record["steps"]:
        if step["name"] in ("phase", "field", "susceptibility", "swi"):
            step |= {"status": "skipped", "reason": "the scan has no phase images"}
    kept = ("magnitude", "brain_mask", "r2star_hz")
    values = {name: make_values()[name] for name in kept}
    told = Outline(session_html(make_story(values=values, record=record, reference=None)))
    assert len(told.named("img")) == 4 + 2
    assert "Susceptibility (χ): not shown. The scan has no phase images" in told.text
    assert "no susceptibility map: the scan has no phase images" in told.text
    assert "ROMEO" not in told.text


def test_a_record_with_nothing_still_gives_a_page():
    told = Outline(session_html(make_story(values={}, record={}, measures=(), reference=None)))
    assert not told.named("img")
    assert "No measure was recorded." in told.text


def test_a_single_echo_is_shown_once():
    values = make_values()
    one = {name: values[name][:1] for name in ("magnitude", "phase")}
    told = Outline(session_html(make_story(values=values | one)))
    assert "Magnitude, last echo" not in told.text


def test_not_a_number_and_an_empty_mask_do_not_stop_the_page():
    values = make_values()
    values["chi_ppm"] = np.full_like(values["chi_ppm"], np.nan)
    values["brain_mask"] = np.zeros_like(values["brain_mask"])
    assert len(Outline(session_html(make_story(values=values))).named("img")) == 17


def test_noise_everywhere_stays_under_five_megabytes_and_three_seconds():
    shape = (160, 160, 112)
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(shape, dtype=np.float32)
    values = dict.fromkeys(make_values(), noise) | {
        "magnitude": np.abs(np.stack([noise, noise])),
        "phase": np.stack([noise, noise]),
        "brain_mask": np.ones(shape, bool),
        "qsm_mask": np.ones(shape, bool),
    }
    story = make_story()
    grid = Grid.from_voxel_size(shape, (1.0, 1.0, 1.0))
    noisy = dataclasses.replace(story, values=values, grid=grid)
    start = time.process_time()
    page = session_html(noisy)
    assert time.process_time() - start < 6.0
    assert len(page.encode()) < 5_000_000


def test_a_map_of_another_shape_is_refused():
    values = make_values() | {"swi": np.zeros((2, 2, 2), np.float32)}
    with pytest.raises(ValueError, match=r"swi has shape \(2, 2, 2\), the grid \(30, 36, 14\)"):
        make_story(values=values)
