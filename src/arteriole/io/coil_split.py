"""Files of receive coils that are not combined, told apart: one choice of files a coil."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from arteriole.errors import InputError
from arteriole.io.choice import ROLES, Choice, EchoFile
from arteriole.io.nifti import Header, read_header, read_image
from arteriole.io.sidecar import echo_times_s, read_sidecar
from arteriole.scan.coil_dimension import vary_like_coils


def split_coils(
    choice: Choice, *, coils: int = 0, te_s: Sequence[float] | None = None
) -> tuple[Choice, ...]:
    """Return the files of one coil after the other; nothing for a scan of one image an echo.

    Parameters
    ----------
    choice : Choice
        All files of a scan.
    coils : int
        How many coils there are; 1 for images that are combined; 0: find out. Found out are coils
        in the files' names, those of a fifth dimension, and volumes of one echo each of which is
        brightest in another part of the head.
    te_s : sequence of float, optional
        Echo times (s), one an echo, instead of sidecars.

    Raises
    ------
    InputError
        If coils differ in their files, or are not as many as said.

    Notes
    -----
    In five dimensions the fourth counts echoes and the fifth coils, unless the number of echo times
    says that it is the other way round. Files of one volume, with ``coils`` given, come echo by
    echo: all coils of the first echo, then all of the second.
    """
    if coils == 1:
        return ()
    parts = [[f for f in choice.files if f.part == part] for part in ROLES]
    first, *others = (files for files in parts if files)
    found = _split_part(first, coils, te_s, sure=coils > 0)
    if len(found) < 2:
        return ()
    split = [found, *(_split_part(files, coils, te_s, sure=True) for files in others)]
    counts = {len(found) for found in split}
    if len(counts) > 1 or (coils and counts != {coils}):
        said = f", not {coils}" if coils else ""
        raise InputError(
            f"there are files of {' and '.join(str(n) for n in sorted(counts))} coils{said}",
            file=choice.files[0].path,
            remedy="Give every part and echo of each coil; 1 coil means that they are combined.",
        )
    return tuple(
        replace(choice, files=tuple(file for part in split for file in part[c]))
        for c in range(counts.pop())
    )


@dataclass(frozen=True, eq=False)
class _Part:
    """The files of one part, with what their headers and sidecars say."""

    files: Sequence[EchoFile]
    headers: Sequence[Header]
    echoes: Sequence[int]
    """How many echo times each file has; 0 if that is not known."""


def _split_part(
    files: list[EchoFile], coils: int, te_s: Sequence[float] | None, *, sure: bool
) -> list[tuple[EchoFile, ...]]:
    """Return the files, or parts of files, of each coil."""
    if any(file.coil is not None for file in files):
        return _by_name(files)
    part = _Part(files, [read_header(f.path) for f in files], _echoes(files, te_s))
    if any(header.fifth > 1 for header in part.headers):
        return _by_fifth(part)
    several = {header.volumes for header in part.headers}
    if several != {1} and set(part.echoes) == {1}:
        return _by_volume(part) if sure or _like_coils(part) else []
    return _by_order(files, coils) if coils else []


def _echoes(files: Sequence[EchoFile], te_s: Sequence[float] | None) -> list[int]:
    """Return how many echoes each file holds by the number of echo times."""
    if te_s is not None:
        return [1 if len(te_s) == len(files) else len(te_s) for _ in files]
    times = [echo_times_s(read_sidecar(file.path, file.sidecars)) for file in files]
    return [len(time) if time is not None else 0 for time in times]


def _by_name(files: Sequence[EchoFile]) -> list[tuple[EchoFile, ...]]:
    """Group files by the coil that their names tell."""
    names = sorted({file.coil or "" for file in files}, key=lambda name: (len(name), name))
    groups = [tuple(file for file in files if (file.coil or "") == name) for name in names]
    for name, group in zip(names, groups, strict=True):
        if len(group) != len(groups[0]):
            raise InputError(
                f"coil {name or 'without a name'} has {len(group)} {ROLES[group[0].part]} files, "
                f"coil {names[0]} has {len(groups[0])}",
                file=group[0].path,
                remedy="Give every echo of each coil.",
            )
    return groups


def _by_fifth(part: _Part) -> list[tuple[EchoFile, ...]]:
    """Part the volumes of files whose fourth and fifth dimension are echoes and coils."""
    split: list[list[EchoFile]] = []
    for file, header, echoes in zip(part.files, part.headers, part.echoes, strict=True):
        fourth = header.volumes // header.fifth
        turned = echoes == header.fifth and echoes != fourth
        coils = fourth if turned else header.fifth
        split = split or [[] for _ in range(coils)]
        for c in range(min(coils, len(split))):
            near = (
                range(c, header.volumes, fourth) if turned else range(c * fourth, (c + 1) * fourth)
            )
            split[c].append(replace(file, volumes=tuple(near)))
    return [tuple(files) for files in split]


def _by_volume(part: _Part) -> list[tuple[EchoFile, ...]]:
    """Part the volumes of files of one echo each."""
    fewest, most = (pick(h.volumes for h in part.headers) for pick in (min, max))
    if fewest != most:
        raise InputError(
            f"the files of one echo each hold {fewest} to {most} volumes",
            file=part.files[0].path,
            remedy="Give every coil of each echo.",
        )
    return [tuple(replace(file, volumes=(c,)) for file in part.files) for c in range(most)]


def _like_coils(part: _Part) -> bool:
    """Tell whether the volumes of the first file differ as coils do."""
    return vary_like_coils(np.abs(np.moveaxis(read_image(part.files[0].path).data, -1, 0)))


def _by_order(files: Sequence[EchoFile], coils: int) -> list[tuple[EchoFile, ...]]:
    """Part files of which each holds one coil: all its echoes, or one, echo by echo."""
    if len(files) % coils:
        raise InputError(
            f"{len(files)} {ROLES[files[0].part]} files are not those of {coils} coils",
            file=files[0].path,
            remedy="Give all coils of the first echo, then all of the second, and so on.",
        )
    split = [files[c::coils] for c in range(coils)]
    return [tuple(replace(f, echo=e) for e, f in enumerate(own, start=1)) for own in split]
