from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from arteriole.errors import OutputError
from arteriole.grid import Grid
from arteriole.io.dicom_write import DicomVolume, write_mr_study

COMMON = {"Manufacturer": "SIEMENS", "MagneticFieldStrength": 3.0, "ScanningSequence": "GR"}


def grid(signs: tuple[int, int, int] = (1, 1, 1)) -> Grid:
    """Tilted by 20 degrees, anisotropic, axes turned as the signs say."""
    a = np.deg2rad(20.0)
    axes = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    return Grid.from_voxel_size((6, 5, 4), (1.5, 1.0, 3.0), axes @ np.diag(signs))


def volume(rng: np.random.Generator, **changes: object) -> DicomVolume:
    voxels = rng.integers(0, 4096, (6, 5, 4)).astype(np.uint16)
    given = {"voxels": voxels, "series": 3, "echo": 2, "te_s": 0.0125, "tags": {"BitsStored": 12}}
    return DicomVolume(**{**given, **changes})


def write(folder: Path, one: DicomVolume, where: Grid) -> list[Path]:
    return write_mr_study(folder, [one], where, patient="01", study="1/01/01", common=COMMON)


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (1, -1, -1)])
def test_each_pixel_lies_where_its_voxel_does(rng, tmp_path, signs):
    one, where = volume(rng), grid(signs)
    seen = 0
    for path in write(tmp_path / "d", one, where):
        ds = pydicom.dcmread(path)
        row, column = np.reshape(np.array(ds.ImageOrientationPatient, float), (2, 3))
        r, c = np.indices((ds.Rows, ds.Columns))
        lps = np.array(ds.ImagePositionPatient, float) + (
            c[..., None] * row * float(ds.PixelSpacing[1])
            + r[..., None] * column * float(ds.PixelSpacing[0])
        )
        cells = where.to_voxel(lps.reshape(-1, 3) * [-1, -1, 1])
        np.testing.assert_allclose(cells, np.rint(cells), atol=1e-5)
        i, j, k = np.rint(cells).astype(int).T
        np.testing.assert_array_equal(ds.pixel_array.ravel(), one.voxels[i, j, k])
        assert row[0] > 0.9
        assert column[1] > 0.9
        seen += ds.pixel_array.size
    assert seen == one.voxels.size


def test_header_says_what_was_given_and_that_nobody_was_scanned(rng, tmp_path):
    private = {(0x0043, "GEMS_PARM_01", 0x2F, "SS"): 1}
    ds = pydicom.dcmread(write(tmp_path / "d", volume(rng, private=private), grid())[1])
    assert float(ds.EchoTime) == 12.5
    assert (ds.EchoNumbers, ds.InstanceNumber, ds.BitsStored) == (2, 2, 12)
    assert ds.MagneticFieldStrength == 3.0
    assert ds[0x0043, 0x102F].value == 1
    assert "no person was scanned" in ds.ImageComments


def test_same_words_same_bytes_other_words_other_identifiers(rng, tmp_path):
    one = volume(rng)
    first, again = (write(tmp_path / name, one, grid()) for name in "ab")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]
    other = write_mr_study(
        tmp_path / "c", [one], grid(), patient="01", study="1/01/02", common=COMMON
    )
    uids = {pydicom.dcmread(p).SOPInstanceUID for p in (*first, *other)}
    assert len(uids) == 8
    assert all(len(uid) <= 64 for uid in uids)


def test_signed_voxels_keep_their_sign(rng, tmp_path):
    voxels = rng.integers(-3142, 3143, (6, 5, 4)).astype(np.int16)
    path = write(tmp_path / "d", volume(rng, voxels=voxels, tags={}), grid())[0]
    assert pydicom.dcmread(path).pixel_array.min() < 0


def test_refuses(rng, tmp_path):
    with pytest.raises(ValueError, match="does not fit 12 bits"):
        write(tmp_path / "a", volume(rng, voxels=np.full((6, 5, 4), 5000, np.uint16)), grid())
    with pytest.raises(ValueError, match=r"\(6, 5, 3\) do not fit the grid \(6, 5, 4\)"):
        write(tmp_path / "b", volume(rng, voxels=np.zeros((6, 5, 3), np.uint16)), grid())
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="exists already"):
        write(tmp_path / "c", volume(rng), grid())
