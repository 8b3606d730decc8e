"""Reading of gradient-echo scans. `simulate` stands for a scanner: any scaling, any vendor."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from arteriole.errors import (
    GeometryError,
    ImageError,
    InputError,
    MetadataError,
    PhaseError,
)
from arteriole.grid import Grid
from arteriole.io.choice import Choice, EchoFile, plain_choice
from arteriole.io.gradient_echo import read_gradient_echo
from arteriole.phantom.scanner.channels import coil_maps
from arteriole.phantom.scanner.vendor import store_complex_ge
from arteriole.settings import ScanSettings

TE = (0.004, 0.008, 0.012)
SHAPE = (24, 26, 20)


def simulate(rng, shape=SHAPE, te_s=TE):
    """Return magnitude and wrapped phase (e, x, y, z) of a ball with a field gradient in noise."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    ball = (x**2 + y**2 + z**2 < 0.7).astype(float)
    field_hz = 60 * x + 40 * y * z + 20
    out = []
    for te in te_s:
        signal = ball * np.exp(-20 * te) * np.exp(2j * np.pi * field_hz * te)
        noise = 0.01 * (rng.normal(size=shape) + 1j * rng.normal(size=shape))
        out.append((signal + noise).astype(np.complex64))
    signal = np.stack(out)
    return np.abs(signal), np.angle(signal)


def save(path, data, *, affine=None, slope=None, intercept=0.0, sidecar=None):
    image = nib.Nifti1Image(data, np.diag([1.0, 1, 2, 1]) if affine is None else affine)
    image.header.set_sform(image.affine, 1)
    image.header.set_qform(image.affine, 1)
    image.to_filename(path)
    if slope is not None:
        _patch_scaling(path, slope, intercept)
    if sidecar is not None:
        path.with_name(path.name.split(".")[0] + ".json").write_text(json.dumps(sidecar))
    return path


def _patch_scaling(path, slope, intercept):
    content = bytearray(path.read_bytes())
    content[112:120] = np.array([slope, intercept], "<f4").tobytes()
    path.write_bytes(content)


@pytest.fixture
def truth(rng):
    return simulate(rng)


@pytest.fixture
def scan(tmp_path, truth):
    """Write a plain three-echo scan; return the folder and the two lists of files."""
    magnitude, phase = truth
    mags, phases = [], []
    for e, te in enumerate(TE):
        said = {"EchoTime": te, "MagneticFieldStrength": 3, "Manufacturer": "Siemens"}
        m, p = tmp_path / f"m{e + 1}.nii", tmp_path / f"p{e + 1}.nii"
        mags.append(save(m, (1000 * magnitude[e]).astype(np.int16), sidecar=said))
        phases.append(save(p, phase[e].astype(np.float32), sidecar=said))
    return mags, phases


def edit(path, **values):
    sidecar = path.with_suffix(".json")
    said = json.loads(sidecar.read_text()) | values
    sidecar.write_text(json.dumps({k: v for k, v in said.items() if v is not None}))


def apart(a, b):
    """Largest distance between phases on the circle."""
    return float(np.abs(np.angle(np.exp(1j * (a.astype(float) - b)))).max())


def test_reads_a_scan_and_says_what_it_read(scan, truth):
    magnitude, phase = truth
    files = read_gradient_echo(plain_choice(*scan))
    got = files.scan
    assert got.te_s == TE
    assert got.b0_tesla == 3.0
    assert got.magnitude.shape == got.phase.shape == (3, *SHAPE)
    assert got.magnitude.dtype == got.phase.dtype == np.float32
    assert got.magnitude.flags.c_contiguous
    np.testing.assert_allclose(got.magnitude, 1000 * magnitude, atol=1)
    assert apart(got.phase, phase) < 1e-5
    assert np.abs(got.phase).max() <= np.float32(math.pi)
    expected = {
        "b0_tesla": 3.0,
        "te_s": list(TE),
        "shape": list(SHAPE),
        "voxel_size_mm": [1.0, 1.0, 2.0],
        "b0_direction": [0.0, 0.0, 1.0],
        "obliquity_deg": 0.0,
        "manufacturer": "Siemens",
        "model": "",
    }
    assert {key: files.facts[key] for key in expected} == expected
    assert files.facts["phase_source"].endswith("sign kept (Siemens)")
    assert files.inputs[0] == {"file": "m1.nii", "role": "magnitude, TE 4 ms"}
    assert len(files.inputs) == 6
    assert files.ignored == files.notes == []
    json.dumps(files.facts, allow_nan=False)


