"""Sessions of images on grids of their own, with small steps in the place of the science."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest

from arteriole import flow
from arteriole.brain.region_map import Region
from arteriole.errors import EditedError, InputError
from arteriole.grid import Volume
from arteriole.io.nifti import read_image
from arteriole.run import products
from arteriole.run.fresh import nothing_to_do
from arteriole.run.images import NO_SCAN, NamedImages, WithImages
from arteriole.run.job import Job
from arteriole.run.products import Product
from arteriole.run.record import Record
from arteriole.run.session import planned_steps, run_session
from arteriole.run.study import Study, prepare_output, study_jobs
from arteriole.settings import Settings
from arteriole.step import Result, Step

NAMES = {1: Region("dark"), 2: Region("bright", "left")}


def half(given, scan, settings, image="t1w"):
    """Two labels, split at the median."""
    assert scan is None
    volume = given[image]
    labels = (1 + (volume.data > np.median(volume.data))).astype(np.uint8)
    mask = Volume(labels > 1, volume.grid)
    facts = {"volume_ml": float(mask.data.sum() * volume.grid.voxel_volume_mm3 / 1000)}
    return Result(
        {f"{image}_labels": Volume(labels, volume.grid), f"{image}_brain_mask": mask}, facts
    )


def together(given, scan, settings):
    """What all images have: the number of bright voxels."""
    return Result({"bright": sum(int(given[name].data.sum()) for name in sorted(given))})


def split(image):
    def work(given, scan, settings):
        return half(given, scan, settings, image)

    made = (f"{image}_labels", f"{image}_brain_mask")
    return Step(f"split-{image}", 1, work, needs=(image,), makes=made, image=image)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch):
    kinds = ("t1w", "flair", "ct")
    masks = tuple(f"{kind}_brain_mask" for kind in kinds)
    sum_up = Step("sum", 1, together, needs=(), needs_one=masks, may_use=masks, makes=("bright",))
    scan = Step("brain", 1, half, needs=("magnitude",), makes=("brain_mask",))
    monkeypatch.setattr(flow, "STEPS", (*(split(kind) for kind in kinds), sum_up, scan))
    for kind in kinds:
        for what, form, names in (
            ("labels", "labels", lambda: NAMES),
            ("brain_mask", "mask", None),
        ):
            suffix = "desc-anatomy_dseg" if form == "labels" else "desc-brain_mask"
            one = Product(f"{kind}_{what}", suffix, "", "x", kind=form, image=kind, names=names)
            monkeypatch.setitem(products.BY_VALUE, one.value, one)


@pytest.fixture
def add(tmp_path, rng):
    """Add an image to the data set."""

    def one(name, *, air=False, voxel=(8.0, 8.0, 8.0), code=1, data=None):
        path = tmp_path / "bids" / "sub-01" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if data is None:
            data = rng.normal(500, 60, (14, 15, 12)).astype(np.float32)
            data[:3] = -1000.0 if air else 0.0
        image = nib.Nifti1Image(data, np.diag([*voxel, 1.0]))
        image.set_sform(image.affine, code)
        image.set_qform(image.affine, code)
        image.to_filename(path)
        return path

    return one


@pytest.fixture
def job(tmp_path):
    """Return the job of the one session as it is now."""

    def one(**changes):
        study = Study(tmp_path / "bids", tmp_path / "out", Settings(), **changes)
        prepare_output(study)
        return study_jobs(study)[0]

    return one


def steps_of(job):
    return {entry.name: entry.status for entry in Record.load(job.record).steps}


def test_a_session_without_a_gradient_echo_is_done(add, job, tmp_path):
    add("anat/sub-01_acq-hi_T1w.nii.gz", voxel=(8.0, 8.0, 9.0))
    add("ct/sub-01_ct.nii.gz", air=True)
    outcome = run_session(job())
    assert (outcome.status, outcome.message) == ("done", "")
    made = tmp_path / "out" / "sub-01"
    labels = read_image(made / "anat" / "sub-01_acq-hi_space-T1w_desc-anatomy_dseg.nii.gz")
    assert set(np.unique(labels.data)) == {1, 2}
    assert labels.grid.voxel_size_mm == (8.0, 8.0, 9.0)
    table = (made / "anat" / "sub-01_acq-hi_space-T1w_desc-anatomy_dseg.tsv").read_text()
    assert table == "index\tname\themisphere\n1\tdark\tB\n2\tbright\tL\n"
    assert (made / "ct" / "sub-01_space-CT_desc-brain_mask.nii.gz").exists()
    about = json.loads((made / "ct" / "sub-01_space-CT_desc-brain_mask.json").read_text())
    assert about["Type"] == "Brain"
    record = Record.load(made / "run.json")
    assert [step.reason for step in record.steps if step.name == "brain"] == [
        "there is no gradient echo"
    ]
    assert steps_of(job()) == {
        "split-t1w": "done", "split-ct": "done", "sum": "done", "brain": "skipped",
        "report": "done",
    }  # fmt: skip
    assert record.images["t1w"]["voxel_size_mm"] == [8.0, 8.0, 9.0]
    assert str(tmp_path) not in (made / "run.json").read_text()
    page = (tmp_path / "out" / "sub-01.html").read_text()
    assert "T1-weighted image, 8 × 8 × 9 mm" in page
    assert "Consensus" not in page


def test_a_second_run_has_nothing_to_do_and_one_more_image_runs_what_needs_it(add, job, tmp_path):
    add("anat/sub-01_T1w.nii.gz")
    run_session(job())
    assert nothing_to_do(job())
    assert {p.action for p in planned_steps(job())} == {"reuse", "skip"}
    add("ct/sub-01_ct.nii.gz", air=True)
    assert not nothing_to_do(job())
    outcome = run_session(job())
    assert outcome.made == ("split-ct", "sum")


def test_a_step_that_runs_again_reads_from_files_what_others_made(add, job, tmp_path):
    add("anat/sub-01_T1w.nii.gz")
    add("anat/sub-01_FLAIR.nii.gz")
    run_session(job())
    outcome = run_session(job(force=("sum",)))
    assert outcome.made == ("sum",)


def test_a_mask_edited_by_hand_stops_the_run(add, job, tmp_path):
    add("anat/sub-01_T1w.nii.gz")
    run_session(job())
    (tmp_path / "out/sub-01/anat/sub-01_space-T1w_desc-brain_mask.nii.gz").write_bytes(b"mine")
    with pytest.raises(EditedError, match="changed since it was written"):
        run_session(job())


def test_a_refused_image_costs_itself_only(add, job, tmp_path):
    add("anat/sub-01_T1w.nii.gz", code=0)
    add("anat/sub-01_FLAIR.nii.gz")
    outcome = run_session(job())
    assert outcome.status == "done"
    why = "sub-01/anat/sub-01_T1w.nii.gz: has neither sform nor qform: left and right cannot be"
    assert outcome.warnings[0].startswith(f"the T1-weighted image was not used: {why}")
    record = Record.load(job().record)
    assert record.step("split-t1w").status == "skipped"
    assert record.step("split-t1w").reason.startswith(why)
    assert record.step("sum").status == "done"
    assert "Look at these first" in (tmp_path / "out" / "sub-01.html").read_text()
    assert nothing_to_do(job())
    assert run_session(job()).made == ()
    assert Record.load(job().record).warnings == record.warnings
    add("anat/sub-01_T1w.nii.gz")
    assert run_session(job()).made == ("split-t1w", "sum")
    assert Record.load(job().record).warnings == []


def test_only_refused_images_are_a_failed_session(add, job):
    add("anat/sub-01_T1w.nii.gz", data=np.full((14, 15, 12), 3.0, np.float32))
    outcome = run_session(job())
    assert outcome.status == "failed"
    assert "is constant: every voxel is 3" in outcome.message


def test_a_broken_gradient_echo_fails_and_the_others_are_done(add, job, tmp_path):
    add("anat/sub-01_T1w.nii.gz")
    add("anat/sub-01_MEGRE.nii.gz")
    outcome = run_session(job())
    assert outcome.status == "failed"
    assert "MagneticFieldStrength" in outcome.message or "EchoTime" in outcome.message
    assert steps_of(job())["split-t1w"] == "done"
    (tmp_path / "bids/sub-01/anat/sub-01_MEGRE.nii.gz").write_bytes(b"no image")
    again = run_session(job())
    assert again.status == "failed"
    assert "is not a NIfTI file" in again.message
    assert steps_of(job())["split-t1w"] == "reused"


def test_a_session_of_nothing(job, tmp_path):
    (tmp_path / "bids/sub-01/anat").mkdir(parents=True)
    outcome = run_session(job())
    assert outcome.status == "failed"
    assert "there is no gradient echo, and no T1w, T2w, FLAIR or CT" in outcome.message


def test_notes_and_the_choice_are_told(add, job, tmp_path, rng):
    data = rng.normal(500, 60, (14, 15, 12)).astype(np.float32)
    data[0, 0, :3] = np.nan
    add("anat/sub-01_run-1_T1w.nii.gz")
    add("anat/sub-01_run-2_T1w.nii.gz", data=data)
    outcome = run_session(job())
    assert outcome.warnings == (
        "sub-01/anat/sub-01_run-2_T1w.nii.gz: 3 voxels hold no number (NaN) and were set to 0",
    )
    record = Record.load(job().record)
    assert record.images["t1w"]["choice"].startswith("one of 2: without contrast agent")
    assert record.ignored == [
        {
            "file": "sub-01/anat/sub-01_run-1_T1w.nii.gz",
            "reason": "sub-01_run-2_T1w was chosen: it is a later run",
        }
    ]


def test_plain_files(add, tmp_path):
    paths = {"t1w": add("anat/sub-01_T1w.nii.gz"), "ct": add("ct/sub-01_ct.nii.gz", air=True)}
    source = WithImages(None, NamedImages(paths))
    chosen = source.choose()
    assert chosen.absent == {"magnitude": NO_SCAN, "phase": NO_SCAN}
    assert source.name_of(source.locate("sub-01_ct.nii.gz")) == "sub-01_ct.nii.gz"
    with pytest.raises(InputError, match=NO_SCAN):
        source.read(Settings())
    out = tmp_path / "plain"
    job = Job("plain", source, out, out, out / "report.html", out / "log.txt", Settings())
    assert run_session(job).status == "done"
    assert (out / "space-CT_desc-brain_mask.nii.gz").exists()
    assert nothing_to_do(job)


def test_the_scanners_swi_is_taken_where_there_is_no_gradient_echo(add, job):
    add("swi/sub-01_swi.nii.gz")
    chosen = job().source.choose()
    assert list(chosen.images) == ["scanner_swi"]
    assert chosen.images["scanner_swi"].prefix == "sub-01_"
    add("swi/sub-01_part-mag_GRE.nii.gz")
    chosen = job().source.choose()
    assert not chosen.images
    assert [item["reason"] for item in chosen.ignored] == [
        "made by the scanner or another program, not raw"
    ]
