from __future__ import annotations

from pathlib import Path

import pytest

from arteriole.io.choice import Choice, plain_choice, stem


def test_plain_files_take_the_sidecar_beside_them(tmp_path):
    for name in ("m1.nii.gz", "m1.json", "m2.nii", "p1.nii.gz"):
        (tmp_path / name).write_text("{}")
    choice = plain_choice([tmp_path / "m1.nii.gz", str(tmp_path / "m2.nii")], ["p1.nii.gz"])
    assert [(f.path.name, f.part, f.echo) for f in choice.files] == [
        ("m1.nii.gz", "mag", 1), ("m2.nii", "mag", 2), ("p1.nii.gz", "phase", 1),
    ]  # fmt: skip
    assert choice.files[0].sidecars == (tmp_path / "m1.json",)
    assert choice.files[1].sidecars == ()
    assert choice.rule == "the files named on the command line"


def test_names_in_the_record_are_never_absolute():
    path = Path("/home/someone/study/sub-01/anat/a.nii.gz")
    assert Choice(()).name(path) == "a.nii.gz"
    assert Choice((), root=Path("/home/someone/study")).name(path) == "sub-01/anat/a.nii.gz"
    assert Choice((), root=Path("/elsewhere")).name(path) == "a.nii.gz"


@pytest.mark.parametrize("name", ["a.b.nii", "a.b.nii.gz"])
def test_stem(name):
    assert stem(Path(name)) == "a.b"
