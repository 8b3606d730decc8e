"""The files of a raw BIDS data set that stand beside the subjects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from arteriole.errors import MetadataError
from arteriole.io.atomic import write_json, write_text
from arteriole.version import __version__

BIDS_VERSION = "1.10.0"

_IGNORED = ["**/ct", ".arteriole-import-*"]
_README = """\
# Images imported from DICOM

Imported by arteriole {version} with dcm2niix. Names, identifiers, dates and free text of the
DICOM headers were left behind; sidecars hold physics and sequence parameters by an allow-list.
Faces were not removed: deface before sharing.

- `anat/*_MEGRE`, `anat/*_T2starw`: gradient echoes, magnitude and phase (or real and imaginary).
  The voxels are the scanner's own integers; the slope and intercept of the NIfTI header give
  radians for phase whose sidecar says `"Units": "rad"`. `PhaseScaling` says how that is known.
  Phase has the sign that the scanner gave it.
- `anat/*_T1w`, `anat/*_T2w`, `anat/*_FLAIR`: recognised by their echo, repetition and inversion
  times.
- `ct/*_ct` (not BIDS, see `.bidsignore`): original slices in HU; `SliceOriginsMm` in the sidecar
  places each of them (first voxel, RAS+ mm), since slices of head CT may be tilted and uneven.
"""


def update_dataset(folder: Path) -> None:
    """Write the files of a raw data set that are not there yet; what a person wrote stays."""
    description = folder / "dataset_description.json"
    content = _read_json(description) if description.exists() else {}
    wanted: dict[str, Any] = {
        "Name": "Images imported by arteriole",
        "BIDSVersion": BIDS_VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [{"Name": "arteriole", "Version": __version__}],
    }
    if wanted.keys() - content.keys():
        write_json(description, wanted | content)
    if not any((folder / name).exists() for name in ("README", "README.md", "README.txt")):
        write_text(folder / "README", _README.format(version=__version__))
    _add_lines(folder / ".bidsignore", _IGNORED)


def add_participant(folder: Path, label: str) -> None:
    """Add a row for a subject to ``participants.tsv``, unless there is one."""
    path = folder / "participants.tsv"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    lines = [line for line in lines if line.strip()] or ["participant_id"]
    columns = lines[0].lstrip("\ufeff").split("\t")
    if "participant_id" not in columns:
        raise MetadataError(
            "has no column participant_id", file=path, remedy="Add it, or move the file away."
        )
    place = columns.index("participant_id")
    rows = [line.split("\t") for line in lines[1:]]
    if any(len(row) > place and row[place] == f"sub-{label}" for row in rows):
        return
    row = ["n/a"] * len(columns)
    row[place] = f"sub-{label}"
    write_text(path, "\n".join([*lines, "\t".join(row)]) + "\n")


def _add_lines(path: Path, wanted: list[str]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    absent = [line for line in wanted if line not in lines]
    if absent:
        write_text(path, "\n".join([*lines, *absent]) + "\n")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MetadataError(
            f"is not JSON ({type(error).__name__})", file=path, remedy="Repair or remove it."
        ) from error
    if not isinstance(content, dict):
        raise MetadataError("is not a JSON object", file=path, remedy="Repair or remove it.")
    return content
