"""Who is who: labels of subjects and sessions for the people and days of a DICOM folder."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from arteriole.errors import CommandError, OutputError
from arteriole.io.dicom_headers import Frame
from arteriole.io.dicom_privacy import hashed_label, is_label, person_of


@dataclass(frozen=True)
class Target:
    """A session of the data set, or of a subject without sessions."""

    subject: str
    session: str | None = None

    @property
    def folder(self) -> Path:
        """Folder within the data set."""
        parts = [f"sub-{self.subject}"] + ([f"ses-{self.session}"] if self.session else [])
        return Path(*parts)

    @property
    def prefix(self) -> str:
        """How file names start."""
        return "_".join(self.folder.parts)


Visit = tuple[str, str]
"""A person and a day, as the headers have them. Both identify: they are never written."""


def visit_of(frame: Frame) -> Visit:
    """Return the person and the day of a frame; studies of one day are one visit."""
    names = ("StudyDate", "AcquisitionDate", "SeriesDate", "StudyInstanceUID")
    return person_of(frame), next((frame.text(n) for n in names if frame.text(n)), "")


def assign_targets(
    visits: Iterable[Visit],
    *,
    participant_label: str | None = None,
    session_label: str | None = None,
    mapping: Path | None = None,
    salt: bytes = b"",
) -> tuple[dict[Visit, Target], list[str]]:
    """Give each visit its labels, and say which cannot have one.

    The label is the one asked for, or the one in the mapping, or a salted hash of the patient
    number. A person seen on several days gets sessions 1, 2, ... by date, unless the mapping names
    them.

    Raises
    ------
    CommandError
        If one label is asked for several people or several days, or a label or the mapping is
        not usable.
    """
    days: dict[str, list[str]] = {}
    for person, day in sorted(set(visits)):
        days.setdefault(person, []).append(day)
    subject, session = _checked("sub-", participant_label), _checked("ses-", session_label)
    if subject and len(days) > 1:
        raise CommandError(
            f"the folder holds {len(days)} people, --participant-label names one: "
            "give --mapping, or import one folder a person"
        )
    table = _read_mapping(mapping) if mapping else None
    targets: dict[Visit, Target] = {}
    refused: list[str] = []
    for number, (person, when) in enumerate(days.items(), start=1):
        if session and len(when) > 1:
            raise CommandError(
                f"a person was scanned on {len(when)} days, --session-label names one: "
                "give --mapping with study_date and session_label, or import one day at a time"
            )
        for visit_number, day in enumerate(when, start=1):
            counted = str(visit_number) if len(when) > 1 else None
            if table is None or subject:
                label = subject or hashed_label(person, salt)
                targets[person, day] = Target(label, session or counted)
                continue
            patient = person.partition("\0")[0]
            found = table.get((patient, day)) or table.get((patient, ""))
            if found is None:
                refused.append(f"person {number} of {len(days)} is not in the mapping")
                break
            targets[person, day] = Target(found.subject, found.session or session or counted)
    return targets, refused


def read_salt(path: Path, *, make: bool) -> bytes | None:
    """Return the salt of a file, made if it is not there yet and ``make`` says so."""
    if not path.exists():
        if not make:
            return None
        try:
            with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(32) + "\n")
        except OSError as error:
            raise OutputError(
                f"the salt for labels cannot be written ({error.strerror})",
                file=path,
                remedy="Name another place with --salt-file, or give --participant-label.",
            ) from error
    salt = path.read_bytes().strip()
    if len(salt) < 16:
        raise CommandError(f"{path} is too short for a salt: 16 letters or more")
    return salt


def _checked(prefix: str, label: str | None) -> str | None:
    """Return a label without its prefix, or refuse it."""
    if label is None:
        return None
    bare = label.removeprefix(prefix)
    if not is_label(bare):
        raise CommandError(f"{label!r} is no label: up to 32 letters and digits, nothing else")
    return bare


def _read_mapping(path: Path) -> dict[tuple[str, str], Target]:
    """Read a table of patient_id, participant_label and, if given, study_date, session_label."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
    except (OSError, ValueError, csv.Error) as error:
        raise CommandError(f"the mapping {path} cannot be read ({error})") from error
    if not rows or not {"patient_id", "participant_label"} <= set(rows[0]):
        raise CommandError(
            f"the mapping {path} needs tab-separated columns patient_id and participant_label "
            "(and may have study_date, YYYYMMDD, and session_label)"
        )
    table = {}
    for row in rows:
        subject = _checked("sub-", (row["participant_label"] or "").strip())
        session = _checked("ses-", (row.get("session_label") or "").strip() or None)
        key = (row["patient_id"] or "").strip(), (row.get("study_date") or "").strip()
        table[key] = Target(subject or "", session)
    return table
