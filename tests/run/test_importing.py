from __future__ import annotations

import getpass
import gzip
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest
from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from arteriole.errors import CommandError, DatasetError, LockedError, OutputError
from arteriole.io.choice import plain_choice
from arteriole.io.gradient_echo import read_gradient_echo
from arteriole.run.import_commit import staging
from arteriole.run.importing import import_dicom
from arteriole.run.lock import session_lock
from synthetic_dicom import ct_volume, enhanced, mr_volume, oblique, save

TO_RAS = np.array([-1, -1, 1])
SCALES = {
    "Siemens": ((2.0, -4096.0), lambda v: (2 * v - 4096) * math.pi / 4096),
    "GE": (None, lambda v: v * math.pi / 3142),
    "Philips": ((6284 / 4095, -3142.0), lambda v: -math.pi + v * 2 * math.pi / 4095),
}


def random_voxels(rng, low=0, high=900, dtype=np.uint16):
    return rng.integers(low, high, (7, 12, 10)).astype(dtype)


def gradient_echo(rng, vendor="Siemens", part="mag", **options):
    """Voxels and slices of one part of one echo."""
    signed = vendor == "GE"
    low, high = {"mag": (0, 900), "phase": (-3142, 3143) if signed else (0, 4096)}[part]
    voxels = random_voxels(rng, low, high, np.int16 if signed else np.uint16)
    rescale = SCALES[vendor][0] if part == "phase" else None
    return voxels, mr_volume(voxels, vendor=vendor, part=part, rescale=rescale, **options)


def assert_same_in_world(path, slices, values, atol=0.0):
    """Every voxel has its value at the place where the DICOM header puts it."""
    image = nib.load(path)
    data, to_voxel = image.get_fdata(), np.linalg.inv(image.affine)
    rows, columns = np.indices(values.shape[1:])
    for ds, plane in zip(slices, values, strict=True):
        row, column = np.array(ds.ImageOrientationPatient, float).reshape(2, 3)
        steps = np.multiply.outer(columns, row * ds.PixelSpacing[1]) + np.multiply.outer(
            rows, column * ds.PixelSpacing[0]
        )
        world = (np.array(ds.ImagePositionPatient, float) + steps) * TO_RAS
        voxel = world @ to_voxel[:3, :3].T + to_voxel[:3, 3]
        np.testing.assert_allclose(voxel, np.rint(voxel), atol=1e-3)
        i, j, k = np.rint(voxel).astype(int).transpose(2, 0, 1)
        np.testing.assert_allclose(data[i, j, k], plane, rtol=0, atol=atol)


