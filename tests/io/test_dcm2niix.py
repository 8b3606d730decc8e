from __future__ import annotations

import subprocess

import numpy as np
import pytest
from pydicom.uid import RLELossless

from arteriole.errors import ImageError
from arteriole.io import dcm2niix
from arteriole.io.dicom_headers import read_headers
from arteriole.io.dicom_split import split_frames
from synthetic_dicom import enhanced, mr_volume, save


@pytest.fixture
def voxels(rng) -> np.ndarray:
    return rng.integers(0, 900, (6, 12, 10)).astype(np.uint16)


def as_nifti(voxels):
    """Slices, rows, columns to columns, reversed rows, slices: the order of dcm2niix."""
    return voxels.transpose(2, 1, 0)[:, ::-1]


def test_the_scanner_s_integers_come_through(tmp_path, voxels):
    files = save(mr_volume(voxels, te_ms=7.5, rescale=(2.0, -10.0)), tmp_path)
    (image,) = dcm2niix.convert(files)
    np.testing.assert_array_equal(image.stored, as_nifti(voxels))
    assert (image.slope, image.intercept) == (2.0, -10.0)
    assert (image.part, image.te_ms) == ("mag", pytest.approx(7.5))


def test_compressed_pixels_come_through(tmp_path, voxels):
    files = save(mr_volume(voxels), tmp_path, syntax=RLELossless)
    (image,) = dcm2niix.convert(files)
    np.testing.assert_array_equal(image.stored, as_nifti(voxels))


@pytest.mark.parametrize("compressed", [False, True])
def test_frames_of_a_multi_frame_file_are_cut_out(tmp_path, voxels, compressed):
    ds = enhanced([mr_volume(voxels), mr_volume(voxels[::-1], part="phase")])
    save([ds], tmp_path / "in", syntax=RLELossless if compressed else None)
    frames = read_headers(tmp_path / "in").frames
    out = tmp_path / "out"
    out.mkdir()
    (image,) = dcm2niix.convert(split_frames(frames[6:], out))
    np.testing.assert_array_equal(image.stored, as_nifti(voxels[::-1]))


def test_files_that_are_no_images_are_refused(tmp_path):
    junk = tmp_path / "junk"
    junk.write_bytes(bytes(128) + b"DICM" + bytes(100))
    with pytest.raises(ImageError, match="dcm2niix"):
        dcm2niix.convert([junk])


def test_a_program_that_hangs_is_stopped(tmp_path, monkeypatch):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(dcm2niix, "_binary", lambda: str(slow))
    monkeypatch.setattr(dcm2niix, "_SECONDS", 0.2)
    with pytest.raises(ImageError, match="did not finish"):
        dcm2niix.convert([])


def test_a_crash_is_told(tmp_path, monkeypatch):
    bad = tmp_path / "bad"
    bad.write_text("#!/bin/sh\nkill -SEGV $$\n")
    bad.chmod(0o755)
    monkeypatch.setattr(dcm2niix, "_binary", lambda: str(bad))
    with pytest.raises(ImageError, match="ended with -11"):
        dcm2niix.convert([])


def test_version_is_known():
    assert dcm2niix.version().startswith("v1.0.")
    assert subprocess.run([dcm2niix._binary(), "--version"], capture_output=True).stdout
