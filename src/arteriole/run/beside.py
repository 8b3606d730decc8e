"""What lies beside a scan: a map of regions, R2 from spin echoes; a source of its own around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from arteriole.errors import ImageError
from arteriole.grid import Grid
from arteriole.io.choice import Choice
from arteriole.run.job import Chosen, InputFile, Raw, Source
from arteriole.run.label_map import check_on_grid, read_label_map, read_on_grid
from arteriole.settings import Settings

OPTIONAL = {"regions": "no map of regions was given"}
"""Values that a scan may do without, and what is said then."""


@dataclass(frozen=True)
class Found:
    """Files beside a scan.

    Parameters
    ----------
    regions, names : Path, optional
        Map of regions; table of its names (FreeSurfer's unless given).
    r2 : Path, optional
        Map of R2, 1/s.
    spin_echo : Choice, optional
        Several spin echoes that R2 is fitted to, when there is no map.
    called : mapping of Path to str
        Names of files in the record; the file's own unless given.
    absent : mapping of str to str
        Values that are not there, with the reason.
    ignored : tuple of mapping
        Files left aside, each with ``file`` and ``reason``.
    """

    regions: Path | None = None
    names: Path | None = None
    r2: Path | None = None
    spin_echo: Choice | None = None
    called: Mapping[Path, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[Mapping[str, str], ...] = ()

    def files(self) -> tuple[InputFile, ...]:
        """Return the files that are read."""
        files = []
        for path, role in (
            (self.regions, "map of regions"), (self.names, "names of regions"),
            (self.r2, "R2 map"),
        ):  # fmt: skip
            if path is not None:
                files.append(InputFile(path, self.called.get(path, path.name), role))
        for echo in self.spin_echo.files if self.spin_echo else ():
            for path in (echo.path, *echo.sidecars):
                role = f"R2, spin echo {echo.echo or 1}"
                files.append(InputFile(path, self.called.get(path, path.name), role))
        return tuple({file.path: file for file in files}.values())

    def given(self) -> set[str]:
        """Return the values that the files give."""
        values = {"regions"} if self.regions else set()
        return values | ({"r2_hz"} if self.r2 or self.spin_echo else set())


class Finder(Protocol):
    """Finds what lies beside a scan."""

    def find(self, scan: Chosen | None) -> Found:
        """Return the files beside a scan; their grids are not compared without one."""

    def list_names(self) -> tuple[str, ...]:
        """Return the names among which the files are found."""

    def locate(self, name: str) -> str | None:
        """Return where a file of the record lies; None if it is none of these."""

    def name_of(self, path: str) -> str | None:
        """Return a file's name for the record; None if it is none of these."""


@dataclass(frozen=True)
class NamedFiles:
    """Files beside a scan that were named on the command line."""

    regions: Path | None = None
    names: Path | None = None
    r2: Path | None = None

    def find(self, scan: Chosen | None) -> Found:  # noqa: ARG002 (grids are compared on reading)
        """Return them."""
        return Found(self.regions, self.names, self.r2)

    def list_names(self) -> tuple[str, ...]:
        """Return their names."""
        return tuple(sorted(file.name for file in self.find(None).files()))

    def locate(self, name: str) -> str | None:
        """Return where a file of the record lies; None if it is none of these."""
        return next((str(f.path) for f in self.find(None).files() if f.name == name), None)

    def name_of(self, path: str) -> str | None:
        """Return a file's own name; None if it is none of these."""
        return next((f.name for f in self.find(None).files() if str(f.path) == path), None)


@dataclass(frozen=True)
class WithBeside:
    """A scan and what lies beside it, as one source.

    Parameters
    ----------
    scan : Source
        The gradient echo or field map.
    finder : Finder
        Finds the files beside it.
    """

    scan: Source
    finder: Finder

    def parameters(self) -> Mapping[str, Any]:
        """Return what was said of the scan; files beside it count by their content."""
        return self.scan.parameters()

    def list_names(self) -> tuple[str, ...]:
        """Return the names of both."""
        return (*self.scan.list_names(), *self.finder.list_names())

    def locate(self, name: str) -> str:
        """Return where a file of the record lies now."""
        return self.finder.locate(name) or self.scan.locate(name)

    def name_of(self, path: str) -> str:
        """Return a file's name for the record."""
        return self.finder.name_of(path) or self.scan.name_of(path)

    def choose(self) -> Chosen:
        """Tell what both give."""
        scan = self.scan.choose()
        found = self.finder.find(scan)
        return replace(
            scan,
            files=(*scan.files, *found.files()),
            given=scan.given | found.given(),
            absent={**scan.absent, **found.absent},
            ignored=(*scan.ignored, *found.ignored),
        )

    def read(self, settings: Settings) -> Raw:
        """Read both."""
        raw = self.scan.read(settings)
        found = self.finder.find(self.scan.choose())
        values = dict(raw.values)
        grid = raw.acquisition.grid
        if found.regions is not None:
            values["regions"] = read_label_map(found.regions, found.names, grid)
        if found.r2 is not None:
            values["r2_hz"] = _read_r2(found.r2, grid)
        elif found.spin_echo is not None:
            values["r2_hz"] = _fit_r2(found.spin_echo, settings, grid)
        return Raw(values, raw.acquisition, raw.facts, raw.notes)


def _read_r2(path: Path, grid: Grid) -> Any:
    """Read a map of R2, 1/s."""
    image = read_on_grid(path, grid)
    data = np.where(np.isfinite(image.data), image.data, np.float32(0))
    inside = data[data > 0]
    if not inside.size or not 0.5 < float(np.median(inside)) < 1000.0:
        raise ImageError(
            "does not look like R2 in 1/s (the median is not within 0.5 and 1000)", file=path,
            remedy="R2 is 1 / T2 with T2 in seconds.",
        )  # fmt: skip
    return np.maximum(data, np.float32(0)).astype(np.float32, copy=False)


def _fit_r2(choice: Choice, settings: Settings, grid: Grid) -> Any:
    """Fit R2 to several spin echoes."""
    # Both need the kernels; who only lists files does without.
    from arteriole.contrast.r2_spin_echo import fit_r2_spin_echo
    from arteriole.io.gradient_echo import read_gradient_echo

    scan = read_gradient_echo(choice, settings=settings.scan).scan
    check_on_grid(scan.grid, grid, choice.files[0].path)
    inside = scan.magnitude[0] > 0.1 * float(np.percentile(scan.magnitude[0], 99))
    return fit_r2_spin_echo(scan.magnitude, scan.te_s, mask=inside)
