"""One session of a simulated study: the head is grown, scanned, and written with its truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.io.atomic import write_json, write_text
from arteriole.io.nifti import write_image
from arteriole.numerics.threads import set_threads
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.scanner.truth import Truth
from arteriole.run.simulation.design import Design, acquisition_label
from arteriole.run.simulation.lesion_table import lesion_table
from arteriole.scan.gradient_echo import GradientEcho
from arteriole.version import __version__

_DESCRIPTION = "simulated by arteriole"


@dataclass(frozen=True)
class SessionJob:
    """One session to simulate: all that a child process needs to know."""

    folder: Path
    design: Design
    subject: str
    session: str
    threads: int

    @property
    def name(self) -> str:
        """BIDS prefix of its files."""
        return f"sub-{self.subject}_ses-{self.session}"

    def stem(self, protocol: Protocol) -> str:
        """Return the start of the names of one scan's files."""
        several = len(self.design.protocols) > 1
        return f"{self.name}_acq-{acquisition_label(protocol)}" if several else self.name

    def path(self, root: str = ".") -> Path:
        """Return the folder of its images below the data set's top or another root in it."""
        return self.folder / root / f"sub-{self.subject}" / f"ses-{self.session}" / "anat"


def simulate_session(job: SessionJob) -> str:
    """Grow the head, scan it by every protocol, write images and truth; return the name."""
    set_threads(job.threads)
    head = _head(job)
    for protocol in job.design.protocols:
        purpose = f"scan {protocol.name}"
        seed = job.design.stream(job.subject, job.session, purpose)
        scan, truth = acquire(head, protocol, seed=seed, cell_mm=job.design.cell_mm)
        _write_scan(job, protocol, scan)
        _write_truth(job, protocol, truth, scan.grid)
    return job.name


def _head(job: SessionJob) -> Head:
    """Return the subject's head, the same in every session; its surfaces at twice the cells."""
    design = job.design
    cell_mm = design.cell_mm or min(p.cell_mm for p in design.protocols)
    spacing_mm = design.spacing_mm or min(max(2.0 * cell_mm, 0.5), 3.0)
    return make_head(seed=design.stream(job.subject, "", "head"), spacing_mm=spacing_mm)


def _write_scan(job: SessionJob, protocol: Protocol, scan: GradientEcho) -> None:
    """Write magnitude and phase of each echo with their sidecars."""
    if scan.phase is None:
        raise ValueError("the digital scanner always gives phase")
    for e, te_s in enumerate(scan.te_s):
        echo = f"_echo-{e + 1}" if protocol.kind == "MEGRE" else ""
        magnitude = np.clip(np.rint(scan.magnitude[e]), 0, 32767).astype(np.int16)
        pairs: tuple[tuple[str, NDArray[Any], str, float | None], ...] = (
            ("mag", magnitude, "arbitrary", None),
            ("phase", scan.phase[e], "rad", 1e-4),
        )
        for part, voxels, unit, error in pairs:
            stem = job.path() / f"{job.stem(protocol)}{echo}_part-{part}_{protocol.kind}"
            write_image(
                stem.with_name(stem.name + ".nii.gz"),
                voxels,
                scan.grid,
                max_error=error,
                description=_DESCRIPTION,
            )
            sidecar = _sidecar(protocol, te_s, part, unit)
            write_json(stem.with_name(stem.name + ".json"), sidecar)


def _sidecar(protocol: Protocol, te_s: float, part: str, unit: str) -> dict[str, Any]:
    """Return what a scanner would say of one image."""
    return {
        "Manufacturer": "arteriole",
        "ManufacturersModelName": "digital scanner (simulated)",
        "SoftwareVersions": __version__,
        "MagneticFieldStrength": protocol.b0_tesla,
        "PulseSequenceType": "simulated spoiled gradient echo",
        "MRAcquisitionType": "3D",
        "NonlinearGradientCorrection": False,
        "SeriesDescription": f"simulated {protocol.name}",
        "ImageType": ["DERIVED", "PRIMARY", "SIMULATED", "M" if part == "mag" else "P"],
        "EchoTime": te_s,
        "RepetitionTime": protocol.tr_s,
        "FlipAngle": protocol.flip_deg,
        "Units": unit,
    }


def _write_truth(job: SessionJob, protocol: Protocol, truth: Truth, grid: Grid) -> None:
    """Write the known answer: maps, mask, labels, lesions."""
    maps: dict[str, tuple[NDArray[Any], float | None]] = {
        "Chimap": (truth.chi_ppm, 1e-4),
        "R2starmap": (truth.r2star_hz, 0.05),
        "desc-total_fieldmap": (truth.total_field_hz, 0.1),
        "desc-local_fieldmap": (truth.local_field_hz, 0.01),
        "desc-brain_mask": (truth.brain_mask, None),
        "desc-tissue_dseg": (truth.labels, None),
    }
    stem = job.path("truth") / job.stem(protocol)
    for name, (voxels, error) in maps.items():
        write_image(
            stem.with_name(f"{stem.name}_{name}.nii.gz"),
            voxels,
            grid,
            max_error=error,
            description=_DESCRIPTION,
        )
    write_text(stem.with_name(f"{stem.name}_lesions.tsv"), lesion_table(truth.lesions))