def test_echoes_are_sorted_by_time_whatever_their_order(scan, truth):
    mags, phases = scan
    files = read_gradient_echo(plain_choice(mags[::-1], [phases[1], phases[0], phases[2]]))
    assert files.scan.te_s == TE
    assert apart(files.scan.phase, truth[1]) < 1e-5


def test_4d_files_with_times_from_the_user(tmp_path, truth):
    magnitude, phase = truth
    m = save(tmp_path / "mag.nii", np.moveaxis(magnitude, 0, -1).astype(np.float32))
    p = save(tmp_path / "phase.nii", np.moveaxis(phase, 0, -1).astype(np.float32))
    files = read_gradient_echo(plain_choice([m], [p]), te_s=TE, b0_tesla=7.0)
    assert files.scan.te_s == TE
    assert files.scan.b0_tesla == 7.0
    assert apart(files.scan.phase, phase) < 1e-5
    np.testing.assert_allclose(files.scan.magnitude, magnitude, rtol=1e-6)


def test_4d_files_with_times_in_the_sidecar(tmp_path, truth):
    said = {"EchoTime": list(TE), "MagneticFieldStrength": 3}
    data = np.moveaxis(truth[0], 0, -1).astype(np.float32)
    m = save(tmp_path / "mag.nii", data, sidecar=said)
    assert read_gradient_echo(plain_choice([m])).scan.te_s == TE


def test_without_phase(scan):
    files = read_gradient_echo(plain_choice(scan[0]))
    assert files.scan.phase is None
    assert files.facts["phase_source"] == "there is no phase among the files"


def test_real_and_imaginary_parts(tmp_path, truth):
    magnitude, phase = truth
    signal = magnitude * np.exp(1j * phase)
    chosen = []
    for e, te in enumerate(TE):
        said = {"EchoTime": te, "MagneticFieldStrength": 3}
        for part, values in (("real", signal.real), ("imag", signal.imag)):
            path = save(tmp_path / f"{part}{e}.nii", values[e].astype(np.float32), sidecar=said)
            chosen.append(EchoFile(path, part, e, (path.with_suffix(".json"),)))
    files = read_gradient_echo(Choice(tuple(chosen), root=tmp_path))
    assert apart(files.scan.phase, phase) < 1e-5
    np.testing.assert_allclose(files.scan.magnitude, magnitude, atol=1e-6)
    assert files.facts["phase_source"].startswith("real and imaginary parts")
    with pytest.raises(PhaseError, match="not every real part has an imaginary part"):
        read_gradient_echo(Choice(tuple(chosen[:-1])))
    save(chosen[0].path, np.abs(signal.real[0]).astype(np.float32))
    with pytest.raises(PhaseError, match="real part, TE 4 ms is never negative"):
        read_gradient_echo(Choice(tuple(chosen)))


def test_ge_alternating_slices_are_turned(tmp_path, truth):
    magnitude, phase = truth
    signal = magnitude * np.exp(1j * phase)
    signal[..., 1::2] *= -1
    chosen = []
    for e, te in enumerate(TE):
        said = {"EchoTime": te, "MagneticFieldStrength": 3, "Manufacturer": "GE MEDICAL SYSTEMS"}
        for part, values in (("real", signal.real), ("imag", signal.imag)):
            path = save(tmp_path / f"{part}{e}.nii", values[e].astype(np.float32), sidecar=said)
            chosen.append(EchoFile(path, part, e, (path.with_suffix(".json"),)))
    files = read_gradient_echo(Choice(tuple(chosen)))
    assert apart(files.scan.phase, -phase) < 1e-5
    assert "every other slice turned by pi" in files.facts["phase_source"]
    assert "GE counts the other way" in files.facts["phase_source"]


