"""What is written comes back the same, and a resumed run sees what a run in one go sees."""

from __future__ import annotations

import json

import numpy as np
import pytest

from arteriole.brain.alignment import Alignment
from arteriole.brain.region_map import Region, RegionMap
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.transforms import Warp
from arteriole.grid import Grid, Volume
from arteriole.run.forms import (
    about_value,
    as_read,
    read_product,
    sidecar_of,
    write_names,
    write_product,
)
from arteriole.run.products import Product

NAMES = {1: Region("putamen", "left"), 300: Region("pons")}


@pytest.fixture
def grid():
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    return Grid.from_voxel_size((6, 7, 5), (0.9, 0.9, 3.1), turn)


def back(product, path, value, grid, **how):
    """Return a value as kept, as read from its file, and as kept without a file."""
    kept = write_product(product, path, value, grid, max_error=how.get("max_error"))
    if about := about_value(product, kept):
        sidecar_of(path).write_text(json.dumps(about))
    return kept, read_product(product, path), as_read(product, value, **{"max_error": None} | how)


def test_labels_and_masks_of_an_image_on_its_own_grid(tmp_path, rng, grid):
    for kind, data in (
        ("labels", rng.integers(0, 18, grid.shape).astype(np.uint8)),
        ("mask", rng.random(grid.shape) > 0.5),
    ):
        product = Product("t1w_x", "x", "", "x", kind=kind, image="t1w")
        for one in back(product, tmp_path / f"{kind}.nii.gz", Volume(data, grid), None):
            np.testing.assert_array_equal(one.data, data)
            assert one.data.dtype == data.dtype
            assert (
                one.grid.affine.tobytes()
                == Grid(grid.shape, grid.affine.astype(np.float32)).affine.tobytes()
            )


def test_regions_keep_their_names(tmp_path, grid):
    labels = np.zeros(grid.shape, np.int32)
    labels[0], labels[1] = 1, 300
    product = Product("regions", "x", "", "x", kind="regions", names=lambda: NAMES)
    for one in back(product, tmp_path / "r.nii.gz", RegionMap(labels, NAMES), grid):
        np.testing.assert_array_equal(one.labels, labels)
        assert one.labels.dtype == np.int32
        assert one.region(300) == Region("pons")
    table = write_names(tmp_path / "r.nii.gz", NAMES).read_text()
    assert table == "index\tname\themisphere\n1\tputamen\tL\n300\tpons\tB\n"


def test_a_warp_in_sixteen_bits(tmp_path, rng, grid):
    moves = rng.normal(0, 4, (*grid.shape, 3)).astype(np.float32)
    affine = np.eye(4) + 0.01 * np.diag([1.0, 2, 3, 0])
    value = Registration(Warp(grid, moves, affine), 0.93, True, "", {"likeness": 0.8})
    product = Product("to_template", "x", "mm", "x", kind="warp", precision=0.01)
    kept, read, unwritten = back(product, tmp_path / "w.nii.gz", value, None, max_error=0.01)
    for one in (kept, read, unwritten):
        assert np.abs(one.transform.displacement_mm - moves).max() <= 0.01
        np.testing.assert_array_equal(one.transform.displacement_mm, kept.transform.displacement_mm)
        np.testing.assert_array_equal(one.transform.affine, affine)
        assert one.transform.grid.affine.tobytes() == kept.transform.grid.affine.tobytes()
        assert (one.confidence, one.assessable, one.measures) == (0.93, True, {"likeness": 0.8})


def test_motions_between_images(tmp_path, rng):
    turn = np.eye(4)
    turn[:3] += rng.normal(0, 0.1, (3, 4))
    value = Alignment("t1w", {"flair": Registration(turn, 0.4, False, "too far", {"a": 1.5})})
    product = Product("alignment", "x", "", "x", kind="alignment")
    _, read, _ = back(product, tmp_path / "a.json", value, None)
    assert read.reference == "t1w"
    assert read.to_reference["flair"].transform.tobytes() == turn.tobytes()
    assert read.to_reference["flair"].reason == "too far"


def test_an_affine_is_no_warp(tmp_path):
    product = Product("to_template", "x", "mm", "x", kind="warp")
    with pytest.raises(ValueError, match="an affine, not a warp"):
        as_read(product, Registration(np.eye(4), 1.0, True, ""), max_error=None)
