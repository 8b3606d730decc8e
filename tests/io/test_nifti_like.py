from __future__ import annotations

import gzip

import nibabel as nib
import numpy as np
import pytest

from arteriole.io.nifti_like import write_like


@pytest.mark.parametrize("dtype", [np.int16, np.float32, ">i2"])
@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_the_same_voxels_give_the_same_bytes(tmp_path, rng, dtype, name):
    voxels = rng.integers(-100, 100, (5, 4, 3, 2)).astype(dtype)
    image = nib.Nifti1Image(voxels, np.diag([1, 2, 3, 1]))
    image.header.set_slope_inter(0.5, -3)
    nib.save(image, tmp_path / name)
    (tmp_path / "out").mkdir()
    stored = np.asarray(nib.load(tmp_path / name).dataobj.get_unscaled())
    write_like(tmp_path / "out" / name, tmp_path / name, stored)
    one, two = (folder / name for folder in (tmp_path, tmp_path / "out"))
    unpacked = gzip.decompress if name.endswith("gz") else bytes
    assert unpacked(one.read_bytes()) == unpacked(two.read_bytes())


def test_integers_are_rounded_and_clipped(tmp_path):
    nib.save(nib.Nifti1Image(np.zeros((2, 2, 2), np.int16), np.eye(4)), tmp_path / "a.nii")
    write_like(tmp_path / "b.nii", tmp_path / "a.nii", np.full((2, 2, 2), 1.6))
    assert (np.asarray(nib.load(tmp_path / "b.nii").dataobj) == 2).all()
    write_like(tmp_path / "b.nii", tmp_path / "a.nii", np.full((2, 2, 2), 1e6))
    assert (np.asarray(nib.load(tmp_path / "b.nii").dataobj) == 32767).all()


def test_refuses_another_shape(tmp_path):
    nib.save(nib.Nifti1Image(np.zeros((2, 2, 2), np.int16), np.eye(4)), tmp_path / "a.nii")
    with pytest.raises(ValueError, match="for a header of"):
        write_like(tmp_path / "b.nii", tmp_path / "a.nii", np.zeros((2, 2, 3)))
