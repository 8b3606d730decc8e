"""T1w, FLAIR and CT of a simulated study: files, sidecars, truth, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from arteriole.phantom.scanner.ct_protocol import TINY_CT
from arteriole.phantom.scanner.weighted_protocol import FLAIR_THICK, T1W_1MM, TINY_FLAIR
from arteriole.run.simulation import session as session_module
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.placed import Placed, with_placed
from arteriole.run.simulation.plan import describe
from arteriole.run.simulation.study import simulate_study
from bare_head import bare_head

SMALL = {"shape": (40, 50, 46), "voxel_size_mm": (5.0, 5.0, 5.0), "cell_mm": 5.0}
DESIGN = Design(
    protocols=(),
    weighted=(replace(TINY_FLAIR, **SMALL), replace(T1W_1MM, name="tiny T1w", **SMALL)),
    ct=(replace(TINY_CT, shape=(52, 58, 46), pixel_mm=5.0, spacing_mm=5.0, cell_mm=5.0),),
    seed=5,
)


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """Scan a head that grows quickly, with one lesion."""
    folder = tmp_path_factory.mktemp("contrasts") / "study"
    head = with_placed(bare_head(), (Placed("microbleed", (-12.0, -18.0, 8.0), 4.0),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session_module, "subject_head", lambda design, subject: head)
        simulate_study(folder, DESIGN)
    return folder


def test_images_lie_where_bids_has_them(study):
    session = study / "sub-01" / "ses-01"
    name = "sub-01_ses-01"
    anat = {p.name for p in (session / "anat").iterdir()}
    assert anat == {f"{name}_{s}{e}" for s in ("FLAIR", "T1w") for e in (".json", ".nii.gz")}
    assert {p.name for p in (session / "ct").iterdir()} == {f"{name}_ct.json", f"{name}_ct.nii.gz"}
    said = json.loads((session / "anat" / f"{name}_FLAIR.json").read_text())
    assert (said["RepetitionTime"], said["EchoTime"], said["InversionTime"]) == (6.0, 0.12, 1.87)
    assert (said["FlipAngle"], said["MagneticFieldStrength"]) == (90.0, 3.0)
    assert json.loads((session / "ct" / f"{name}_ct.json").read_text())["KVP"] == 120.0


def test_truth_lies_on_each_images_own_grid(study):
    truth = study / "truth" / "sub-01" / "ses-01"
    volumes = []
    for folder, suffix in (("anat", "FLAIR"), ("anat", "T1w"), ("ct", "ct")):
        image = nib.load(study / "sub-01" / "ses-01" / folder / f"sub-01_ses-01_{suffix}.nii.gz")
        start = truth / folder / f"sub-01_ses-01_space-{suffix}"
        mask = nib.load(f"{start}_desc-brain_mask.nii.gz")
        assert mask.shape == image.shape
        np.testing.assert_allclose(mask.affine, image.affine)
        volumes.append(np.asarray(mask.dataobj).sum())
        pose = np.array(json.loads(Path(f"{start}_pose.json").read_text())["head_to_scan_mm"])
        assert np.abs(pose - np.eye(4)).max() > 0.1
        table = Path(f"{start}_lesions.tsv").read_text().splitlines()
        assert len(table) == 2
        assert nib.load(f"{start}_desc-lesions_dseg.nii.gz").get_fdata().max() == 1
    assert max(volumes) / min(volumes) < 1.03
    names = (study / "truth" / "desc-class_dseg.tsv").read_text().splitlines()
    assert names[0] == "index\tname"
    assert names[5] == "4\tlateral ventricles"


def test_official_validator_takes_the_images(study):
    program = Path(sys.executable).with_name("bids-validator-deno")
    if not program.exists():
        pytest.skip(f"no {program}: make setup-dev installs it")
    done = subprocess.run([program, study, "--json"], capture_output=True, text=True, check=False)
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [i for i in issues if i["severity"] == "error"] == []


def test_images_of_one_kind_carry_their_protocol_and_the_plan_names_each():
    design = replace(DESIGN, weighted=(TINY_FLAIR, FLAIR_THICK))
    words = describe(design, processes=2)
    for protocol in (*design.weighted, *design.ct):
        assert f"{protocol.name}: " in words


def test_refusals():
    with pytest.raises(ValueError, match="a microbleed is seen by gradient echo"):
        replace(DESIGN, placed=(Placed("microbleed", (24.0, 2.0, 1.0), 3.0),))
    with pytest.raises(ValueError, match="DICOM is written of gradient echoes"):
        replace(DESIGN, dicom="ge")
    with pytest.raises(ValueError, match="names of their own"):
        replace(DESIGN, weighted=(TINY_FLAIR, TINY_FLAIR))
