from __future__ import annotations

import errno
import os

import pytest

from arteriole.errors import OutputError
from arteriole.io import atomic


def test_writes_bytes_text_and_json_and_makes_folders(tmp_path):
    atomic.write_bytes(tmp_path / "new" / "a.bin", b"\x00\x01")
    atomic.write_text(tmp_path / "b.txt", "χ in ppm")
    atomic.write_json(tmp_path / "c.json", {"b": 1, "a": [0.5, None]})
    assert (tmp_path / "new" / "a.bin").read_bytes() == b"\x00\x01"
    assert (tmp_path / "b.txt").read_text(encoding="utf-8") == "χ in ppm"
    assert (tmp_path / "c.json").read_text() == (
        '{\n  "b": 1,\n  "a": [\n    0.5,\n    null\n  ]\n}\n'
    )
    assert not list(tmp_path.rglob("*.part"))


def test_a_failure_keeps_the_old_content_and_leaves_nothing_behind(tmp_path):
    target = tmp_path / "map.nii.gz"
    target.write_bytes(b"old")
    with pytest.raises(TypeError, match="bytes"), atomic.atomic_open(target) as file:
        file.writelines([b"new", "not bytes"])
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["map.nii.gz"]


def test_json_has_no_nan(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        atomic.write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "no permission to write here"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_what_the_system_refuses_is_said_with_the_file(tmp_path, code, message):
    target = tmp_path / "chi.nii.gz"
    with pytest.raises(OutputError, match=message) as caught, atomic.atomic_open(target):
        raise OSError(code, os.strerror(code))
    assert caught.value.file == str(target)
    assert not os.listdir(tmp_path)


def test_a_full_disk(tmp_path):
    """/dev/full is a disk that is always full."""
    full = tmp_path / f"full.{os.getpid()}.part"
    full.symlink_to("/dev/full")
    with pytest.raises(OutputError, match=r"the disk is full\. Free some space"):
        atomic.write_bytes(tmp_path / "full", b"x" * 100)


def test_a_file_in_the_place_of_a_folder(tmp_path):
    (tmp_path / "sub-01").write_text("")
    with pytest.raises(OutputError, match="a file stands where a folder is needed"):
        atomic.write_text(tmp_path / "sub-01" / "a.txt", "x")


def test_parts_of_killed_runs_are_swept_by_name(tmp_path):
    for name in ("a.html.77.part", "b.html.78.part"):
        (tmp_path / name).write_text("half")
    atomic.sweep_parts(tmp_path, "a.html")
    assert [p.name for p in tmp_path.iterdir()] == ["b.html.78.part"]
    atomic.sweep_parts(tmp_path)
    assert not list(tmp_path.iterdir())
