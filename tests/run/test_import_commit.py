from __future__ import annotations

from pathlib import Path

import pytest

from arteriole.run.import_commit import commit, staging

ANAT = Path("sub-1", "anat")


def put(folder, content="new", names=("sub-1_T1w.json", "sub-1_T1w.nii.gz")):
    (folder / ANAT).mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / ANAT / name).write_text(content)


def seen(folder):
    return {p.name: p.read_text() for p in (folder / ANAT).iterdir()}


def test_a_new_folder_moves_in(tmp_path):
    with staging(tmp_path) as stage:
        put(stage)
        assert commit(stage, tmp_path, ANAT, force=False) == "new"
    assert seen(tmp_path) == {"sub-1_T1w.json": "new", "sub-1_T1w.nii.gz": "new"}
    assert [p.name for p in tmp_path.iterdir()] == ["sub-1"]


@pytest.mark.parametrize(
    ("content", "force", "result", "after"),
    [("new", False, "same", "new"), ("old", False, "refused", "old"), ("old", True, "new", "new")],
)
def test_what_is_there_is_kept_unless_forced(tmp_path, content, force, result, after):
    put(tmp_path, content)
    with staging(tmp_path) as stage:
        put(stage)
        assert commit(stage, tmp_path, ANAT, force=force) == result
    assert set(seen(tmp_path).values()) == {after}


def test_other_acquisitions_of_the_session_stay(tmp_path):
    put(tmp_path, "old", ["sub-1_FLAIR.nii.gz"])
    with staging(tmp_path) as stage:
        put(stage)
        assert commit(stage, tmp_path, ANAT, force=False) == "new"
    assert seen(tmp_path)["sub-1_FLAIR.nii.gz"] == "old"
    assert len(seen(tmp_path)) == 3


def test_force_leaves_no_echo_of_the_scan_that_was_replaced(tmp_path):
    put(tmp_path, "old", [f"sub-1_echo-{e}_part-mag_MEGRE.nii.gz" for e in (1, 2, 3)])
    with staging(tmp_path) as stage:
        put(stage, "new", [f"sub-1_echo-{e}_part-mag_MEGRE.nii.gz" for e in (1, 2)])
        assert commit(stage, tmp_path, ANAT, force=True) == "new"
    assert set(seen(tmp_path).values()) == {"new"}
    assert len(seen(tmp_path)) == 2


def test_a_killed_replacement_is_put_back(tmp_path):
    put(tmp_path / ".arteriole-import-999" / "replaced", "old")
    put(tmp_path / ".arteriole-import-999", "half", ["sub-1_T1w.nii.gz"])
    with staging(tmp_path):
        pass
    assert set(seen(tmp_path).values()) == {"old"}
    assert [p.name for p in tmp_path.iterdir()] == ["sub-1"]


def test_a_killed_import_is_cleared_away(tmp_path):
    put(tmp_path / ".arteriole-import-999")
    with staging(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
