"""Chi of lesions, veins and nuclei, and what a haemorrhage does around it, from raw phase.

    python benchmarks/accuracy_lesions.py [SEED ...]

Generated heads of seeds 211 and up, scanned by the digital scanner (demo protocol, 0.5 mm cells),
through ``run_in_memory`` with default settings. Everything is against its own surroundings, found
and true map alike:

- microbleed, calcification: moment, the sum over the ball that reaches 2 mm beyond the source of
  chi less the median of the shell 2 to 6 mm beyond it, times the voxel's volume. Those whose shell
  is in the brain by less than half are left out.
- vein: mean over voxels of veins that are at least two wide along every axis, less the median of
  brain within 2 to 6 mm of them.
- nucleus: mean over the voxels of its tissue less the mean of white matter.

``bias`` (%) is that of the sum over all of a kind, ``middle`` the median of each one's own bias,
``spread`` half the range that holds the middle 68 % of them. ``usable sign`` is the share (%) of
cortical microbleeds (lobar; a quarter or more of the shell 1 to 3 mm beyond them is grey matter or
fluid) whose mean chi over the source's voxels is more than 3 median absolute deviations of the
shell 2 to 6 mm beyond it above that shell's median. ``streak``: the same head with and
without a haemorrhage of 20 mm, same noise; root mean square of the difference of chi (ppm, about
its mean) 10 to 30 mm from its surface; and the same from the true local field. Writes
accuracy_lesions.csv; rows of seeds not named stay. All truth is simulated.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy.ndimage
from accuracy_heads import acquisition, run
from accuracy_inverted import inverted_by_default
from accuracy_scans import kept, load, read_rows, write_rows

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.lesions.ground import Ground
from arteriole.phantom.lesions.haemorrhage import haemorrhage
from arteriole.phantom.lesions.regions import Regions
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import DEMO
from arteriole.units import hz_per_ppm

TABLE = Path(__file__).with_suffix(".csv")
SEEDS = (211, 212)
BURDEN = Burden(microbleeds=30, calcifications=10)
NUCLEI = (
    tissue.CAUDATE, tissue.PUTAMEN, tissue.PALLIDUM,
    tissue.RED_NUCLEUS, tissue.NIGRA, tissue.DENTATE,
)  # fmt: skip
CORTEX = (tissue.GREY, tissue.CSF)


def heads(seed: int) -> tuple[Head, Head]:
    """Return a head with many small lesions, and the same with a haemorrhage of 20 mm."""
    head = make_head(seed=seed, burden=BURDEN)
    ground = Ground(Regions(head.anatomy))
    for lesion in head.lesions:
        ground.take(np.array(lesion.truth.centre_mm), 0.5 * lesion.truth.source_diameter_mm)
    rng = np.random.default_rng(seed)
    centre = ground.draw(rng, "white matter", depth_mm=2.0, radius_mm=10.0)
    return head, head.with_lesions(*head.lesions, haemorrhage(ground, rng, centre, 20.0))


def scans(seed: int) -> Any:
    """Return both scans with their truth; noise is the same."""
    return kept(f"lesions-{seed}", lambda: [acquire(h, DEMO, seed=seed) for h in heads(seed)])


def away_from(centre_mm: Any, grid: Grid, reach_mm: float) -> tuple[Any, Any]:
    """Return the box that a ball fills and the distance (mm) of its voxels from the middle."""
    size = np.asarray(grid.voxel_size_mm)
    at = grid.to_voxel(centre_mm)
    low = np.maximum(np.floor(at - reach_mm / size), 0).astype(int)
    high = np.minimum(np.ceil(at + reach_mm / size) + 1, grid.shape).astype(int)
    axes = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
    away = np.meshgrid(
        *[(x - c) * d for x, c, d in zip(axes, at, size, strict=True)], indexing="ij"
    )
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    return box, np.sqrt(sum(x**2 for x in away))


def small_lesions(scan: Any, truth: Any, chi: Any, valid: Any) -> Iterator[dict[str, Any]]:
    """Yield the moments of each small lesion, and whether its sign could be told."""
    cubic = scan.grid.voxel_volume_mm3
    brain = truth.brain_mask
    for lesion in truth.lesions:
        if lesion.kind not in ("microbleed", "calcification"):
            continue
        radius = 0.5 * lesion.source_diameter_mm
        box, away = away_from(lesion.centre_mm, scan.grid, radius + 6.0)
        shell = (away > radius + 2) & (away <= radius + 6)
        ring = shell & brain[box]
        if ring.sum() < 0.5 * shell.sum() or ring.sum() < 20:
            continue
        ball = away <= radius + 2
        found, true = (
            np.where(brain[box], m[box], 0) for m in (np.where(valid, chi, 0), truth.chi_ppm)
        )
        row = {
            "kind": lesion.kind,
            "found": float((found[ball] - np.median(found[ring])).sum() * cubic),
            "true": float((true[ball] - np.median(true[ring])).sum() * cubic),
        }
        core = away <= max(radius, float(away.min()) + 1e-6)
        middle = np.median(found[ring])
        spread = np.median(np.abs(found[ring] - middle))
        near = (away > radius + 1) & (away <= radius + 3)
        share = np.isin(truth.labels[box][near], CORTEX).mean() if near.any() else 0.0
        row["cortical"] = lesion.zone == "lobar" and share >= 0.25
        row["usable"] = bool(found[core].mean() - middle > 3 * spread)
        yield row


def veins(scan: Any, truth: Any, chi: Any, valid: Any) -> Iterator[dict[str, Any]]:
    """Yield chi of each wide piece of vein."""
    brain, size = truth.brain_mask, scan.grid.voxel_size_mm
    vein = (truth.labels == tissue.VEIN) & brain
    wide = scipy.ndimage.binary_opening(vein, np.ones((2, 2, 2), bool))
    pieces, number = scipy.ndimage.label(wide)
    found = np.where(valid, chi, 0)
    for n, box in enumerate(scipy.ndimage.find_objects(pieces), 1):
        room = tuple(
            slice(max(s.start - round(8 / d), 0), s.stop + round(8 / d))
            for s, d in zip(box, size, strict=True)
        )
        own = pieces[room] == n
        away = scipy.ndimage.distance_transform_edt(~own, sampling=size)
        ring = (away > 2) & (away <= 6) & brain[room] & ~vein[room]
        if ring.sum() < 50 or number == 0:
            continue
        count = int(own.sum())
        values = {
            name: float((m[room][own].mean() - np.median(m[room][ring])) * count)
            for name, m in (("found", found), ("true", truth.chi_ppm))
        }
        yield {"kind": "vein", **values}


def nuclei(truth: Any, chi: Any, valid: Any) -> Iterator[dict[str, Any]]:
    """Yield chi of each nucleus against white matter."""
    brain = truth.brain_mask
    white = brain & (truth.labels == tissue.WHITE)
    found = np.where(valid, chi, 0)
    for label in NUCLEI:
        own = brain & (truth.labels == label)
        if own.sum() >= 50:
            values = {
                name: float(m[own].mean() - m[white].mean())
                for name, m in (("found", found), ("true", truth.chi_ppm))
            }
            yield {"kind": "nucleus", **values}


def summary(kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the bias of a kind."""
    own = [r for r in rows if r["kind"] == kind]
    found, true = (np.array([r[name] for r in own]) for name in ("found", "true"))
    each = 100 * (found / true - 1)
    low, high = np.percentile(each, (16, 84))
    return {
        "what": kind,
        "number": len(own),
        "bias": round(float(100 * (found.sum() / true.sum() - 1)), 1),
        "middle": round(float(np.median(each)), 1),
        "spread": round(float(high - low) / 2, 1),
    }


