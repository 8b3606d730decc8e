"""One session of a simulated study: the head is grown, scanned, and written with its truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import ImageError
from arteriole.io.nifti import read_image
from arteriole.numerics.threads import set_threads
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.label_map import label_map_anatomy
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.lesions.burden import draw_burden
from arteriole.phantom.person import draw_atrophy
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.acquire_ct import acquire_ct
from arteriole.phantom.scanner.acquire_weighted import acquire_weighted
from arteriole.phantom.scanner.ct_protocol import CtProtocol
from arteriole.phantom.scanner.pose import rigid_pose
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.scanner.weighted_sequence import WeightedProtocol
from arteriole.phantom.streams import stream
from arteriole.run.simulation.contrast_files import write_ct, write_head_truth, write_weighted
from arteriole.run.simulation.design import Design, acquisition_label
from arteriole.run.simulation.dicom import write_dicom
from arteriole.run.simulation.placed import with_placed
from arteriole.run.simulation.scan_files import write_scan, write_scanner_swi
from arteriole.run.simulation.truth_files import write_person, write_truth

MOVED_MM, MOVED_DEG = 3.0, 3.0
"""Standard deviation of where the head lies for each image beside the gradient echoes."""

_FURTHER = 0.6
"""Share of a drawn atrophy that a label map is aged by: its person has some already."""


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

    def scan_name(self, protocol: Protocol) -> str:
        """Return the start of the names of one scan's files."""
        several = len(self.design.protocols) > 1
        return f"{self.name}_acq-{acquisition_label(protocol)}" if several else self.name

    def image_name(self, protocol: WeightedProtocol | CtProtocol) -> str:
        """Return the start of the names of the files of a T1w, T2w, FLAIR or CT image."""
        alike: int = len(self.design.ct)
        if isinstance(protocol, WeightedProtocol):
            alike = sum(p.kind == protocol.kind for p in self.design.weighted)
        return f"{self.name}_acq-{acquisition_label(protocol)}" if alike > 1 else self.name

    def path(self, *parts: str) -> Path:
        """Return a folder of this session below the data set's top, or below ``parts`` in it."""
        return self.folder.joinpath(*parts) / f"sub-{self.subject}" / f"ses-{self.session}"


def simulate_session(job: SessionJob) -> str:
    """Grow the head, scan it by every protocol, write images and truth; return the name."""
    set_threads(job.threads)
    design = job.design
    head = subject_head(design, job.subject)
    write_person(job.path("truth") / f"{job.name}_person.json", head)
    for protocol in design.protocols:
        seed = design.stream(job.subject, job.session, f"scan {protocol.name}")
        scan, truth = acquire(head, protocol, seed=seed, cell_mm=design.cell_mm)
        name = job.scan_name(protocol)
        write_scan(job.path() / "anat", name, scan, protocol)
        if design.scanner_swi:
            write_scanner_swi(job.path() / "anat", name, scan, protocol)
        if design.dicom is not None:
            folder = job.path("sourcedata") / acquisition_label(protocol)
            write_dicom(
                folder,
                scan,
                protocol,
                vendor=design.dicom,
                patient=job.subject,
                visit=job.session,
            )
        write_truth(job.path("truth") / "anat", name, truth, head, scan.grid)
    for protocol_w in design.weighted:
        _weighted(job, head, protocol_w)
    for protocol_ct in design.ct:
        _ct(job, head, protocol_ct)
    return job.name


def _weighted(job: SessionJob, head: Head, protocol: WeightedProtocol) -> None:
    """Scan a head by a weighted protocol, and write image and truth."""
    seed = job.design.stream(job.subject, job.session, f"scan {protocol.name}")
    cell_mm, name = job.design.cell_mm, job.image_name(protocol)
    scan = acquire_weighted(head, protocol, seed=seed, pose=_pose(seed), cell_mm=cell_mm)
    write_weighted(job.path() / "anat", name, scan, protocol)
    write_head_truth(job.path("truth") / "anat", name, protocol.kind, scan.truth, scan.grid)


def _ct(job: SessionJob, head: Head, protocol: CtProtocol) -> None:
    """Scan a head by CT, and write image and truth."""
    seed = job.design.stream(job.subject, job.session, f"scan {protocol.name}")
    cell_mm, name = job.design.cell_mm, job.image_name(protocol)
    scan = acquire_ct(head, protocol, seed=seed, pose=_pose(seed), cell_mm=cell_mm)
    write_ct(job.path() / "ct", name, scan, protocol)
    write_head_truth(job.path("truth") / "ct", name, "ct", scan.truth, scan.grid)


def _pose(seed: int) -> NDArray[np.float64]:
    """Draw how the head lies for one image."""
    rng = stream(seed, "pose")
    a, b, c = (MOVED_DEG * rng.standard_normal(3)).tolist()
    x, y, z = (MOVED_MM * rng.standard_normal(3)).tolist()
    return rigid_pose(turn_deg=(a, b, c), shift_mm=(x, y, z))


@lru_cache(maxsize=1)
def subject_head(design: Design, subject: str) -> Head:
    """Return a subject's head, its surfaces at twice the cells; kept for the next session."""
    seed = design.stream(subject, "", "head")
    rng = np.random.default_rng(seed)
    age_y = round(float(rng.uniform(*design.age_y)), 1)
    burden = design.burden or draw_burden(rng, age_y=age_y, severity=design.severity)
    shrunk = draw_atrophy(rng, age_y)
    cell_mm = design.cell_mm or min(p.cell_mm for p in design.scans)
    spacing_mm = design.spacing_mm or min(max(2.0 * cell_mm, 0.5), 3.0)
    head = make_head(
        seed=seed,
        atrophy=shrunk,
        anatomy=_anatomy(design.label_map(subject), seed, spacing_mm, _FURTHER * shrunk),
        age_y=age_y,
        burden=burden,
        spacing_mm=spacing_mm,
    )
    return with_placed(head, design.placed)


def _anatomy(path: Path | None, seed: int, spacing_mm: float, atrophy: float) -> Anatomy | None:
    """Return the anatomy of a label map, or None for a generated one."""
    if path is None:
        return None
    image = read_image(path)
    labels: NDArray[Any] = np.rint(image.data).astype(np.int32)
    if not np.array_equal(labels, image.data):
        raise ImageError(
            "holds numbers that are no labels", file=path, remedy="Give a segmentation."
        )
    try:
        return label_map_anatomy(
            labels, image.grid, seed=seed, atrophy=atrophy, spacing_mm=max(spacing_mm, 1.0)
        )
    except ValueError as error:
        raise ImageError(f"makes no head: {error}", file=path, remedy="Mend it.") from None
