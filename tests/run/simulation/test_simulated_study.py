from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from arteriole.errors import ImageError, OutputError
from arteriole.phantom.anatomy.generated import generated_anatomy
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.lesions.table import COLUMNS
from arteriole.phantom.scanner import protocol
from arteriole.run.simulation import study as study_module
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.lesion_table import lesion_table
from arteriole.run.simulation.scan_files import write_scan
from arteriole.run.simulation.study import simulate_study
from arteriole.scan.gradient_echo import GradientEcho
from written_labels import written_labels

TINY = replace(
    protocol.TINY, shape=(60, 72, 16), voxel_size_mm=(3.2, 3.2, 4.0), te_s=(0.006, 0.018), cell_mm=2
)
FEW = Burden(microbleeds=4, calcifications=1, flow_voids=1, vein_sections=3)
TWICE = Design(sessions=2, protocols=(TINY,), burden=FEW, seed=3)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("simulate") / "study"
    names = simulate_study(folder, TWICE, processes=2)
    assert names == ["sub-01_ses-01", "sub-01_ses-02"]
    return folder


def test_files_are_those_of_bids(study):
    anat = study / "sub-01" / "ses-01" / "anat"
    stems = [f"sub-01_ses-01_echo-{e}_part-{p}_MEGRE" for e in (1, 2) for p in ("mag", "phase")]
    expected = [f"{s}{end}" for s in stems for end in (".json", ".nii.gz")]
    assert sorted(p.name for p in anat.iterdir()) == sorted(expected)
    tops = {p.name for p in study.iterdir()}
    assert tops == {
        ".bidsignore",
        "README",
        "dataset_description.json",
        "participants.json",
        "participants.tsv",
        "sub-01",
        "truth",
    }
    assert "simulated" in (study / "dataset_description.json").read_text()
    assert "No person was scanned" in (study / "README").read_text()


def test_official_validator_finds_no_error(study):
    program = Path(sys.executable).with_name("bids-validator-deno")
    if not program.exists():
        pytest.skip(f"no {program}: make setup-dev installs it")
    done = subprocess.run([program, study, "--json"], capture_output=True, text=True, check=False)
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [i for i in issues if i["severity"] == "error"] == []
    assert done.returncode == 0


def test_images_and_sidecars_say_what_was_scanned(study):
    anat = study / "sub-01" / "ses-01" / "anat"
    magnitude = nib.load(anat / "sub-01_ses-01_echo-2_part-mag_MEGRE.nii.gz")
    phase = nib.load(anat / "sub-01_ses-01_echo-2_part-phase_MEGRE.nii.gz")
    np.testing.assert_allclose(magnitude.affine, TINY.grid.affine, atol=1e-4)
    assert magnitude.shape == phase.shape == TINY.shape
    assert magnitude.get_data_dtype() == np.int16
    assert 500 < np.percentile(magnitude.get_fdata(), 99) < 4000
    assert 3.13 < np.abs(phase.get_fdata()).max() <= np.pi + 1e-4
    sidecar = json.loads((anat / "sub-01_ses-01_echo-2_part-phase_MEGRE.json").read_text())
    assert sidecar["EchoTime"] == 0.018
    assert sidecar["MagneticFieldStrength"] == 3.0
    assert sidecar["Units"] == "rad"
    assert "simulated" in sidecar["SeriesDescription"]


def test_truth_lies_beside_the_scan(study):
    truth = study / "truth" / "sub-01" / "ses-02" / "anat"
    names = {p.name.removeprefix("sub-01_ses-02_") for p in truth.iterdir()}
    assert names == {
        "Chimap.nii.gz",
        "R2starmap.nii.gz",
        "desc-total_fieldmap.nii.gz",
        "desc-local_fieldmap.nii.gz",
        "desc-brain_mask.nii.gz",
        "desc-tissue_dseg.nii.gz",
        "desc-lesions_dseg.nii.gz",
        "lesions.tsv",
    }
    mask = nib.load(truth / "sub-01_ses-02_desc-brain_mask.nii.gz").get_fdata() > 0
    assert mask.any()
    rows = (truth / "sub-01_ses-02_lesions.tsv").read_text().splitlines()
    assert rows[0].split("\t") == list(COLUMNS)
    assert all(len(row.split("\t")) == len(COLUMNS) for row in rows)
    assert len(rows) > 1


def test_same_seed_same_bytes_for_one_or_two_processes(study, tmp_path):
    """Each of the two grew the head for itself; the one kept it from session to session."""
    done = []
    again = tmp_path / "again"
    simulate_study(again, TWICE, progress=done.append)
    assert digests(again) == digests(study)
    assert done == ["sub-01_ses-01", "sub-01_ses-02"]
    assert len({digests(study)[k] for k in digests(study) if "echo-1_part-mag_MEGRE.nii" in k}) == 2


def test_one_echo_is_named_t2starw(tmp_path, rng):
    one = replace(TINY, te_s=(0.02,), kind="T2starw")
    voxels = rng.uniform(0.0, 3.0, (1, *one.shape))
    write_scan(tmp_path, "sub-01", GradientEcho(voxels, voxels, one.te_s, 3.0, one.grid), one)
    assert {p.name for p in tmp_path.glob("*.nii.gz")} == {
        "sub-01_part-mag_T2starw.nii.gz",
        "sub-01_part-phase_T2starw.nii.gz",
    }