def streak(both: list[dict[str, Any]], truths: list[Any], grid: Grid) -> float:
    """Return the root mean square difference (ppm) that a haemorrhage makes 10 to 30 mm away."""
    size = grid.voxel_size_mm
    blood = np.abs(truths[1].chi_ppm - truths[0].chi_ppm) > 0.02
    blood = scipy.ndimage.binary_opening(blood)
    away = scipy.ndimage.distance_transform_edt(~blood, sampling=size)
    where = (away > 10) & (away < 30) & truths[0].brain_mask & both[0]["qsm_mask"]
    where &= both[1]["qsm_mask"]
    apart = (both[1]["chi_ppm"] - both[0]["chi_ppm"])[where].astype(float)
    return float(apart.std())


def from_true_field(scan: Any, truth: Any) -> dict[str, Any]:
    """Return chi by the default's inversion from the true local field."""
    mask = truth.brain_mask
    noise = np.full(mask.shape, 0.001 * hz_per_ppm(scan.b0_tesla), np.float32)
    chi, _ = inverted_by_default(truth.local_field_hz, mask, noise, acquisition(scan))
    return {"chi_ppm": chi, "qsm_mask": mask}


def rows_of(seed: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a head."""
    both = scans(seed)
    made = [run({"magnitude": s.magnitude, "phase": s.phase}, s) for s, _ in both]
    (scan, truth), chi, valid = both[0], made[0]["chi_ppm"], made[0]["qsm_mask"]
    small = list(small_lesions(scan, truth, chi, valid))
    found = [*small, *veins(scan, truth, chi, valid), *nuclei(truth, chi, valid)]
    for kind in ("microbleed", "calcification", "vein", "nucleus"):
        yield {"seed": str(seed), **summary(kind, found), "value": ""}
    cortical = [r["usable"] for r in small if r["cortical"] and r["kind"] == "microbleed"]
    empty = {"bias": "", "middle": "", "spread": ""}
    share = round(100 * float(np.mean(cortical)), 1) if cortical else ""
    yield {
        "seed": str(seed),
        "what": "usable sign",
        "number": len(cortical),
        **empty,
        "value": share,
    }
    truths = [t for _, t in both]
    for what, maps in (
        ("streak", made),
        ("streak, true local field", [from_true_field(s, t) for s, t in both]),
    ):
        value = round(streak(maps, truths, scan.grid), 4)
        yield {"seed": str(seed), "what": what, "number": 1, **empty, "value": value}


def main() -> None:
    for seed in [int(s) for s in sys.argv[1:]] or SEEDS:
        rows = [row for row in read_rows(TABLE) if row["seed"] != str(seed)]
        for row in rows_of(seed):
            rows.append(row | {"load": load()})
            print(*rows[-1].values(), flush=True)
        write_rows(TABLE, sorted(rows, key=lambda r: int(r["seed"])))


if __name__ == "__main__":
    main()
