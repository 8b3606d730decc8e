from __future__ import annotations

import argparse

import numpy as np
import pytest

from arteriole.cli import import_
from synthetic_dicom import mr_volume, save


def work(*words):
    parser = argparse.ArgumentParser()
    import_.add_parser(parser.add_subparsers())
    args = parser.parse_args(["import", *map(str, words)])
    return args.work(args)


@pytest.fixture
def source(tmp_path, rng):
    voxels = rng.integers(0, 900, (7, 12, 10)).astype(np.uint16)
    save(mr_volume(voxels, te_ms=20.0), tmp_path / "in")
    return tmp_path / "in"


def test_an_import_tells_what_it_did(source, tmp_path, capsys):
    assert work(source, tmp_path / "out", "--participant-label", "sub-01") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "imported  sub-01/anat/sub-01_part-mag_T2starw.nii.gz"
    assert lines[-1] == "1 images imported, 0 there already, 0 not used, 0 refused"


def test_both_spellings_of_options_and_a_dry_run(source, tmp_path, capsys):
    words = ("--participant_label", "01", "--session_label", "a", "--dry-run")
    assert work(source, tmp_path / "out", *words) == 0
    out = capsys.readouterr().out
    assert "would import  sub-01/ses-a/anat/sub-01_ses-a_part-mag_T2starw.nii.gz" in out
    assert not (tmp_path / "out").exists()


def test_a_refusal_is_told_and_counts(source, tmp_path, capsys):
    (source / "im0003.dcm").unlink()
    assert work(source, tmp_path / "out", "--participant-label", "01") == 1
    assert "REFUSED  series 3 in in (6 images): mag of echo 1: 1 slice" in capsys.readouterr().out
