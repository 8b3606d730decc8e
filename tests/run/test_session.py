"""One session through the whole flow: what is made, resumed, refused."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from arteriole.errors import EditedError
from arteriole.io.nifti import read_image
from arteriole.run.fresh import nothing_to_do
from arteriole.run.session import planned_steps, run_session
from arteriole.run.study import Study, prepare_output, study_jobs
from arteriole.settings import Settings
from tests_digest import digests

MAPS = ("Chimap", "R2starmap", "T2starmap", "swi", "minIP", "desc-brain_mask", "desc-qsm_mask",
        "desc-total_fieldmap", "desc-localfield_fieldmap", "desc-noise_fieldmap")  # fmt: skip
STEPS = ("brain", "phase", "field", "susceptibility", "uncertainty", "r2star", "swi", "veins")


def job_of(root, out, *pairs, **changes):
    # Anatomy has tests of its own (test_images, test_anatomy_session); here it would take minutes.
    settings = Settings.from_pairs(["anatomy.method=none", *pairs])
    study = Study(root, out, settings, participants=("01",), **changes)
    prepare_output(study)
    return study_jobs(study)[0]


@pytest.fixture(scope="module")
def finished(tiny_study, tmp_path_factory):
    """The derivatives of one session; read only."""
    out = tmp_path_factory.mktemp("out") / "derivatives"
    outcome = run_session(job_of(tiny_study, out))
    assert outcome.status == "done", outcome.message
    return out


@pytest.fixture
def out(finished, tmp_path):
    """A copy of the derivatives that a test may change; times are kept."""
    return shutil.copytree(finished, tmp_path / "out", copy_function=shutil.copy2)


def test_makes_every_map_with_a_sidecar(finished):
    folder = finished / "sub-01" / "ses-01" / "anat"
    for name in MAPS:
        assert (folder / f"sub-01_ses-01_{name}.nii.gz").exists(), name
        assert (folder / f"sub-01_ses-01_{name}.json").exists(), name
    about = json.loads((folder / "sub-01_ses-01_Chimap.json").read_text())
    assert about["Units"] == "ppm"
    assert about["Facts"]["reference"]["region"] == "brain"


def test_at_most_forty_files_and_a_page(finished):
    files = [p for p in (finished / "sub-01").rglob("*") if p.is_file()]
    assert len(files) <= 40
    page = finished / "sub-01_ses-01.html"
    assert 10_000 < page.stat().st_size <= 5_000_000
    assert "simulated" in page.read_text().lower()


def test_the_record_tells_everything(finished):
    record = json.loads((finished / "sub-01/ses-01/run.json").read_text())
    assert record["status"] == "done"
    *steps, regions, report = record["steps"]
    assert [s["name"] for s in steps] == [*STEPS]
    assert all(s["status"] == "done" for s in (*steps, report))
    assert (regions["status"], regions["reason"]) == ("skipped", "no map of regions was given")
    assert not any("regions" in warning for warning in record["warnings"])
    assert len(record["inputs"]) == 12
    assert record["scan"]["te_s"] == pytest.approx([0.004, 0.010, 0.016])


def test_chi_is_about_the_simulated_one(finished, tiny_study):
    folder = finished / "sub-01" / "ses-01" / "anat"
    chi = read_image(folder / "sub-01_ses-01_Chimap.nii.gz").data
    mask = read_image(folder / "sub-01_ses-01_desc-qsm_mask.nii.gz").data > 0
    truth_folder = tiny_study / "truth/sub-01/ses-01/anat"
    truth = read_image(next(truth_folder.glob("*Chimap.nii.gz"))).data
    assert np.corrcoef(chi[mask], truth[mask])[0, 1] > 0.3
    assert abs(chi[mask].mean()) < 1e-3


def test_a_second_run_has_nothing_to_do(tiny_study, out):
    job = job_of(tiny_study, out)
    assert nothing_to_do(job)
    before = digests(out)
    assert run_session(job).made == ()
    assert digests(out) == before


def test_a_changed_setting_runs_what_depends_on_it_and_changing_back_too(tiny_study, out):
    before = digests(out)
    job = job_of(tiny_study, out, "susceptibility.method=tkd")
    assert not nothing_to_do(job)
    assert {p.step.name: p.action for p in planned_steps(job)}["field"] == "reuse"
    assert run_session(job).made == ("susceptibility", "uncertainty", "veins")
    assert digests(out) != before
    assert run_session(job_of(tiny_study, out)).made == ("susceptibility", "uncertainty", "veins")
    assert digests(out) == before


def test_a_resumed_run_gives_the_same_bytes(tiny_study, finished, tmp_path):
    """Stopped after each step in turn, as by kill -9, and run again."""
    for last in range(1, len(STEPS)):
        part = tmp_path / f"stop{last}"
        shutil.copytree(finished, part, copy_function=shutil.copy2)
        record = part / "sub-01/ses-01/run.json"
        data = json.loads(record.read_text())
        for step in data["steps"][last:]:
            for stamp in step["outputs"]:
                (part / "sub-01/ses-01" / stamp["file"]).unlink(missing_ok=True)
        data["steps"] = data["steps"][:last]
        data["status"] = "running"
        record.write_text(json.dumps(data))
        outcome = run_session(job_of(tiny_study, part))
        assert outcome.made == STEPS[last:]
        assert digests(part) == digests(finished)


def test_threads_do_not_change_a_byte(tiny_study, finished, tmp_path):
    run_session(job_of(tiny_study, tmp_path / "one", threads=1))
    run_session(job_of(tiny_study, tmp_path / "two", threads=2))
    assert digests(tmp_path / "one") == digests(tmp_path / "two") == digests(finished)


def test_a_copied_data_set_does_not_run_again(study_copy, out):
    """Only times differ: contents are compared, and nothing is done."""
    for path in study_copy.rglob("*.nii.gz"):
        path.touch()
    assert run_session(job_of(study_copy, out)).made == ()


def test_a_changed_input_runs_again(study_copy, out):
    sidecar = next(study_copy.glob("sub-01/ses-01/anat/*echo-3_part-phase_MEGRE.json"))
    about = json.loads(sidecar.read_text()) | {"Note": "corrected"}
    sidecar.write_text(json.dumps(about))
    assert run_session(job_of(study_copy, out)).made == STEPS


def test_an_output_edited_by_hand_stops_the_run(tiny_study, out):
    mask = out / "sub-01/ses-01/anat/sub-01_ses-01_desc-brain_mask.nii.gz"
    mask.write_bytes(mask.read_bytes() + b"x")
    with pytest.raises(EditedError, match=r"desc-brain_mask.*changed since.*desc-reviewed"):
        run_session(job_of(tiny_study, out))


def test_a_lost_output_is_made_again(tiny_study, out):
    swi = out / "sub-01/ses-01/anat/sub-01_ses-01_swi.nii.gz"
    before = swi.read_bytes()
    swi.unlink()
    assert run_session(job_of(tiny_study, out)).made == ("swi",)
    assert swi.read_bytes() == before


def test_minimal_outputs_hold_the_same_numbers(tiny_study, finished, tmp_path):
    outcome = run_session(job_of(tiny_study, tmp_path / "out", "output.level=minimal"))
    assert outcome.status == "done"
    assert not list((tmp_path / "out").rglob("*.nii.gz"))
    rows = "sub-01/ses-01/sub-01_ses-01_measures.tsv"
    assert (tmp_path / "out" / rows).read_text() == (finished / rows).read_text()
    assert nothing_to_do(job_of(tiny_study, tmp_path / "out", "output.level=minimal"))


def test_without_phase_there_is_r2star_and_the_reason_why_no_more(study_copy, tmp_path):
    for path in study_copy.glob("sub-01/ses-01/anat/*part-phase*"):
        path.unlink()
    outcome = run_session(job_of(study_copy, tmp_path / "out"))
    assert outcome.status == "done"
    assert outcome.made == ("brain", "r2star")
    record = json.loads((tmp_path / "out/sub-01/ses-01/run.json").read_text())
    swi = next(s for s in record["steps"] if s["name"] == "swi")
    assert (swi["status"], swi["reason"]) == ("skipped", "there is no phase among the files")
    rows = (tmp_path / "out/sub-01/ses-01/sub-01_ses-01_measures.tsv").read_text()
    assert "there is no phase" in rows


def test_records_name_no_folder_machine_or_user(finished):
    import getpass
    import socket

    for path in [*finished.rglob("*.json"), *finished.rglob("*.html"), *finished.rglob("*.tsv")]:
        text = path.read_text()
        assert str(finished.parent) not in text, path
        assert socket.gethostname() not in text or len(socket.gethostname()) < 4, path
        assert f"/{getpass.getuser()}/" not in text, path


def test_a_broken_input_is_told_and_a_record_says_so(study_copy, tmp_path):
    phase = next(study_copy.glob("sub-01/ses-01/anat/*echo-2_part-phase_MEGRE.nii.gz"))
    phase.write_bytes(phase.read_bytes()[:2000])
    outcome = run_session(job_of(study_copy, tmp_path / "out"))
    assert outcome.status == "failed"
    assert "echo-2_part-phase" in outcome.message
    text = (tmp_path / "out/sub-01/ses-01/run.json").read_text()
    assert json.loads(text)["status"] == "failed"
    assert phase.name in json.loads(text)["reason"]
    assert str(tmp_path) not in text


def test_a_refused_input_costs_nothing_that_was_done(study_copy, out):
    """Broken and mended again, the scan is as it was: nothing is computed anew."""
    phase = next(study_copy.glob("sub-01/ses-01/anat/*echo-2_part-phase_MEGRE.nii.gz"))
    whole = phase.read_bytes()
    phase.write_bytes(whole[:2000])
    assert run_session(job_of(study_copy, out)).status == "failed"
    phase.write_bytes(whole)
    outcome = run_session(job_of(study_copy, out))
    assert (outcome.status, outcome.made) == ("done", ())