def everything(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("vendor", ["Siemens", "GE", "Philips"])
def test_echoes_and_parts_come_out_where_the_headers_put_them(tmp_path, rng, vendor):
    made = {}
    for series, part in ((4, "mag"), (5, "phase")):
        for echo in (1, 2):
            options = {"te_ms": 5.0 * echo, "echo": echo, "series": series, "start": 7 * echo}
            made[echo, part] = gradient_echo(rng, vendor, part, axes=oblique(), **options)
            save(made[echo, part][1], tmp_path / "in" / str(series), f"e{echo}")
    report = import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")
    assert (report.exit_code, report.refused, report.unused) == (0, [], [])
    for (echo, part), (voxels, slices) in made.items():
        path = tmp_path / "out" / "sub-1" / "anat" / f"sub-1_echo-{echo}_part-{part}_MEGRE.nii.gz"
        want = SCALES[vendor][1](voxels.astype(float)) if part == "phase" else voxels
        assert_same_in_world(path, slices, want, atol=1e-6 if part == "phase" else 0.0)
        sidecar = json.loads(path.with_name(path.name.replace(".nii.gz", ".json")).read_text())
        assert sidecar["EchoTime"] == 0.005 * echo
        assert sidecar["Manufacturer"] == vendor
        assert sidecar.get("Units") == ("rad" if part == "phase" else None)


def test_real_and_imaginary_of_ge_keep_their_sign(tmp_path, rng):
    parts = {p: random_voxels(rng, -900, 900, np.int16) for p in ("real", "imag")}
    for number, (part, voxels) in enumerate(parts.items()):
        slices = mr_volume(voxels, vendor="GE", part=part, te_ms=20.0, start=1 + 7 * number)
        save(slices, tmp_path / "in", part)
    report = import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")
    assert report.exit_code == 0
    for part, voxels in parts.items():
        path = tmp_path / "out" / "sub-1" / "anat" / f"sub-1_part-{part}_T2starw.nii.gz"
        assert_same_in_world(path, mr_volume(voxels), voxels)


def test_multi_frame_and_classic_files_give_the_same_bytes(tmp_path, rng):
    volumes = [
        gradient_echo(rng, part=part, te_ms=te)[1] for part in ("mag", "phase") for te in (5.0, 9.0)
    ]
    save([ds for volume in volumes for ds in volume], tmp_path / "classic")
    save([enhanced(volumes)], tmp_path / "multi")
    for kind in ("classic", "multi"):
        report = import_dicom(tmp_path / kind, tmp_path / f"{kind}-out", participant_label="1")
        assert (len(report.imported), report.refused) == (4, [])
    for name in report.imported:
        both = [(tmp_path / f"{kind}-out" / name).read_bytes() for kind in ("classic", "multi")]
        assert both[0] == both[1]


def test_slices_that_dcm2niix_would_part_stay_together(tmp_path, rng):
    made = {p: gradient_echo(rng, part=p, te_ms=20.0) for p in ("mag", "phase")}
    for number, ds in enumerate(made["phase"][1]):
        ds.ProtocolName, ds.EchoNumbers = f"name {number % 2}", 1 + number % 2
    for part, (_, slices) in made.items():
        save(slices, tmp_path / "in", part)
    report = import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")
    assert (report.exit_code, len(report.imported)) == (0, 2)
    path = tmp_path / "out" / "sub-1" / "anat" / "sub-1_part-phase_T2starw.nii.gz"
    want = SCALES["Siemens"][1](made["phase"][0].astype(float))
    assert_same_in_world(path, made["phase"][1], want, atol=1e-6)


def test_what_comes_out_is_read_without_guessing(tmp_path, rng):
    for part in ("mag", "phase"):
        save(gradient_echo(rng, part=part, te_ms=20.0)[1], tmp_path / "in", part)
    import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")
    anat = tmp_path / "out" / "sub-1" / "anat"
    names = [anat / f"sub-1_part-{p}_T2starw.nii.gz" for p in ("mag", "phase")]
    scan = read_gradient_echo(plain_choice(names[:1], names[1:])).scan
    assert scan.te_s == (0.02,)
    assert scan.b0_tesla == 3.0
    np.testing.assert_allclose(scan.phase[0], nib.load(names[1]).get_fdata(), atol=2e-6)


def test_anatomy_and_ct_find_their_place(tmp_path, rng):
    spin = {"ScanningSequence": "SE", "SequenceVariant": "SK"}
    flair = {"ScanningSequence": ["SE", "IR"], "InversionTime": 2500.0, "RepetitionTime": 9000.0}
    mprage = {"InversionTime": 900.0, "RepetitionTime": 2000.0}
    for series, te, tags in (
        (2, 3.0, mprage), (3, 90.0, spin | {"RepetitionTime": 9000.0}), (4, 110.0, flair),
        (5, 3.0, mprage),
    ):  # fmt: skip
        slices = mr_volume(random_voxels(rng), te_ms=te, series=series, **tags)
        save(slices, tmp_path / "in" / str(series))
    heads = random_voxels(rng, 0, 3000)
    places = [0.0, 4.0, 8.0, 12.0, 19.0, 26.0, 33.0]
    save(ct_volume(heads, places, series=9), tmp_path / "in" / "ct")
    report = import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")
    assert sorted(report.imported) == [
        "sub-1/anat/sub-1_FLAIR.nii.gz",
        "sub-1/anat/sub-1_T2w.nii.gz",
        "sub-1/anat/sub-1_run-1_T1w.nii.gz",
        "sub-1/anat/sub-1_run-2_T1w.nii.gz",
        "sub-1/ct/sub-1_ct.nii.gz",
    ]
    ct = nib.load(tmp_path / "out/sub-1/ct/sub-1_ct.nii.gz").get_fdata()
    np.testing.assert_array_equal(ct, heads.transpose(2, 1, 0)[:, ::-1] - 1024.0)
    origins = json.loads((tmp_path / "out/sub-1/ct/sub-1_ct.json").read_text())["SliceOriginsMm"]
    assert [z for _, _, z in origins] == places


def test_one_bad_series_does_not_stop_the_others(tmp_path, rng):
    good = gradient_echo(rng, series=3, te_ms=20.0)[1]
    short = gradient_echo(rng, series=4, te_ms=20.0, AcquisitionTime="120000")[1]
    flat = mr_volume(np.zeros((7, 12, 10), np.uint16), series=5, te_ms=20.0, RepetitionTime=50.0)
    save(good, tmp_path / "in" / "good")
    save(short[:3] + short[4:], tmp_path / "in" / "short")
    save(flat, tmp_path / "in" / "flat")
    (tmp_path / "in" / "good" / "broken.dcm").write_bytes(bytes(128) + b"DICM" + b"\xff" * 9)
    save(short[:1], tmp_path / "in")
    shutil.move(tmp_path / "in" / "im0001.dcm", tmp_path / "in" / "cut.dcm")
    (tmp_path / "in" / "cut.dcm").write_bytes((tmp_path / "in" / "cut.dcm").read_bytes()[:-9])
    report = import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")
    assert report.exit_code == 1
    assert report.imported == ["sub-1/anat/sub-1_run-1_part-mag_T2starw.nii.gz"]
    told = "\n".join(report.refused)
    assert "in/cut.dcm: the file is cut short: 231 of 240 bytes" in told
    assert "series 4 in in/short (6 images): mag of echo 1: 1 slice is missing: 4 of 7" in told
    assert "series 5 in in/flat (7 images): mag has the same value everywhere" in told


def test_phase_of_an_unknown_vendor_is_kept_and_marked(tmp_path, rng):
    for part in ("mag", "phase"):
        voxels = random_voxels(rng, 0, 4096)
        save(
            mr_volume(voxels, part=part, te_ms=20.0, Manufacturer="Someone"), tmp_path / "in", part
        )
    report = import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")
    assert report.exit_code == 0
    sidecar = tmp_path / "out/sub-1/anat/sub-1_part-phase_T2starw.json"
    assert json.loads(sidecar.read_text())["Units"] == "arbitrary"


def test_everything_else_is_listed_with_its_reason(tmp_path, rng):
    save(gradient_echo(rng, te_ms=20.0)[1], tmp_path / "in" / "gre")
    epi = mr_volume(random_voxels(rng), series=8, ScanningSequence="EP")
    save(epi, tmp_path / "in" / "epi")
    seg = Dataset()
    seg.SOPClassUID, seg.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.66.4", generate_uid()
    capture = Dataset()
    capture.SOPClassUID, capture.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid()
    twin = Dataset()
    twin.SOPClassUID, twin.SOPInstanceUID = capture.SOPClassUID, generate_uid()
    save([seg, capture, twin], tmp_path / "in" / "other")
    report = import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")
    assert (report.exit_code, len(report.imported), len(report.unused)) == (0, 1, 3)
    assert "Segmentation Storage" in report.unused[0]
    assert report.unused[1].startswith("in/other/im0002.dcm and 1 more: not an MR or CT image")
    assert "Secondary Capture" in report.unused[1]
    assert report.unused[2].startswith("series 8 in in/epi (7 images): echo-planar")


def test_a_dry_run_writes_nothing(tmp_path, rng):
    save(gradient_echo(rng, te_ms=20.0)[1], tmp_path / "in")
    report = import_dicom(tmp_path / "in", tmp_path / "out", dry_run=True)
    assert len(report.imported) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_a_second_import_adds_and_never_overwrites(tmp_path, rng):
    source, out = tmp_path / "in", tmp_path / "out"
    save(gradient_echo(rng, te_ms=20.0)[1], source)
    assert import_dicom(source, out, participant_label="1").exit_code == 0
    again = import_dicom(source, out, participant_label="1")
    assert (again.exit_code, again.imported, len(again.present)) == (0, [], 1)
    assert import_dicom(source, out, participant_label="2").exit_code == 0
    assert (out / "participants.tsv").read_text() == "participant_id\nsub-1\nsub-2\n"
    save(gradient_echo(rng, te_ms=20.0)[1], source)
    before = {name: (out / name).read_bytes() for name in everything(out)}
    other = import_dicom(source, out, participant_label="1")
    assert other.exit_code == 1
    assert "sub-1/anat: is there already with other content" in other.refused[0]
    assert before == {name: (out / name).read_bytes() for name in everything(out)}
    assert import_dicom(source, out, participant_label="1", force=True).exit_code == 0
    assert before != {name: (out / name).read_bytes() for name in everything(out)}


def test_people_get_hashed_labels_and_the_salt_stays_outside(tmp_path, rng):
    for patient in ("P1", "P2"):
        save(gradient_echo(rng, te_ms=20.0, PatientID=patient)[1], tmp_path / "in" / patient)
    report = import_dicom(tmp_path / "in", tmp_path / "out")
    assert (report.exit_code, len(report.imported)) == (0, 2)
    assert (tmp_path / "out-import-salt").exists()
    with pytest.raises(CommandError, match="must lie outside"):
        import_dicom(tmp_path / "in", tmp_path / "out", salt_file=tmp_path / "out" / "salt")
    with pytest.raises(CommandError, match="holds 2 people"):
        import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")


def plant(slices):
    """Put an identifier into every text element that DICOM defines and the image can do without."""
    needed = {
        "SOPClassUID", "TransferSyntaxUID", "PhotometricInterpretation", "ImageType", "Modality",
        "ScanningSequence", "ScanOptions", "PixelData", "SpecificCharacterSet", "EchoPulseSequence",
        "PatientPosition", "Manufacturer", "ManufacturerModelName",
    }  # fmt: skip
    words = {
        "DA": "19470313", "TM": "031357", "DT": "19470313031357", "AS": "073Y",
        "UI": "1.2.826.0.1.99.31415926", "PN": "Zqxjohn^Zqx", "CS": "ZQXJOHN", "AE": "ZQXJOHN",
    } | dict.fromkeys(("LO", "SH", "ST", "LT", "UT", "UC", "UR"), "Zqxjohn")  # fmt: skip
    for ds in slices:
        for tag, (vr, vm, _, retired, keyword) in DicomDictionary.items():
            if vr in words and keyword not in needed and tag >> 16 > 2 and not retired:
                several = vm[0] if vm[0].isdigit() and keyword != "TimeRange" else "1"
                ds.add_new(tag, vr, [words[vr]] * int(several) if several != "1" else words[vr])
        ds.SOPInstanceUID = generate_uid(prefix="1.2.826.0.1.99.31415926.")
        ds.Manufacturer, ds.ManufacturerModelName = "SIEMENS Zqxjohn", "Skyra Zqxjohn"
        ds.ImageType = [*ds.ImageType, "ZQXJOHN"]
        ds.ScanningSequence, ds.ScanOptions = ["GR", "ZQXJOHN"], "ZQXJOHN"
        ds.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x20, "LO", "Zqxjohn")
        ds.BurnedInAnnotation = "YES"
    return slices


