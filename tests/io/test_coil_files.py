from __future__ import annotations

import numpy as np
import pytest
from test_gradient_echo import TE, save

from arteriole.errors import GeometryError, InputError, MetadataError, PhaseError
from arteriole.grid import Grid
from arteriole.io.choice import plain_choice
from arteriole.io.coil_files import CoilFiles
from arteriole.phantom.scanner.channels import coil_maps
from arteriole.phantom.scanner.vendor import store_phase
from arteriole.phase.coils import combine_coils

GRID = Grid.from_voxel_size((40, 44, 24), (4.5, 4.5, 6.0), np.eye(3))


def coils_of(rng, count):
    """Echoes of a ball with a field of 60 Hz from side to side, coil by coil, in noise."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in GRID.shape], indexing="ij")
    ball = x**2 + y**2 + z**2 < 0.7
    tissue = ball * (1 + 0.3 * rng.normal(size=GRID.shape))
    field_hz = 30 * x + 20 * y * z
    echoes = np.array([tissue * np.exp((2j * np.pi * field_hz - 20) * te) for te in TE])
    noise = 0.02 * rng.normal(size=(2, count, *echoes.shape))
    coils = [echoes * b for b in coil_maps(GRID, count)]
    return np.array(coils) + noise[0] + 1j * noise[1], ball, field_hz


def write(folder, coils):
    """Write a 4-D magnitude and a 4-D phase, as Siemens stores it, for each coil."""
    choices = []
    for number, coil in enumerate(coils):
        said = {"EchoTime": list(TE), "MagneticFieldStrength": 3, "Manufacturer": "Siemens"}
        stored = store_phase(np.angle(coil), "siemens").values.astype(np.int16)
        m = save(
            folder / f"m{number}.nii",
            np.moveaxis(np.abs(coil), 0, -1).astype(np.float32),
            affine=GRID.affine,
            sidecar=said,
        )
        p = save(
            folder / f"p{number}.nii", np.moveaxis(stored, 0, -1), affine=GRID.affine, sidecar=said
        )
        choices.append(plain_choice([m], [p]))
    return choices


@pytest.fixture
def written(rng, tmp_path):
    coils, ball, field_hz = coils_of(rng, 4)
    return write(tmp_path, coils), coils, ball, field_hz


def test_coils_come_back_again_and_again(written):
    choices, coils, *_ = written
    files = CoilFiles(choices)
    assert len(files) == 4
    for _ in range(2):
        for read, true in zip(files, coils, strict=True):
            assert read.dtype == np.complex64
            assert np.abs(read - true).max() < 2e-3 * np.abs(coils).max()


def test_from_files_to_one_image(written):
    """The field of the combined echoes is the true one to 1 Hz."""
    choices, _, ball, field_hz = written
    files = CoilFiles(choices)
    combined = combine_coils(
        files, files.first.scan.te_s, voxel_size_mm=files.first.scan.grid.voxel_size_mm
    )
    step = np.angle(combined[1] * np.conj(combined[0])) / (2 * np.pi * (TE[1] - TE[0]))
    assert np.median(np.abs(step - field_hz)[ball]) < 1.0


def test_refusals(rng, written, tmp_path):
    choices, coils, *_ = written
    with pytest.raises(InputError, match="there is no coil"):
        CoilFiles([])
    magnitude = plain_choice([choices[0].files[0].path])
    with pytest.raises(PhaseError, match="this coil has no phase"):
        CoilFiles([magnitude])
    other = tmp_path / "other"
    other.mkdir()
    (elsewhere,) = write(other, coils[:1])
    for name in ("m0.nii", "p0.nii"):
        path = other / name
        content = bytearray(path.read_bytes())
        content[280:296] = np.array([-4.5, 0, 0, 60], "<f4").tobytes()
        content[254:256] = np.array([1], "<i2").tobytes()
        content[252:254] = bytes(2)
        path.write_bytes(content)
    with pytest.raises(GeometryError, match="another grid than the first coil"):
        list(CoilFiles([choices[0], elsewhere]))
    for part in "mp":
        sidecar = tmp_path / f"{part}1.json"
        sidecar.write_text(sidecar.read_text().replace("0.012", "0.013"))
    with pytest.raises(MetadataError, match="the first coil at"):
        list(CoilFiles(choices[:2]))
