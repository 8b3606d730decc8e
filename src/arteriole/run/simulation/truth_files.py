"""The known answer of a simulated scan as files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.io.atomic import write_json, write_text
from arteriole.io.nifti import write_image
from arteriole.phantom.head import Head
from arteriole.phantom.lesions.grades import true_grades
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.regions import Regions
from arteriole.phantom.painting.lesion_map import lesion_map
from arteriole.phantom.scanner.truth import Truth
from arteriole.run.simulation.lesion_table import lesion_table
from arteriole.run.simulation.scan_files import DESCRIPTION


def write_truth(folder: Path, name: str, truth: Truth, head: Head, grid: Grid) -> None:
    """Write maps, masks, labels and the table of lesions of one scan.

    Parameters
    ----------
    folder : Path
        Of the truth of this session.
    name : str
        Start of the files' names.
    truth : Truth
        What `acquire` says of the scan.
    head : Head
        Whose scan it is.
    grid : Grid
        Of the scan.
    """
    maps: dict[str, tuple[NDArray[Any], float | None]] = {
        "Chimap": (truth.chi_ppm, 1e-4),
        "R2starmap": (truth.r2star_hz, 0.05),
        "desc-total_fieldmap": (truth.total_field_hz, 0.1),
        "desc-local_fieldmap": (truth.local_field_hz, 0.01),
        "desc-brain_mask": (truth.brain_mask, None),
        "desc-tissue_dseg": (truth.labels, None),
        "desc-lesions_dseg": (lesion_map(_seen(head, truth), grid), None),
    }
    for kind, (voxels, error) in maps.items():
        write_image(
            folder / f"{name}_{kind}.nii.gz",
            voxels,
            grid,
            max_error=error,
            description=DESCRIPTION,
        )
    write_text(folder / f"{name}_lesions.tsv", lesion_table(truth.lesions))


def _seen(head: Head, truth: Truth) -> list[Lesion]:
    """Return the lesions of a scan's table with their shapes, in the order of the table."""
    rows = {(t.kind, t.centre_mm) for t in truth.lesions}
    return [one for one in head.lesions if (one.truth.kind, one.truth.centre_mm) in rows]


def write_person(path: Path, head: Head) -> None:
    """Write what is known of a head whatever scans it: age, blood, grades, tissue values."""
    grades = asdict(true_grades(Regions(head.anatomy), head.lesions))
    tissues = {
        t.name: {"chi_ppm": round(t.chi_ppm, 5), "r2star_hz_3t": round(t.r2star_hz, 3)}
        for t in head.tissues
    }
    said = {
        "simulated": True,
        "age_y": head.age_y,
        "haematocrit": round(head.blood.haematocrit, 4),
        "venous_oxygenation": round(head.blood.oxygenation, 4),
        "grades": {k: round(v, 3) if isinstance(v, float) else v for k, v in grades.items()},
        "tissues": tissues,
    }
    write_json(path, said)
