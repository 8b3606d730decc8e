"""The real DICOM folders, from the scanner's files to a data set that validates."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from arteriole.run.importing import import_dicom


def validate(folder):
    """Errors of the BIDS validator."""
    tool = Path(sys.executable).with_name("bids-validator-deno")
    if not tool.exists():
        pytest.skip("bids-validator-deno is not installed")
    done = subprocess.run([tool, folder, "--json"], capture_output=True, text=True)
    issues = json.loads(done.stdout)["issues"]["issues"]
    return [(i["code"], i["location"]) for i in issues if i["severity"] == "error"]


@pytest.mark.real_data
def test_real_classic_and_multi_frame_agree_and_match_the_reference(tmp_path, real_data):
    source = real_data / "gre_philips_3t_dual_echo_dicom"
    for kind in ("classic", "enhanced"):
        report = import_dicom(source / kind, tmp_path / kind, participant_label="1")
        assert (report.exit_code, len(report.imported)) == (0, 4)
    for echo in (1, 2):
        for part, ending in (("mag", ""), ("phase", "_ph")):
            name = f"sub-1/anat/sub-1_echo-{echo}_part-{part}_MEGRE.nii.gz"
            assert (tmp_path / "classic" / name).read_bytes() == (
                tmp_path / "enhanced" / name
            ).read_bytes()
            stem = f"2001_WIP_fcMRI_Field_Mapping_cl_e{echo}{ending}.nii.gz"
            reference = nib.as_closest_canonical(nib.load(source / "nifti_reference" / stem))
            ours = nib.as_closest_canonical(nib.load(tmp_path / "classic" / name))
            np.testing.assert_allclose(ours.affine, reference.affine, atol=1e-4)
            # dcm2niix stretches Philips phase to +3.1420, 4.4e-4 rad beyond pi; ours ends at pi.
            np.testing.assert_allclose(
                ours.get_fdata(), reference.get_fdata(), rtol=0, atol=5e-4 if ending else 0
            )


@pytest.mark.real_data
def test_real_tilted_ct_keeps_its_slices_and_the_data_set_is_valid(tmp_path, real_data):
    out = tmp_path / "out"
    philips = real_data / "gre_philips_3t_dual_echo_dicom" / "classic"
    assert import_dicom(philips, out, participant_label="1").exit_code == 0
    report = import_dicom(real_data / "ct_head_ge_dicom", out, participant_label="2")
    assert (report.exit_code, report.imported) == (0, ["sub-2/ct/sub-2_ct.nii.gz"])
    image = nib.load(out / report.imported[0])
    assert image.shape == (512, 512, 28)
    origins = json.loads((out / "sub-2/ct/sub-2_ct.json").read_text())["SliceOriginsMm"]
    gaps = np.diff([z for _, _, z in origins])
    assert sorted({round(g, 2) for g in gaps}) == [1.14, 4.22, 7.38]
    assert validate(out) == []
