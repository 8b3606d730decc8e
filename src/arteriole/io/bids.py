"""BIDS data sets by an own walk: sessions, and the gradient echo of one, by a stated rule."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arteriole.errors import DatasetError, InputError, SettingsError
from arteriole.io.bids_names import BidsName, parse_name
from arteriole.io.choice import Choice, EchoFile, Ignored, PartName
from arteriole.io.nifti import read_header

_FOLDERS = ("anat", "swi")
_RAW = ("MEGRE", "T2starw", "GRE", "T2star")
_DERIVED = ("swi", "minIP", "mip")
_PARTS: dict[str | None, PartName] = {
    None: "mag",
    "mag": "mag",
    "phase": "phase",
    "real": "real",
    "imag": "imag",
}
_SHORT = {"acquisition": "acq", "reconstruction": "rec", "direction": "dir", "ceagent": "ce"}
_FILTERS = ("acq", "rec", "dir", "ce", "run", "suffix", "datatype", "chunk")
RULE = (
    "with phase before without; then more echoes; then smaller voxels; then the last run, since a "
    "repeat usually replaces a failed scan; then by name"
)
_WHY = ("has phase", "has more echoes", "has smaller voxels", "is a later run", "is first by name")


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


@dataclass(frozen=True)
class _Scan:
    """Files that differ by echo and part only."""

    files: Mapping[tuple[int | None, PartName], Path]
    name: BidsName
    folder: str

    @property
    def with_phase(self) -> bool:
        parts = {part for _, part in self.files}
        return {"mag", "phase"} <= parts or {"real", "imag"} <= parts

    @property
    def run(self) -> int:
        run = self.name.entities.get("run", "")
        return int(run) if run.isdigit() else 0


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
    names = []
    for folder in _levels(session)[1:]:
        names += [p for p in _files(folder) if folder.name in _FOLDERS or p.suffix == ".json"]
    return tuple(sorted(path.relative_to(session.root).as_posix() for path in names))


def find_gradient_echo(session: Session, filters: Mapping[str, Any] | None = None) -> Choice:
    """Choose the gradient echo of a session.

    Parameters
    ----------
    session : Session
        Where to look: its ``anat`` and ``swi`` folders.
    filters : mapping, optional
        As in fMRIPrep's filter file: ``{"megre": {"acquisition": "swi"}}`` or its inner part. A
        value may be a list of choices, or null for an entity that must be absent.

    Returns
    -------
    Choice
        Files of `_MEGRE`, `_T2starw` or `_GRE`, with or without ``echo-`` and ``part-``; what was
        left aside, each with a reason; the rule in words (`RULE`).

    Raises
    ------
    InputError
        If there is none, or none that the filters let through.
    SettingsError
        If a filter names an unknown entity.
    """
    conditions = _conditions(filters or {})
    scans, ignored = _scans(session)
    kept = [scan for scan in scans if _passes(scan, conditions)]
    for scan in scans:
        if scan not in kept:
            ignored += [Ignored(p, "left out by the filter") for p in scan.files.values()]
    if not kept:
        asked = f" that the filter {dict(conditions)} lets through" if scans else ""
        raise InputError(
            f"there is no gradient echo{asked}",
            file=session.folder_name,
            remedy="Expected anat/*_MEGRE.nii.gz or anat/*_T2starw.nii.gz.",
        )
    ranks = {id(scan): _rank(scan, tie=len(kept) > 1) for scan in kept}
    kept.sort(key=lambda scan: ranks[id(scan)])
    first = kept[0]
    for scan in kept[1:]:
        pairs = zip(ranks[id(first)], ranks[id(scan)], strict=True)
        why = next(w for (a, b), w in zip(pairs, _WHY, strict=True) if a != b)
        reason = f"{first.name.text} was chosen: it {why}"
        ignored += [Ignored(path, reason) for path in scan.files.values()]
    sidecars = _sidecars(session)
    files = [
        EchoFile(path, part, echo, _applying(path, sidecars))
        for (echo, part), path in sorted(first.files.items(), key=lambda f: (f[0][0] or 0, f[0][1]))
    ]
    rule = f"one of {len(kept)} gradient echoes: {RULE}" if len(kept) > 1 else "the only one"
    entities = [(k, v) for k, v in first.name.entities.items() if k not in ("sub", "ses")]
    return Choice(tuple(files), tuple(ignored), rule, session.root, tuple(entities))


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


def _files(folder: Path, ending: str = "") -> list[Path]:
    """Return the files of a folder, sorted; none if it is not there."""
    try:
        with os.scandir(folder) as entries:
            named = [e for e in entries if e.name.endswith(ending)]
            return sorted(folder / e.name for e in named if not e.is_dir())
    except OSError:
        return []


def _levels(session: Session) -> list[Path]:
    """Return the folders whose sidecars apply, the most general first, data folders last."""
    levels = [session.root, session.root / f"sub-{session.subject}"]
    if session.session:
        levels.append(session.folder)
    return levels + [session.folder / name for name in _FOLDERS]


def _scans(session: Session) -> tuple[list[_Scan], list[Ignored]]:
    """Group a session's gradient-echo files by all entities but echo and part."""
    groups: dict[str, dict[tuple[int | None, PartName], Path]] = {}
    names: dict[str, BidsName] = {}
    ignored: list[Ignored] = []
    for path in (p for folder in _FOLDERS for p in _files(session.folder / folder)):
        name = parse_name(path.name)
        if name is None or name.extension not in (".nii.gz", ".nii"):
            continue
        if name.suffix in _DERIVED:
            ignored.append(Ignored(path, "made by the scanner or another program, not raw"))
        if name.suffix not in _RAW:
            continue
        part, echo = name.entities.get("part"), name.entities.get("echo", "")
        if part not in _PARTS or (echo and not echo.isdigit()):
            ignored.append(Ignored(path, f"part-{part} echo-{echo} is not understood"))
            continue
        common = name.without("echo", "part")
        key = f"{path.parent.name}/{common.text}"
        names[key] = common
        place = (int(echo) if echo else None, _PARTS[part])
        if place in groups.setdefault(key, {}):
            ignored.append(Ignored(path, f"the same as {groups[key][place].name}"))
            continue
        groups[key][place] = path
    return [_Scan(groups[k], names[k], k.partition("/")[0]) for k in groups], ignored


