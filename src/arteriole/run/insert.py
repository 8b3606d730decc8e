"""Lesions put into a user's images: files in, files like them out, with the truth beside."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.mask import brain_mask
from arteriole.errors import CommandError, GeometryError, InputError, OutputError
from arteriole.io.atomic import write_json, write_text
from arteriole.io.choice import plain_choice
from arteriole.io.echoes import Echo, read_echoes
from arteriole.io.gradient_echo import read_gradient_echo
from arteriole.io.nifti import check_one_volume, read_image
from arteriole.io.nifti_like import write_like
from arteriole.phantom.insert.insert import Inserted, insert_lesions
from arteriole.phantom.insert.positions import draw_lesions, free_places, sphere_truth
from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.lesions.table import lesion_rows
from arteriole.phantom.streams import stream
from arteriole.scan.gradient_echo import GradientEcho
from arteriole.scan.phase_scale import PhaseHeader, find_phase_scale
from arteriole.scan.vendor import phase_sign
from arteriole.settings import Settings
from arteriole.version import __version__

Spot = tuple[float, float, float, float, float]


@dataclass(frozen=True)
class InsertJob:
    """What is put where.

    Parameters
    ----------
    magnitude, phase : tuple of Path
        One file an echo, or one 4-D file.
    folder : Path
        Made here; must not exist, or be empty.
    te_s, b0_tesla : optional
        Instead of sidecars.
    swi, mask : Path, optional
        A SWI to change alike, and where lesions may lie; the brain is found unless given.
    spots : tuple of (x, y, z, diameter, chi)
        Lesions at places, world mm and ppm; negative chi is a calcification.
    microbleeds, calcifications : int
        Lesions drawn at random.
    irregular : float
        Share of the drawn microbleeds that are clusters of spheres.
    seed : int
        Decides places and noise.
    sign : {"auto", "keep", "flip"}
        Which way phase counts; see `phase_sign`.
    """

    magnitude: tuple[Path, ...]
    phase: tuple[Path, ...]
    folder: Path
    te_s: tuple[float, ...] | None = None
    b0_tesla: float | None = None
    swi: Path | None = None
    mask: Path | None = None
    spots: tuple[Spot, ...] = ()
    microbleeds: int = 0
    calcifications: int = 0
    irregular: float = 0.5
    seed: int = 0
    sign: Literal["auto", "keep", "flip"] = "auto"


def insert_into_files(job: InsertJob) -> tuple[LesionTruth, ...]:
    """Put lesions into images; write images of the same names, types and headers, and the truth.

    Returns
    -------
    tuple of LesionTruth
        What was put in.

    Raises
    ------
    CommandError
        If nothing is to be put in.
    InputError
        What is wrong, in which file, and what to do; also for a lesion outside image or mask.
    OutputError
        If the folder is there already, or cannot be written.
    """
    _refuse(job)
    choice = plain_choice(job.magnitude, job.phase)
    settings = Settings.from_pairs([f"scan.phase_sign={job.sign}"]).scan
    files = read_gradient_echo(choice, settings=settings, te_s=job.te_s, b0_tesla=job.b0_tesla)
    parts = read_echoes(choice, te_s=job.te_s)
    scan, echoes = files.scan, parts["mag"] + parts.get("phase", [])
    if len(echoes) != scan.echoes * (1 if scan.phase is None else 2):
        raise InputError(
            "not every magnitude has its phase",
            file=job.magnitude[0],
            remedy="Give both parts of every echo, or magnitude alone.",
        )
    swi, mask = _volume(job.swi, scan), _volume(job.mask, scan)
    inside = None if mask is None else mask > 0.5
    rng = stream(job.seed, "insert")
    try:
        lesions = _lesions(job, scan, inside, rng)
        found = insert_lesions(
            scan.magnitude, scan.phase, scan.te_s, scan.b0_tesla, scan.grid, lesions,
            rng=rng, swi=swi, mask=inside, b0_direction=scan.b0_direction,
        )  # fmt: skip
    except ValueError as error:
        raise InputError(
            str(error), file=job.mask or job.magnitude[0], remedy="Choose other places or a --mask."
        ) from error
    part = job.folder.with_name(job.folder.name + ".part")
    _refuse_existing(part)
    try:
        _write_images(part, scan, found, parts["mag"], parts.get("phase", []), job)
        _write_swi(part, found, job.swi)
        _write_truth(part, job, found, files.facts)
        if job.folder.exists():
            job.folder.rmdir()
        part.rename(job.folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return found.lesions


def _refuse(job: InsertJob) -> None:
    """Refuse a job without lesions, with names that clash, or with an output that exists."""
    if not job.spots and job.microbleeds + job.calcifications < 1:
        raise CommandError("nothing to insert: give --microbleeds, --calcifications or --at")
    if min(job.microbleeds, job.calcifications) < 0:
        raise CommandError("--microbleeds and --calcifications count from zero")
    if not 0 <= job.irregular <= 1:
        raise CommandError(f"--irregular is a share from 0 to 1, not {job.irregular:g}")
    for x, y, z, diameter, chi in job.spots:
        if not all(map(math.isfinite, (x, y, z, chi))) or not 0 < diameter <= 30 or chi == 0:
            raise CommandError(
                f"--at {x:g},{y:g},{z:g},{diameter:g},{chi:g}: a diameter of 0 to 30 mm and a chi "
                "other than 0 are needed"
            )
    paths = [*job.magnitude, *job.phase, *([job.swi] if job.swi else [])]
    names = [path.name for path in paths]
    twice = next((path for path in paths if names.count(path.name) > 1), None)
    if twice is not None:
        raise InputError("has the name of another image", file=twice, remedy="Rename one of them.")
    _refuse_existing(job.folder)


def _refuse_existing(folder: Path) -> None:
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise OutputError(
            "exists already", file=folder, remedy="Name a new folder, or remove this one."
        )


def _volume(path: Path | None, scan: GradientEcho) -> NDArray[np.float32] | None:
    """Read an image that has to lie on the scan's grid."""
    if path is None:
        return None
    image = read_image(path)
    check_one_volume(image, path)
    size = min(scan.grid.voxel_size_mm)
    if not image.grid.fits(scan.grid, tolerance_mm=0.05 * size):
        raise GeometryError(
            f"lies on another grid ({image.grid.shape}) than the magnitude ({scan.grid.shape})",
            file=path,
            remedy="Give an image of the same scan.",
        )
    return np.asarray(np.nan_to_num(image.data), dtype=np.float32)


