"""``arteriole insert`` from files to files: stored form kept, truth beside, refusals."""

from __future__ import annotations

import csv
import json

import nibabel as nib
import numpy as np
import pytest

from arteriole.cli.main import main

SHAPE, TE_S = (36, 34, 22), (0.006, 0.02)
AFFINE = np.array([[1.0, 0, 0, -17], [0, 1.0, 0, -16], [0, 0, 1.5, -15], [0, 0, 0, 1]])


@pytest.fixture
def files(tmp_path, rng):
    """Two echoes of an even block, magnitude as int16, phase as unsigned 12 bits."""
    x, y, _ = np.indices(SHAPE)
    for e, te in enumerate(TE_S):
        image = 800 * np.exp(-20 * te) * np.exp(1j * (0.3 + 2 * np.pi * te * (9 * x - 5 * y)))
        image = image + rng.normal(0, 6, SHAPE) + 1j * rng.normal(0, 6, SHAPE)
        phase = np.rint(np.angle(image) / np.pi * 2048 + 2048).clip(0, 4095).astype(np.uint16)
        nib.save(nib.Nifti1Image(np.rint(np.abs(image)).astype(np.int16), AFFINE),
                 tmp_path / f"m{e}.nii.gz")  # fmt: skip
        nib.save(nib.Nifti1Image(phase, AFFINE), tmp_path / f"p{e}.nii.gz")
        for part in "mp":
            text = {"EchoTime": te, "MagneticFieldStrength": 3.0, "Manufacturer": "Siemens"}
            (tmp_path / f"{part}{e}.json").write_text(json.dumps(text))
    nib.save(nib.Nifti1Image(np.ones(SHAPE, np.uint8), AFFINE), tmp_path / "mask.nii.gz")
    return tmp_path


def insert(files, out, *words, phase=True):
    images = [str(files / f"m{e}.nii.gz") for e in range(2)]
    given = ["-p", *(str(files / f"p{e}.nii.gz") for e in range(2))] if phase else []
    return main(["insert", *images, *given, "--out", str(files / out), *words])


def stored(path):
    return np.asarray(nib.load(path).dataobj)


def test_images_keep_their_form_and_truth_lies_beside(files):
    assert insert(files, "out", "--at", "2,3,1.5,3,1.2") == 0
    for e in range(2):
        for part, kind in (("m", np.int16), ("p", np.uint16)):
            name = f"{part}{e}.nii.gz"
            before, after = nib.load(files / name), nib.load(files / "out" / name)
            assert after.get_data_dtype() == kind
            assert after.header == before.header
            assert (files / "out" / f"{part}{e}.json").exists()
    changed = stored(files / "out" / "p1.nii.gz")
    assert changed.max() <= 4095
    assert (
        stored(files / "out" / "m1.nii.gz")[19, 19, 11]
        < 250
        < 500
        < stored(files / "m1.nii.gz").mean()
    )
    (row,) = csv.DictReader(
        (files / "out" / "lesions.tsv").read_text().splitlines(), delimiter="\t"
    )
    assert (row["kind"], row["x_mm"], row["chi_ppm"]) == ("microbleed", "2", "1.2")
    record = json.loads((files / "out" / "insert.json").read_text())
    assert record["Lesions"] == 1
    assert str(files) not in json.dumps(record)


def test_stored_phase_moves_with_the_field(files):
    """6 mm up the field, by the dipole's phase, for both signs of chi and of the scanner."""
    for n, (chi, sign) in enumerate([(1.2, "keep"), (-1.2, "keep"), (1.2, "flip")]):
        assert insert(files, f"o{n}", "--at", f"2,3,0,3,{chi}", "--phase-sign", sign) == 0
        before, after = (stored(files / f / "p1.nii.gz").astype(float) for f in (".", f"o{n}"))
        change = np.angle(np.exp(2j * np.pi * (after - before)[19, 19, 14] / 4096))
        expected = 2 * np.pi * 0.02 * 127.73 * (chi + 0.03) * 1.5**3 / 3 * 2 / 6.0**3
        assert change == pytest.approx(expected * (-1 if sign == "flip" else 1), abs=0.06)


