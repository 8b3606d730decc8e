from __future__ import annotations

import os
import subprocess
import sys

import pytest

from arteriole.run.isolate import Limits, run_jobs
from arteriole.run.job import Job
from arteriole.settings import Settings
from misbehaving import Misbehaving

MANY = Limits(processes=2, memory_bytes=2**33)


def jobs(tmp_path, *deeds):
    return [
        Job(
            label=f"{i}-{deed}",
            source=Misbehaving(deed),
            folder=tmp_path / str(i),
            images=tmp_path / str(i),
            report=tmp_path / f"{i}.html",
            log=tmp_path / f"{i}.log",
            settings=Settings(),
        )
        for i, deed in enumerate(deeds)
    ]


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("crash", "ended by SIGSEGV"),
        ("killed", "ended by SIGKILL (the machine may be out of memory"),
        ("exit", "ended with code 7"),
        ("bug", "unexpected KeyError"),
        ("refuse", "a.nii: is broken. Export it again."),
    ],
)
def test_a_crash_costs_its_session_and_is_told(tmp_path, deed, words):
    outcomes = list(run_jobs(jobs(tmp_path, deed, "refuse"), MANY))
    assert len(outcomes) == 2
    told = {outcome.label: outcome for outcome in outcomes}
    assert told[f"0-{deed}"].status == "failed"
    assert words in told[f"0-{deed}"].message
    assert "is broken" in told["1-refuse"].message


def test_a_hanging_session_is_stopped(tmp_path):
    limits = Limits(processes=2, memory_bytes=2**33, session_s=6.0)
    outcomes = {o.label: o for o in run_jobs(jobs(tmp_path, "hang", "refuse"), limits)}
    assert "--session-timeout allows more" in outcomes["0-hang"].message
    assert "is broken" in outcomes["1-refuse"].message


def test_a_swelling_session_is_stopped(tmp_path):
    limits = Limits(processes=1, memory_bytes=600 * 2**20)
    (outcome,) = run_jobs(jobs(tmp_path, "swell"), limits)
    assert "--mem allows more" in outcome.message


def test_stop_on_first_crash(tmp_path):
    limits = Limits(processes=1, memory_bytes=2**33)
    told = list(run_jobs(jobs(tmp_path, "refuse", "refuse"), limits, stop_on_first_crash=True))
    assert [outcome.label for outcome in told] == ["0-refuse"]


def test_no_thread_runs_before_a_fork():
    code = "import os, arteriole.run.preload\nprint(len(os.listdir('/proc/self/task')))"
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert told.stdout == "1\n", told.stderr
