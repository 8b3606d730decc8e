from __future__ import annotations

import stat

import pytest

from arteriole.errors import CommandError
from arteriole.run.import_people import Target, assign_targets, read_salt, visit_of
from synthetic_frames import frame

SALT = b"a salt of sixteen letters"
ONE = [("P1\0", "20200102")]
TWO_DAYS = [("P1\0", "20210301"), ("P1\0", "20200102")]
TWO_PEOPLE = [*ONE, ("P2\0", "20200103")]


def test_a_label_asked_for_is_used_with_or_without_its_prefix():
    for label in ("07", "sub-07"):
        targets, refused = assign_targets(ONE, participant_label=label, session_label="ses-a")
        assert targets == {ONE[0]: Target("07", "a")}
        assert refused == []


def test_hashed_labels_are_stable_and_differ():
    first, _ = assign_targets(TWO_PEOPLE, salt=SALT)
    again, _ = assign_targets(reversed(TWO_PEOPLE), salt=SALT)
    assert first == again
    assert len({t.subject for t in first.values()}) == 2
    assert all(t.session is None for t in first.values())


def test_days_become_sessions_in_their_order():
    targets, _ = assign_targets(TWO_DAYS, participant_label="1")
    assert [targets[v].session for v in sorted(TWO_DAYS)] == ["1", "2"]


@pytest.mark.parametrize(
    ("visits", "options", "message"),
    [
        (TWO_PEOPLE, {"participant_label": "1"}, "holds 2 people"),
        (TWO_DAYS, {"participant_label": "1", "session_label": "1"}, "scanned on 2 days"),
        (ONE, {"participant_label": "../1"}, "is no label"),
        (ONE, {"session_label": "a_b"}, "is no label"),
    ],
)
def test_labels_that_do_not_fit_are_refused(visits, options, message):
    with pytest.raises(CommandError, match=message):
        assign_targets(visits, **options)


def test_a_mapping_names_people_and_days(tmp_path):
    table = tmp_path / "map.tsv"
    table.write_text(
        "patient_id\tparticipant_label\tstudy_date\tsession_label\n"
        "P1\tsub-11\t20200102\tbase\nP1\t11\t20210301\tses-year\nP2\t12\t\t\n"
    )
    targets, refused = assign_targets([*TWO_DAYS, TWO_PEOPLE[1]], mapping=table)
    assert targets[TWO_DAYS[1]] == Target("11", "base")
    assert targets[TWO_DAYS[0]] == Target("11", "year")
    assert targets[TWO_PEOPLE[1]] == Target("12", None)
    assert refused == []


def test_who_is_not_in_the_mapping_is_refused_without_being_named(tmp_path):
    table = tmp_path / "map.tsv"
    table.write_text("patient_id\tparticipant_label\nP2\t12\n")
    targets, refused = assign_targets(TWO_PEOPLE, mapping=table)
    assert list(targets) == [TWO_PEOPLE[1]]
    assert refused == ["person 1 of 2 is not in the mapping"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "columns"),
        ("a\tb\n1\t2\n", "columns"),
        ("patient_id\tparticipant_label\nP1\tx y\n", "label"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(tmp_path, content, message):
    table = tmp_path / "map.tsv"
    table.write_text(content)
    with pytest.raises(CommandError, match=message):
        assign_targets(ONE, mapping=table)
    with pytest.raises(CommandError, match="cannot be read"):
        assign_targets(ONE, mapping=tmp_path / "none.tsv")


def test_the_salt_is_made_once_for_its_owner_only(tmp_path):
    path = tmp_path / "salt"
    assert read_salt(path, make=False) is None
    first = read_salt(path, make=True)
    assert read_salt(path, make=True) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("short")
    with pytest.raises(CommandError, match="too short"):
        read_salt(path, make=True)


def test_studies_of_one_day_are_one_visit():
    same_day = [frame(StudyDate="20200102", StudyInstanceUID=u) for u in "12"]
    assert len({visit_of(f) for f in same_day}) == 1
    undated = [frame(StudyInstanceUID=u) for u in "12"]
    assert len({visit_of(f) for f in undated}) == 2