def test_no_planted_identifier_reaches_the_output(tmp_path, rng):
    source, out = tmp_path / "Zqxjohn_19470313", tmp_path / "data"
    for series, part in ((3, "mag"), (4, "phase")):
        slices = gradient_echo(rng, part=part, te_ms=20.0, series=series)[1]
        save(plant(slices), source / f"Zqxjohn{series}", f"Zqxjohn{part}")
    save(plant(ct_volume(random_voxels(rng), np.arange(7) * 5.0)), source / "ct")
    report = import_dicom(source, out, salt_file=tmp_path / "salt")
    assert (report.exit_code, len(report.imported)) == (0, 3)
    assert any("burnt into the pixels" in warning for warning in report.warnings)
    secrets = ["zqxjohn", "19470313", "1947-03-13", "031357", "073y", "31415926"]
    secrets += [str(tmp_path).lower(), "doe^jane", "p1\0"]
    secrets += [name for name in (socket.gethostname(), getpass.getuser()) if len(name) > 4]
    for name in everything(out):
        content = (out / name).read_bytes()
        content += gzip.decompress(content) if name.endswith(".gz") else b""
        # Random voxels may spell three bytes by chance, not these words.
        found = [word for word in secrets if word.encode() in content.lower()]
        assert found == [], name
        assert not any(word in name.lower() for word in secrets)


