from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from arteriole.errors import SettingsError
from arteriole.io.bids_images import IMAGE_RULE, find_images
from arteriole.io.bids_walk import Session, list_names


@pytest.fixture
def add(tmp_path):
    """Add images to the data set."""

    def one(*names, voxel=(1.0, 1.0, 1.0)):
        for name in names:
            path = tmp_path / "sub-01" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".json":
                path.write_text("{}")
            else:
                image = nib.Nifti1Image(np.ones((3, 3, 3), np.int16), np.diag([*voxel, 1.0]))
                image.to_filename(path)

    return one


@pytest.fixture
def session(tmp_path):
    return Session(tmp_path, "01")


def chosen(session, filters=None):
    found, _ = find_images(session, filters)
    return {name: image.path.name for name, image in found.items()}


def test_one_of_each_kind_with_sidecars_and_entities(add, session):
    add("anat/sub-01_acq-hi_T1w.nii.gz", "anat/sub-01_T2w.nii.gz", "anat/sub-01_FLAIR.nii.gz",
        "ct/sub-01_ct.nii.gz", "anat/sub-01_T1w.json", "ct/sub-01_ct.json")  # fmt: skip
    found, ignored = find_images(session)
    assert list(found) == ["t1w", "flair", "t2w", "ct"]
    assert found["t1w"].entities == (("acq", "hi"),)
    assert [s.name for s in found["t1w"].sidecars] == ["sub-01_T1w.json"]
    assert [s.name for s in found["ct"].sidecars] == ["sub-01_ct.json"]
    assert found["ct"].rule == "the only one"
    assert ignored == []
    assert "sub-01/ct/sub-01_ct.nii.gz" in list_names(session)


def test_none(session):
    assert find_images(session) == ({}, [])


@pytest.mark.parametrize(
    ("names", "voxels", "expected", "why"),
    [
        (("acq-a_T1w", "acq-b_T1w"), [(0.5, 0.5, 5), (1, 1, 1)], "acq-b_T1w", "has thinner slices"),
        (("acq-a_T1w", "acq-b_T1w"), [(1, 1, 1), (0.8, 0.8, 1)], "acq-b_T1w", "smaller voxels"),
        (("run-1_T1w", "run-02_T1w"), [(1, 1, 1)] * 2, "run-02_T1w", "is a later run"),
        (("acq-a_T1w", "acq-b_T1w"), [(1, 1, 1)] * 2, "acq-a_T1w", "is first by name"),
        (("ce-gd_T1w", "T1w"), [(0.5, 0.5, 0.5), (1, 1, 1)], "T1w", "without contrast agent"),
    ],
)
def test_the_rule(add, session, names, voxels, expected, why):
    for name, voxel in zip(names, voxels, strict=True):
        add(f"anat/sub-01_{name}.nii.gz", voxel=voxel)
    found, ignored = find_images(session)
    assert found["t1w"].path.name == f"sub-01_{expected}.nii.gz"
    assert found["t1w"].rule == f"one of 2: {IMAGE_RULE}"
    assert [item.reason for item in ignored] == [
        f"sub-01_{expected} was chosen: it {why}".replace("it smaller", "it has smaller").replace(
            "it without", "it is without"
        )
    ]


def test_a_bone_kernel_goes_last(add, session):
    add("ct/sub-01_rec-bone_ct.nii.gz", voxel=(0.5, 0.5, 0.6))
    add("ct/sub-01_rec-soft_ct.nii.gz", voxel=(0.5, 0.5, 5.0))
    assert chosen(session) == {"ct": "sub-01_rec-soft_ct.nii.gz"}


def test_filters_each_in_its_section(add, session):
    add("anat/sub-01_acq-a_T1w.nii.gz", "anat/sub-01_acq-b_T1w.nii.gz", "anat/sub-01_FLAIR.nii.gz")
    assert chosen(session, {"t1w": {"acquisition": "b"}, "flair": {"acquisition": "z"}}) == {
        "t1w": "sub-01_acq-b_T1w.nii.gz"
    }
    _, ignored = find_images(session, {"flair": {"acquisition": "z"}})
    assert "left out by the filter" in [item.reason for item in ignored]
    with pytest.raises(SettingsError, match="the filter names 'colour'"):
        find_images(session, {"t1w": {"colour": "red"}})
    assert chosen(session, {"acquisition": "swi"})["t1w"], "a filter of the gradient echo alone"


def test_parts_of_complex_images_and_other_files_are_left(add, session):
    add("anat/sub-01_part-mag_T1w.nii.gz", "anat/sub-01_part-phase_T1w.nii.gz",
        "anat/sub-01_PDw.nii.gz", "anat/sub-01_T1w.json")  # fmt: skip
    found, ignored = find_images(session)
    assert found["t1w"].path.name == "sub-01_part-mag_T1w.nii.gz"
    assert [(i.path.name, i.reason) for i in ignored] == [
        ("sub-01_part-phase_T1w.nii.gz", "part-phase is not an image of magnitude")
    ]


def test_a_broken_file_goes_last(add, session, tmp_path):
    add("anat/sub-01_run-1_T1w.nii.gz")
    (tmp_path / "sub-01/anat/sub-01_run-2_T1w.nii.gz").write_bytes(b"no image")
    assert chosen(session)["t1w"] == "sub-01_run-1_T1w.nii.gz"
