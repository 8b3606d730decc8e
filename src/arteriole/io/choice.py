"""Which files make up one gradient-echo scan, which were left aside, and why."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PartName = Literal["mag", "phase", "real", "imag"]

ROLES: dict[PartName, str] = {
    "mag": "magnitude",
    "phase": "phase",
    "real": "real part",
    "imag": "imaginary part",
}


@dataclass(frozen=True)
class EchoFile:
    """One image file of a scan.

    Parameters
    ----------
    path : Path
        NIfTI file; 3-D, or 4-D with the echoes last.
    part : {"mag", "phase", "real", "imag"}
        What it holds.
    echo : int, optional
        Echo number in the file's name.
    sidecars : tuple of Path
        JSON files that apply to it, the most general first.
    coil : str, optional
        Receive coil in the file's name, of a scan whose coils are not combined.
    volumes : tuple of int, optional
        The volumes of the file that count; all unless given.
    """

    path: Path
    part: PartName
    echo: int | None = None
    sidecars: tuple[Path, ...] = ()
    coil: str | None = None
    volumes: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Ignored:
    """A file that was left aside, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Choice:
    """The files of the scan that is processed.

    Parameters
    ----------
    files : tuple of EchoFile
        At least one.
    ignored : tuple of Ignored
        Other gradient-echo files of the session.
    rule : str
        Why these were taken, in words, for the record.
    root : Path, optional
        Folder that names in the record are relative to.
    entities : dict
        Entities that all files share (``acquisition``, ``run``, ...), kept in names of outputs.
    """

    files: tuple[EchoFile, ...]
    ignored: tuple[Ignored, ...] = ()
    rule: str = ""
    root: Path | None = None
    entities: tuple[tuple[str, str], ...] = ()

    def name(self, path: Path) -> str:
        """Return a file's name for the record: below the root, and never an absolute path."""
        if self.root is not None and path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return path.name


def plain_choice(
    magnitudes: Sequence[str | os.PathLike[str]],
    phases: Sequence[str | os.PathLike[str]] = (),
    *,
    reals: Sequence[str | os.PathLike[str]] = (),
    imaginaries: Sequence[str | os.PathLike[str]] = (),
) -> Choice:
    """Make a choice of plain files in echo order; a JSON file beside each is its sidecar."""
    pairs: list[tuple[PartName, Sequence[str | os.PathLike[str]]]] = [
        ("mag", magnitudes),
        ("phase", phases),
        ("real", reals),
        ("imag", imaginaries),
    ]
    files = [
        EchoFile(Path(name), part, echo, beside(Path(name)))
        for part, names in pairs
        for echo, name in enumerate(names, start=1)
    ]
    return Choice(tuple(files), rule="the files named on the command line")


def stem(path: Path) -> str:
    """Return a NIfTI file's name without ``.nii`` or ``.nii.gz``."""
    return path.name.removesuffix(".gz").removesuffix(".nii")


def beside(path: Path) -> tuple[Path, ...]:
    """Return the JSON sidecar beside a file, if there is one."""
    sidecar = path.with_name(stem(path) + ".json")
    return (sidecar,) if sidecar.is_file() else ()
