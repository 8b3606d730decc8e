"""A session of T1w, CT and a gradient echo through the steps of anatomy, from BIDS to the table.

Parts and registrations are known, so that none of them takes time.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from arteriole.brain import classes as c
from arteriole.brain import image_stage
from arteriole.brain.alignment import Alignment
from arteriole.brain.atlas.names import region_names
from arteriole.brain.region_map import RegionMap
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.transforms import Warp
from arteriole.brain.segmentation import Segmentation
from arteriole.grid import Grid
from arteriole.run.session import run_session
from arteriole.run.study import Study, prepare_output, study_jobs
from arteriole.settings import Settings

SIGNAL = np.array([5.0, 90, 380, 560, 80, *[400] * 13])
HOUNSFIELD = np.array([-1000.0, 5, 38, 28, 6, *[35] * 13])
GRIDS = {
    "anat/sub-1_T1w": ((40, 46, 40), (4.0, 4.0, 4.2)),
    "ct/sub-1_ct": ((44, 44, 26), (3.6, 3.6, 6.0)),
    "anat/sub-1_MEGRE": ((38, 44, 36), (4.2, 4.2, 4.4)),
}


def shells(grid):
    world = grid.to_world(np.moveaxis(np.indices(grid.shape), 0, -1))
    radius = np.linalg.norm(world, axis=-1)
    inside = [radius < 15, radius < 40, radius < 58, radius < 66]
    return np.select(inside, [c.LATERAL, c.WHITE, c.CORTEX, c.SULCAL], 0).astype(np.uint8)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Let parts, motions and the atlas be known."""

    def parts(image, grid, **_):
        labels = shells(grid)
        shares = [np.isin(labels, p) for p in (c.FLUID, c.GREY, c.WHITE_MATTER)]
        return Segmentation(
            labels, np.stack(shares).astype(np.float32), labels > c.SULCAL, labels > 0,
            np.ones(labels.shape, np.float32), Registration(np.eye(4), 0.9, True, ""), 0.9,
        )  # fmt: skip

    def motions(images, masks):
        assert set(images) == set(masks)
        doubt = Registration(np.eye(4), 0.2, False, "the two directions differ by up to 9.0 mm")
        sure = Registration(np.eye(4), 0.95, True, "")
        return Alignment("t1w", {"gre": sure, "ct": doubt})

    near = Grid.from_voxel_size((4, 4, 4), (80.0, 80.0, 80.0))
    warp = Registration(Warp(near, np.zeros((4, 4, 4, 3), np.float32)), 0.9, True, "")
    template = Grid.from_voxel_size((48, 48, 48), (4.0, 4.0, 4.0))
    world = template.to_world(np.moveaxis(np.indices(template.shape), 0, -1))
    halves = RegionMap(np.where(world[..., 0] < 0, 1, 2).astype(np.int32), region_names())
    monkeypatch.setattr(image_stage, "segment_head", parts)
    monkeypatch.setattr(image_stage, "align_images", motions)
    monkeypatch.setattr(image_stage, "align_template", lambda labels: warp)
    monkeypatch.setattr(image_stage, "region_atlas", lambda: (halves, template))


