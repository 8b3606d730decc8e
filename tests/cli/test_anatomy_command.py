from __future__ import annotations

import numpy as np
import pytest

from arteriole.cli.main import main
from arteriole.grid import Grid
from arteriole.io.nifti import write_image
from arteriole.run.record import Record


@pytest.fixture
def image(tmp_path, rng):
    """Write a small image under a name."""

    def one(name, level=500.0, spread=60.0):
        data = rng.normal(level, spread, (20, 20, 20)).astype(np.float32)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        write_image(path, data, Grid.from_voxel_size((20, 20, 20), (8.0, 8.0, 8.0)))
        return str(path)

    return one


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "needs an image: --t1w, --t2w, --flair, --scanner-swi or --ct"),
        (["scan.nii.gz"], "its name does not tell what it is; give it as --t1w"),
        (["x_FLAIR.nii.gz", "--flair", "scan.nii.gz"], "one image of a kind, please"),
        (["--t1w", "a/same.nii.gz", "--ct", "b/same.nii.gz"], "the same file name; rename one"),
        (["--t1w", "nowhere.nii.gz"], "nowhere.nii.gz: no such file"),
    ],
)
def test_wrong_commands(image, tmp_path, capsys, monkeypatch, words, message):
    for name in ("scan.nii.gz", "x_FLAIR.nii.gz", "a/same.nii.gz", "b/same.nii.gz"):
        image(name)
    monkeypatch.chdir(tmp_path)
    assert main(["anatomy", *words, "-o", "out"]) == 2
    assert message in capsys.readouterr().err


def test_a_refused_image_is_told_with_its_name_and_a_remedy(image, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["anatomy", image("sub-1_T1w.nii", spread=0.0), "-o", str(out)]) == 1
    told = capsys.readouterr().err
    assert "sub-1_T1w.nii: is constant: every voxel is 500. Give the T1-weighted image" in told
    record = Record.load(out / "run.json")
    assert record.status == "failed"
    assert str(tmp_path) not in (out / "run.json").read_text()
    assert (out / "report.html").exists()


def test_switched_off_there_is_nothing_to_do(image, tmp_path, capsys):
    words = ["--flair", image("a.nii.gz"), "-o", str(tmp_path / "out")]
    assert main(["anatomy", *words, "--set", "anatomy.method=none"]) == 1
    assert "gradient echo" in capsys.readouterr().err
