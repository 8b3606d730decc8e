from __future__ import annotations

import gzip
import os

import nibabel as nib
import numpy as np
import pytest

from arteriole.errors import GeometryError, ImageError, OutputError
from arteriole.grid import Grid
from arteriole.io.nifti import check_one_volume, read_header, read_image, write_image

TURN = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1.0]])
ORIENTATIONS = {
    "RAS": np.eye(3),
    "LAS": np.diag([-1.0, 1, 1]),
    "LPS": np.diag([-1.0, -1, 1]),
    "sagittal": np.array([[0, 0, 1.0], [1, 0, 0], [0, 1, 0]]),
    "oblique": TURN,
}


@pytest.fixture
def grid():
    return Grid.from_voxel_size((5, 6, 7), (0.8, 1.0, 3.0), TURN)


@pytest.fixture
def volume(rng):
    return rng.normal(size=(5, 6, 7)).astype(np.float32)


def save(path, data, affine=None, **header):
    image = nib.Nifti1Image(data, np.eye(4) if affine is None else affine)
    for key, value in header.items():
        image.header[key] = value
    image.to_filename(path)
    return path


@pytest.mark.parametrize("axes", ORIENTATIONS.values(), ids=ORIENTATIONS)
@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
def test_reads_back_what_was_written(tmp_path, rng, axes, name):
    grid = Grid.from_voxel_size((5, 6, 7), (0.8, 1.0, 3.0), axes)
    volume = rng.normal(size=grid.shape).astype(np.float32)
    write_image(tmp_path / name, volume, grid)
    image = read_image(tmp_path / name)
    np.testing.assert_array_equal(image.data, volume)
    assert image.data.flags.c_contiguous
    assert image.data.dtype == np.float32
    assert image.grid.fits(grid)
    np.testing.assert_allclose(image.grid.b0_direction, grid.b0_direction, atol=1e-6)
    assert image.header.affine_from == "sform"
    assert image.header.forms_apart_mm < 1e-4


def test_nibabel_reads_the_same(tmp_path, volume, grid):
    write_image(tmp_path / "a.nii.gz", volume, grid, max_error=1e-3, description="chi in ppm")
    theirs = nib.load(tmp_path / "a.nii.gz")
    np.testing.assert_allclose(theirs.get_fdata(), volume, atol=1e-3)
    np.testing.assert_allclose(theirs.affine, grid.affine, atol=1e-5)
    assert int(theirs.header["sform_code"]) == int(theirs.header["qform_code"]) == 1
    assert theirs.header.get_xyzt_units() == ("mm", "sec")
    assert bytes(theirs.header["descrip"]).startswith(b"chi in ppm")


@pytest.mark.parametrize("dtype", ["u1", "i2", "<i4", ">i2", ">f4", "f8", "u2"])
@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (2.0, -4096.0)])
def test_every_stored_type_and_byte_order_with_slope_and_intercept(
    tmp_path, rng, dtype, slope, intercept
):
    stored = rng.integers(0, 100, (4, 5, 6)).astype(dtype)
    header = nib.Nifti1Header(endianness=">" if dtype[0] == ">" else "<")
    header.set_data_dtype(stored.dtype)
    header.set_data_shape(stored.shape)
    header.set_sform(np.eye(4), 1)
    header["vox_offset"], header["scl_slope"], header["scl_inter"] = 352, slope, intercept
    path = tmp_path / "a.nii"
    path.write_bytes(header.binaryblock + bytes(4) + stored.tobytes(order="F"))
    np.testing.assert_array_equal(read_image(path).data, stored.astype(float) * slope + intercept)
    raw = read_image(path, stored=True)
    np.testing.assert_array_equal(raw.data, stored)
    assert raw.data.dtype.isnative
    assert (raw.header.slope, raw.header.intercept) == (slope, intercept)


