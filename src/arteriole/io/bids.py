"""The gradient echo of a session of a BIDS data set, chosen by a stated rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arteriole.errors import AbsentError, InputError
from arteriole.io.bids_filter import conditions_of, meets
from arteriole.io.bids_names import BidsName, parse_name
from arteriole.io.bids_walk import (
    DATA_FOLDERS,
    Session,
    files_in,
    find_sessions,
    levels_of,
    list_names,
)
from arteriole.io.choice import Choice, EchoFile, Ignored, PartName
from arteriole.io.nifti import read_header

__all__ = ["RULE", "Session", "find_gradient_echo", "find_sessions", "list_names"]

_RAW = ("MEGRE", "T2starw", "GRE", "T2star")
_DERIVED = ("swi", "minIP", "mip")
_PARTS: dict[str | None, PartName] = {
    None: "mag",
    "mag": "mag",
    "phase": "phase",
    "real": "real",
    "imag": "imag",
}
RULE = (
    "with phase before without; then combined before coil by coil; then more echoes; then smaller "
    "voxels; then the last run, since a repeat usually replaces a failed scan; then by name"
)
_WHY = (
    "has phase",
    "is combined",
    "has more echoes",
    "has smaller voxels",
    "is a later run",
    "is first by name",
)


_Place = tuple[int | None, PartName, str | None]
"""Echo, part, and receive coil of a scan whose coils are not combined."""
_COIL = ("ch", "coil")


@dataclass(frozen=True)
class _Scan:
    """Files that differ by echo and part only, or by their coil too."""

    files: Mapping[_Place, Path]
    name: BidsName
    folder: str

    @property
    def with_phase(self) -> bool:
        parts = {part for _, part, _ in self.files}
        return {"mag", "phase"} <= parts or {"real", "imag"} <= parts

    @property
    def in_coils(self) -> bool:
        return any(coil is not None for _, _, coil in self.files)

    @property
    def run(self) -> int:
        run = self.name.entities.get("run", "")
        return int(run) if run.isdigit() else 0


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
        Files of `_MEGRE`, `_T2starw` or `_GRE`, with or without ``echo-`` and ``part-``, and with
        ``ch-`` (or ``coil-``) where each receive coil has its own files; what was
        left aside, each with a reason; the rule in words (`RULE`).

    Raises
    ------
    AbsentError
        If there is none, or none that the filters let through.
    SettingsError
        If a filter names an unknown entity.
    """
    conditions = conditions_of(filters or {}, "megre")
    scans, ignored = _scans(session)
    kept = [scan for scan in scans if meets(scan.name, scan.folder, conditions)]
    for scan in scans:
        if scan not in kept:
            ignored += [Ignored(p, "left out by the filter") for p in scan.files.values()]
    if not kept:
        asked = f" that the filter {dict(conditions)} lets through" if scans else ""
        raise AbsentError(
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
    sidecars = sidecars_of(session)
    files = [
        EchoFile(path, part, echo, applying(path, sidecars), coil)
        for (echo, part, coil), path in sorted(first.files.items(), key=_in_order)
    ]
    rule = f"one of {len(kept)} gradient echoes: {RULE}" if len(kept) > 1 else "the only one"
    entities = [(k, v) for k, v in first.name.entities.items() if k not in ("sub", "ses")]
    return Choice(tuple(files), tuple(ignored), rule, session.root, tuple(entities))


def _scans(session: Session) -> tuple[list[_Scan], list[Ignored]]:
    """Group a session's gradient-echo files by all entities but echo and part."""
    groups: dict[str, dict[_Place, Path]] = {}
    names: dict[str, BidsName] = {}
    ignored: list[Ignored] = []
    for path in (p for folder in DATA_FOLDERS for p in files_in(session.folder / folder)):
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
        common = name.without("echo", "part", *_COIL)
        coil = next((name.entities[key] for key in _COIL if key in name.entities), None)
        key = f"{path.parent.name}/{common.text}" + ("" if coil is None else "/in coils")
        names[key] = common
        place = (int(echo) if echo else None, _PARTS[part], coil)
        if place in groups.setdefault(key, {}):
            ignored.append(Ignored(path, f"the same as {groups[key][place].name}"))
            continue
        groups[key][place] = path
    return [_Scan(groups[k], names[k], k.partition("/")[0]) for k in groups], ignored


def _in_order(file: tuple[_Place, Path]) -> tuple[int, str, str]:
    """Sort files by echo, part and coil."""
    (echo, part, coil), _ = file
    return (echo or 0, part, coil or "")


def _rank(scan: _Scan, *, tie: bool) -> tuple[bool, bool, int, float, int, str]:
    """Return what the rule compares, smallest first."""
    volume, echoes = 0.0, len({echo for echo, _, _ in scan.files})
    if tie:
        try:
            header = read_header(next(iter(scan.files.values())))
            volume = round(header.grid.voxel_volume_mm3, 3)
            echoes = max(echoes, header.volumes // header.fifth)
        except InputError:
            # A file that cannot be read goes last; chosen all the same if it is the only one.
            volume, echoes = float("inf"), 0
    return (not scan.with_phase, scan.in_coils, -echoes, volume, -scan.run, scan.name.text)


def sidecars_of(session: Session) -> list[tuple[BidsName, Path]]:
    """Return all JSON files that may apply in a session, the most general first."""
    found = []
    for folder in levels_of(session):
        names = [(parse_name(path.name), path) for path in files_in(folder, ".json")]
        found += sorted(
            ((name, path) for name, path in names if name is not None),
            key=lambda pair: len(pair[0].entities),
        )
    return found


def applying(image: Path, sidecars: list[tuple[BidsName, Path]]) -> tuple[Path, ...]:
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