@pytest.mark.parametrize(
    ("setting", "maker", "sign"),
    [("auto", "GE MEDICAL SYSTEMS", -1), ("keep", "GE", 1), ("flip", "Philips", -1)],
)
def test_sign_of_phase(scan, truth, setting, maker, sign):
    for path in (*scan[0], *scan[1]):
        edit(path, Manufacturer=maker)
    files = read_gradient_echo(plain_choice(*scan), settings=ScanSettings(phase_sign=setting))
    assert apart(files.scan.phase, sign * truth[1]) < 1e-5


def test_field_strength_from_the_frequency(scan):
    for path in (*scan[0], *scan[1]):
        edit(path, MagneticFieldStrength=None, ImagingFrequency=123.25)
    files = read_gradient_echo(plain_choice(*scan))
    assert files.scan.b0_tesla == pytest.approx(2.8947, abs=1e-4)


def test_time_of_phase_from_its_magnitude(scan, truth):
    for path in scan[1]:
        edit(path, EchoTime=None)
    assert apart(read_gradient_echo(plain_choice(*scan)).scan.phase, truth[1]) < 1e-5


def test_echo_without_phase_is_left_aside_with_the_reason(scan):
    files = read_gradient_echo(plain_choice(scan[0], scan[1][:2]))
    assert files.scan.te_s == TE[:2]
    assert files.ignored == [{"file": "m3.nii", "reason": "no phase at its echo time, 0.012 s"}]


def test_oblique_scan_and_direction_from_the_user(scan):
    c, s = np.cos(0.3), np.sin(0.3)
    affine = np.eye(4)
    affine[:3, :3] = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    for path in (*scan[0], *scan[1]):
        data = np.asanyarray(nib.load(path).dataobj).copy()
        save(path, data, affine=affine)
    files = read_gradient_echo(plain_choice(*scan))
    np.testing.assert_allclose(files.scan.b0_direction, (0, s, c), atol=1e-6)
    assert files.facts["obliquity_deg"] == pytest.approx(np.degrees(0.3), abs=1e-3)
    files = read_gradient_echo(plain_choice(*scan), b0_direction=(0.0, 0.0, 2.0))
    assert files.scan.b0_direction == (0.0, 0.0, 1.0)
    with pytest.raises(GeometryError, match="field direction has a length"):
        read_gradient_echo(plain_choice(*scan), b0_direction=(0.0, 0.0, 0.0))


def test_few_voxels_without_a_number_are_empty_and_counted(scan):
    data = np.asanyarray(nib.load(scan[1][1]).dataobj).copy()
    data[0] = np.nan
    save(scan[1][1], data)
    files = read_gradient_echo(plain_choice(*scan))
    assert np.isfinite(files.scan.phase).all()
    assert not files.scan.phase[:, 0].any()
    assert not files.scan.magnitude[:, 0].any()
    assert files.notes == ["520 voxels (4.2 %) hold no number in some echo and are taken as empty."]


def test_background_of_nan_is_no_fault(scan, truth):
    outside = truth[0][0] < 0.1
    for path in scan[1]:
        data = np.asanyarray(nib.load(path).dataobj).copy()
        data[outside] = np.nan
        save(path, data)
    files = read_gradient_echo(plain_choice(*scan))
    assert not files.scan.magnitude[:, outside].any()
    assert apart(files.scan.phase[:, ~outside], truth[1][:, ~outside]) < 1e-5


# --- refusals --------------------------------------------------------------------------------


def refused(kind, message, scan, **options):
    with pytest.raises(kind, match=message) as caught:
        read_gradient_echo(plain_choice(*scan), **options)
    assert isinstance(caught.value, InputError)
    return caught.value


def test_tissue_without_a_number(scan):
    data = np.asanyarray(nib.load(scan[1][1]).dataobj).copy()
    data[10:14] = np.nan
    save(scan[1][1], data)
    error = refused(ImageError, r"hold no number \(NaN\), and .* of the bright ones", scan)
    assert error.file.endswith("p2.nii")


