"""The group level: the tables of all sessions as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from arteriole.errors import DatasetError
from arteriole.io.atomic import write_json
from arteriole.io.tables import write_tsv
from arteriole.run.measures import COLUMNS, dictionary, measure_rows
from arteriole.run.record import Record


def gather(out: Path) -> str:
    """Write ``group_measures.tsv`` from the records of all finished sessions; say what it holds.

    Raises
    ------
    DatasetError
        When there is no finished session.
    """
    paths = [*out.glob("sub-*/run.json"), *out.glob("sub-*/ses-*/run.json")]
    records = [record for path in sorted(paths) if (record := Record.load(path)) is not None]
    finished = [record for record in records if record.status == "done"]
    if not finished:
        raise DatasetError(f"{out}: no finished sessions to gather; run the participant level.")
    rows = [row for record in finished for row in _rows_of(record)]
    write_tsv(out / "group_measures.tsv", rows, columns=("participant_id", "session_id", *COLUMNS))
    who: dict[str, Any] = {
        "participant_id": {"Description": "Label of the participant."},
        "session_id": {"Description": "Label of the session, n/a in data sets without."},
    }
    write_json(out / "group_measures.json", who | dictionary())
    left = len(records) - len(finished)
    also = f"; {left} sessions are not finished and not in it" if left else ""
    return f"{out / 'group_measures.tsv'}: {len(finished)} sessions{also}"


def _rows_of(record: Record) -> list[dict[str, Any]]:
    who = {
        "participant_id": f"sub-{record.subject}",
        "session_id": f"ses-{record.session}" if record.session else None,
    }
    return [who | row for row in measure_rows(record)]
