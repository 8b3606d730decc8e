"""The steps of anatomy with parts of the head that are known: nothing is registered."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain import classes as c
from arteriole.brain import image_stage
from arteriole.brain.alignment import Alignment
from arteriole.brain.image_stage import align_to_template, place_regions, segment_image
from arteriole.brain.region_map import Region, RegionMap
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.transforms import Warp
from arteriole.brain.segmentation import Segmentation
from arteriole.grid import Grid, Volume
from arteriole.settings import Settings
from arteriole.step import Acquisition, NotApplicableError

SIGNAL = np.zeros(len(c.CLASSES))
SIGNAL[[c.SULCAL, c.CORTEX, c.WHITE, c.LATERAL]] = 90, 380, 560, 80


def head(shape=(45, 50, 42), voxel=(4.0, 4.0, 4.0), shift=(0.0, 0.0, 0.0)):
    """Labels of four shells round the world's origin, and their grid, moved by ``shift``."""
    grid = Grid.from_voxel_size(shape, voxel)
    affine = grid.affine.copy()
    affine[:3, 3] += shift
    grid = Grid(shape, affine)
    world = grid.to_world(np.moveaxis(np.indices(shape), 0, -1))
    radius = np.linalg.norm(world, axis=-1)
    labels = np.select(
        [radius < 15, radius < 40, radius < 60, radius < 66],
        [c.LATERAL, c.WHITE, c.CORTEX, c.SULCAL],
        c.OUTSIDE,
    ).astype(np.uint8)
    return labels, grid


def segmented(labels, grid):
    shares = np.stack([np.isin(labels, p) for p in (c.FLUID, c.GREY, c.WHITE_MATTER)])
    return Segmentation(
        labels=labels,
        shares=shares.astype(np.float32),
        brain_mask=labels > c.SULCAL,
        intracranial_mask=labels > c.OUTSIDE,
        bias=np.ones(labels.shape, np.float32),
        to_template=Registration(np.eye(4), 0.9, True, ""),
        certainty=0.9,
    )


@pytest.fixture
def truth(monkeypatch):
    """Let the parts of a head be those given."""

    def one(labels, grid):
        monkeypatch.setattr(image_stage, "segment_head", lambda *_, **__: segmented(labels, grid))
        return Volume(SIGNAL[labels].astype(np.float32), grid)

    return one


@pytest.fixture
def halves(monkeypatch):
    """An atlas of two halves and a spot far above the head, on a grid of the template."""
    grid = Grid.from_voxel_size((60, 60, 60), (4.0, 4.0, 4.0))
    world = grid.to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    labels = np.where(world[..., 0] < 0, 1, 2).astype(np.int32)
    labels[:, :, 55:] = 3
    names = {1: Region("half", "left"), 2: Region("half", "right"), 3: Region("spot")}
    monkeypatch.setattr(image_stage, "region_atlas", lambda: (RegionMap(labels, names), grid))


def to_template(shift=0.0, **about):
    grid = Grid.from_voxel_size((4, 4, 4), (80.0, 80.0, 80.0))
    moves = np.zeros((4, 4, 4, 3), np.float32)
    moves[..., 0] = shift
    how = {"confidence": 0.9, "assessable": True, "reason": ""} | about
    return Registration(Warp(grid, moves), **how)


def placed(image, labels, grid, alignment=None, registration=None, scan=None):
    own = labels if image == "gre" else Volume(labels, grid)
    given = {
        f"{image}_labels": own,
        "alignment": alignment or Alignment(image),
        "to_template": registration or to_template(),
    }
    return place_regions(given, scan, Settings(), image=image)


def test_an_image_gives_volumes_on_its_own_grid_and_its_numbers(truth):
    labels, grid = head()
    result = segment_image({"t1w": truth(labels, grid)}, None, Settings(), image="t1w")
    assert set(result.values) == {"t1w_labels", "t1w_brain_mask", "t1w_intracranial_mask"}
    assert all(value.grid is grid for value in result.values.values())
    ball = 4 / 3 * np.pi / 1000
    assert result.facts["intracranial_ml"] == pytest.approx(ball * 66**3, rel=0.02)
    assert result.facts["white_ml"] == pytest.approx(ball * (40**3 - 15**3), rel=0.02)
    assert result.facts["parts_ml"]["lateral ventricle"] == pytest.approx(ball * 15**3, rel=0.05)
    assert result.facts["missed"] == ""
    assert result.warnings == ()


