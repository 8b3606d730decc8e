from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest

from arteriole.errors import DatasetError, InputError, SettingsError
from arteriole.io.bids import RULE, Session, find_gradient_echo, find_sessions, list_names
from arteriole.io.gradient_echo import read_gradient_echo


@pytest.fixture
def add(tmp_path):
    """Add images (and other files) to the data set."""

    def one(*names, voxel=1.0):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".json":
                path.write_text("{}")
            else:
                image = nib.Nifti1Image(np.ones((3, 3, 3), np.int16), np.diag([voxel] * 3 + [1]))
                image.to_filename(path)

    return one


@pytest.fixture
def session(tmp_path):
    return Session(tmp_path, "01")


def names(files):
    return [f.path.name for f in files]


def labels(sessions):
    return [s.label for s in sessions]


# --- sessions --------------------------------------------------------------------------------


def test_sessions_with_and_without_in_natural_order(tmp_path):
    for folder in ("sub-10/anat", "sub-2/ses-b/anat", "sub-2/ses-a", "sub-ctl/anat", "derivatives"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "sub-99.txt").write_text("")
    found = find_sessions(tmp_path)
    assert labels(found) == ["sub-ctl", "sub-2_ses-a", "sub-2_ses-b", "sub-10"]
    assert found[1].folder == tmp_path / "sub-2" / "ses-a"
    assert found[1].folder_name == "sub-2/ses-a"


@pytest.mark.parametrize("asked", [["01", "03"], ["sub-03", "sub-01", "01"]])
def test_labels_with_or_without_prefix(tmp_path, asked):
    for subject in ("01", "02", "03"):
        (tmp_path / f"sub-{subject}" / "ses-1").mkdir(parents=True)
        (tmp_path / f"sub-{subject}" / "ses-2").mkdir(parents=True)
    found = find_sessions(tmp_path, asked, ["ses-2"])
    assert labels(found) == ["sub-01_ses-2", "sub-03_ses-2"]
    assert find_sessions(tmp_path, asked, ["9"]) == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (None, "not a BIDS data set: it has no sub-.* folders. For a folder of DICOM"),
        (["01"], "not a BIDS data set"),
        (["../etc"], "is not a label"),
        (["a/b"], "is not a label"),
    ],
)
def test_not_a_data_set(tmp_path, asked, message):
    with pytest.raises(DatasetError, match=message):
        find_sessions(tmp_path, asked)


def test_missing_folder_and_participant(tmp_path):
    with pytest.raises(DatasetError, match="there is no such folder"):
        find_sessions(tmp_path / "no")
    (tmp_path / "sub-01").mkdir()
    with pytest.raises(DatasetError, match="there is no sub-02, sub-03 in it"):
        find_sessions(tmp_path, ["01", "02", "03"])


# --- the gradient echo -----------------------------------------------------------------------


def test_multi_echo(add, session, tmp_path):
    for echo in (1, 2, 10):
        for part in ("mag", "phase"):
            add(f"sub-01/anat/sub-01_acq-qsm_run-1_echo-{echo}_part-{part}_MEGRE.nii.gz")
    add("sub-01/anat/sub-01_T1w.nii.gz")
    choice = find_gradient_echo(session)
    assert [(f.echo, f.part) for f in choice.files] == [
        (1, "mag"), (1, "phase"), (2, "mag"), (2, "phase"), (10, "mag"), (10, "phase"),
    ]  # fmt: skip
    assert choice.rule == "the only one"
    assert choice.ignored == ()
    assert choice.entities == (("acq", "qsm"), ("run", "1"))
    assert choice.name(choice.files[0].path).startswith("sub-01/anat/sub-01_acq")


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        (["anat/sub-01_T2starw.nii.gz"], ["mag"]),
        (["anat/sub-01_T2starw.nii"], ["mag"]),
        (["anat/sub-01_part-mag_T2starw.nii.gz", "anat/sub-01_part-phase_T2starw.nii.gz"],
         ["mag", "phase"]),
        (["anat/sub-01_T2starw.nii.gz", "anat/sub-01_part-phase_T2starw.nii.gz"],
         ["mag", "phase"]),
        (["swi/sub-01_part-mag_GRE.nii.gz", "swi/sub-01_part-phase_GRE.nii.gz"],
         ["mag", "phase"]),
        (["anat/sub-01_echo-1_part-real_MEGRE.nii.gz", "anat/sub-01_echo-1_part-imag_MEGRE.nii.gz"],
         ["imag", "real"]),
    ],
)  # fmt: skip
def test_accepted_names(add, session, files, parts):
    add(*(f"sub-01/{name}" for name in files))
    assert [f.part for f in find_gradient_echo(session).files] == parts


