"""The record of a session, ``run.json``: what was read, done, reused, skipped, and why."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, Literal

from arteriole.errors import OutputError
from arteriole.io.atomic import write_json
from arteriole.version import __version__

SCHEMA = 1

Status = Literal["done", "reused", "skipped", "failed"]
SessionStatus = Literal["running", "done", "failed", "skipped"]


@dataclass(frozen=True)
class FileStamp:
    """A file as it was when last looked at; ``file`` is relative to the data set or output."""

    file: str
    size: int
    mtime_ns: int
    sha256: str
    role: str = ""

    @classmethod
    def of(cls, path: Path, name: str, *, role: str = "") -> FileStamp:
        """Look at a file, content included."""
        about = path.stat()
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(name, about.st_size, about.st_mtime_ns, digest, role)

    def untouched(self, path: Path, *, verify: bool = False) -> bool:
        """Tell whether the file is as it was: by size and time, by content where those differ.

        Raises
        ------
        FileNotFoundError
            When the file is gone.
        """
        about = path.stat()
        if about.st_size != self.size:
            return False
        if about.st_mtime_ns == self.mtime_ns and not verify:
            return True
        return FileStamp.of(path, self.file).sha256 == self.sha256


@dataclass
class StepRecord:
    """What became of one step."""

    name: str
    version: int
    key: str
    status: Status
    reason: str = ""
    refused: bool = False
    """Skipped by the step itself, not for want of an input: the same input is refused again."""
    settings: dict[str, Any] = field(default_factory=dict)
    outputs: list[FileStamp] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak_memory_mib: float = 0.0


@dataclass
class Record:
    """All that is kept of a session beside its images."""

    label: str
    subject: str = ""
    session: str = ""
    seed: int = 0
    preset: str = ""
    """Name of the preset that the settings are, if they are one."""
    status: SessionStatus = "running"
    reason: str = ""
    request: str = ""
    """Key of what was asked for: settings, targets, version; a run that asks the same is done."""
    inputs: list[FileStamp] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    """Names beside the inputs when they were chosen: a new file there asks for a new choice."""
    ignored: list[dict[str, str]] = field(default_factory=list)
    scan: dict[str, Any] = field(default_factory=dict)
    images: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is known of images on grids of their own, by the name of their value."""
    steps: list[StepRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    arteriole_version: str = __version__
    schema_version: int = SCHEMA

    def step(self, name: str) -> StepRecord | None:
        """Return the entry of a step, or None."""
        return next((s for s in self.steps if s.name == name), None)

    def put(self, entry: StepRecord) -> None:
        """Replace the entry of the same name, or add it at the end."""
        for i, old in enumerate(self.steps):
            if old.name == entry.name:
                self.steps[i] = entry
                return
        self.steps.append(entry)

    def sort(self, names: Sequence[str]) -> None:
        """Put the entries of steps in this order, others after them."""
        order = {name: number for number, name in enumerate(names)}
        self.steps.sort(key=lambda entry: order.get(entry.name, len(order)))

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON-able data."""
        return asdict(self)

    def save(self, path: Path) -> None:
        """Write the record; a reader sees the old one or the new one, never half."""
        write_json(path, self.to_dict())

    @classmethod
    def load(cls, path: Path) -> Record | None:
        """Read a record; None when there is none.

        Raises
        ------
        OutputError
            When the file is there but is not a record.
        """
        try:
            data = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            raise _broken(path, str(error)) from error
        if not isinstance(data, Mapping) or data.get("schema_version") != SCHEMA:
            raise _broken(path, "it has another schema version")
        try:
            record = cls(**_known(cls, data))
            record.inputs = [FileStamp(**_known(FileStamp, s)) for s in data["inputs"]]
            record.steps = [StepRecord(**_known(StepRecord, s)) for s in data["steps"]]
            for entry in record.steps:
                entry.outputs = [FileStamp(**s) for s in entry.outputs]  # type: ignore[arg-type]
        except (TypeError, KeyError, AttributeError) as error:
            raise _broken(path, f"it does not have the form of a record ({error})") from error
        return record


def environment() -> dict[str, str]:
    """Return versions of what the numbers depend on."""
    names = ("numpy", "scipy", "numba", "nibabel")
    return {"python": platform.python_version()} | {name: installed(name) for name in names}


def _known(kind: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {key: value for key, value in data.items() if key in names}


def _broken(path: Path, why: str) -> OutputError:
    return OutputError(
        f"the record of an earlier run cannot be used: {why}",
        file=path,
        remedy="Delete it to compute the session anew.",
    )
