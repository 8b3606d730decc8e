"""What a child process is asked to do, and what it answers: small things that pickle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from arteriole.scan.image_kind import ImageKind
from arteriole.settings import Settings
from arteriole.step import Acquisition


@dataclass(frozen=True)
class InputFile:
    """A file that counts: where it is, its name in the record, what it is used as."""

    path: Path
    name: str
    role: str


@dataclass(frozen=True)
class ChosenImage:
    """An image beside the gradient echo, or in a session without one; on its own grid.

    Parameters
    ----------
    kind : ImageKind
        What it is.
    path : Path
        The file.
    name : str
        Of the file, in the record.
    prefix : str
        Start of the names of outputs on its grid, up to its space: ``sub-01_acq-hi_``.
    voxels : int
        Its size; 0 when its header cannot be read.
    rule : str
        Why it was taken.
    sidecars : tuple of Path
        JSON files that apply to it.
    """

    kind: ImageKind
    path: Path
    name: str
    prefix: str = ""
    voxels: int = 0
    rule: str = ""
    sidecars: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """What a source offers, told from names and headers without reading voxels.

    Parameters
    ----------
    files : tuple of InputFile
        Images and sidecars that will be read.
    given : frozenset of str
        Values that reading them gives.
    absent : mapping of str to str
        Values of the flow that are not there, with the reason in words.
    ignored : tuple of dict
        Files left aside, each with ``file`` and ``reason``.
    prefix : str
        Start of the names of outputs, ``sub-01_ses-01_acq-swi_`` or empty.
    voxels, echoes : int
        Size of the scan, for the estimate of memory.
    images : mapping of str to ChosenImage
        Images on grids of their own, by the names of their values, which are in ``given`` too.
    refused : str
        Why a gradient echo that is there cannot be used; the images still can.
    """

    files: tuple[InputFile, ...]
    given: frozenset[str]
    absent: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[Mapping[str, str], ...] = ()
    prefix: str = ""
    voxels: int = 0
    echoes: int = 0
    images: Mapping[str, ChosenImage] = field(default_factory=dict)
    refused: str = ""

    @property
    def scanned(self) -> frozenset[str]:
        """Values that come with the gradient echo; none in a session without."""
        return self.given - self.images.keys()

    def has(self, image: str) -> bool:
        """Tell whether the session has an image; ``gre`` is the gradient echo."""
        return bool(self.scanned) if image == "gre" else image in self.images

    @property
    def image_voxels(self) -> dict[str, int]:
        """Size of each image on a grid of its own."""
        return {name: image.voxels for name, image in self.images.items()}


@dataclass(frozen=True, eq=False)
class Raw:
    """What reading a source gives: values by name, the acquisition, facts for the record."""

    values: Mapping[str, Any]
    acquisition: Acquisition
    facts: Mapping[str, Any]
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """Where the raw values of a session come from: a BIDS session, or plain files."""

    def parameters(self) -> Mapping[str, Any]:
        """Return what was said beside the files (filters, times, units), JSON-able."""

    def list_names(self) -> tuple[str, ...]:
        """Return the names that a choice would be made from, sorted; quick."""

    def locate(self, name: str) -> str:
        """Return where a file of the record lies now; a plain string, as many are asked for."""

    def name_of(self, path: str) -> str:
        """Return a file's name for the record: never where the data set lies."""

    def choose(self) -> Chosen:
        """Choose among the files; raises InputError when nothing can be used."""

    def read(self, settings: Settings) -> Raw:
        """Read the chosen files; raises InputError when they cannot be used."""


@dataclass(frozen=True)
class Job:
    """One session to be brought up to date.

    Parameters
    ----------
    label : str
        ``sub-01_ses-01``, or the name of a plain-file run.
    source : Source
        Where the raw values come from.
    folder : Path
        Session folder of the outputs; holds ``run.json``.
    images : Path
        Folder of the maps, the session folder or one below it.
    report : Path
        The page.
    settings : Settings
        All settings.
    targets : tuple of str or None
        Values wanted; everything unless given.
    """

    label: str
    source: Source
    folder: Path
    images: Path
    report: Path
    log: Path
    settings: Settings
    subject: str = ""
    session: str = ""
    seed: int = 0
    targets: tuple[str, ...] | None = None
    force: tuple[str, ...] = ()
    verify: bool = False
    break_lock: bool = False
    threads: int = 1
    memory_bytes: int = 0
    """What it may take; 0: what is free when it starts."""

    @property
    def record(self) -> Path:
        """Where the record lies."""
        return self.folder / "run.json"

    @property
    def prefix(self) -> str:
        """Start of the names of what belongs to the whole session; none for plain files."""
        return f"{self.label}_" if self.subject else ""

    def images_of(self, kind: ImageKind) -> Path:
        """Return the folder of what lies on the grid of an image: CT has its own in BIDS."""
        return self.images if self.images == self.folder else self.folder / kind.folder


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Parameters
    ----------
    status : str
        ``done``, ``unchanged`` (nothing to do), ``skipped`` (nothing for the flow), ``failed``.
    message : str
        What failed or why it was skipped, in words.
    """

    label: str
    status: Literal["done", "unchanged", "skipped", "failed"]
    message: str = ""
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    peak_memory_mib: float = 0.0
    made: tuple[str, ...] = ()
    """Steps that ran."""
