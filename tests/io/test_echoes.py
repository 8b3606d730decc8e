from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest

from arteriole.errors import GeometryError, InputError
from arteriole.io.choice import Choice, EchoFile, plain_choice
from arteriole.io.echoes import pair, read_echoes


def save(path, te=None, shape=(3, 4, 5), affine=None):
    affine = np.eye(4) if affine is None else affine
    nib.Nifti1Image(np.zeros(shape, np.int16), affine).to_filename(path)
    if te is not None:
        path.with_suffix(".json").write_text(json.dumps({"EchoTime": te}))
    return path


def test_echoes_of_files_and_volumes_are_sorted_together(tmp_path):
    many = save(tmp_path / "a.nii", [0.03, 0.01], (3, 4, 5, 2))
    one = save(tmp_path / "b.nii", 0.02)
    echoes = read_echoes(plain_choice([many, one]))["mag"]
    assert [(e.te_s, e.file.path.name, e.volume) for e in echoes] == [
        (0.01, "a.nii", 1), (0.02, "b.nii", 0), (0.03, "a.nii", 0),
    ]  # fmt: skip
    assert echoes[0].role == "magnitude, TE 10 ms"


def test_pairs_by_time(tmp_path):
    mags = [save(tmp_path / "m1.nii", 0.01), save(tmp_path / "m2.nii", 0.02)]
    phases = [save(tmp_path / "p2.nii", 0.02000499), save(tmp_path / "p3.nii", 0.03)]
    parts = read_echoes(plain_choice(mags, phases))
    pairs = [(m.te_s, p.file.path.name if p else None) for m, p in pair(*parts.values())]
    assert pairs == [(0.01, None), (0.02, "p2.nii")]


def test_affines_that_differ_by_rounding_are_one(tmp_path):
    near = np.eye(4)
    near[:3, 3] = 0.004
    mags = [save(tmp_path / "m1.nii", 0.01), save(tmp_path / "m2.nii", 0.02, affine=near)]
    assert len(read_echoes(plain_choice(mags))["mag"]) == 2
    turned = np.eye(4)
    turned[0, 1] = 0.1
    mags = [save(tmp_path / "m1.nii", 0.01), save(tmp_path / "m2.nii", 0.02, affine=turned)]
    with pytest.raises(GeometryError, match=r"m2\.nii: lies elsewhere than m1\.nii"):
        read_echoes(plain_choice(mags))


@pytest.mark.parametrize("shape", [(1, 4, 5), (3, 4, 1), (3, 4, 1, 2)])
def test_one_slice(tmp_path, shape):
    path = save(tmp_path / "m.nii", [0.01, 0.02] if len(shape) == 4 else 0.01, shape)
    with pytest.raises(GeometryError, match="one slice is no volume"):
        read_echoes(plain_choice([path]))


def test_no_magnitude(tmp_path):
    with pytest.raises(InputError, match="there is phase but no magnitude"):
        read_echoes(Choice((EchoFile(tmp_path / "p.nii", "phase"),)))
    with pytest.raises(InputError, match="there is phase but no magnitude"):
        read_echoes(Choice(()))
