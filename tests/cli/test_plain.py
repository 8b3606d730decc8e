"""``arteriole qsm`` from field maps in plain files, with nothing else of the scan."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.cli.main import main
from arteriole.grid import Grid
from arteriole.io.nifti import read_image, write_image
from arteriole.units import hz_per_ppm

GRID = Grid.from_voxel_size((32, 32, 32), (2.0, 2.0, 2.0))
TE_S = 0.02


@pytest.fixture
def maps(tmp_path):
    """The field of a ball of 0.1 ppm in ppm, Hz and radians at 3 T, and a mask around it."""
    x, y, z = np.meshgrid(*[(np.arange(32) - 15.5) * 2.0] * 3, indexing="ij")
    square = x**2 + y**2 + z**2
    ppm = np.where(square > 64, 0.1 / 3 * 8.0**3 * (3 * z**2 - square) / square**2.5, 0)
    hz = ppm * hz_per_ppm(3.0)
    for name, field in (("ppm", ppm), ("hz", hz), ("rad", hz * 2 * np.pi * TE_S)):
        write_image(tmp_path / f"{name}.nii.gz", field.astype(np.float32), GRID)
    write_image(tmp_path / "mask.nii.gz", square < 28**2, GRID)
    return tmp_path


def found(maps, *words):
    given = ["--mask", str(maps / "mask.nii.gz"), "-o", str(maps / "out"), *words]
    assert main(["qsm", *given]) == 0
    chi = read_image(maps / "out" / "Chimap.nii.gz").data
    mask = read_image(maps / "mask.nii.gz").data > 0
    middle = np.s_[14:18, 14:18, 14:18]
    return chi[middle].mean() - np.median(chi[mask])


@pytest.mark.parametrize("unit", ["ppm", "hz", "rad"])
def test_total_field_in_any_unit(maps, unit):
    words = {"ppm": [], "hz": ["--b0", "3"], "rad": ["--b0", "3", "--te", str(TE_S)]}[unit]
    field = ["--total-field", str(maps / f"{unit}.nii.gz"), "--field-unit", unit]
    assert found(maps, *field, *words) == pytest.approx(0.1, abs=0.03)


def test_local_field(maps):
    field = ["--local-field", str(maps / "ppm.nii.gz"), "--field-unit", "ppm"]
    assert found(maps, *field) == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--total-field", "F"], "--field-unit"),
        (["--total-field", "F", "--field-unit", "ppm"], "needs --mask"),
        (["--local-field", "F", "--field-unit", "ppm", "-m", "F"], "local field needs --mask"),
        ([], "needs --magnitude"),
        (["-m", "F"], "needs --phase"),
        (["--real", "F"], "--real and --imag go together"),
        (["--real", "F", "--imag", "F", "-p", "F"], "in the place of --magnitude and --phase"),
    ],
)
def test_refuses_a_command_that_lacks_what_it_starts_from(maps, capsys, words, message):
    words = [str(maps / "ppm.nii.gz") if word == "F" else word for word in words]
    assert main(["qsm", *words, "-o", str(maps / "out")]) == 2
    assert message in capsys.readouterr().err