@pytest.mark.parametrize("slope", [0.0, np.nan])
def test_slope_zero_or_nan_means_no_scaling(tmp_path, slope):
    header = nib.Nifti1Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape((2, 2, 2))
    header["vox_offset"], header["scl_slope"], header["scl_inter"] = 352, slope, 7.0
    path = tmp_path / "a.nii"
    path.write_bytes(header.binaryblock + bytes(4) + np.arange(8, dtype="<i2").tobytes())
    np.testing.assert_array_equal(read_image(path).data.ravel(order="F"), np.arange(8))


def test_nifti_2(tmp_path, volume, grid):
    nib.Nifti2Image(volume, grid.affine).to_filename(tmp_path / "a.nii.gz")
    image = read_image(tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(image.data, volume)
    assert image.grid.fits(grid)


def test_a_gzip_file_without_gz_in_its_name_and_of_two_members(tmp_path, volume, grid):
    write_image(tmp_path / "a.nii", volume, grid)
    plain = (tmp_path / "a.nii").read_bytes()
    (tmp_path / "b.nii").write_bytes(gzip.compress(plain[:500]) + gzip.compress(plain[500:]))
    np.testing.assert_array_equal(read_image(tmp_path / "b.nii").data, volume)


def test_one_volume_in_4d_is_3d_and_several_stay(tmp_path, rng):
    one = save(tmp_path / "one.nii", rng.normal(size=(4, 5, 6, 1)).astype(np.float32))
    three = save(tmp_path / "three.nii", rng.normal(size=(4, 5, 6, 3)).astype(np.float32))
    assert read_image(one).data.shape == (4, 5, 6)
    assert read_header(three).volumes == 3
    image = read_image(three)
    assert image.data.shape == (4, 5, 6, 3)
    with pytest.raises(ImageError, match=r"three\.nii: holds 3 volumes where one is expected"):
        check_one_volume(image, three)


def test_one_slice_with_echoes_keeps_its_axes(tmp_path):
    path = save(tmp_path / "a.nii", np.zeros((4, 5, 1, 3), np.float32))
    assert read_header(path).shape == (4, 5, 1, 3)


# --- writing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("max_error", [None, 1e-6, 1e-3, 1.0])
def test_what_write_returns_is_what_read_gives_bitwise(tmp_path, rng, grid, max_error):
    volume = (rng.normal(size=grid.shape) * 0.05).astype(np.float32)
    kept = write_image(tmp_path / "a.nii.gz", volume, grid, max_error=max_error)
    read = read_image(tmp_path / "a.nii.gz").data
    assert kept.dtype == read.dtype == np.float32
    assert kept.tobytes() == read.tobytes()
    assert kept.flags.c_contiguous
    assert np.abs(kept - volume).max() <= (max_error or 0)


def test_16_bits_only_where_they_meet_the_error(tmp_path, volume, grid):
    peak = float(np.abs(volume).max())
    enough, too_fine = peak / 32767, peak / 32767 / 4
    write_image(tmp_path / "a.nii", volume, grid, max_error=enough)
    write_image(tmp_path / "b.nii", volume, grid, max_error=too_fine)
    assert read_header(tmp_path / "a.nii").dtype == np.int16
    assert read_header(tmp_path / "b.nii").dtype == np.float32


def test_zero_stays_zero_in_16_bits(tmp_path, volume, grid):
    volume[2:] = 0
    kept = write_image(tmp_path / "a.nii", volume, grid, max_error=0.1)
    assert not kept[2:].any()


@pytest.mark.parametrize("fill", [0.0, np.nan])
def test_empty_and_nan_maps_are_written_as_float(tmp_path, grid, fill):
    volume = np.full(grid.shape, fill, np.float32)
    kept = write_image(tmp_path / "a.nii", volume, grid, max_error=0.1)
    np.testing.assert_array_equal(kept, volume)
    assert read_header(tmp_path / "a.nii").dtype == np.float32
    assert read_image(tmp_path / "a.nii").not_finite == (volume.size if np.isnan(fill) else 0)


def test_masks_and_labels(tmp_path, volume, grid):
    kept = write_image(tmp_path / "mask.nii", volume > 0, grid)
    np.testing.assert_array_equal(kept, volume > 0)
    assert read_header(tmp_path / "mask.nii").dtype == np.uint8
    write_image(tmp_path / "labels.nii", np.full(grid.shape, 70000), grid)
    assert read_header(tmp_path / "labels.nii").dtype == np.int32
    assert read_image(tmp_path / "labels.nii").data[0, 0, 0] == 70000


def test_same_bytes_for_the_same_map(tmp_path, volume, grid):
    write_image(tmp_path / "a.nii.gz", volume, grid, max_error=0.01)
    write_image(tmp_path / "another_name.nii.gz", volume, grid, max_error=0.01)
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "another_name.nii.gz").read_bytes()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros((5, 6)), "do not fit a grid"),
        (np.zeros((5, 6, 8)), "do not fit a grid"),
        (np.zeros((5, 6, 7), np.complex64), "no place in a map"),
        (np.full((5, 6, 7), 2**40), "do not fit 32 bits"),
    ],
)
def test_write_refuses(tmp_path, grid, data, message):
    with pytest.raises(ValueError, match=message):
        write_image(tmp_path / "a.nii", data, grid)
    assert not os.listdir(tmp_path)


