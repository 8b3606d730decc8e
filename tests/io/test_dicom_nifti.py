from __future__ import annotations

import gzip
import math

import nibabel as nib
import numpy as np
import pytest

from arteriole.errors import ImageError, PhaseError
from arteriole.io.dcm2niix import Converted
from arteriole.io.dicom_nifti import is_filled, scale_of, write_stored
from synthetic_frames import volume

PHASE = {
    "ImageType": ["ORIGINAL", "PRIMARY", "P"], "BitsStored": 12, "PixelRepresentation": 0,
    "RescaleSlope": 2.0, "RescaleIntercept": -4096.0,
}  # fmt: skip


def converted(stored, slope=1.0, intercept=0.0):
    return Converted(np.asarray(stored), slope, intercept, np.eye(4), "phase", 20.0)


def test_numbers_scale_and_place_are_read_back(tmp_path, rng):
    stored = rng.integers(0, 4096, (5, 4, 3)).astype(np.int16)
    affine = np.array([[0, -2.0, 0, 3], [1.5, 0, 0, -4], [0, 0, 3.0, 5], [0, 0, 0, 1]])
    write_stored(tmp_path / "a.nii.gz", stored, affine, slope=math.pi / 2048, intercept=-math.pi)
    image = nib.load(tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(image.dataobj.get_unscaled(), stored)
    np.testing.assert_allclose(image.get_fdata(), stored * math.pi / 2048 - math.pi, atol=5e-7)
    np.testing.assert_allclose(image.affine, affine, atol=1e-6)
    np.testing.assert_allclose(image.get_qform(), affine, atol=1e-6)


def test_same_voxels_same_bytes_and_no_text(tmp_path):
    stored = np.ones((3, 3, 3), np.int16)
    for name in ("a.nii.gz", "b.nii.gz"):
        write_stored(tmp_path / name, stored, np.eye(4), slope=1.0, intercept=0.0)
    first = (tmp_path / "a.nii.gz").read_bytes()
    assert first == (tmp_path / "b.nii.gz").read_bytes()
    header = gzip.decompress(first)[:352]
    assert header[148 : 148 + 104].strip(b"\0") == b""  # descrip and aux_file
    assert b"a.nii" not in first


def test_a_leaning_affine_has_no_qform(tmp_path):
    leaning = np.eye(4)
    leaning[1, 2] = 0.3
    write_stored(tmp_path / "a.nii.gz", np.ones((3, 3, 3), np.int16), leaning, slope=1, intercept=0)
    image = nib.load(tmp_path / "a.nii.gz")
    assert image.header["qform_code"] == 0
    np.testing.assert_allclose(image.affine, leaning, atol=1e-6)


def test_phase_is_scaled_by_its_header_and_magnitude_by_dcm2niix():
    slope, intercept, scale = scale_of(volume(**PHASE), converted([0, 4095], 2.0, -4096.0))
    assert (slope, intercept) == pytest.approx((math.pi / 2048, -math.pi))
    assert "Siemens" in scale.source
    assert scale_of(volume(), converted([0, 9], 3.0, 1.0)) == (3.0, 1.0, None)


def test_phase_of_an_unknown_scale_keeps_what_it_has():
    unknown = volume(**(PHASE | {"Manufacturer": "Nobody"}))
    assert scale_of(unknown, converted([0, 9], 2.0, -4096.0)) == (2.0, -4096.0, None)


def test_phase_beyond_its_period_is_refused():
    with pytest.raises(PhaseError, match=r"from -3.14 to 7.85 rad, beyond -pi to pi"):
        scale_of(volume(**PHASE), converted([0, 7168]))


def test_phase_that_is_no_longer_whole_numbers_is_refused():
    with pytest.raises(ImageError, match="changed the scanner's numbers"):
        scale_of(volume(**PHASE), converted([0.5, 1.5]))


def test_an_image_of_one_value_is_empty():
    assert is_filled(converted([0, 1]))
    assert not is_filled(converted([7, 7]))
