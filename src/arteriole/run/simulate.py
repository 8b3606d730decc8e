"""Simulated studies: a digital head, a digital scanner, a BIDS data set with the truth in it."""

from __future__ import annotations

import hashlib
import multiprocessing
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import OutputError
from arteriole.grid import Grid
from arteriole.io.atomic import write_json, write_text
from arteriole.io.nifti import write_image
from arteriole.numerics.threads import set_threads, threads
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.scanner.truth import Truth
from arteriole.phantom.tissue import TISSUES
from arteriole.scan.gradient_echo import GradientEcho
from arteriole.version import __version__

_README = """\
Simulated gradient-echo scans
=============================

No person was scanned. Heads and scans were made by `arteriole simulate`, version {version}:
protocol "{protocol}", seed {seed}, {subjects} subject(s) of {sessions} session(s).
Phase is in radians and grows with time where the field is above B0.

`truth/` holds the known answer of each scan on its own grid: susceptibility (ppm against water),
R2* (1/s), total and local field (Hz), brain mask, tissue labels, and a table of lesions.
"""


@dataclass(frozen=True)
class _Session:
    """One scan to simulate: all that a child process needs to know."""

    folder: Path
    subject: str
    session: str
    protocol: Protocol
    seed: int
    cell_mm: float | None
    spacing_mm: float | None
    threads: int

    @property
    def name(self) -> str:
        """BIDS prefix of its files."""
        return f"sub-{self.subject}_ses-{self.session}"

    def path(self, *, truth: bool = False) -> Path:
        """Return the folder of its images, or of their truth."""
        root = self.folder / "truth" if truth else self.folder
        return root / f"sub-{self.subject}" / f"ses-{self.session}" / "anat"


