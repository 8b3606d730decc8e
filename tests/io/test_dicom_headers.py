from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from arteriole.io.dicom_headers import read_headers
from synthetic_dicom import enhanced, mr_volume, save


@pytest.fixture
def voxels(rng) -> np.ndarray:
    return rng.integers(0, 900, (6, 12, 10)).astype(np.uint16)


def test_a_frame_has_its_facts_as_plain_values(tmp_path, voxels):
    save(mr_volume(voxels, vendor="GE", part="phase", te_ms=7.5), tmp_path)
    frame = read_headers(tmp_path).frames[2]
    assert frame.number("EchoTime") == 7.5
    assert frame.number("GePart") == 1
    assert frame.vector("ImagePositionPatient") == (-20.0, -18.0, -4.0)
    assert frame.words("ImageType") == ("ORIGINAL", "PRIMARY", "OTHER")
    assert frame.text("PatientID") == "P1"
    assert (frame.text("Nothing"), frame.number("Nothing"), frame.vector("Nothing")) == (
        "",
        None,
        (),
    )


def test_multi_frame_headers_look_like_classic_ones(tmp_path, voxels):
    classic = [mr_volume(voxels, te_ms=5.0), mr_volume(voxels, part="phase", te_ms=9.0)]
    save([enhanced(classic)], tmp_path / "multi")
    save([ds for volume in classic for ds in volume], tmp_path / "single")
    multi = read_headers(tmp_path / "multi").frames
    single = read_headers(tmp_path / "single").frames
    assert [f.index for f in multi] == list(range(12))
    same = ("EchoTime", "RepetitionTime", "FlipAngle", "ImagePositionPatient", "PixelSpacing")
    for one, other in zip(multi, single, strict=True):
        assert [one.facts[k] for k in same] == [other.facts[k] for k in same]
        assert one.words("ImageType")[2] == other.words("ImageType")[2]


def test_whatever_lies_among_the_images_is_sorted_out(tmp_path, voxels):
    (first, *_) = save(mr_volume(voxels), tmp_path / "deep" / "er")
    (tmp_path / "notes.txt").write_text("not DICOM")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "copy.dcm").write_bytes(first.read_bytes())
    (tmp_path / "cut.dcm").write_bytes(first.read_bytes()[:-40])
    (tmp_path / "cut-before-pixels.dcm").write_bytes(first.read_bytes()[:-245])
    (tmp_path / "stub.dcm").write_bytes(bytes(128) + b"DICM" + b"\xff" * 40)
    report = Dataset()
    report.SOPClassUID, report.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.88.33", generate_uid()
    index = Dataset()
    index.SOPClassUID, index.SOPInstanceUID = "1.2.840.10008.1.3.10", generate_uid()
    save([report, index], tmp_path, "other")
    found = read_headers(tmp_path)
    assert len(found.frames) == 6
    assert found.not_dicom == 2
    assert [p.name for p in found.copies] == ["im0001.dcm"]
    reasons = {p.name: reason for p, reason in found.unreadable + found.other_objects}
    assert reasons["cut.dcm"] == "the file is cut short: 200 of 240 bytes of pixels are there"
    early = "the file is cut short: 0 of 240 bytes of pixels are there"
    assert reasons["cut-before-pixels.dcm"] == early
    assert "Comprehensive SR" in reasons["other0001.dcm"]
    assert reasons["other0002.dcm"] == "a DICOMDIR (index of a medium)"
    assert "stub.dcm" in reasons


def test_a_file_without_preamble_is_read(tmp_path, voxels):
    (path, *_) = save(mr_volume(voxels[:1]), tmp_path)
    content = path.read_bytes()
    start = content.index(b"\x08\x00\x08\x00")  # Image Type, the first element of the data set
    bare = tmp_path / "old"
    bare.write_bytes(content[start:])
    path.unlink()
    assert [f.text("SOPClassUID") for f in read_headers(tmp_path).frames] != []


def test_frames_that_do_not_match_their_number_are_refused(tmp_path, voxels):
    ds = enhanced([mr_volume(voxels)])
    ds.NumberOfFrames = 5
    save([ds], tmp_path)
    ((_, reason),) = read_headers(tmp_path).unreadable
    assert "cannot be read (ValueError)" in reason


def test_reasons_hold_no_value_out_of_the_header(tmp_path, voxels):
    slices = mr_volume(voxels[:1])
    (path,) = save(slices, tmp_path)
    text = path.read_bytes().replace(b"Doe^Jane", b"Secret^J").replace(b"30.0", b"J^sT")
    path.write_bytes(text)
    found = read_headers(tmp_path)
    assert [reason for _, reason in found.unreadable] == ["the header cannot be read (ValueError)"]


def test_links_to_folders_are_not_followed(tmp_path, voxels):
    save(mr_volume(voxels[:1]), tmp_path / "a")
    Path(tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert len(read_headers(tmp_path).frames) == 1


def test_damaged_bytes_are_told_and_never_raise(tmp_path, voxels, rng, caplog):
    multi = enhanced([mr_volume(voxels), mr_volume(voxels, part="phase")])
    whole = [p.read_bytes() for p in save([*mr_volume(voxels[:1]), multi], tmp_path, "good")]
    for number in range(60):
        content = bytearray(whole[number % 2])
        for place in rng.integers(132, min(len(content), 2500), size=8):
            content[place] = rng.integers(0, 256)
        (tmp_path / f"bad{number:02d}").write_bytes(content)
    found = read_headers(tmp_path)
    assert len(found.unreadable) > 10
    assert {len(reason.splitlines()) for _, reason in found.unreadable} == {1}
    assert caplog.records == []