def _lesions(
    job: InsertJob, scan: GradientEcho, mask: NDArray[np.bool_] | None, rng: np.random.Generator
) -> tuple[LesionTruth, ...]:
    """Return the lesions at given places, then those drawn."""
    corners = scan.grid.to_world((np.asarray(scan.grid.shape) - 1) / 2.0)
    midline = float(corners[0])
    drawn = job.microbleeds + job.calcifications > 0
    if drawn and mask is None:
        mask = brain_mask(scan.magnitude, scan.te_s, voxel_size_mm=scan.grid.voxel_size_mm)
    if mask is not None and mask.any():
        midline = float(scan.grid.to_world(np.argwhere(mask).mean(axis=0))[0])
    given = tuple(
        sphere_truth(
            "microbleed" if chi > 0 else "calcification", np.array([x, y, z]), size, chi, midline
        )
        for x, y, z, size, chi in job.spots
    )
    if not drawn or mask is None:
        return given
    free = free_places(scan.magnitude[-1], mask, scan.grid)
    return given + draw_lesions(
        free,
        scan.grid,
        rng,
        microbleeds=job.microbleeds,
        calcifications=job.calcifications,
        others=given,
        irregular=job.irregular,
    )


def _write_images(
    folder: Path,
    scan: GradientEcho,
    found: Inserted,
    magnitudes: Sequence[Echo],
    phases: Sequence[Echo],
    job: InsertJob,
) -> None:
    """Write the changed images; voxels that did not change keep their stored number."""
    assert found.magnitude is not None
    changes: dict[Path, list[tuple[Echo, NDArray[np.float32]]]] = {}
    for e, echo in enumerate(magnitudes):
        old_values, new_values = scan.magnitude[e], found.magnitude[e]
        moved = np.abs(new_values - old_values) > 1e-6 * old_values
        change = np.where(moved, new_values - old_values, 0) / echo.header.slope
        changes.setdefault(echo.file.path, []).append((echo, change.astype(np.float32)))
    for e, echo in enumerate(phases):
        assert found.phase is not None
        assert scan.phase is not None
        turns = (found.phase[e] - scan.phase[e]) / np.float32(2.0 * math.pi)
        turns = turns - np.rint(turns)
        maker = next((m for p in phases if (m := p.sidecar.text("Manufacturer"))), None)
        sign, _ = phase_sign(maker, job.sign)
        changes.setdefault(echo.file.path, []).append((echo, (sign * turns).astype(np.float32)))
    for path, rows in changes.items():
        image = read_image(path, stored=True)
        stored = image.data.astype(np.float64)
        is_phase = rows[0][0].file.part == "phase"
        old = read_image(path).data if is_phase else None
        for echo, moved_by in rows:
            where = (..., echo.volume) if stored.ndim == 4 else (...,)
            if old is None:
                stored[where] += np.where(np.isfinite(moved_by), moved_by, 0.0)
            else:
                volumes = [old[..., v] for v in range(old.shape[3])] if old.ndim == 4 else [old]
                stored[where] = _turned(stored[where], moved_by, volumes, echo)
        write_like(folder / path.name, path, stored)
        for sidecar in rows[0][0].file.sidecars:
            shutil.copyfile(sidecar, folder / sidecar.name)