def test_vendor_images_and_unknown_parts_are_left_aside(add, session):
    add(
        "sub-01/swi/sub-01_part-mag_GRE.nii.gz",
        "sub-01/swi/sub-01_swi.nii.gz",
        "sub-01/swi/sub-01_minIP.nii.gz",
        "sub-01/swi/sub-01_part-odd_GRE.nii.gz",
    )
    choice = find_gradient_echo(session)
    assert names(choice.files) == ["sub-01_part-mag_GRE.nii.gz"]
    reasons = {i.path.name: i.reason for i in choice.ignored}
    assert reasons["sub-01_swi.nii.gz"].startswith("made by the scanner")
    assert reasons["sub-01_minIP.nii.gz"].startswith("made by the scanner")
    assert "part-odd" in reasons["sub-01_part-odd_GRE.nii.gz"]


def test_the_same_image_twice(add, session):
    add("sub-01/anat/sub-01_T2starw.nii", "sub-01/anat/sub-01_T2starw.nii.gz")
    choice = find_gradient_echo(session)
    assert names(choice.files) == ["sub-01_T2starw.nii"]
    assert choice.ignored[0].reason == "the same as sub-01_T2starw.nii"


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        (["run-1_part-mag", "run-1_part-phase"], ["run-2_part-mag"], "has phase"),
        (["echo-1", "echo-2"], ["acq-a_echo-1"], "has more echoes"),
        (["run-3"], ["run-2"], "is a later run"),
        (["run-10"], ["run-9"], "is a later run"),
        (["rec-a"], ["rec-b"], "is first by name"),
    ],
)
def test_rule_among_several(add, session, better, worse, why):
    add(*(f"sub-01/anat/sub-01_{name}_MEGRE.nii.gz" for name in (*worse, *better)))
    choice = find_gradient_echo(session)
    assert names(choice.files) == [f"sub-01_{name}_MEGRE.nii.gz" for name in better]
    assert choice.rule == f"one of 2 gradient echoes: {RULE}"
    assert [i.path.name for i in choice.ignored] == [
        f"sub-01_{name}_MEGRE.nii.gz" for name in worse
    ]
    assert choice.ignored[0].reason.endswith(f"was chosen: it {why}")


def test_smaller_voxels_win_over_a_later_run(add, session):
    add("sub-01/anat/sub-01_run-1_T2starw.nii.gz", voxel=0.5)
    add("sub-01/anat/sub-01_run-2_T2starw.nii.gz", voxel=1.0)
    choice = find_gradient_echo(session)
    assert names(choice.files) == ["sub-01_run-1_T2starw.nii.gz"]
    assert choice.ignored[0].reason.endswith("it has smaller voxels")


def test_a_file_that_cannot_be_read_goes_last(add, session, tmp_path):
    add("sub-01/anat/sub-01_run-1_T2starw.nii.gz", "sub-01/anat/sub-01_run-2_T2starw.nii.gz")
    (tmp_path / "sub-01/anat/sub-01_run-2_T2starw.nii.gz").write_bytes(b"broken")
    assert names(find_gradient_echo(session).files) == ["sub-01_run-1_T2starw.nii.gz"]


