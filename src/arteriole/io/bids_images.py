"""T1w, T2w, FLAIR and CT of a session of a BIDS data set, each chosen by a stated rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arteriole.errors import InputError
from arteriole.io.bids import applying, sidecars_of
from arteriole.io.bids_filter import conditions_of, meets
from arteriole.io.bids_names import BidsName, parse_name
from arteriole.io.bids_walk import Session, files_in
from arteriole.io.choice import Ignored
from arteriole.io.nifti import read_header
from arteriole.scan.image_kind import IMAGE_KINDS, ImageKind

IMAGE_RULE = (
    "without contrast agent before with; CT of a soft kernel before bone; then thinner slices (the "
    "longest side of a voxel); then smaller voxels; then the last run, since a repeat usually "
    "replaces a failed scan; then by name"
)
_WHY = (
    "is without contrast agent",
    "is of a soft kernel",
    "has thinner slices",
    "has smaller voxels",
    "is a later run",
    "is first by name",
)
_Rank = tuple[bool, bool, float, float, int, str]


@dataclass(frozen=True)
class FoundImage:
    """The image of one kind that a session is worked on with.

    Parameters
    ----------
    kind : ImageKind
        What it is.
    path : Path
        The file.
    sidecars : tuple of Path
        JSON files that apply to it, the most general first.
    entities : tuple of (str, str)
        Of its name, without subject and session; kept in names of outputs.
    rule : str
        Why it was taken, in words, for the record.
    """

    kind: ImageKind
    path: Path
    sidecars: tuple[Path, ...] = ()
    entities: tuple[tuple[str, str], ...] = ()
    rule: str = "the only one"


def find_images(
    session: Session, filters: Mapping[str, Any] | None = None
) -> tuple[dict[str, FoundImage], list[Ignored]]:
    """Choose one image of each kind of a session.

    Parameters
    ----------
    session : Session
        Where to look: ``anat/*_T1w``, ``*_T2w``, ``*_FLAIR``, ``*_swi``; ``swi/*_swi``;
        ``ct/*_ct``.
    filters : mapping, optional
        As `bids_filter.conditions_of` takes them, with the sections ``t1w``, ``t2w``, ``flair``,
        ``swi`` and ``ct``.

    Returns
    -------
    found : dict of str to FoundImage
        By the kind's name; without the kinds that there are none of.
    ignored : list of Ignored
        Files of these kinds that were left aside, and why (`IMAGE_RULE`).

    Raises
    ------
    SettingsError
        If a filter names an unknown entity.
    """
    found: dict[str, FoundImage] = {}
    ignored: list[Ignored] = []
    sidecars = sidecars_of(session)
    for kind in IMAGE_KINDS.values():
        conditions = conditions_of(filters or {}, kind.section)
        named = _named(session, kind, ignored)
        kept = [(path, name) for path, name in named if meets(name, path.parent.name, conditions)]
        left = [path for path, _ in named if path not in [p for p, _ in kept]]
        ignored += [Ignored(path, "left out by the filter") for path in left]
        if not kept:
            continue
        ranked = sorted((_rank(path, name, tie=len(kept) > 1), path, name) for path, name in kept)
        first, path, name = ranked[0]
        ignored += [
            Ignored(other, f"{name.text} was chosen: it {_why(first, rank)}")
            for rank, other, _ in ranked[1:]
        ]
        entities = tuple((k, v) for k, v in name.entities.items() if k not in ("sub", "ses"))
        rule = f"one of {len(kept)}: {IMAGE_RULE}" if len(kept) > 1 else "the only one"
        found[kind.name] = FoundImage(kind, path, applying(path, sidecars), entities, rule)
    return found, ignored


def _named(
    session: Session, kind: ImageKind, ignored: list[Ignored]
) -> list[tuple[Path, BidsName]]:
    """Return the images of a kind with their names; phase and parts of complex images go aside."""
    named = []
    folders = (kind.folder, *kind.also_in)
    for path in (path for folder in folders for path in files_in(session.folder / folder)):
        name = parse_name(path.name)
        if name is None or name.extension not in (".nii.gz", ".nii") or name.suffix != kind.suffix:
            continue
        part = name.entities.get("part", "mag")
        if part == "mag":
            named.append((path, name))
        else:
            ignored.append(Ignored(path, f"part-{part} is not an image of magnitude"))
    return named


def _rank(path: Path, name: BidsName, *, tie: bool) -> _Rank:
    """Return what the rule compares, smallest first."""
    longest, volume = 0.0, 0.0
    if tie:
        try:
            grid = read_header(path).grid
            longest, volume = round(max(grid.voxel_size_mm), 2), round(grid.voxel_volume_mm3, 3)
        except InputError:
            # A file that cannot be read goes last; chosen all the same if it is the only one.
            longest = volume = float("inf")
    made = "".join(name.entities.get(key, "") for key in ("acq", "rec")).lower()
    run = name.entities.get("run", "")
    return (
        "ce" in name.entities,
        "bone" in made,
        longest,
        volume,
        -(int(run) if run.isdigit() else 0),
        name.text,
    )


def _why(first: _Rank, other: _Rank) -> str:
    """Return what sets the first apart from another, in words."""
    return next(why for a, b, why in zip(first, other, _WHY, strict=True) if a != b)