@pytest.fixture(scope="module")
def data_set(tmp_path_factory):
    """The raw data set; read only. R2* is 20 1/s on the left and 40 on the right."""
    root = tmp_path_factory.mktemp("raw") / "bids"
    rng = np.random.default_rng(4)
    for name, (shape, voxel) in GRIDS.items():
        grid = Grid.from_voxel_size(shape, voxel)
        labels = shells(grid)
        levels = HOUNSFIELD if name.endswith("_ct") else SIGNAL
        image = levels[labels] + rng.normal(0, 4, shape)
        (root / "sub-1" / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("MEGRE"):
            world = grid.to_world(np.moveaxis(np.indices(shape), 0, -1))
            rate = np.where(world[..., 0] < 0, 20.0, 40.0)
            for echo, te in enumerate((0.005, 0.012, 0.019), start=1):
                one = f"sub-1_echo-{echo}_part-mag_MEGRE"
                decayed = np.abs(image * np.exp(-te * rate)).astype(np.float32)
                nib.Nifti1Image(decayed, grid.affine).to_filename(
                    root / "sub-1/anat" / f"{one}.nii.gz"
                )
                about = {"EchoTime": te, "MagneticFieldStrength": 3.0}
                (root / "sub-1/anat" / f"{one}.json").write_text(json.dumps(about))
        else:
            nib.Nifti1Image(image.astype(np.float32), grid.affine).to_filename(
                root / "sub-1" / f"{name}.nii.gz"
            )
    return root


def run(root, out, *pairs, **changes):
    study = Study(root, out, Settings.from_pairs(pairs), **changes)
    prepare_output(study)
    (job,) = study_jobs(study)
    return run_session(job)


def rows(out, **wanted):
    with (out / "sub-1" / "sub-1_measures.tsv").open(newline="") as file:
        table = list(csv.DictReader(file, delimiter="\t"))
    return [row for row in table if wanted.items() <= row.items()]


def test_from_bids_to_the_table(data_set, tmp_path):
    out = tmp_path / "out"
    outcome = run(data_set, out)
    assert outcome.status == "done", outcome.message
    assert {"segment-t1w", "align", "template", "regions-gre", "r2star", "regions"} <= set(
        outcome.made
    )
    names = {path.name for path in (out / "sub-1").rglob("*.*")}
    assert {
        "sub-1_space-T1w_desc-regions_dseg.nii.gz", "sub-1_space-T1w_desc-regions_dseg.tsv",
        "sub-1_desc-regions_dseg.nii.gz", "sub-1_desc-anatomy_dseg.tsv",
        "sub-1_space-CT_desc-anatomy_dseg.nii.gz", "sub-1_desc-alignment_xfm.json",
        "sub-1_desc-template_xfm.nii.gz",
    } <= names  # fmt: skip
    assert "sub-1_space-CT_desc-regions_dseg.nii.gz" not in names
    where = {"region": "frontal cortex"}
    for side, rate in (("left", 20.0), ("right", 40.0)):
        (row,) = rows(out, measure="r2star_median", side=side, **where)
        assert float(row["value"]) == pytest.approx(rate, abs=1.0)
        (row,) = rows(out, measure="part_volume", region="lateral ventricle", side=side,
                      image="t1w")  # fmt: skip
        assert float(row["value"]) == pytest.approx(2 / 3 * np.pi * 3.375, rel=0.1)
    why = "not assessable, registration to the reference image: the two directions differ by up to"
    for row in rows(out, image="ct", side="left"):
        assert row["value"] == "n/a"
        assert row["status"].startswith(why)
    assert any(warning.startswith(f"regions-ct: {why}") for warning in outcome.warnings)
    page = (out / "sub-1.html").read_text()
    for words in ("Registration, gradient echo", "Regions, gradient echo", "Parts of the head, CT"):
        assert words in page
    assert len(page) < 5_000_000
    _pass_the_validator(out)


def _pass_the_validator(out):
    validator = Path(sys.executable).parent / "bids-validator-deno"
    if not validator.exists():
        pytest.skip("bids-validator-deno is not installed: pip install bids-validator-deno")
    told = subprocess.run(
        [validator, "--json", str(out)], capture_output=True, text=True, check=False
    )
    issues = json.loads(told.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue["severity"] == "error"] == []


def test_only_what_is_lost_is_made_again(data_set, tmp_path):
    out = tmp_path / "out"
    run(data_set, out)
    kept = rows(out)
    (out / "sub-1/anat/sub-1_space-T1w_desc-regions_dseg.nii.gz").unlink()
    assert run(data_set, out).made == ("regions-t1w",)
    assert run(data_set, out, force=("regions-gre",)).made == ("regions-gre",)
    assert rows(out) == kept


def test_regions_of_ones_own_come_first(data_set, tmp_path):
    grid = Grid.from_voxel_size(*GRIDS["anat/sub-1_MEGRE"])
    folder = tmp_path / "deriv/sub-1/anat"
    folder.mkdir(parents=True)
    image = nib.Nifti1Image((shells(grid) == c.WHITE).astype(np.uint8) * 41, grid.affine)
    image.to_filename(folder / "sub-1_desc-aseg_dseg.nii.gz")
    out = tmp_path / "out"
    made = run(data_set, out, derivatives=tmp_path / "deriv").made
    assert "regions-gre" not in made
    assert "regions" in made
    (row,) = rows(out, measure="r2star_median", region="cerebral white matter", side="right")
    assert row["value"] != "n/a"
    assert not rows(out, region="frontal cortex")


def test_minimal_outputs_hold_the_same_numbers(data_set, tmp_path):
    run(data_set, tmp_path / "some")
    run(data_set, tmp_path / "few", "output.level=minimal")
    assert not list((tmp_path / "few").rglob("*.nii.gz"))
    assert rows(tmp_path / "few") == rows(tmp_path / "some")


def test_anatomy_can_be_left_out(data_set, tmp_path):
    outcome = run(data_set, tmp_path / "out", "anatomy.method=none")
    assert outcome.made == ("brain", "r2star")
    assert not rows(tmp_path / "out", measure="intracranial_volume")