def test_a_killed_import_leaves_no_half_series_and_can_be_repeated(tmp_path, rng):
    source, out = tmp_path / "in", tmp_path / "out"
    for echo in (1, 2):
        save(gradient_echo(rng, te_ms=9.0 * echo, echo=echo)[1], source, f"e{echo}")
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from arteriole.run import import_convert, importing\n"
        "def slow(*a, **k):\n"
        "    write(*a, **k)\n    print('one', flush=True)\n    time.sleep(60)\n"
        "write, import_convert.write_stored = import_convert.write_stored, slow\n"
        "importing.import_dicom(Path(sys.argv[1]), Path(sys.argv[2]), participant_label='1')\n"
    )
    command = [sys.executable, "-c", code, str(source), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"one\n"
        os.kill(process.pid, signal.SIGKILL)
    assert not (out / "sub-1").exists()
    assert import_dicom(source, out, participant_label="1").exit_code == 0
    assert not list(out.glob(".arteriole-import-*"))
    import_dicom(source, tmp_path / "clean", participant_label="1")
    for name in everything(tmp_path / "clean"):
        assert (out / name).read_bytes() == (tmp_path / "clean" / name).read_bytes()


def test_two_imports_into_one_data_set_are_refused(tmp_path, rng):
    save(gradient_echo(rng, te_ms=20.0)[1], tmp_path / "in")
    with session_lock(tmp_path / "out"), pytest.raises(LockedError):
        import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")


def test_a_file_in_the_place_of_the_data_set_is_refused(tmp_path, rng):
    save(gradient_echo(rng, te_ms=20.0)[1], tmp_path / "in")
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError):
        import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")


def test_no_dicom_at_all_is_an_unusable_data_set(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("a")
    with pytest.raises(DatasetError, match="none of its 1 files is DICOM"):
        import_dicom(tmp_path / "in", tmp_path / "out")
    with pytest.raises(DatasetError, match="no such folder"):
        import_dicom(tmp_path / "nowhere", tmp_path / "out")


def test_dicom_without_anything_of_use_has_its_own_exit_code(tmp_path, rng):
    save(mr_volume(random_voxels(rng), ScanningSequence="EP"), tmp_path / "in")
    report = import_dicom(tmp_path / "in", tmp_path / "out", participant_label="1")
    assert (report.exit_code, len(report.unused)) == (3, 1)
    assert not (tmp_path / "out").exists()


def test_leftovers_are_hidden_from_the_validator_s_view(tmp_path):
    with staging(tmp_path) as stage:
        assert stage.name.startswith(".")
