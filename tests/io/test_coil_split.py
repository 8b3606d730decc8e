"""Coils told apart by name, by dimension and by order."""

from __future__ import annotations

import json

import numpy as np
import pytest
from test_coil_files import GRID, TE, coils_of
from test_gradient_echo import save

from arteriole.errors import ImageError, InputError
from arteriole.io.bids import Session, find_gradient_echo
from arteriole.io.choice import plain_choice
from arteriole.io.coil_files import CoilFiles
from arteriole.io.coil_split import split_coils
from arteriole.io.gradient_echo import read_gradient_echo

COUNT = 4
SAID = {"MagneticFieldStrength": 3, "Manufacturer": "Siemens"}


@pytest.fixture
def coils(rng):
    """Complex coils (c, e, x, y, z)."""
    return coils_of(rng, COUNT)[0]


def parts_of(signal):
    """Magnitude and phase with echoes or coils moved to the end."""
    for name, values in (("m", np.abs(signal)), ("p", np.angle(signal))):
        yield name, values.astype(np.float32)


def write(folder, name, data, te):
    said = SAID | {"EchoTime": te}
    return save(folder / f"{name}.nii", data, affine=GRID.affine, sidecar=said)


def same(choices, coils):
    assert len(choices) == COUNT
    for read, true in zip(CoilFiles(choices), coils, strict=True):
        assert np.abs(read - true).max() < 1e-3 * np.abs(coils).max()


def test_one_file_an_echo_with_the_coils_as_volumes(tmp_path, coils):
    files = {"m": [], "p": []}
    for e, te in enumerate(TE):
        for name, values in parts_of(np.moveaxis(coils[:, e], 0, -1)):
            files[name].append(write(tmp_path, f"{name}{e}", values, te))
    choice = plain_choice(files["m"], files["p"])
    same(split_coils(choice), coils)
    same(split_coils(choice, te_s=TE, coils=COUNT), coils)
    with pytest.raises(InputError, match="files of 4 coils, not 5"):
        split_coils(choice, coils=5)


@pytest.mark.parametrize("order", ["echoes first", "coils first"])
def test_five_dimensions(tmp_path, coils, order):
    axes = (-1, -2) if order == "echoes first" else (-2, -1)
    wide = np.moveaxis(coils[:, :2], (0, 1), axes)
    pair = [write(tmp_path, name, values, list(TE[:2])) for name, values in parts_of(wide)]
    choice = plain_choice(pair[:1], pair[1:])
    same(split_coils(choice), coils[:, :2])
    with pytest.raises(ImageError, match=r"five dimensions, .*--coils"):
        read_gradient_echo(choice)


def test_files_echo_by_echo_and_coil_by_coil(tmp_path, coils):
    files = {"m": [], "p": []}
    for e, te in enumerate(TE):
        for c in range(COUNT):
            for name, values in parts_of(coils[c, e]):
                files[name].append(write(tmp_path, f"{name}{e}{c}", values, te))
    choice = plain_choice(files["m"], files["p"])
    same(split_coils(choice, coils=COUNT), coils)
    assert split_coils(choice, coils=1) == ()
    with pytest.raises(InputError, match="12 magnitude files are not those of 5 coils"):
        split_coils(choice, coils=5)


def bids(folder, coils, entity="ch"):
    anat = folder / "sub-01" / "anat"
    anat.mkdir(parents=True)
    (folder / "dataset_description.json").write_text(json.dumps({"Name": "x"}))
    for c in range(COUNT):
        for e, te in enumerate(TE):
            for name, values in parts_of(coils[c, e]):
                part = {"m": "mag", "p": "phase"}[name]
                write(anat, f"sub-01_{entity}-{c + 9}_echo-{e + 1}_part-{part}_MEGRE", values, te)
    return Session(folder, "01")


@pytest.mark.parametrize("entity", ["ch", "coil"])
def test_names_of_a_bids_data_set(tmp_path, coils, entity):
    session = bids(tmp_path, coils, entity)
    choice = find_gradient_echo(session)
    assert [file.coil for file in choice.files[:2]] == ["10", "11"]
    same(split_coils(choice), coils)
    lost = next(file.path for file in choice.files if file.coil == "11" and file.part == "phase")
    lost.unlink()
    with pytest.raises(InputError, match="coil 11 has 2 phase files, coil 9 has 3"):
        split_coils(find_gradient_echo(session))


def test_combined_images_are_chosen_before_coils(tmp_path, coils):
    session = bids(tmp_path, coils)
    for name, values in parts_of(coils[0, 0]):
        part = {"m": "mag", "p": "phase"}[name]
        write(session.folder / "anat", f"sub-01_echo-1_part-{part}_MEGRE", values, TE[0])
    choice = find_gradient_echo(session)
    assert {file.coil for file in choice.files} == {None}
    assert "it is combined" in choice.ignored[0].reason


def test_repetitions_of_one_echo_are_no_coils(tmp_path, coils):
    again = np.repeat(np.abs(coils[0, 0]).astype(np.float32)[..., None], 3, axis=-1)
    choice = plain_choice([write(tmp_path, "m", again, TE[0])])
    assert split_coils(choice) == ()
    with pytest.raises(ImageError, match="by their brightness they do not seem to be"):
        read_gradient_echo(choice)