def test_tissue_without_a_number_in_every_magnitude(scan):
    """A hole in the first echo too is seen by the bright voxels around it."""
    for name in scan[0]:
        data = np.asanyarray(nib.load(name).dataobj).astype(np.float32)
        middle = tuple(slice(n // 2 - n // 5, n // 2 + n // 5) for n in data.shape[:3])
        data[middle] = np.nan
        save(name, data)
    refused(ImageError, r"hold no number \(NaN\), and .* of the bright ones", scan)


def test_no_magnitude(scan):
    with pytest.raises(InputError, match=r"p1\.nii: there is phase but no magnitude"):
        read_gradient_echo(plain_choice([], scan[1]))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"EchoTime": None}, r"m2\.nii: EchoTime is missing from m2\.json\. Add EchoTime"),
        ({"EchoTime": 8}, r"m2\.json: EchoTime is 8 s; this must be milliseconds.*write 0\.008"),
        ({"EchoTime": 0.004}, r"m2\.nii: has the same echo time, 0\.004 s, as m1\.nii"),
        ({"EchoTime": "8 ms"}, r"m2\.json: EchoTime is '8 ms', not a number"),
        ({"EchoTime": -0.008}, r"m2\.json: EchoTime is -0\.008 s, not above zero"),
        ({"EchoTime": []}, r"m2\.json: EchoTime is an empty list"),
        ({"MagneticFieldStrength": 30000}, r"MagneticFieldStrength is 30000, not from 0\.2 to 15"),
        ({"MagneticFieldStrength": 1.5}, r"m2\.json: MagneticFieldStrength is 1\.5 T, but 3 T for"),
    ],
)
def test_metadata(scan, values, message):
    edit(scan[0][1], **values)
    refused(MetadataError, message, scan)


def test_no_sidecar_and_no_times(scan):
    for path in scan[0]:
        path.with_suffix(".json").unlink()
    refused(MetadataError, "there is no JSON sidecar with EchoTime.*or give --te", (scan[0],))
    refused(
        MetadataError, "there is no JSON sidecar with MagneticFieldStrength", (scan[0],), te_s=TE
    )
    refused(
        MetadataError, "2 echo times were given for 3 magnitude volumes", (scan[0],), te_s=TE[:2]
    )


def test_broken_sidecar(scan):
    scan[0][1].with_suffix(".json").write_text("{")
    refused(MetadataError, r"m2\.json: is not valid JSON", scan)


def test_phase_at_other_times(scan):
    for path, te in zip(scan[1], (0.005, 0.009, 0.013), strict=True):
        edit(path, EchoTime=te)
    refused(MetadataError, "phase was taken at 0.005, 0.009, 0.013 s, magnitude at other", scan)


def test_one_slice_short(scan):
    data = np.asanyarray(nib.load(scan[1][2]).dataobj).copy()
    save(scan[1][2], data[..., :-1])
    error = refused(GeometryError, "has the shape 24 x 26 x 19, m1.nii has 24 x 26 x 20", scan)
    assert error.file.endswith("p3.nii")
    assert "cut short" in error.remedy


def test_unequal_affines(scan):
    data = np.asanyarray(nib.load(scan[1][2]).dataobj).copy()
    affine = np.diag([1.0, 1, 2, 1])
    affine[0, 3] = 1.5
    save(scan[1][2], data, affine=affine)
    refused(GeometryError, r"p3\.nii: lies elsewhere than m1\.nii: their affines differ", scan)


def test_4d_with_one_slice(tmp_path):
    data = np.ones((12, 12, 1, 3), np.float32)
    m = save(tmp_path / "m.nii", data)
    with pytest.raises(GeometryError, match="has the shape 12 x 12 x 1: one slice is no volume"):
        read_gradient_echo(plain_choice([m]), te_s=TE, b0_tesla=3)


def test_4d_with_one_echo_time(tmp_path):
    said = {"EchoTime": 0.004, "MagneticFieldStrength": 3}
    m = save(tmp_path / "m.nii", np.ones((6, 6, 6, 3), np.float32), sidecar=said)
    with pytest.raises(ImageError, match=r"holds 3 volumes, but EchoTime has 1\. Split it"):
        read_gradient_echo(plain_choice([m]))


def test_coils_in_the_place_of_echoes(tmp_path):
    grid = Grid.from_voxel_size((40, 48, 30), (4.5, 4.5, 5.0), np.eye(3))
    coils = np.stack([np.abs(b) for b in coil_maps(grid, 3)], axis=-1).astype(np.float32)
    m = save(tmp_path / "m.nii", coils, affine=grid.affine)
    with pytest.raises(ImageError, match="these are receive coils, not echoes"):
        read_gradient_echo(plain_choice([m]), te_s=TE, b0_tesla=3)