def _rank(scan: _Scan, *, tie: bool) -> tuple[bool, int, float, int, str]:
    """Return what the rule compares, smallest first."""
    volume, echoes = 0.0, len({echo for echo, _ in scan.files})
    if tie:
        try:
            header = read_header(next(iter(scan.files.values())))
            volume = round(header.grid.voxel_volume_mm3, 3)
            echoes = max(echoes, header.volumes)
        except InputError:
            # A file that cannot be read goes last; chosen all the same if it is the only one.
            volume, echoes = float("inf"), 0
    return (not scan.with_phase, -echoes, volume, -scan.run, scan.name.text)


def _conditions(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filter's conditions by short entity names."""
    inner = filters.get("megre", filters)
    if not isinstance(inner, Mapping):
        raise SettingsError(f"the filter for megre must be a table of entities, not {inner!r}")
    if inner is filters and all(isinstance(v, Mapping) for v in filters.values()):
        # A filter file of another program's, or one with nothing to say on this scan.
        inner = {}
    conditions = {_SHORT.get(key, key): value for key, value in inner.items()}
    unknown = [key for key in conditions if key not in _FILTERS]
    if unknown:
        raise SettingsError(f"the filter names {unknown[0]!r}; it can name {', '.join(_FILTERS)}")
    return conditions


def _passes(scan: _Scan, conditions: Mapping[str, Any]) -> bool:
    """Tell whether a scan's name meets all conditions."""
    for key, wanted in conditions.items():
        got = {"suffix": scan.name.suffix, "datatype": scan.folder}.get(key)
        got = got or scan.name.entities.get(key)
        options = wanted if isinstance(wanted, list | tuple) else [wanted]
        if not any(_equal(got, option) for option in options):
            return False
    return True


def _equal(got: str | None, wanted: object) -> bool:
    """Compare a label with what is wanted; run 1 is run 01."""
    if got is None or wanted is None:
        return got is wanted
    text = str(wanted)
    return got == text or (got.isdigit() and text.isdigit() and int(got) == int(text))


def _sidecars(session: Session) -> list[tuple[BidsName, Path]]:
    """Return all JSON files that may apply in a session, the most general first."""
    found = []
    for folder in _levels(session):
        names = [(parse_name(path.name), path) for path in _files(folder, ".json")]
        found += sorted(
            ((name, path) for name, path in names if name is not None),
            key=lambda pair: len(pair[0].entities),
        )
    return found


def _applying(image: Path, sidecars: list[tuple[BidsName, Path]]) -> tuple[Path, ...]:
    """Return the JSON files that apply to an image by the inheritance rule."""
    name = parse_name(image.name)
    assert name is not None
    return tuple(
        path
        for other, path in sidecars
        if other.suffix == name.suffix
        and other.entities.items() <= name.entities.items()
        and path.parent in image.parents
    )


def _bare(label: str, prefix: str) -> str:
    """Return a label without its prefix; a label is letters and digits."""
    bare = label.strip().removeprefix(prefix)
    if not re.fullmatch(r"[A-Za-z0-9+_.-]+", bare) or ".." in bare:
        raise DatasetError(f"{label!r} is not a label: labels are letters and digits.")
    return bare


def _natural(label: str) -> list[tuple[int, str]]:
    """Sort 2 before 10."""
    return [(int(p), "") if p.isdigit() else (-1, p) for p in re.split(r"(\d+)", label) if p]
