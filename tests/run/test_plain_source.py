"""Plain files: raw echoes, or a field map to start later."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from arteriole.cli.main import main
from arteriole.grid import Grid
from arteriole.io.nifti import read_image, write_image
from arteriole.run import session
from arteriole.units import hz_per_ppm


@pytest.fixture(scope="module")
def raw(tiny_study):
    anat = tiny_study / "sub-01/ses-01/anat"
    return {
        part: sorted(str(p) for p in anat.glob(f"*part-{part}_MEGRE.nii.gz"))
        for part in ("mag", "phase")
    }


@pytest.fixture(scope="module")
def made(raw, tmp_path_factory):
    out = tmp_path_factory.mktemp("plain") / "qsm"
    assert main(["qsm", "-m", *raw["mag"], "-p", *raw["phase"], "-o", str(out)]) == 0
    return out


def chi_of(folder):
    return read_image(folder / "Chimap.nii.gz").data


def test_names_are_plain_and_the_page_is_there(made):
    names = {p.name for p in made.iterdir()}
    assert {"Chimap.nii.gz", "Chimap.json", "desc-brain_mask.nii.gz", "report.html",
            "run.json", "measures.tsv"} <= names  # fmt: skip
    record = json.loads((made / "run.json").read_text())
    assert {step["name"] for step in record["steps"]} == {
        "brain", "phase", "field", "susceptibility", "uncertainty", "report"
    }  # fmt: skip


def test_again_there_is_no_change(made, raw, capsys):
    assert main(["qsm", "-m", *raw["mag"], "-p", *raw["phase"], "-o", str(made)]) == 0
    assert "no change" in capsys.readouterr().out


def test_given_times_and_field_stand_for_sidecars(made, raw, tmp_path):
    for part in ("mag", "phase"):
        for i, name in enumerate(raw[part]):
            (tmp_path / f"{part}{i}.nii.gz").symlink_to(name)
    magnitude = [str(tmp_path / f"mag{i}.nii.gz") for i in range(3)]
    phase = [str(tmp_path / f"phase{i}.nii.gz") for i in range(3)]
    words = ["qsm", "-m", *magnitude, "-p", *phase, "-o", str(tmp_path / "out")]
    assert main([*words, "--te", "0.004", "0.010", "0.016", "--b0", "3"]) == 0
    np.testing.assert_array_equal(chi_of(tmp_path / "out"), chi_of(made))


def test_without_times_the_missing_key_and_file_are_named(raw, tmp_path, capsys):
    (tmp_path / "m.nii.gz").symlink_to(raw["mag"][0])
    (tmp_path / "p.nii.gz").symlink_to(raw["phase"][0])
    words = ["-m", str(tmp_path / "m.nii.gz"), "-p", str(tmp_path / "p.nii.gz")]
    assert main(["qsm", *words, "-o", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert "EchoTime" in told
    assert "m.nii.gz" in told


def test_starts_from_the_local_field_in_any_unit_and_gets_the_same_chi(made, tmp_path):
    field = read_image(made / "desc-localfield_fieldmap.nii.gz")
    noise = read_image(made / "desc-noise_fieldmap.nii.gz")
    per_ppm = hz_per_ppm(3.0)
    for unit, factor, more in (
        ("hz", 1.0, ["--b0", "3"]),
        ("ppm", 1 / per_ppm, []),
        ("rad", 2 * np.pi * 0.01, ["--b0", "3", "--te", "0.01"]),
    ):
        folder = tmp_path / unit
        for name, image in (("field", field), ("noise", noise)):
            write_image(folder / f"{name}.nii.gz", image.data * np.float32(factor), image.grid)
        words = ["qsm", "--local-field", str(folder / "field.nii.gz"), "--field-unit", unit,
                 "--noise", str(folder / "noise.nii.gz"),
                 "--mask", str(made / "desc-qsm_mask.nii.gz"),
                 "-o", str(folder / "out")]  # fmt: skip
        assert main([*words, *more]) == 0
        np.testing.assert_allclose(chi_of(folder / "out"), chi_of(made), atol=2e-4)


def test_a_local_field_in_ppm_needs_nothing_but_its_mask(made, tmp_path, capsys):
    field = read_image(made / "desc-localfield_fieldmap.nii.gz")
    write_image(tmp_path / "f.nii.gz", field.data / np.float32(hz_per_ppm(3.0)), field.grid)
    words = ["--field-unit", "ppm", "--mask", str(made / "desc-qsm_mask.nii.gz")]
    local = ["--local-field", str(tmp_path / "f.nii.gz"), "-o", str(tmp_path / "out")]
    assert main(["qsm", *words, *local]) == 0
    assert "chi does not depend on it" in capsys.readouterr().out
    mask = read_image(made / "desc-qsm_mask.nii.gz").data > 0
    assert np.corrcoef(chi_of(tmp_path / "out")[mask], chi_of(made)[mask])[0, 1] > 0.95


def test_starts_from_the_total_field(made, tmp_path):
    words = ["--total-field", str(made / "desc-total_fieldmap.nii.gz"), "--field-unit", "hz",
             "--mask", str(made / "desc-phase_mask.nii.gz"), "--b0", "3",
             "--noise", str(made / "desc-noise_fieldmap.nii.gz")]  # fmt: skip
    assert main(["qsm", *words, "-o", str(tmp_path / "out")]) == 0
    np.testing.assert_allclose(chi_of(tmp_path / "out"), chi_of(made), atol=2e-4)


def test_the_direction_of_the_field_counts(made, tmp_path):
    local = ["--local-field", str(made / "desc-localfield_fieldmap.nii.gz"), "--field-unit", "hz",
             "--mask", str(made / "desc-qsm_mask.nii.gz"), "--b0", "3"]  # fmt: skip
    other = [*local, "--b0-direction", "0", "1", "0"]
    assert main(["qsm", *local, "-o", str(tmp_path / "z")]) == 0
    assert main(["qsm", *other, "-o", str(tmp_path / "y")]) == 0
    mask = read_image(made / "desc-qsm_mask.nii.gz").data > 0
    z, y = chi_of(tmp_path / "z")[mask], chi_of(tmp_path / "y")[mask]
    assert np.corrcoef(z, y)[0, 1] < 0.8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("grid", "lies on another grid"),
        ("nan", "inside the mask hold no number"),
        ("empty", "the mask is empty"),
        ("unit", "needs --field-unit"),
        ("b0", "needs the field strength. Give --b0."),
        ("mask", "a field map needs --mask"),
    ],
)
def test_refuses(change, message, made, tmp_path, capsys):
    field = read_image(made / "desc-localfield_fieldmap.nii.gz")
    mask = read_image(made / "desc-qsm_mask.nii.gz").data > 0
    data, grid = field.data.copy(), field.grid
    if change == "grid":
        grid = Grid(grid.shape, grid.affine + np.eye(4)[:, [1, 2, 0, 3]] * 0.5)
    if change == "nan":
        data[mask] = np.nan
    write_image(tmp_path / "f.nii.gz", data, grid)
    write_image(tmp_path / "m.nii.gz", mask & (change != "empty"), field.grid)
    words = ["qsm", "--local-field", str(tmp_path / "f.nii.gz"), "-o", str(tmp_path / "out")]
    words += [] if change == "mask" else ["--mask", str(tmp_path / "m.nii.gz")]
    words += [] if change == "unit" else ["--field-unit", "hz"]
    words += [] if change == "b0" else ["--b0", "3"]
    assert main(words) in (1, 2)
    assert message in capsys.readouterr().err


def test_swi_and_r2star(raw, tmp_path):
    both = ["-m", *raw["mag"], "-p", *raw["phase"]]
    assert main(["swi", *both, "-o", str(tmp_path / "swi")]) == 0
    assert (tmp_path / "swi/minIP.nii.gz").exists()
    assert main(["r2star", "-m", *raw["mag"], "-o", str(tmp_path / "r2star")]) == 0
    rate = read_image(tmp_path / "r2star/R2starmap.nii.gz").data
    assert 5 < np.median(rate[rate > 0]) < 60


def test_tools_of_the_same_scan_share_a_folder(raw, tmp_path, capsys):
    """The record and the page of the second tool keep what the first one made."""
    words = ["-m", *raw["mag"], "-p", *raw["phase"], "-o", str(tmp_path)]
    assert main(["qsm", *words]) == 0
    assert main(["swi", *words]) == 0
    assert "\nswi in" in capsys.readouterr().out
    record = json.loads((tmp_path / "run.json").read_text())
    status = {step["name"]: step["status"] for step in record["steps"]}
    assert status == {"brain": "reused", "phase": "reused", "field": "reused",
                      "susceptibility": "reused", "uncertainty": "reused", "swi": "done",
                      "report": "done"}  # fmt: skip
    assert main(["qsm", *words]) == 0
    assert "no change" in capsys.readouterr().out


def test_another_setting_leaves_the_other_tool_out(raw, tmp_path):
    """What was made with other settings is not told as made with these."""
    words = ["-m", *raw["mag"], "-p", *raw["phase"], "-o", str(tmp_path)]
    assert main(["qsm", *words]) == 0
    assert main(["swi", *words, "--set", "susceptibility.method=tkd"]) == 0
    record = json.loads((tmp_path / "run.json").read_text())
    assert "susceptibility" not in {step["name"] for step in record["steps"]}


def test_one_echo_has_no_r2star(raw, tmp_path, capsys):
    assert main(["r2star", "-m", raw["mag"][0], "-o", str(tmp_path)]) == 1
    assert "two or more echoes" in capsys.readouterr().err


def test_a_full_disk_is_told_and_a_later_run_goes_on(raw, made, tmp_path, monkeypatch, capsys):
    """/dev/full is a disk that is always full."""
    words = ["qsm", "-m", *raw["mag"], "-p", *raw["phase"], "-o", str(tmp_path)]
    full = tmp_path / f"Chimap.nii.gz.{os.getpid()}.part"
    full.symlink_to("/dev/full")
    with monkeypatch.context() as patch:
        patch.setattr(session, "sweep_parts", lambda *_: None)
        assert main(words) == 1
    assert "the disk is full" in capsys.readouterr().err
    assert not (tmp_path / "Chimap.nii.gz").exists()
    full.unlink(missing_ok=True)
    assert main(words) == 0
    assert "susceptibility, uncertainty in" in capsys.readouterr().out
    np.testing.assert_array_equal(chi_of(tmp_path), chi_of(made))


@pytest.mark.real_data
def test_the_real_crop_at_7_tesla(real_data, tmp_path, capsys):
    """Cut out of the brain on all sides: QSM of it has to be asked for."""
    folder = real_data / "gre_three_echo_crop"
    words = ["-m", str(folder / "Mag.nii"), "-p", str(folder / "Phase.nii"),
             "--te", "0.004", "0.008", "0.012", "--b0", "7"]  # fmt: skip
    assert main(["qsm", *words, "-o", str(tmp_path / "qsm")]) == 1
    assert "Mag.nii: the brain mask covers 100 % of a side" in capsys.readouterr().err
    words += ["--set", "field.allow_cut_mask=true"]
    for tool, name in (("qsm", "Chimap"), ("swi", "swi"), ("r2star", "R2starmap")):
        assert main([tool, *words, "-o", str(tmp_path / tool)]) == 0
        data = read_image(tmp_path / tool / f"{name}.nii.gz").data
        assert data.shape == (51, 51, 41)
        assert np.isfinite(data).all()
    record = json.loads((tmp_path / "qsm/run.json").read_text())
    facts = next(s for s in record["steps"] if s["name"] == "phase")["facts"]
    assert facts["wraps_left"] < 1e-3
    rate = read_image(tmp_path / "r2star/R2starmap.nii.gz").data
    assert 15 < np.median(rate[rate > 0]) < 60


@pytest.mark.real_data
def test_phase_with_nan_beside_another_matrix_is_refused(real_data, tmp_path, capsys):
    folder = real_data / "gre_three_echo_crop"
    words = ["-m", str(folder / "Mag.nii"), "-p", str(folder / "phase_with_nan.nii")]
    assert main(["qsm", *words, "--te", "0.004", "0.008", "0.012", "--b0", "7",
                 "-o", str(tmp_path)]) == 1  # fmt: skip
    assert "phase_with_nan.nii" in capsys.readouterr().err