def test_drawn_in_a_mask_and_repeated(files):
    words = ("--microbleeds", "2", "--calcifications", "1", "--seed", "4",
             "--mask", str(files / "mask.nii.gz"))  # fmt: skip
    assert insert(files, "a", *words) == 0
    assert insert(files, "b", *words) == 0
    for name in ("m0.nii.gz", "m1.nii.gz", "p1.nii.gz", "lesions.tsv"):
        assert (files / "a" / name).read_bytes() == (files / "b" / name).read_bytes()
    rows = list(
        csv.DictReader((files / "a" / "lesions.tsv").read_text().splitlines(), delimiter="\t")
    )
    assert [row["kind"] for row in rows] == ["microbleed", "microbleed", "calcification"]
    assert insert(files, "c", *words, "--irregular", "1") == 0
    table = (files / "c" / "lesions.tsv").read_text().splitlines()
    forms = [row["form"] for row in csv.DictReader(table, delimiter="\t")]
    assert forms == ["inserted cluster", "inserted cluster", "inserted"]


def test_magnitude_and_swi_alone(files):
    swi = stored(files / "m1.nii.gz").astype(np.float32)
    nib.save(nib.Nifti1Image(swi, AFFINE), files / "swi.nii")
    words = ("--at", "2,3,1.5,3,1.2", "--swi", str(files / "swi.nii"))
    assert insert(files, "out", *words, phase=False) == 0
    assert stored(files / "out" / "swi.nii")[19, 19, 11] < 0.5 * swi.mean()
    assert not (files / "out" / "p0.nii.gz").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "nothing to insert"),
        (("--at", "1,2,3"), 2, "--at takes X,Y,Z,D,CHI"),
        (("--at", "1,2,3,0,1"), 2, "a diameter of 0 to 30 mm"),
        (("--at", "1,2,300,2,1"), 1, "lies outside the image"),
        (("--at", "1,2,3,2,1", "--te", "0.01"), 1, "echo times were given for"),
        (("--at", "1,2,3,2,1", "--seed", "-1"), 2, "not negative"),
        (("--microbleeds", "1", "--irregular", "2"), 2, "a share from 0 to 1, not 2"),
        (("--microbleeds", "-1", "--calcifications", "3"), 2, "count from zero"),
    ],
)
def test_refuses(files, capsys, words, code, message):
    assert insert(files, "out", *words) == code
    assert message in capsys.readouterr().err
    assert not (files / "out").exists()


def test_refuses_a_lesion_outside_the_mask(files, capsys):
    inside = np.zeros(SHAPE, np.uint8)
    inside[:8] = 1
    nib.save(nib.Nifti1Image(inside, AFFINE), files / "part.nii.gz")
    assert insert(files, "out", "--at", "2,3,1,2,1", "--mask", str(files / "part.nii.gz")) == 1
    assert "lies outside the mask" in capsys.readouterr().err


def test_refuses_what_is_there_and_what_does_not_fit(files, capsys):
    (files / "out").mkdir()
    (files / "out" / "mine.txt").write_text("x")
    assert insert(files, "out", "--at", "2,3,1,2,1") == 1
    assert "exists already" in capsys.readouterr().err
    small = nib.Nifti1Image(np.ones((9, 9, 9), np.uint8), AFFINE)
    nib.save(small, files / "small.nii.gz")
    assert insert(files, "new", "--at", "2,3,1,2,1", "--mask", str(files / "small.nii.gz")) == 1
    assert "another grid" in capsys.readouterr().err
    nib.save(nib.Nifti1Image(np.ones((9, 9, 9), np.int16), AFFINE), files / "p1.nii.gz")
    assert insert(files, "new", "--at", "2,3,1,2,1") == 1
    assert "has the shape" in capsys.readouterr().err


def test_refuses_missing_echo_times(files, capsys):
    for file in files.glob("*.json"):
        file.unlink()
    assert insert(files, "out", "--at", "2,3,1,2,1", "--b0", "3") == 1
    assert "EchoTime" in capsys.readouterr().err
