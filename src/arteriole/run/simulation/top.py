"""The files of a simulated data set that belong to no session."""

from __future__ import annotations

from pathlib import Path

from arteriole.io.atomic import write_json, write_text
from arteriole.phantom.painting.parts import CLASSES
from arteriole.phantom.tissue import TISSUES
from arteriole.run.simulation.design import Design
from arteriole.version import __version__

_README = """\
Simulated scans
===============

No person was scanned. Heads and scans were made by `arteriole simulate`, version {version}:
{protocols}; seed {seed}, {subjects} subject(s) of {sessions} session(s).
Phase is in radians and grows with time where the field is above B0.

`truth/` holds the known answer of each scan on its own grid: susceptibility (ppm against water),
R2* (1/s), total and local field (Hz), brain mask, tissue labels, a table of lesions and which of
them a voxel belongs to; of each T1w, T2w, FLAIR and CT image: brain and intracranial mask, classes
of tissue, lesions, and where the head lay; and of each head: age, blood, grades, tissue values.
"""


def write_top(folder: Path, design: Design) -> None:
    """Write what belongs to the data set as a whole."""
    protocols = ", ".join(p.name for p in design.scans)
    description = {
        "Name": f"Simulated scans, {protocols}, seed {design.seed}",
        "BIDSVersion": "1.10.0",
        "DatasetType": "raw",
        "License": "CC0",
        "Authors": ["arteriole simulate"],
        "GeneratedBy": [
            {
                "Name": "arteriole",
                "Version": __version__,
                "Description": "simulated by arteriole simulate: no person was scanned",
            }
        ],
    }
    write_json(folder / "dataset_description.json", description)
    text = _README.format(
        version=__version__,
        protocols=f"protocol {protocols}",
        seed=design.seed,
        subjects=design.subjects,
        sessions=design.sessions,
    )
    write_text(folder / "README", text)
    rows = [f"sub-{s}\t{design.stream(s, '', 'head')}" for s in design.subject_labels]
    write_text(folder / "participants.tsv", "\n".join(["participant_id\thead_seed", *rows]) + "\n")
    write_json(
        folder / "participants.json",
        {"head_seed": {"Description": "Seed that the simulated head grew from"}},
    )
    write_text(folder / ".bidsignore", "truth\n**/*_swi.*\n**/*_minIP.*\n**/ct\n**/*_ct.*\n")
    classes = [f"{index}\t{one}" for index, one in enumerate(CLASSES)]
    write_text(
        folder / "truth" / "desc-class_dseg.tsv", "\n".join(["index\tname", *classes]) + "\n"
    )
    labels = [f"{index}\t{one.name}" for index, one in enumerate(TISSUES)]
    write_text(
        folder / "truth" / "desc-tissue_dseg.tsv", "\n".join(["index\tname", *labels]) + "\n"
    )
