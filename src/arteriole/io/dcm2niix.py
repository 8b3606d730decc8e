"""Pixels of DICOM files by dcm2niix: one clean folder of links at a time."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import ImageError
from arteriole.io.nifti import read_image

_SECONDS = 600
_MEMORY_BYTES = 16 * 2**30
_RESAMPLED = re.compile(r"_Tilt|_Eq")
_OPTIONS = [
    "-b", "y",  # sidecar, only to tell images of one multi-frame file from each other
    "-ba", "y",  # without names and dates
    "-f", "image",
    "-g", "i",  # no defaults file of the user
    "-i", "n",
    "-l", "o",  # the scanner's own integers
    "-p", "y",  # Philips precise scaling: the same for all echoes
    "-x", "i",  # neither crop nor rotate
    "-z", "n",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Converted:
    """One image of dcm2niix: the scanner's numbers, their scale, and where the voxels are."""

    stored: NDArray[Any]
    slope: float
    intercept: float
    affine: NDArray[np.float64]
    part: str
    te_ms: float | None


def convert(files: Sequence[Path]) -> list[Converted]:
    """Convert files of one series with dcm2niix; its resampled copies of uneven CT are left out.

    The files are linked under neutral names in a temporary folder of the system, so that nothing
    of a header or a path reaches a file name, and a killed import leaves nothing in a data set.

    Raises
    ------
    ImageError
        If dcm2niix fails, takes too long or makes nothing.
    """
    with tempfile.TemporaryDirectory(prefix="arteriole-dicom-") as temporary:
        links, out = Path(temporary, "in"), Path(temporary, "out")
        links.mkdir()
        out.mkdir()
        for number, file in enumerate(files):
            Path(links, f"{number:06d}.dcm").symlink_to(file.resolve())
        _run([_binary(), *_OPTIONS, "-o", str(out), str(links)])
        made = [_read(p) for p in sorted(out.glob("*.nii")) if not _RESAMPLED.search(p.stem)]
    if not made:
        raise ImageError("dcm2niix made no image of this series")
    return made


def version() -> str:
    """Return the version of dcm2niix."""
    first = subprocess.run([_binary(), "--version"], capture_output=True, text=True, check=False)
    return first.stdout.strip().splitlines()[-1] if first.stdout.strip() else "unknown"


def _binary() -> str:
    import dcm2niix

    return str(dcm2niix.bin)


def _run(command: list[str]) -> None:
    """Run dcm2niix under a limit of time and memory: its input comes from anywhere."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _limit(process.pid)
        code = process.wait(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise ImageError(f"dcm2niix did not finish within {_SECONDS} s") from None
    finally:
        process.kill()
        process.wait()
    if code != 0:
        raise ImageError(f"dcm2niix cannot convert this series (it ended with {code})")


def _limit(pid: int) -> None:
    try:
        resource.prlimit(pid, resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    except ProcessLookupError:
        return  # it has ended already


def _read(path: Path) -> Converted:
    image = read_image(path, stored=True)
    said = _sidecar(path)
    te_s = said.get("EchoTime")
    return Converted(
        stored=image.data,
        slope=image.header.slope,
        intercept=image.header.intercept,
        affine=image.grid.affine,
        part=_part(path.stem, said),
        te_ms=None if te_s is None else float(te_s) * 1000,
    )


def _sidecar(path: Path) -> dict[str, Any]:
    sidecar = path.with_suffix(".json")
    try:
        return dict(json.loads(sidecar.read_text(encoding="utf-8", errors="replace")))
    except (OSError, ValueError):
        return {}


def _part(stem: str, said: dict[str, Any]) -> str:
    """Tell the part from the ending that dcm2niix gives, or its image type."""
    for ending, part in (("_ph", "phase"), ("_real", "real"), ("_imaginary", "imag")):
        if ending in stem:
            return part
    words = {str(w).upper() for w in said.get("ImageType", [])}
    for word, part in (("PHASE", "phase"), ("REAL", "real"), ("IMAGINARY", "imag")):
        if word in words:
            return part
    return "mag"
