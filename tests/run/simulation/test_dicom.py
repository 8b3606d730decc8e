from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from arteriole.cli.main import main
from arteriole.io.bids import find_gradient_echo, find_sessions
from arteriole.io.gradient_echo import read_gradient_echo
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import TINY
from arteriole.run.simulation.dicom import write_dicom
from bare_head import bare_head

OBLIQUE = replace(
    TINY, shape=(50, 60, 14), voxel_size_mm=(4.0, 3.6, 5.0), tilt_deg=15.0, turn_deg=4.0
)


@pytest.fixture(scope="module")
def scan():
    return acquire(bare_head(), OBLIQUE, seed=1, cell_mm=2.5)[0]


@pytest.mark.parametrize("vendor", ["siemens", "philips", "ge"])
def test_import_gives_the_scan_back(scan, vendor, tmp_path):
    """Voxels, phase and its sign, places, times, field: from files of any vendor."""
    files = write_dicom(tmp_path / "dicom", scan, OBLIQUE, vendor=vendor, patient="01", visit="01")
    assert len(files) == 2 * len(OBLIQUE.te_s) * OBLIQUE.shape[2]
    assert main(["import", str(tmp_path / "dicom"), str(tmp_path / "bids")]) == 0
    (session,) = find_sessions(tmp_path / "bids")
    got = read_gradient_echo(find_gradient_echo(session)).scan
    assert got.te_s == pytest.approx(scan.te_s)
    assert got.b0_tesla == pytest.approx(3.0)
    np.testing.assert_allclose(got.b0_direction, scan.b0_direction, atol=1e-4)
    corners = [[0, 0, 0], [49, 59, 13], [49, 0, 13], [0, 59, 0]]
    moved = np.rint(scan.grid.to_voxel(got.grid.to_world(corners))).astype(int)
    np.testing.assert_allclose(scan.grid.to_world(moved), got.grid.to_world(corners), atol=0.01)
    flips = [slice(None, None, 1 if moved[1, a] > moved[0, a] else -1) for a in range(3)]
    index = (slice(None), *flips)
    ratio = got.magnitude[index] / np.maximum(scan.magnitude, 1e-3)
    bright = scan.magnitude[0] > np.percentile(scan.magnitude[0], 70)
    scale = np.median(ratio[0][bright])
    off = np.abs(got.magnitude[index] / scale - scan.magnitude)
    assert off.max() < 1.5e-3 * scan.magnitude.max()
    turn = np.exp(1j * (got.phase[index] - scan.phase))
    assert np.abs(np.angle(turn)).max() < 2e-3


def test_two_d_slices_say_how_thick_they_are(scan, tmp_path):
    flat = replace(OBLIQUE, slice_mm=4.0)
    write_dicom(tmp_path / "dicom", scan, flat, vendor="siemens", patient="01", visit="01")
    assert main(["import", str(tmp_path / "dicom"), str(tmp_path / "bids")]) == 0
    sidecar = next((tmp_path / "bids").rglob("*echo-1_part-mag*.json"))
    said = json.loads(sidecar.read_text())
    assert said["MRAcquisitionType"] == "2D"
    assert said["SliceThickness"] == 4.0
    assert said["ManufacturersModelName"] == "digital scanner simulated"