def test_write_to_a_full_disk(tmp_path, volume, grid):
    (tmp_path / f"a.nii.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(OutputError, match=r"a\.nii: the disk is full"):
        write_image(tmp_path / "a.nii", volume, grid)


# --- geometry --------------------------------------------------------------------------------


def forms(path, sform, s_code, qform, q_code, shape=(4, 5, 6)):
    image = nib.Nifti1Image(np.zeros(shape, np.float32), None)
    image.header.set_sform(sform, s_code)
    image.header.set_qform(qform, q_code)
    image.header["pixdim"][1:4] = np.linalg.norm(qform[:3, :3], axis=0)
    header = image.header
    header.set_data_dtype(np.float32)
    header["vox_offset"] = 352
    path.write_bytes(header.binaryblock + bytes(4) + bytes(4 * int(np.prod(shape))))
    return read_header(path)


SCANNER = np.diag([1.0, 1.0, 3.0, 1.0])
TILTED = np.block([[TURN, np.ones((3, 1))], [np.zeros((1, 3)), 1]]) @ SCANNER


@pytest.mark.parametrize(
    ("s_code", "q_code", "source", "affine"),
    [
        (1, 0, "sform", TILTED),
        (2, 0, "sform", TILTED),
        (0, 1, "qform", SCANNER),
        (1, 1, "sform", TILTED),
        (4, 1, "qform", SCANNER),
        (0, 0, "none", SCANNER),
    ],
)
def test_rule_between_sform_and_qform(tmp_path, s_code, q_code, source, affine):
    header = forms(tmp_path / "a.nii", TILTED, s_code, SCANNER, q_code)
    assert header.affine_from == source
    np.testing.assert_allclose(header.grid.affine, affine, atol=1e-6)
    assert (header.forms_apart_mm > 1) == (s_code > 0 and q_code > 0)


def test_an_affine_without_inverse_is_refused(tmp_path):
    flat = np.diag([1.0, 1.0, 0.0, 1.0])
    with pytest.raises(GeometryError, match=r"a\.nii: the affine has no inverse"):
        forms(tmp_path / "a.nii", flat, 1, SCANNER, 0)


# --- hostile files ---------------------------------------------------------------------------


def hostile(path, shape, *, dtype=np.float32, body=b"", offset=352, zipped=True):
    header = nib.Nifti1Header()
    header.set_data_dtype(dtype)
    header["dim"][: len(shape) + 1] = [len(shape), *shape]
    header["vox_offset"] = offset
    content = header.binaryblock + bytes(4) + body
    path.write_bytes(gzip.compress(content) if zipped else content)
    return path


def test_a_small_gzip_that_claims_a_huge_volume_takes_no_memory(tmp_path):
    path = hostile(tmp_path / "bomb.nii.gz", (1500, 1500, 1000))
    with pytest.raises(ImageError, match="truncated or damaged: its header promises 9000000352"):
        read_image(path)
    with pytest.raises(ImageError, match=r"8\.4 GiB, more than the 1\.0 GiB allowed"):
        read_header(path, max_bytes=1 << 30)
    path = hostile(tmp_path / "huge.nii.gz", (32767, 32767, 32767))
    with pytest.raises(ImageError, match=r"131060\.0 GiB, more than the 16\.0 GiB allowed"):
        read_header(path)


def test_a_gzip_that_expands_beyond_its_header_is_not_expanded(tmp_path):
    path = hostile(tmp_path / "a.nii.gz", (4, 4, 4), body=bytes(256) + bytes(50 << 20))
    assert read_image(path).data.shape == (4, 4, 4)


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nii"])
@pytest.mark.parametrize("keep", [0.5, 0.95, 0.998])
def test_truncated(tmp_path, volume, grid, name, keep):
    write_image(tmp_path / name, volume, grid)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(ImageError, match=r"truncated or damaged.*Copy or convert it again"):
        read_image(tmp_path / name)


def test_a_damaged_gzip_fails_its_checksum(tmp_path, volume, grid):
    path = tmp_path / "a.nii.gz"
    write_image(path, volume, grid)
    content = bytearray(path.read_bytes())
    content[-6] ^= 1
    path.write_bytes(content)
    with pytest.raises(ImageError, match="its gzip stream is damaged"):
        read_image(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<html>not found</html>", "is not a NIfTI file"),
        (b"version https://git-lfs.github.com/spec/v1\n" * 20, "is not a NIfTI file"),
        (gzip.compress(b"x" * 1000, mtime=0), "is not a NIfTI file"),
        (b"\x1f\x8b\x08\x00garbage that is no gzip", "truncated or damaged"),
    ],
)
def test_what_is_not_nifti(tmp_path, content, message):
    path = tmp_path / "a.nii.gz"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        read_header(path)
    assert caught.value.file == str(path)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((0, 5, 6), "0x5x6, not three dimensions"),
        ((4, -5, 6), "not three dimensions|header is broken"),
        ((4, 5), "4x5, not three dimensions"),
        ((2, 2, 2, 2, 2, 2), "2x2x2x2x2x2, not three dimensions"),
    ],
)
def test_impossible_sizes(tmp_path, shape, message):
    path = hostile(tmp_path / "a.nii", shape, zipped=False)
    with pytest.raises(ImageError, match=message):
        read_header(path)


