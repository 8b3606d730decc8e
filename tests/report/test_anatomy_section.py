from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain import classes as c
from arteriole.brain.atlas.names import region_names
from arteriole.grid import Grid, Volume
from arteriole.report.anatomy import (
    alignment_words,
    anatomy_of,
    region_groups,
    volume_table,
)
from arteriole.report.session import session_html
from arteriole.report.story import Story
from arteriole.report.summary import steps_done
from arteriole.settings import Settings

FACTS = {
    "intracranial_ml": 1498.2, "brain_ml": 1150.0, "grey_ml": 650.0, "white_ml": 500.0,
    "fluid_ml": 348.2, "missed": "", "unlike": "", "cut_mm2": {}, "certainty": 0.93,
    "parts_ml": {"lateral ventricle": 21.5, "thalamus": 14.1},
}  # fmt: skip
DOUBT = "registration not assessable: the two directions differ by up to 9.0 mm"


def images(shape, voxel):
    """Shells of a head, an image of them, two halves as regions."""
    grid = Grid.from_voxel_size(shape, voxel)
    world = grid.to_world(np.moveaxis(np.indices(shape), 0, -1))
    radius = np.linalg.norm(world, axis=-1)
    labels = np.select(
        [radius < 15, radius < 45, radius < 62, radius < 70],
        [c.LATERAL, c.WHITE, c.CORTEX, c.SULCAL],
        0,
    ).astype(np.uint8)
    data = np.choose(labels, np.linspace(0, 600, len(c.CLASSES))).astype(np.float32)
    regions = np.where(labels > 0, np.where(world[..., 0] < 0, 1, 2), 0).astype(np.uint8)
    return {name: Volume(one, grid) for name, one in
            (("", data), ("_labels", labels), ("_regions", regions))}  # fmt: skip


def step(name, status="done", reason="", **facts):
    return {"name": name, "version": 1, "status": status, "reason": reason, "facts": facts,
            "seconds": 1.0, "peak_memory_mib": 100.0}  # fmt: skip


def make_story(**changes):
    """T1w and CT without a gradient echo; CT could not be registered."""
    volumes = {}
    for name, shape, voxel in (("t1w", (50, 60, 52), (3.2, 3.0, 3.0)),
                               ("ct", (60, 60, 22), (2.6, 2.6, 7.0))):  # fmt: skip
        volumes |= {f"{name}{what}": one for what, one in images(shape, voxel).items()}
    del volumes["ct_regions"]
    volumes["ct_reference_labels"] = volumes["ct_labels"]
    missed = "the field of view misses the vertex"
    sides = {"lateral ventricle": {"left": 10.2, "right": 11.3}}
    off = {"confidence": 0.31, "assessable": False, "reason": DOUBT}
    record = {
        "arteriole_version": "0.1.0", "inputs": [], "ignored": [], "warnings": [],
        "images": {
            "t1w": {"words": "T1-weighted image", "voxel_size_mm": [3.2, 3, 3],
                    "shape": [50, 60, 52]},
            "ct": {"words": "CT", "voxel_size_mm": [2.6, 2.6, 7], "shape": [60, 60, 22]},
            "flair": {"words": "FLAIR image", "refused": "is constant"},
        },
        "steps": [
            step("segment-t1w", **FACTS), step("segment-ct", **FACTS | {"missed": missed}),
            step("align", reference="t1w", images={"ct": off}),
            step("template", image="t1w", confidence=0.92, assessable=True, reason=""),
            step("regions-t1w", sides=sides, confidence=0.92, cut=[],
                 not_seen=["left amygdala", "left pons", "right pons", "sulcal csf"]),
            step("regions-ct", "skipped", f"not assessable: {DOUBT}"),
            *(step(name, "skipped", "there is no gradient echo")
              for name in ("brain", "phase", "r2star")),
        ],
    }  # fmt: skip
    story = {"label": "sub-07", "values": {}, "grid": None, "record": record, "volumes": volumes}
    return Story(**story | {"settings": Settings().to_dict()} | changes)


def test_pictures_of_each_image():
    t1w, ct = anatomy_of(make_story())
    assert [panel.title for panel in t1w.panels] == [
        "Parts of the head, T1-weighted image", "Regions, T1-weighted image",
    ]  # fmt: skip
    assert [panel.title for panel in ct.panels] == [
        "Parts of the head, CT", "Registration, CT",
    ]  # fmt: skip
    assert ct.panels[0].unit == "HU"
    assert {"white matter", "ventricles"} <= {name for name, _ in t1w.panels[0].legend}
    sizes = [len(panel.jpeg_base64) for image in (t1w, ct) for panel in image.panels]
    assert min(sizes) > 5_000
    assert max(sizes) < 160_000


def test_flags_in_words():
    t1w, ct = anatomy_of(make_story())
    assert t1w.flags == ("Not seen: left amygdala; pons; sulcal csf.",)
    assert ct.flags == (
        "The field of view misses the vertex.",
        f"Regions: not assessable: {DOUBT}.",
    )


def test_volumes_by_image_and_side():
    table = volume_table(make_story())
    assert table.images == ("T1-weighted image", "CT")
    rows = dict(table.rows)
    assert rows["Inside of the skull"] == ("1498", "1498")
    assert rows["Lateral ventricle"] == ("10.2 L, 11.3 R", "21.5")
    assert rows["Putamen"] == ("–", "–")


def test_registrations_in_words():
    assert alignment_words(make_story()) == [
        "The reference image is the T1-weighted image.",
        f"CT: not assessable ({DOUBT}).",
        "Template (MNI152): registered, confidence 0.92.",
    ]


def test_every_region_of_a_group_is_of_the_atlas():
    names = region_names()
    grouped = [label for _, labels, _ in region_groups() for label in labels]
    assert len(grouped) == len(set(grouped))
    missing = {names[label].name for label in names if label not in grouped}
    assert all(
        word in " ".join(missing) for word in ("capsule", "callosum", "ventricle", "insular")
    )
    assert not [name for name in missing if "frontal" in name or "pons" in name]


def test_the_page_of_a_session_without_a_gradient_echo():
    page = session_html(make_story())
    assert 'id="anatomy"' in page
    assert "T1-weighted image, 3.2 × 3 × 3 mm" in page
    assert "17 parts of the head" in page
    for gone in ('id="maps"', 'id="consensus"', "echo times not given", "FLAIR image, "):
        assert gone not in page
    assert len(page) < 1_000_000


def test_steps_skipped_for_one_reason_are_told_of_together():
    told = steps_done(make_story())
    assert told[-1].title == "Brain mask, phase to total field, R2* and T2*"
    assert told[-1].sentence == "There is no gradient echo"
    assert told[0].title == "Parts of the head, T1w"


def test_a_story_without_a_scan_has_no_grid():
    with pytest.raises(ValueError, match="has no gradient echo"):
        make_story().scan_grid  # noqa: B018
    with pytest.raises(ValueError, match="chi_ppm has shape"):
        make_story(values={"chi_ppm": np.zeros((2, 2, 2))})


def test_without_anatomy_there_is_no_section():
    from stories import make_story as of_a_scan

    page = session_html(of_a_scan())
    assert 'id="anatomy"' not in page
