"""The BIDS App as a user runs it: exit codes, isolation, killing, status, group."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests_digest import digests

ARTERIOLE = [sys.executable, "-m", "arteriole.cli.main"]
NO_ANATOMY = ("--set", "anatomy.method=none")
"""Anatomy has tests of its own; here it would take minutes."""


def run(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    words = (*words, *NO_ANATOMY) if "participant" in words else words
    return subprocess.run(
        [*ARTERIOLE, *map(str, words)], capture_output=True, text=True, timeout=600, **more
    )  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def finished(tiny_study, tmp_path_factory):
    out = tmp_path_factory.mktemp("study-out") / "derivatives"
    done = run(tiny_study, out, "participant", "--nprocs", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": done; ") == 2
    return out


def test_says_a_line_a_session_and_where_the_reports_are(finished, tiny_study):
    again = run(tiny_study, finished, "participant")
    assert again.returncode == 0
    assert "2 unchanged" in again.stdout
    assert "reports:" in again.stdout


def test_one_process_or_two_give_the_same_bytes(finished, tiny_study, tmp_path):
    assert run(tiny_study, tmp_path / "one", "participant").returncode == 0
    assert digests(tmp_path / "one") == digests(finished)


def test_passes_the_bids_validator(finished):
    validator = Path(sys.executable).parent / "bids-validator-deno"
    if not validator.exists():
        pytest.skip("bids-validator-deno is not installed: pip install bids-validator-deno")
    told = subprocess.run(
        [validator, "--json", str(finished)], capture_output=True, text=True, check=False
    )
    issues = json.loads(told.stdout)["issues"]["issues"]
    errors = [issue for issue in issues if issue["severity"] == "error"]
    assert errors == []


def test_status_counts(finished, tmp_path):
    assert "2 done" in run("status", finished).stdout
    copy = shutil.copytree(finished, tmp_path / "out")
    record = copy / "sub-02/ses-01/run.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"status": "running"}))
    told = run("status", copy)
    assert "sub-02_ses-01  interrupted" in told.stdout
    assert "1 done, 1 interrupted" in told.stdout


def test_group_gathers_the_tables(finished, tmp_path):
    copy = shutil.copytree(finished, tmp_path / "out")
    assert run("raw", copy, "group").returncode == 0
    lines = (copy / "group_measures.tsv").read_text().splitlines()
    assert lines[0].startswith("participant_id\tsession_id\tmeasure")
    assert {line.split("\t")[0] for line in lines[1:]} == {"sub-01", "sub-02"}


def test_dry_run_changes_nothing(finished, tiny_study, tmp_path):
    told = run(tiny_study, finished, "participant", "--dry-run",
               "--set", "susceptibility.method=tkd")  # fmt: skip
    assert told.returncode == 0
    assert "run   susceptibility (its input, settings or version changed)" in told.stdout
    assert "reuse field" in told.stdout
    fresh = run(tiny_study, tmp_path / "new", "participant", "--dry-run")
    assert fresh.stdout.count("run   brain (not done yet)") == 2
    assert not (tmp_path / "new").exists()


def test_labels_with_and_without_sub_in_both_spellings(tiny_study, tmp_path):
    for option in ("--participant-label", "--participant_label"):
        told = run(tiny_study, tmp_path / "new", "participant", "--dry-run", option, "sub-02")
        assert "sub-02_ses-01" in told.stdout
        assert "sub-01" not in told.stdout
    nobody = run(tiny_study, tmp_path / "new", "participant", "--participant-label", "77")
    assert nobody.returncode == 3


def test_a_broken_session_costs_itself_only(study_copy, tmp_path):
    broken = next(study_copy.glob("sub-01/ses-01/anat/*echo-1_part-mag_MEGRE.nii.gz"))
    broken.write_bytes(broken.read_bytes()[:-5000])
    done = run(study_copy, tmp_path / "out", "participant")
    assert done.returncode == 1
    assert "sub-01_ses-01: failed" in done.stderr
    assert broken.name in done.stderr
    assert "sub-02_ses-01: done" in done.stdout
    assert "sub-01_ses-01  failed" in run("status", tmp_path / "out").stdout


def steps_done(record: Path) -> int:
    try:
        steps = json.loads(record.read_text())["steps"]
        return sum(step["status"] in ("done", "reused") for step in steps)
    except (OSError, ValueError):
        return 0


def test_killed_in_the_middle_then_run_again_gives_the_same(finished, tiny_study, tmp_path):
    """By kill -9, after one, three and five steps of the first session."""
    out = tmp_path / "out"
    killed = 0
    for steps in (1, 3, 5):
        child = subprocess.Popen(
            [*ARTERIOLE, str(tiny_study), str(out), "participant", *NO_ANATOMY]
        )
        while child.poll() is None and steps_done(out / "sub-01/ses-01/run.json") < steps:
            time.sleep(0.01)
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
            killed += 1
        child.wait()
        # The child process ends itself when it sees that the main one is gone.
        time.sleep(1.0)
    assert killed == 3
    done = run(tiny_study, out, "participant")
    assert done.returncode == 0, done.stderr
    assert digests(out) == digests(finished)
    assert not list(out.rglob("*.part"))


def test_two_runs_at_once_on_one_session(finished, tiny_study, tmp_path):
    """One works, the other is told; what is there in the end is whole."""
    out = tmp_path / "out"
    words = [*ARTERIOLE, str(tiny_study), str(out), "participant", *NO_ANATOMY]
    words += ["--participant-label", "01"]
    children = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [child.communicate()[1] for child in children]
    codes = sorted(child.returncode for child in children)
    assert codes in ([0, 1], [0, 0])
    if codes == [0, 1]:
        assert any("another run" in text for text in told)
    assert digests(out / "sub-01") == digests(finished / "sub-01")


def test_the_output_cannot_be_the_input_or_belong_to_others(tiny_study, tmp_path):
    assert run(tiny_study, tiny_study, "participant").returncode == 3
    (tmp_path / "dataset_description.json").write_text('{"Name": "fmriprep"}')
    told = run(tiny_study, tmp_path, "participant")
    assert told.returncode == 3
    assert "belongs to another data set" in told.stderr


def test_an_output_folder_that_cannot_be_written(tiny_study, tmp_path):
    (tmp_path / "file").write_text("")
    told = run(tiny_study, tmp_path / "file" / "out", "participant")
    assert told.returncode == 1
    assert "folder" in told.stderr
