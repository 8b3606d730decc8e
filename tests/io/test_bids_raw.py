from __future__ import annotations

import json

import pytest

from arteriole.errors import MetadataError
from arteriole.io.bids_raw import add_participant, update_dataset


def test_a_new_data_set_gets_its_files(tmp_path):
    update_dataset(tmp_path)
    description = json.loads((tmp_path / "dataset_description.json").read_text())
    assert description["DatasetType"] == "raw"
    assert "**/ct" in (tmp_path / ".bidsignore").read_text()
    assert (tmp_path / "README").exists()


def test_what_a_person_wrote_stays(tmp_path):
    (tmp_path / "dataset_description.json").write_text('{"Name": "Mine", "BIDSVersion": "1.8.0"}')
    (tmp_path / ".bidsignore").write_text("extra/\n")
    (tmp_path / "README.md").write_text("mine")
    update_dataset(tmp_path)
    update_dataset(tmp_path)
    description = json.loads((tmp_path / "dataset_description.json").read_text())
    assert (description["Name"], description["BIDSVersion"]) == ("Mine", "1.8.0")
    assert (tmp_path / ".bidsignore").read_text().splitlines()[0] == "extra/"
    assert (tmp_path / ".bidsignore").read_text().count("**/ct") == 1
    assert not (tmp_path / "README").exists()


def test_participants_grow_by_one_row_a_subject(tmp_path):
    for label in ("01", "02", "01"):
        add_participant(tmp_path, label)
    assert (tmp_path / "participants.tsv").read_text() == "participant_id\nsub-01\nsub-02\n"


def test_other_columns_are_kept(tmp_path):
    path = tmp_path / "participants.tsv"
    path.write_text("age\tparticipant_id\n70\tsub-01\n")
    add_participant(tmp_path, "02")
    assert path.read_text() == "age\tparticipant_id\n70\tsub-01\nn/a\tsub-02\n"


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_broken_description_is_refused(tmp_path, content):
    (tmp_path / "dataset_description.json").write_text(content)
    with pytest.raises(MetadataError, match="JSON"):
        update_dataset(tmp_path)


def test_participants_without_the_column_are_refused(tmp_path):
    (tmp_path / "participants.tsv").write_text("subject\n01\n")
    with pytest.raises(MetadataError, match="no column participant_id"):
        add_participant(tmp_path, "01")
