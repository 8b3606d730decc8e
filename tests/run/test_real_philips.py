"""The whole way on a real scan: DICOM of a 3 T dual-echo head to maps and report."""

from __future__ import annotations

import json

import numpy as np
import pytest

from arteriole.cli.main import main
from arteriole.io.bids import find_gradient_echo, find_sessions
from arteriole.io.gradient_echo import read_gradient_echo
from arteriole.io.nifti import read_image
from tests_digest import digests

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def made(real_data, tmp_path_factory):
    """Data sets and derivatives of the classic and the enhanced files."""
    folders = {}
    for kind in ("classic", "enhanced"):
        folder = tmp_path_factory.mktemp(kind)
        dicom = real_data / "gre_philips_3t_dual_echo_dicom" / kind
        assert main(["import", str(dicom), str(folder / "bids"), "--participant-label", "01"]) == 0
        assert (
            main(
                [
                    "run",
                    str(folder / "bids"),
                    str(folder / "out"),
                    "participant",
                    "--set",
                    "anatomy.method=none",
                ]
            )
            == 0
        )
        folders[kind] = folder
    return folders


def chart(folder, name):
    return read_image(folder / f"out/sub-01/anat/sub-01_{name}.nii.gz").data


def test_classic_and_enhanced_give_the_same_maps(made):
    assert digests(made["classic"] / "out") == digests(made["enhanced"] / "out")


def test_the_field_is_that_of_a_plain_phase_difference(made):
    """To the offset's part that is not smooth, and never a turn off."""
    (session,) = find_sessions(made["classic"] / "bids")
    scan = read_gradient_echo(find_gradient_echo(session)).scan
    turn = 1 / (scan.te_s[1] - scan.te_s[0])
    step = (scan.phase[1] - scan.phase[0]) / (2 * np.pi) * turn
    mask = chart(made["classic"], "desc-qsm_mask") > 0
    apart = chart(made["classic"], "desc-total_fieldmap") - step
    apart = np.abs((apart + turn / 2) % turn - turn / 2)[mask]
    assert np.median(apart) < 2.0
    assert np.mean(apart > turn / 4) < 1e-3


def test_deep_nuclei_are_brighter_than_the_rest_of_the_brain(made):
    """In the middle of the head the brightest voxels of chi are iron; 3 mm shows no more."""
    chi = chart(made["classic"], "Chimap")
    mask = chart(made["classic"], "desc-qsm_mask") > 0
    middle = np.zeros_like(mask)
    centre = np.round(np.argwhere(mask).mean(axis=0)).astype(int)
    middle[tuple(slice(c - 10, c + 11) for c in centre)] = True
    assert np.percentile(chi[middle & mask], 98) > 0.08
    assert abs(np.median(chi[mask])) < 0.02


def test_the_record_of_a_real_scan(made):
    record = json.loads((made["classic"] / "out/sub-01/run.json").read_text())
    assert record["scan"]["manufacturer"] == "Philips"
    assert record["scan"]["b0_tesla"] == 3
    assert 3 < record["scan"]["obliquity_deg"] < 4
    assert "simulated" not in record["scan"]
    facts = {step["name"]: step["facts"] for step in record["steps"]}
    assert facts["phase"]["wraps_left"] < 1e-3
    assert 1200 < facts["brain"]["volume_ml"] < 1900