def test_the_gradient_echo_gives_arrays(truth):
    labels, grid = head()
    image = truth(labels, grid).data
    scan = Acquisition(grid, 3.0, (0.0, 0.0, 1.0), (0.01, 0.02))
    given = {"magnitude": np.stack([image, 0.5 * image])}
    values = segment_image(given, scan, Settings(), image="gre").values
    np.testing.assert_array_equal(values["gre_labels"], labels)


def test_a_cut_head_and_a_wrong_contrast_are_told(truth):
    labels, grid = head(shape=(45, 50, 25))
    result = segment_image({"t2w": truth(labels, grid)}, None, Settings(), image="t2w")
    assert result.warnings == (
        "T2w: the field of view misses the base and the vertex",
        "T2w: white matter is brighter than fluid, unlike in T2w",
    )


def test_an_image_without_a_brain_is_passed_over(monkeypatch):
    def nothing(*_, **__):
        raise ValueError("the image shows no brain: nothing in it looks like one")

    monkeypatch.setattr(image_stage, "segment_head", nothing)
    labels, grid = head()
    with pytest.raises(NotApplicableError, match="shows no brain"):
        segment_image({"ct": Volume(labels, grid)}, None, Settings(), image="ct")


def test_regions_and_sides_on_the_reference(halves):
    labels, grid = head()
    result = placed("t1w", labels, grid)
    regions = result.values["t1w_regions"]
    world = grid.to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    inside = labels > c.OUTSIDE
    clear = np.abs(world[..., 0]) > 4
    assert (regions.data[inside & clear] == np.where(world[..., 0] < 0, 1, 2)[inside & clear]).all()
    assert not regions.data[~inside].any()
    sides = result.facts["sides"]["cerebral white matter"]
    assert sides["left"] + sides["right"] == pytest.approx(
        float((labels == c.WHITE).sum()) * 0.064, abs=1e-3
    )
    assert result.facts["not_seen"] == ["spot"]
    assert result.facts["cut"] == []


def test_the_warp_counts(halves):
    """What is shifted by 20 mm to the right in the template is all right there, but for a rim."""
    labels, grid = head()
    sides = placed("t1w", labels, grid, registration=to_template(shift=20.0)).facts["sides"]
    assert sides["lateral ventricle"]["left"] == 0.0
    assert sides["lateral ventricle"]["right"] > 10.0


def test_another_image_comes_through_its_own_motion(halves):
    shift = np.array([0.0, 12.0, -8.0])
    labels, grid = head(shift=shift)
    motion = np.eye(4)
    motion[0, 3] = -30.0
    registration = Registration(motion, 0.8, True, "")
    alignment = Alignment("t1w", {"gre": registration})
    scan = Acquisition(grid, 3.0, (0.0, 0.0, 1.0))
    result = placed("gre", labels, grid, alignment, scan=scan)
    regions = result.values["regions"]
    assert isinstance(regions, RegionMap)
    assert regions.region(1) == Region("half", "left")
    assert result.facts["sides"]["lateral ventricle"]["right"] == 0.0
    assert result.facts["confidence"] == pytest.approx(0.72)


def test_regions_cut_by_the_field_of_view_are_named(halves):
    labels, grid = head(shape=(45, 50, 25))
    assert placed("flair", labels, grid).facts["cut"] == ["left half", "right half"]


@pytest.mark.parametrize("where", ["motion", "template"])
def test_nothing_is_placed_through_a_registration_in_doubt(halves, where):
    labels, grid = head()
    bad = {"confidence": 0.2, "assessable": False, "reason": "the two directions differ by 9 mm"}
    motion = Registration(np.eye(4), **(bad if where == "motion" else {"confidence": 1.0,
                          "assessable": True, "reason": ""}))  # fmt: skip
    alignment = Alignment("t1w", {"flair": motion})
    template = to_template(**(bad if where == "template" else {}))
    goal = "the reference image" if where == "motion" else "the template"
    words = f"not assessable, registration to {goal}: the two directions differ by 9 mm"
    with pytest.raises(NotApplicableError, match=words):
        placed("flair", labels, grid, alignment, template)


def test_what_was_not_registered_has_no_regions(halves):
    labels, grid = head()
    with pytest.raises(NotApplicableError, match="was not registered to the reference"):
        placed("ct", labels, grid, Alignment("t1w"))


def test_a_reference_without_a_brain():
    labels, grid = head()
    given = {"alignment": Alignment("ct"), "ct_labels": Volume(np.zeros_like(labels), grid)}
    with pytest.raises(NotApplicableError, match="hold no brain"):
        align_to_template(given, None, Settings())