def _turned(
    stored: NDArray[np.float64],
    turns: NDArray[np.float32],
    volumes: Sequence[NDArray[Any]],
    echo: Echo,
) -> NDArray[np.float64]:
    """Return stored phase moved by parts of a turn, within the range it had."""
    header = echo.header
    scale = find_phase_scale(
        volumes,
        PhaseHeader(
            integer=header.dtype.kind in "iu",
            slope=header.slope,
            intercept=header.intercept,
            units=echo.sidecar.text("Units"),
            manufacturer=echo.sidecar.text("Manufacturer"),
        ),
    )
    period = scale.period / header.slope
    zero = (scale.zero - header.intercept) / header.slope
    moved = stored + turns * period
    wrapped = moved - period * np.floor((moved - zero) / period + 0.5)
    return np.where(np.abs(turns) * 2.0 * math.pi > 1e-4, wrapped, stored)


def _write_swi(folder: Path, found: Inserted, path: Path | None) -> None:
    if path is None or found.swi is None:
        return
    header = read_image(path, stored=True).header
    write_like(folder / path.name, path, (found.swi - header.intercept) / header.slope)


def _write_truth(folder: Path, job: InsertJob, found: Inserted, facts: dict[str, Any]) -> None:
    """Write the table of lesions, and what was done."""
    rows = lesion_rows(found.lesions)
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    write_text(folder / "lesions.tsv", "\n".join(lines) + "\n")
    write_json(
        folder / "insert.json",
        {
            "GeneratedBy": {"Name": "arteriole insert", "Version": __version__},
            "Simulated": "lesions were put into these images; the images may be of a person",
            "Sources": [path.name for path in (*job.magnitude, *job.phase)],
            "Seed": job.seed,
            "Lesions": len(found.lesions),
            "IrregularShare": job.irregular,
            "EchoTime": facts["te_s"],
            "MagneticFieldStrength": facts["b0_tesla"],
            "B0Direction": facts["b0_direction"],
            "PhaseSource": facts["phase_source"],
        },
    )
