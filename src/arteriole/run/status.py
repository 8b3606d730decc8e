"""How far an output folder is: every session with its state, read from the records."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from arteriole.errors import DatasetError
from arteriole.run.lock import is_held


@dataclass(frozen=True)
class State:
    """The state of one session.

    Parameters
    ----------
    status : str
        ``done``, ``skipped``, ``failed``, ``running`` (a living run holds it) or ``interrupted``.
    reason : str
        Why it failed or was skipped.
    """

    label: str
    status: str
    reason: str = ""
    seconds: float = 0.0


def read_states(out: Path) -> list[State]:
    """Return the state of each session of an output folder, sorted by label.

    Raises
    ------
    DatasetError
        When the folder is not an output of this program.
    """
    if not out.is_dir():
        raise DatasetError(f"{out}: no such output folder")
    return sorted((_state(path) for path in _records(out)), key=lambda state: state.label)


def summary(states: list[State]) -> str:
    """Return the counts in words, ``3 done, 1 failed``."""
    counts = Counter(state.status for state in states)
    order = ("done", "skipped", "running", "interrupted", "failed")
    return ", ".join(f"{counts[name]} {name}" for name in order if counts[name]) or "no sessions"


def _records(out: Path) -> Iterator[Path]:
    if (out / "run.json").exists():
        yield out / "run.json"
    yield from out.glob("sub-*/run.json")
    yield from out.glob("sub-*/ses-*/run.json")


def _state(path: Path) -> State:
    try:
        record = json.loads(path.read_bytes())
        seconds = sum(step["seconds"] for step in record["steps"])
        label, status, reason = record["label"], record["status"], record["reason"]
    except (OSError, ValueError, KeyError, TypeError):
        return State(str(path.parent.name), "failed", "its record cannot be read")
    if status == "running" or (status == "failed" and not reason):
        status = "interrupted"
    if is_held(path.parent):
        status = "running"
    return State(label, status, reason, seconds)