def test_a_fifth_dimension(tmp_path):
    m = save(tmp_path / "m.nii", np.ones((6, 6, 6, 2, 3), np.float32))
    with pytest.raises(ImageError, match=r"five dimensions, 6 x 6 x 6 x 2 x 3.*receive coils"):
        read_gradient_echo(plain_choice([m]), te_s=TE, b0_tesla=3)


@pytest.mark.parametrize("kind", ["float32", "int16"])
def test_complex_images_of_the_simulated_ge_scanner(tmp_path, truth, kind):
    """Alternating sign, reversed phase, whole numbers: the phase comes back to their rounding."""
    magnitude, phase = truth
    parts = dict(zip(("real", "imag"), store_complex_ge(magnitude, phase), strict=True))
    chosen = []
    for e, te in enumerate(TE):
        said = {"EchoTime": te, "MagneticFieldStrength": 3}
        said["Manufacturer"] = parts["real"].tags["Manufacturer"]
        for part, stored in parts.items():
            path = save(tmp_path / f"{part}{e}.nii", stored.values[e].astype(kind), sidecar=said)
            chosen.append(EchoFile(path, part, e, (path.with_suffix(".json"),)))
    files = read_gradient_echo(Choice(tuple(chosen)))
    bright = magnitude > 0.2
    assert apart(files.scan.phase[bright], phase[bright]) < 1e-3
    ratio = files.scan.magnitude[bright] / magnitude[bright]
    assert np.ptp(ratio) < 1e-3 * ratio.mean()
    assert "every other slice turned by pi" in files.facts["phase_source"]


def test_integer_phase_with_no_range(scan, truth):
    ramp = 400 + 200 * np.linspace(-1, 1, SHAPE[0])[:, None, None]
    for e, path in enumerate(scan[1]):
        save(path, (ramp * (truth[0][e] > 0.1)).astype(np.int16))
        edit(path, Manufacturer=None)
    error = refused(PhaseError, "no unit in the header, and no wrap shows what a turn is", scan)
    assert "--set scan.phase_period=4096" in error.remedy
    settings = ScanSettings(phase_period=1000.0)
    files = read_gradient_echo(plain_choice(*scan), settings=settings)
    assert files.facts["phase_source"].startswith("the settings: a turn is 1000")


@pytest.mark.parametrize(("which", "role"), [(0, "magnitude"), (1, "phase")])
def test_all_zero(scan, which, role):
    save(scan[which][1], np.zeros(SHAPE, np.int16))
    error = refused(ImageError, f"the {role}, TE 8 ms holds nothing but zeros", scan)
    assert error.file.endswith("m2.nii" if which == 0 else "p2.nii")


def test_magnitude_in_the_place_of_phase(scan):
    for path in (*scan[0], *scan[1]):
        edit(path, Manufacturer=None)
    refused(PhaseError, "the scale of phase is unknown.*Check that it is phase", (scan[0], scan[0]))
    for path in scan[0]:
        edit(path, Manufacturer="Siemens")
    refused(PhaseError, "this looks like magnitude, not phase", (scan[0], scan[0]))


def test_magnitude_called_phase_in_radians(scan, truth):
    for e, path in enumerate(scan[1]):
        save(path, (2 * truth[0][e]).astype(np.float32))
        edit(path, Units="rad")
    refused(PhaseError, "phase is the same picture as magnitude", scan)


def test_phase_in_the_place_of_magnitude(scan, truth):
    refused(ImageError, "values below zero, down to -3.14.*was phase given", (scan[1], scan[0]))
    for e, path in enumerate(scan[0]):
        save(path, np.rint((truth[1][e] + np.pi) / (2 * np.pi) * 4095).astype(np.int16))
    refused(ImageError, r"m1\.nii: the magnitude, TE 4 ms wraps from its highest", scan)


