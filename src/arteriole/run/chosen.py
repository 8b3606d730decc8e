"""What a choice of files offers, and the values that reading it gives."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arteriole.io.choice import ROLES, Choice, EchoFile
from arteriole.io.nifti import read_header
from arteriole.run.job import Chosen, InputFile, Raw
from arteriole.step import Acquisition

if TYPE_CHECKING:
    from arteriole.io.gradient_echo import ScanFiles

NO_PHASE = "there is no phase among the files"


def chosen_of(choice: Choice, *, prefix: str) -> Chosen:
    """Return what a choice offers, from names and the header of its first file."""
    parts = {file.part for file in choice.files}
    phase = bool(parts & {"phase", "imag"})
    header = read_header(choice.files[0].path)
    first = {file.echo for file in choice.files if file.part == choice.files[0].part}
    return Chosen(
        files=input_files(choice),
        given=frozenset({"magnitude"} | ({"phase"} if phase else set())),
        absent={} if phase else {"phase": NO_PHASE},
        ignored=tuple(
            {"file": choice.name(item.path), "reason": item.reason} for item in choice.ignored
        ),
        prefix=prefix,
        voxels=math.prod(header.grid.shape),
        echoes=len(first) if len(first) > 1 else header.volumes // header.fifth,
    )


def input_files(choice: Choice) -> tuple[InputFile, ...]:
    """Return images and their sidecars, each once."""
    files: dict[Path, InputFile] = {}
    for image in choice.files:
        files[image.path] = InputFile(image.path, choice.name(image.path), _role(image))
        for sidecar in image.sidecars:
            files.setdefault(
                sidecar, InputFile(sidecar, choice.name(sidecar), f"sidecar of {_role(image)}")
            )
    return tuple(files.values())


def _role(image: EchoFile) -> str:
    echo = f", echo {image.echo}" if image.echo is not None else ""
    coil = f", coil {image.coil}" if image.coil is not None else ""
    return f"{ROLES[image.part]}{echo}{coil}"


def raw_of(files: ScanFiles, rule: str) -> Raw:
    """Return the values of a scan that was read, with what the record says of it."""
    scan = files.scan
    values: dict[str, Any] = {"magnitude": scan.magnitude}
    if scan.phase is not None:
        values["phase"] = scan.phase
    acquisition = Acquisition(scan.grid, scan.b0_tesla, scan.b0_direction, scan.te_s)
    facts = files.facts | {"choice": rule}
    if "simulated" in str(facts.get("model", "")).lower():
        facts["simulated"] = True
    return Raw(values, acquisition, facts, tuple(files.notes))