@pytest.mark.parametrize(
    ("code", "message"), [(128, "colour"), (32, "complex"), (1, "unknown"), (77, "broken")]
)
def test_voxels_of_other_kinds(tmp_path, code, message):
    path = hostile(tmp_path / "a.nii", (2, 2, 2), body=bytes(400), zipped=False)
    content = bytearray(path.read_bytes())
    content[70:72] = code.to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message):
        read_image(path)


def test_missing_file(tmp_path):
    with pytest.raises(ImageError, match=r"no\.nii: cannot be opened \(No such file"):
        read_header(tmp_path / "no.nii")


def test_real_three_echo_crop(real_data):
    image = read_image(real_data / "gre_three_echo_crop" / "Mag.nii")
    assert image.data.shape == (51, 51, 41, 3)
    assert image.grid.voxel_size_mm == pytest.approx((0.46875, 0.46875, 1.0))
    bad = read_image(real_data / "gre_three_echo_crop" / "phase_with_nan.nii")
    assert bad.not_finite == 1280
    assert bad.header.affine_from == "none"


def test_real_philips_equals_nibabel(real_data):
    folder = real_data / "gre_philips_3t_dual_echo_dicom" / "nifti_reference"
    for path in sorted(folder.glob("*.nii.gz")):
        theirs = nib.load(path).get_fdata()
        ours = read_image(path).data
        np.testing.assert_allclose(ours, theirs, rtol=2e-7, atol=2e-6)