def test_sessions_share_a_head(study):
    apparent = list(COLUMNS).index("apparent_diameter_mm")
    found = sorted((study / "truth").rglob("*_lesions.tsv"))
    assert len(found) == 2
    tables = [[row.split("\t") for row in path.read_text().splitlines()] for path in found]
    for row in (*tables[0], *tables[1]):
        del row[apparent]
    assert tables[0] == tables[1]


def test_streams_differ_by_everything_they_are_keyed_by():
    keys = [(3, "01", "01", "scan"), (3, "01", "02", "scan"), (3, "02", "01", "scan")]
    keys += [(4, "01", "01", "scan"), (3, "01", "01", "head")]
    assert len({Design(seed=key[0]).stream(*key[1:]) for key in keys}) == len(keys)


def test_table_without_lesions_is_a_header():
    assert lesion_table(()).count("\n") == 1


def test_refuses_what_exists(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        simulate_study(tmp_path / "full", Design(protocols=(TINY,)))
    assert (tmp_path / "full" / "precious.txt").read_text() == "mine"


def test_refuses_no_process(tmp_path):
    with pytest.raises(ValueError, match="count from one, not 0"):
        simulate_study(tmp_path / "s", Design(protocols=(TINY,)), processes=0)


def test_leaves_nothing_behind_when_a_session_fails(tmp_path, monkeypatch):
    def fail(job):
        raise MemoryError(job.name)

    monkeypatch.setattr(study_module, "simulate_session", fail)
    with pytest.raises(MemoryError, match="sub-01_ses-01"):
        simulate_study(tmp_path / "s", Design(protocols=(TINY,)))
    assert list(tmp_path.iterdir()) == []


def test_person_is_told_with_grades_and_tissues(study):
    said = json.loads((study / "truth/sub-01/ses-01/sub-01_ses-01_person.json").read_text())
    assert said["simulated"] is True
    assert 50 <= said["age_y"] <= 85
    assert 0 <= said["grades"]["fazekas_deep"] <= 3
    assert said["tissues"]["pallidum"]["chi_ppm"] > 0.05


def test_lesion_map_has_the_rows_of_the_table(study):
    truth = study / "truth" / "sub-01" / "ses-01" / "anat"
    rows = (truth / "sub-01_ses-01_lesions.tsv").read_text().splitlines()[1:]
    seen = nib.load(truth / "sub-01_ses-01_desc-lesions_dseg.nii.gz").get_fdata()
    assert seen.max() <= len(rows)
    assert len(np.unique(seen)) > 3


def test_several_protocols_scanner_swi_dicom_and_a_label_map(tmp_path):
    """Everything that can be asked for, at once; the official validator has no objection."""
    labels, grid = written_labels(generated_anatomy(seed=6, atrophy=0.3, spacing_mm=3.0))
    nib.save(nib.Nifti1Image(labels, grid.affine), tmp_path / "labels.nii.gz")
    other = replace(
        TINY, name="one echo", shape=(60, 72, 8), te_s=(0.02,), kind="T2starw", slice_mm=3.0
    )
    design = Design(
        seed=4,
        protocols=(TINY, other),
        age_y=(70.0, 70.0),
        severity=1.5,
        label_maps=(tmp_path / "labels.nii.gz",),
        dicom="philips",
        scanner_swi=True,
    )
    simulate_study(tmp_path / "s", design)
    anat = {p.name for p in (tmp_path / "s/sub-01/ses-01/anat").iterdir()}
    assert "sub-01_ses-01_acq-oneecho_part-mag_T2starw.nii.gz" in anat
    assert "sub-01_ses-01_acq-tiny_echo-2_part-phase_MEGRE.nii.gz" in anat
    assert {"sub-01_ses-01_acq-tiny_swi.nii.gz", "sub-01_ses-01_acq-tiny_minIP.nii.gz"} <= anat
    assert len(list((tmp_path / "s/sourcedata").rglob("*.dcm"))) == (2 * 16 + 8) * 2
    program = Path(sys.executable).with_name("bids-validator-deno")
    done = subprocess.run(
        [program, tmp_path / "s", "--json"], capture_output=True, text=True, check=False
    )
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [i for i in issues if i["severity"] == "error"] == []


def test_refuses_a_label_map_that_makes_no_head(tmp_path):
    image = nib.Nifti1Image(np.full((20, 20, 20), 999, np.int32), np.diag([5.0, 5, 5, 1]))
    nib.save(image, tmp_path / "odd.nii.gz")
    with pytest.raises(ImageError, match="999"):
        simulate_study(
            tmp_path / "s", Design(protocols=(TINY,), label_maps=(tmp_path / "odd.nii.gz",))
        )
    nib.save(nib.Nifti1Image(np.full((20, 20, 20), 0.5), np.eye(4)), tmp_path / "half.nii.gz")
    with pytest.raises(ImageError, match="no labels"):
        simulate_study(
            tmp_path / "s", Design(protocols=(TINY,), label_maps=(tmp_path / "half.nii.gz",))
        )
