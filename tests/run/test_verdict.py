from __future__ import annotations

import pytest

from arteriole.run.record import Record, StepRecord
from arteriole.run.verdict import verdict, warnings_of


def record(*entries):
    return Record("sub-01", steps=[StepRecord(*entry) for entry in entries])


DONE, SKIP, FAIL = (
    ("a", 1, "k", "done"),
    ("b", 1, "k", "skipped", "no phase"),
    ("c", 1, "k", "failed", "c failed: x"),
)


@pytest.mark.parametrize(
    ("entries", "missing", "targets", "expected"),
    [
        ([DONE], {}, (), ("done", "")),
        ([DONE, SKIP], {"y": "no phase"}, (), ("done", "")),
        ([DONE, SKIP], {"y": "no phase"}, ("y",), ("failed", "no phase")),
        ([SKIP, SKIP], {}, (), ("skipped", "no phase")),
        ([DONE, FAIL, SKIP], {"y": "no phase"}, ("y",), ("failed", "c failed: x")),
    ],
)
def test_verdict(entries, missing, targets, expected):
    assert verdict(record(*entries), missing, targets) == expected


def test_warnings_come_once_and_with_the_step():
    told = record(DONE, FAIL)
    told.scan = {"notes": ["a note"]}
    told.steps[0].warnings = ["look", "a note"]
    told.steps.append(StepRecord("d", 1, "k", "skipped", "filtered phase", refused=True))
    assert warnings_of(told) == ["a note", "look", "c: c failed: x", "d: filtered phase"]
