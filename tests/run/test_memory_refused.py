"""What a session wants of memory, and what is said when that is not there."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.errors import SettingsError
from arteriole.flow import STEPS, makers
from arteriole.grid import Grid
from arteriole.io.nifti import write_image
from arteriole.run import session
from arteriole.run.isolate import guarded
from arteriole.run.job import Job
from arteriole.run.memory import METHOD_BYTES, estimate_bytes, too_large
from arteriole.run.plain_source import PlainSource
from arteriole.run.record import Record
from arteriole.settings import Settings

VOXELS = 640 * 640 * 448
INVERT = makers()["chi_ppm"]


def settings(method):
    return Settings().changed({"susceptibility": {"method": method}})


def said(method="medi", allowed_gib=16.0, step=INVERT):
    allowed = int(allowed_gib * 2**30)
    return too_large(step, settings(method), voxels=VOXELS, echoes=1, allowed_bytes=allowed)


def test_a_step_that_fits_says_nothing():
    assert said(allowed_gib=128) is None


def test_tells_what_is_needed_and_which_method_fits():
    assert said("medi", 18) == (
        "susceptibility by medi of 1.84e+08 voxels and 1 echoes needs about 33.8 GiB of memory, "
        "18.0 GiB are allowed or free: l2, tkd would fit (--set susceptibility.method=l2 needs "
        "17.6 GiB)"
    )


def test_tells_when_nothing_fits():
    assert "no other method of it fits; take a machine" in str(said(allowed_gib=4))
    other = next(step for step in STEPS if step.name == "brain")
    assert "free: take a machine with more" in str(said(allowed_gib=4, step=other))


@pytest.mark.parametrize("name", METHOD_BYTES)
def test_methods_of_the_table_exist(name):
    for method in METHOD_BYTES[name]:
        Settings().changed({name: {"method": method}})
    with pytest.raises(SettingsError):
        Settings().changed({name: {"method": "none of them"}})


def test_estimate_follows_the_method():
    some = {"voxels": VOXELS, "echoes": 1}
    assert estimate_bytes([INVERT], **some, settings=settings("tkd")) < estimate_bytes(
        [INVERT], **some, settings=settings("medi")
    )


def job_of(tmp_path, **limits):
    grid = Grid.from_voxel_size((32, 32, 32), (2.0, 2.0, 2.0))
    inside = np.zeros(grid.shape, bool)
    inside[4:-4, 4:-4, 4:-4] = True
    write_image(tmp_path / "f.nii", inside.astype(np.float32), grid)
    write_image(tmp_path / "m.nii", inside, grid)
    source = PlainSource(mask=tmp_path / "m.nii", local_field=tmp_path / "f.nii", field_unit="ppm")
    return Job(
        "x", source, tmp_path, tmp_path, tmp_path / "r.html", tmp_path / "log", settings("tkd"),
        targets=("chi_ppm",), **limits,
    )  # fmt: skip


def test_a_session_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(PlainSource, "read", lambda *_: pytest.fail("it was read"))
    outcome = guarded(session.run_session, job_of(tmp_path, memory_bytes=2**20))
    assert outcome.status == "failed"
    assert "m.nii: susceptibility by tkd of 3.28e+04 voxels" in outcome.message
    assert "0.0 GiB are allowed or free" in outcome.message


def test_it_is_tried_again_when_there_is_room(tmp_path):
    guarded(session.run_session, job_of(tmp_path, memory_bytes=2**20))
    outcome = guarded(session.run_session, job_of(tmp_path, memory_bytes=2**33))
    assert outcome.status == "done", outcome.message
    record = Record.load(tmp_path / "run.json")
    assert record is not None
    assert record.step("susceptibility").status == "done"