def test_truncated_gzip(tmp_path, scan):
    packed = gzip.compress(scan[1][1].read_bytes())
    path = tmp_path / "p2.nii.gz"
    path.write_bytes(packed[: len(packed) // 2])
    phases = [scan[1][0], path, scan[1][2]]
    error = refused(ImageError, "the file is truncated or damaged", (scan[0], phases))
    assert error.file == str(path)


def test_orientation_unknown(scan):
    content = bytearray(scan[0][0].read_bytes())
    content[252:256] = bytes(4)
    scan[0][0].write_bytes(content)
    refused(GeometryError, "neither sform nor qform.*give --b0-direction", (scan[0][:1],))
    files = read_gradient_echo(plain_choice(scan[0][:1]), b0_direction=(0, 0, 1))
    assert files.scan.b0_direction == (0.0, 0.0, 1.0)


def test_sform_and_qform_disagree(scan):
    path = scan[0][0]
    content = bytearray(path.read_bytes())
    content[280:284] = np.float32(5.0).tobytes()
    content[296:300] = np.float32(0.3).tobytes()
    path.write_bytes(content)
    refused(GeometryError, "its sform and qform disagree by up to", ([path],))
    content[254:256] = (4).to_bytes(2, "little")
    path.write_bytes(content)
    files = read_gradient_echo(plain_choice([path]))
    assert "the qform, of the scanner, was taken" in files.notes[0]
    assert files.scan.b0_direction == (0.0, 0.0, 1.0)


# --- real scans ------------------------------------------------------------------------------


def test_real_crop_phase_of_0_00367_is_pi(real_data):
    folder = real_data / "gre_three_echo_crop"
    files = read_gradient_echo(
        plain_choice([folder / "Mag.nii"], [folder / "Phase.nii"]), te_s=TE, b0_tesla=7.0
    )
    raw = nib.load(folder / "Phase.nii").dataobj.get_unscaled()
    assert apart(files.scan.phase, np.moveaxis(raw, -1, 0)) < 2e-6
    assert "the wraps in the image" in files.facts["phase_source"]


def test_real_phase_with_nan_comes_clean(real_data, tmp_path):
    """A column outside the object holds NaN: it is taken as empty, and said."""
    path = real_data / "gre_three_echo_crop" / "phase_with_nan.nii"
    phase = np.asarray(nib.load(path).dataobj)
    x, y = np.meshgrid(np.arange(128), np.arange(128), indexing="ij")
    disc = np.where((x - 63) ** 2 + (y - 63) ** 2 < 51**2, 100.0, 2.0)
    magnitude = np.broadcast_to(disc[:, :, None, None], phase.shape).astype(np.float32)
    mag = save(tmp_path / "mag.nii", magnitude, affine=nib.load(path).affine)
    content = bytearray(mag.read_bytes())
    content[252:256] = bytes(4)
    mag.write_bytes(content)
    files = read_gradient_echo(
        plain_choice([mag], [path]), te_s=TE[:2], b0_tesla=3.0, b0_direction=(0, 0, 1)
    )
    assert np.isfinite(files.scan.phase).all()
    assert "640 voxels (0.78 %) hold no number" in files.notes[0]
    assert "6.28319, radians" in files.facts["phase_source"]


def test_real_philips(real_data):
    folder = real_data / "gre_philips_3t_dual_echo_dicom" / "nifti_reference"
    mags = sorted(folder.glob("*_e[12].nii.gz"))
    phases = sorted(folder.glob("*_ph.nii.gz"))
    files = read_gradient_echo(plain_choice(mags, phases))
    assert files.scan.te_s == (0.0023, 0.0046)
    assert files.facts["manufacturer"] == "Philips"
    assert files.facts["model"] == "Ingenia Elition X"
    assert files.scan.b0_tesla == 3.0
    for e, path in enumerate(phases):
        assert apart(files.scan.phase[e], nib.load(path).get_fdata()) < 1e-5
    assert Grid(files.scan.grid.shape, nib.load(mags[0]).affine).fits(files.scan.grid)


def test_no_absolute_path_in_the_record(scan):
    files = read_gradient_echo(plain_choice(*scan))
    assert not any("/" in entry["file"] for entry in files.inputs)
    rooted = Choice((EchoFile(scan[0][0], "mag", 1, ()),), root=Path(scan[0][0]).parent.parent)
    inputs = read_gradient_echo(rooted, te_s=[0.004], b0_tesla=3).inputs
    assert inputs[0]["file"] == f"{scan[0][0].parent.name}/m1.nii"
