"""What is carried is listed, unchanged, described and free."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

import pytest

from arteriole.registry import FREE, Source, faults, shipped_files

CODE = (
    ".py",
    ".pyc",
    ".css",
    ".j2",
    ".toml",
    ".md",
    ".txt",
    ".typed",
    ".js",
    ".html",
    ".nbi",
    ".nbc",
)
MOST_BYTES, MOST_TOGETHER = 5_000_000, 25_000_000


def carried(folder, path=""):
    for one in folder.iterdir():
        name = f"{path}{one.name}"
        if one.is_dir():
            yield from carried(one, f"{name}/")
        elif not name.endswith(CODE):
            yield name, one


@pytest.mark.parametrize("row", shipped_files(), ids=lambda row: row.file)
def test_row_is_right(row):
    assert faults(row) == []


def test_every_carried_file_has_one_row():
    listed = [row.file for row in shipped_files()]
    assert sorted(listed) == sorted(name for name, _ in carried(files("arteriole")))


def test_carried_files_are_small():
    sizes = {name: len(one.read_bytes()) for name, one in carried(files("arteriole"))}
    assert max(sizes.values()) < MOST_BYTES
    assert sum(sizes.values()) < MOST_TOGETHER


@pytest.mark.parametrize(
    "licence", ["CC-BY-NC-4.0", "CC-BY-ND-4.0", "GPL-3.0-only", "LGPL-3.0-only", "unknown", ""]
)
def test_licences_that_are_not_free_are_faults(licence):
    row = shipped_files()[0]
    assert f"licence {licence!r} of the file is not" in faults(replace(row, licence=licence))[0]
    made = replace(row, inputs=(Source("a scan", licence),))
    assert f"licence {licence!r} of a scan is not" in faults(made)[0]
    assert licence not in FREE


def test_other_bytes_are_a_fault():
    row = replace(shipped_files()[0], sha256="0" * 64)
    assert "its SHA-256 is" in faults(row)[0]


def test_what_is_absent_is_a_fault():
    row = shipped_files()[0]
    assert faults(replace(row, file="brain/none.npz"))[-1] == "brain/none.npz: not there"
    assert "there is no card none.md" in faults(replace(row, card="none.md"))[0]
    assert "made from nothing" in faults(replace(row, inputs=()))[0]
