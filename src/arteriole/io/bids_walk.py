"""The walk over a BIDS data set: only folders that are asked for are looked at."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from arteriole.errors import DatasetError

DATA_FOLDERS = ("anat", "swi", "ct")
"""Folders of a session whose images are looked at."""


@dataclass(frozen=True)
class Session:
    """One visit of one participant; ``session`` is None in data sets without sessions."""

    root: Path
    subject: str
    session: str | None = None

    @property
    def label(self) -> str:
        """The name that files of the session begin with, as ``sub-01_ses-02``."""
        return self.folder_name.replace("/", "_")

    @property
    def folder_name(self) -> str:
        """The session's folder below the root, as ``sub-01/ses-02``."""
        return f"sub-{self.subject}" + (f"/ses-{self.session}" if self.session else "")

    @property
    def folder(self) -> Path:
        """The session's folder."""
        return self.root / self.folder_name


def find_sessions(
    root: str | os.PathLike[str],
    participant_labels: Iterable[str] | None = None,
    session_labels: Iterable[str] | None = None,
) -> list[Session]:
    """Return the sessions of a data set, sorted; only folders that are asked for are looked at.

    Parameters
    ----------
    root : path
        The data set.
    participant_labels, session_labels : iterable of str, optional
        With or without ``sub-`` and ``ses-``. A data set without sessions has one each.

    Raises
    ------
    DatasetError
        If the folder is no BIDS data set, or lacks a participant that is asked for.
    """
    root = Path(root)
    if not root.is_dir():
        raise DatasetError(f"{root}: there is no such folder. Give the folder of a BIDS data set.")
    wanted = None if session_labels is None else {_bare(s, "ses-") for s in session_labels}
    sessions = []
    for subject in _subjects(root, participant_labels):
        visits = _children(root / f"sub-{subject}", "ses-")
        if visits:
            chosen = (v for v in visits if wanted is None or v in wanted)
            sessions += [Session(root, subject, visit) for visit in chosen]
        elif wanted is None:
            sessions.append(Session(root, subject))
    return sessions


def list_names(session: Session) -> tuple[str, ...]:
    """Return the names below the root of all files that a choice of the session looks at."""
    root = os.fspath(session.root)
    inside = [os.fspath(folder)[len(root) + 1 :] for folder in levels_of(session)[1:]]
    names: list[str] = []
    for folder in inside:
        ending = "" if folder.rpartition("/")[2] in DATA_FOLDERS else ".json"
        try:
            with os.scandir(f"{root}/{folder}") as entries:
                found = [e.name for e in entries if e.name.endswith(ending) and not e.is_dir()]
        except OSError:
            continue
        names += [f"{folder}/{name}" for name in found]
    return tuple(sorted(names))


def _subjects(root: Path, labels: Iterable[str] | None) -> list[str]:
    """Return the labels of participants, without listing the data set if they are named."""
    if labels is None:
        found = _children(root, "sub-")
        if not found:
            raise DatasetError(
                f"{root}: this is not a BIDS data set: it has no sub-* folders. "
                "For a folder of DICOM files, run 'arteriole import' first."
            )
        return found
    asked = list(dict.fromkeys(_bare(label, "sub-") for label in labels))
    absent = [label for label in asked if not (root / f"sub-{label}").is_dir()]
    if absent:
        _subjects(root, None)
        raise DatasetError(f"{root}: there is no {', '.join(f'sub-{a}' for a in absent)} in it.")
    return sorted(asked, key=_natural)


def _children(folder: Path, prefix: str) -> list[str]:
    """Return the labels of sub-folders that begin with a prefix, in natural order."""
    try:
        with os.scandir(folder) as entries:
            labels = [e.name[4:] for e in entries if e.name.startswith(prefix) and e.is_dir()]
    except OSError as error:
        raise DatasetError(f"{folder}: cannot be listed ({error.strerror}).") from error
    return sorted(labels, key=_natural)


def files_in(folder: Path, ending: str = "") -> list[Path]:
    """Return the files of a folder, sorted; none if it is not there."""
    try:
        with os.scandir(folder) as entries:
            named = [e for e in entries if e.name.endswith(ending)]
            return sorted(folder / e.name for e in named if not e.is_dir())
    except OSError:
        return []


def levels_of(session: Session) -> list[Path]:
    """Return the folders whose sidecars apply, the most general first, data folders last."""
    levels = [session.root, session.root / f"sub-{session.subject}"]
    if session.session:
        levels.append(session.folder)
    return levels + [session.folder / name for name in DATA_FOLDERS]


def _bare(label: str, prefix: str) -> str:
    """Return a label without its prefix; a label is letters and digits."""
    bare = label.strip().removeprefix(prefix)
    if not re.fullmatch(r"[A-Za-z0-9+_.-]+", bare) or ".." in bare:
        raise DatasetError(f"{label!r} is not a label: labels are letters and digits.")
    return bare


def _natural(label: str) -> list[tuple[int, str]]:
    """Sort 2 before 10."""
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", label) if p]