@pytest.mark.parametrize(
    ("filters", "chosen"),
    [
        ({"megre": {"acquisition": "swi"}}, "acq-swi_run-1"),
        ({"acquisition": "qsm"}, "acq-qsm_run-02"),
        ({"megre": {"acq": ["qsm", "other"], "run": 1}}, "acq-qsm_run-01"),
        ({"megre": {"acquisition": None}}, "run-1"),
        ({"megre": {"datatype": "swi"}}, "acq-old"),
        ({"t1w": {"acquisition": "x"}}, "acq-qsm_run-02"),
        ({"bold": {}, "megre": {"suffix": "GRE"}}, "acq-old"),
    ],
)
def test_filters(add, session, filters, chosen):
    for name in ("acq-swi_run-1", "acq-qsm_run-01", "acq-qsm_run-02", "run-1"):
        add(f"sub-01/anat/sub-01_{name}_T2starw.nii.gz")
    add("sub-01/swi/sub-01_acq-old_GRE.nii.gz", voxel=2.0)
    choice = find_gradient_echo(session, filters)
    assert names(choice.files)[0].startswith(f"sub-01_{chosen}_")
    assert len(choice.ignored) == 4


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"megre": {"acquisitoin": "x"}}, "the filter names 'acquisitoin'; it can name acq, rec"),
        ({"megre": "swi"}, "must be a table of entities, not 'swi'"),
        ({"echo": 1}, "the filter names 'echo'"),
    ],
)
def test_filters_that_make_no_sense(add, session, filters, message):
    add("sub-01/anat/sub-01_T2starw.nii.gz")
    with pytest.raises(SettingsError, match=message):
        find_gradient_echo(session, filters)


def test_no_gradient_echo(add, session):
    add("sub-01/anat/sub-01_T1w.nii.gz")
    with pytest.raises(InputError, match=r"sub-01: there is no gradient echo\. Expected anat/"):
        find_gradient_echo(session)
    add("sub-01/anat/sub-01_T2starw.nii.gz")
    with pytest.raises(InputError, match=r"that the filter \{'acq': 'x'\} lets through"):
        find_gradient_echo(session, {"acquisition": "x"})


# --- sidecars --------------------------------------------------------------------------------


def test_inheritance_from_the_root_to_the_file(add, tmp_path):
    session = Session(tmp_path, "01", "a")
    image = "sub-01/ses-a/anat/sub-01_ses-a_echo-1_part-mag_MEGRE"
    applies = [
        "MEGRE.json",
        "part-mag_MEGRE.json",
        "sub-01/sub-01_MEGRE.json",
        "sub-01/ses-a/sub-01_ses-a_MEGRE.json",
        "sub-01/ses-a/anat/sub-01_ses-a_MEGRE.json",
        f"{image}.json",
    ]
    others = ["T2starw.json", "echo-2_MEGRE.json", "sub-01/sub-01_part-phase_MEGRE.json"]
    add(f"{image}.nii.gz", *applies, *others)
    (file,) = find_gradient_echo(session).files
    assert [p.relative_to(tmp_path).as_posix() for p in file.sidecars] == applies


def test_the_more_specific_sidecar_wins(add, tmp_path, session):
    add("sub-01/anat/sub-01_T2starw.nii.gz")
    (tmp_path / "T2starw.json").write_text(
        json.dumps({"EchoTime": 0.02, "MagneticFieldStrength": 3})
    )
    (tmp_path / "sub-01/anat/sub-01_T2starw.json").write_text(json.dumps({"EchoTime": 0.025}))
    files = read_gradient_echo(find_gradient_echo(session))
    assert files.scan.te_s == (0.025,)
    assert files.scan.b0_tesla == 3.0
    assert files.inputs[0]["file"] == "sub-01/anat/sub-01_T2starw.nii.gz"


def test_list_of_names_covers_what_a_choice_looks_at(add, tmp_path):
    add(
        "sub-01/ses-a/anat/sub-01_ses-a_T2starw.nii.gz",
        "sub-01/ses-a/swi/sub-01_ses-a_GRE.nii.gz",
        "sub-01/sub-01_T2starw.json",
        "sub-01/ses-a/sub-01_ses-a_scans.json",
        "sub-02/anat/sub-02_T2starw.nii.gz",
        "T2starw.json",
    )
    assert list_names(Session(tmp_path, "01", "a")) == (
        "sub-01/ses-a/anat/sub-01_ses-a_T2starw.nii.gz",
        "sub-01/ses-a/sub-01_ses-a_scans.json",
        "sub-01/ses-a/swi/sub-01_ses-a_GRE.nii.gz",
        "sub-01/sub-01_T2starw.json",
    )
    assert list_names(Session(tmp_path, "09")) == ()