def simulate_study(
    folder: Path,
    *,
    subjects: int,
    sessions: int = 1,
    protocol: Protocol,
    seed: int,
    processes: int = 1,
    cell_mm: float | None = None,
    spacing_mm: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[str]:
    """Write a simulated study: a BIDS data set, with the truth in ``truth/``.

    Parameters
    ----------
    folder : Path
        Made here; must not exist, or be empty. Nothing is left of it if a session fails.
    subjects, sessions : int
        How many heads, and how many scans of each.
    protocol : Protocol
        What the scanner does.
    seed : int
        The same seed gives the same bytes, whatever ``processes`` is.
    processes : int
        Scans at a time; each takes about 2.5 GB for a whole head at the default cells.
    cell_mm : float, optional
        See `acquire`; larger than the protocol's for quick tests.
    spacing_mm : float, optional
        See `make_head`; twice the cells unless given.
    progress : callable, optional
        Called with the name of each finished session.

    Returns
    -------
    list of str
        Names of the sessions, ``sub-01_ses-01`` and so on.

    Raises
    ------
    ValueError
        If a count is below one.
    OutputError
        If the folder exists and is not empty, or cannot be written.
    """
    if min(subjects, sessions, processes) < 1:
        raise ValueError(
            f"subjects, sessions and processes count from one, not {subjects}, {sessions}, "
            f"{processes}"
        )
    folder = Path(folder)
    _refuse_existing(folder)
    part = folder.with_name(folder.name + ".part")
    _refuse_existing(part)
    digits = max(2, len(str(max(subjects, sessions))))
    jobs = [
        _Session(
            part,
            f"{subject + 1:0{digits}d}",
            f"{session + 1:0{digits}d}",
            protocol,
            seed,
            cell_mm,
            spacing_mm,
            max(1, threads() // processes),
        )
        for subject in range(subjects)
        for session in range(sessions)
    ]
    try:
        _write_top(part, jobs, subjects=subjects, sessions=sessions)
        _run(jobs, processes, progress or (lambda _: None))
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return [job.name for job in jobs]


def _refuse_existing(folder: Path) -> None:
    """Refuse to write over anything."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise OutputError(
            "exists already", file=folder, remedy="Name a new folder, or remove this one."
        )


def _run(jobs: list[_Session], processes: int, progress: Callable[[str], None]) -> None:
    """Simulate the sessions, several at a time if asked."""
    if processes == 1 or len(jobs) == 1:
        for job in jobs:
            progress(_simulate(job))
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(min(processes, len(jobs)), mp_context=context) as pool:
        waiting = [pool.submit(_simulate, job) for job in jobs]
        try:
            for done in as_completed(waiting):
                progress(done.result())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _simulate(job: _Session) -> str:
    """Grow the head, scan it, write images and truth."""
    set_threads(job.threads)
    head = _head(job)
    scan, truth = acquire(
        head,
        job.protocol,
        seed=stream(job.seed, job.subject, job.session, "scan"),
        cell_mm=job.cell_mm,
    )
    _write_scan(job, scan)
    _write_truth(job, truth, scan.grid)
    return job.name


def _head(job: _Session) -> Head:
    """Return the subject's head, the same in every session; its surfaces at twice the cells."""
    cell_mm = job.cell_mm or job.protocol.cell_mm
    spacing_mm = job.spacing_mm or min(max(2.0 * cell_mm, 0.5), 3.0)
    return make_head(seed=stream(job.seed, job.subject, "", "head"), spacing_mm=spacing_mm)


def stream(seed: int, subject: str, session: str, step: str) -> int:
    """Return the seed of one random stream: a hash of study seed, subject, session and step."""
    text = f"{seed}/{subject}/{session}/{step}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big")


def _write_scan(job: _Session, scan: GradientEcho) -> None:
    """Write magnitude and phase of each echo with their sidecars."""
    if scan.phase is None:
        raise ValueError("the digital scanner always gives phase")
    for e, te_s in enumerate(scan.te_s):
        echo = f"_echo-{e + 1}" if job.protocol.kind == "MEGRE" else ""
        magnitude = np.clip(np.rint(scan.magnitude[e]), 0, 32767).astype(np.int16)
        pairs: tuple[tuple[str, NDArray[Any], str, float | None], ...] = (
            ("mag", magnitude, "arbitrary", None),
            ("phase", scan.phase[e], "rad", 1e-4),
        )
        for part, voxels, unit, error in pairs:
            stem = job.path() / f"{job.name}{echo}_part-{part}_{job.protocol.kind}"
            write_image(
                stem.with_name(stem.name + ".nii.gz"),
                voxels,
                scan.grid,
                max_error=error,
                description="simulated by arteriole",
            )
            sidecar = _sidecar(job.protocol, te_s, part, unit)
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


def _write_truth(job: _Session, truth: Truth, grid: Grid) -> None:
    """Write the known answer: maps, mask, labels, lesions."""
    maps: dict[str, tuple[NDArray[Any], float | None]] = {
        "Chimap": (truth.chi_ppm, 1e-4),
        "R2starmap": (truth.r2star_hz, 0.05),
        "desc-total_fieldmap": (truth.total_field_hz, 0.1),
        "desc-local_fieldmap": (truth.local_field_hz, 0.01),
        "desc-brain_mask": (truth.brain_mask, None),
        "desc-tissue_dseg": (truth.labels, None),
    }
    folder = job.path(truth=True)
    for name, (voxels, error) in maps.items():
        write_image(
            folder / f"{job.name}_{name}.nii.gz",
            voxels,
            grid,
            max_error=error,
            description="simulated by arteriole",
        )
    write_text(folder / f"{job.name}_lesions.tsv", lesion_table(truth.lesions))


def lesion_table(lesions: tuple[LesionTruth, ...]) -> str:
    """Return the truth table as tab-separated text: one row a lesion, world mm."""
    columns = [f.name for f in fields(LesionTruth) if not f.name.endswith("_mm")]
    columns += ["source_diameter_mm", "apparent_diameter_mm"]
    head = ["x_mm", "y_mm", "z_mm", *columns, "moment_ppm_mm3"]
    rows = ["\t".join(head)]
    for lesion in lesions:
        values = dict(zip((f.name for f in fields(lesion)), astuple(lesion), strict=True))
        cells = [*lesion.centre_mm, *(values[c] for c in columns), round(lesion.moment_ppm_mm3, 4)]
        rows.append("\t".join(str(cell) for cell in cells))
    return "\n".join(rows) + "\n"


def _write_top(folder: Path, jobs: list[_Session], *, subjects: int, sessions: int) -> None:
    """Write what belongs to the data set as a whole."""
    protocol, seed = jobs[0].protocol, jobs[0].seed
    description = {
        "Name": f"Simulated gradient echo, {protocol.name}, seed {seed}",
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
    write_text(
        folder / "README",
        _README.format(
            version=__version__,
            protocol=protocol.name,
            seed=seed,
            subjects=subjects,
            sessions=sessions,
        ),
    )
    people = sorted({job.subject for job in jobs})
    rows = [f"sub-{s}\t{stream(seed, s, '', 'head')}" for s in people]
    write_text(folder / "participants.tsv", "\n".join(["participant_id\thead_seed", *rows]) + "\n")
    write_json(
        folder / "participants.json",
        {"head_seed": {"Description": "Seed that the simulated head grew from"}},
    )
    write_text(folder / ".bidsignore", "truth\n")
    labels = [f"{index}\t{one.name}" for index, one in enumerate(TISSUES)]
    write_text(
        folder / "truth" / "desc-tissue_dseg.tsv", "\n".join(["index\tname", *labels]) + "\n"
    )
