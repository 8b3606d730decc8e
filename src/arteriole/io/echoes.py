"""From chosen files to echoes in order: each with its time, its part, its volume and its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from arteriole.errors import GeometryError, ImageError, InputError, MetadataError
from arteriole.io.choice import ROLES, Choice, EchoFile, PartName
from arteriole.io.nifti import Header, read_header
from arteriole.io.sidecar import Sidecar, echo_times_s, read_sidecar

_SAME_TIME_S = 2e-5
"""Echo times nearer than this are the same: sidecars round to 0.01 ms."""


@dataclass(frozen=True, eq=False)
class Echo:
    """One part of one echo: a volume of a file."""

    file: EchoFile
    header: Header
    sidecar: Sidecar
    volume: int
    te_s: float

    @property
    def role(self) -> str:
        """What it is, in words, with its time."""
        return f"{ROLES[self.file.part]}, TE {self.te_s * 1000:.6g} ms"


def read_echoes(
    choice: Choice, *, te_s: Sequence[float] | None = None
) -> dict[PartName, list[Echo]]:
    """Read headers and sidecars; return the echoes of each part, sorted by time.

    Parameters
    ----------
    choice : Choice
        Files of one scan.
    te_s : sequence of float, optional
        Echo times in seconds, in the order of the files (of each part); instead of sidecars.

    Raises
    ------
    InputError
        If no file is there; if times are missing, repeated, or not as many as volumes; if shapes,
        affines or slices do not fit.
    """
    if not any(file.part in ("mag", "real") for file in choice.files):
        raise InputError(
            "there is phase but no magnitude",
            file=choice.files[0].path if choice.files else None,
            remedy="Give the magnitude images too: they tell tissue from air.",
        )
    parts: dict[PartName, list[Echo]] = {}
    for part in ROLES:
        files = [file for file in choice.files if file.part == part]
        if files:
            parts[part] = _part(files, te_s, parts)
    _check_geometry([echo for echoes in parts.values() for echo in echoes])
    return parts


def pair(first: Sequence[Echo], second: Sequence[Echo]) -> list[tuple[Echo, Echo | None]]:
    """Return each echo of the first part with that of the second at the same time, or None."""
    return [
        (a, next((b for b in second if abs(a.te_s - b.te_s) < _SAME_TIME_S), None)) for a in first
    ]


def _part(
    files: Sequence[EchoFile], te_s: Sequence[float] | None, known: dict[PartName, list[Echo]]
) -> list[Echo]:
    """Return the echoes of one part, sorted by time."""
    headers = [read_header(file.path) for file in files]
    for file, header in zip(files, headers, strict=True):
        if header.fifth > 1 and file.volumes is None:
            fourth = header.volumes // header.fifth
            raise ImageError(
                f"has five dimensions, {_by((*header.shape[:3], fourth, header.fifth))}: one too "
                "many for echoes",
                file=file.path,
                remedy="If one of them counts receive coils, say how many by --coils or "
                "scan.coils.",
            )
    sidecars = [read_sidecar(file.path, file.sidecars) for file in files]
    taken = [
        file.volumes or tuple(range(header.volumes))
        for file, header in zip(files, headers, strict=True)
    ]
    count = sum(len(volumes) for volumes in taken)
    if te_s is not None and len(te_s) != count:
        raise MetadataError(
            f"{len(te_s)} echo times were given for {count} {ROLES[files[0].part]} volumes",
            file=files[0].path,
            remedy="Give one time for each volume, in seconds.",
        )
    given = iter(te_s or ())
    echoes = []
    for file, header, sidecar, volumes in zip(files, headers, sidecars, taken, strict=True):
        times = [next(given) for _ in volumes] if te_s is not None else None
        times = times or _times(file, len(volumes), sidecar, known)
        echoes += [Echo(file, header, sidecar, v, te) for v, te in zip(volumes, times, strict=True)]
    echoes.sort(key=lambda echo: echo.te_s)
    for a, b in pairwise(echoes):
        if b.te_s - a.te_s < _SAME_TIME_S:
            raise MetadataError(
                f"has the same echo time, {a.te_s:g} s, as {a.file.path.name}",
                file=b.file.path,
                remedy="Correct EchoTime, or leave one of the two out.",
            )
    return echoes


def _times(
    file: EchoFile, volumes: int, sidecar: Sidecar, known: dict[PartName, list[Echo]]
) -> list[float]:
    """Return the echo times of a file from its sidecar, or from its magnitude's."""
    times = echo_times_s(sidecar)
    if times is None:
        for echoes in known.values():
            times = [e.te_s for e in echoes if e.file.echo == file.echo]
            if len(times) == volumes:
                return times
        raise sidecar.missing("EchoTime", "Add EchoTime in seconds to its sidecar, or give --te.")
    if len(times) != volumes:
        what = f"holds {volumes} volumes, but EchoTime has {len(times)}"
        remedy = (
            "Split it into one file an echo; if the volumes are receive coils, which by their "
            "brightness they do not seem to be, say so by --coils or scan.coils."
        )
        raise ImageError(what, file=file.path, remedy=remedy)
    return times


def _check_geometry(echoes: Sequence[Echo]) -> None:
    """Refuse echoes that do not lie on one grid of several slices."""
    first = echoes[0]
    shape, grid = first.header.grid.shape, first.header.grid
    if min(shape) == 1:
        raise GeometryError(
            f"has the shape {_by(shape)}: one slice is no volume",
            file=first.file.path,
            remedy="Susceptibility needs a 3-D scan.",
        )
    for echo in echoes[1:]:
        if echo.header.grid.shape != shape:
            raise GeometryError(
                f"has the shape {_by(echo.header.grid.shape)}, {first.file.path.name} has "
                f"{_by(shape)}",
                file=echo.file.path,
                remedy="All echoes must have the same slices: was the scan cut short, or the "
                "conversion?",
            )
        if not echo.header.grid.fits(grid, tolerance_mm=0.05 * min(grid.voxel_size_mm)):
            raise GeometryError(
                f"lies elsewhere than {first.file.path.name}: their affines differ",
                file=echo.file.path,
                remedy="Echoes of one scan share one affine: convert again, or leave it out.",
            )


def _by(shape: tuple[int, ...]) -> str:
    """Write a shape."""
    return " x ".join(str(n) for n in shape)
