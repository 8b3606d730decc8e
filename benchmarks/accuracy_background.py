"""Error of the local field by background removal, mask and region, on simulated heads.

    python benchmarks/accuracy_background.py [isotropic | bleed | thick | speed ...]

Three heads of the tuning seeds are scanned by the digital scanner at 1.5 mm and 1.5 x 1.5 x 3 mm,
20 degrees oblique, on cells of 0.75 mm; one holds a haemorrhage. The total field is that of the
flow's own phase step, noise and all. Each method gets the true brain mask, one that is 7 % too
large all round, and the same less what the phase step finds unreliable. Scored against the field
of the brain's own sources, both about their mean, where voxels of the true brain that a method
left out count as 0: kept share, NRMSE (%) over the brain, its outer 3 mm (edge) and the rest
(inside), within 10 mm of air (sinus) and of the haemorrhage (bleed); slope inside. "true
background" is what errors of the total field alone leave. ``speed`` times 160 x 160 x 112 voxels:
``pairs`` is the time of a warm run over that of a float32 rfft + irfft pair of the same volume
just before it, both the best of two.
Writes accuracy_background.csv; rows of heads not named stay. All truth is simulated.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy.ndimage
from speed_inversion import head as speed_head

from arteriole.field.ismv import remove_background_ismv
from arteriole.field.lbv import remove_background_lbv
from arteriole.field.pdf import remove_background_pdf
from arteriole.field.resharp import remove_background_resharp
from arteriole.field.vsharp import remove_background_vsharp
from arteriole.flow import run_in_memory
from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.morphology import dilate, distance_inside
from arteriole.phantom.head import make_head
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.sequence import Protocol
from arteriole.phantom.tissue import TISSUES
from arteriole.step import Acquisition

TABLE = Path(__file__).with_suffix(".csv")
ISOTROPIC = Protocol(
    "background",
    (128, 136, 96),
    (1.5, 1.5, 1.5),
    (0.005, 0.012, 0.019, 0.026),
    0.032,
    15.0,
    tilt_deg=20.0,
    snr=60.0,
)
THICK = replace(ISOTROPIC, shape=(128, 136, 48), voxel_size_mm=(1.5, 1.5, 3.0))
HEADS = {
    "isotropic": (ISOTROPIC, 101, Burden(microbleeds=4)),
    "bleed": (ISOTROPIC, 102, Burden(microbleeds=4, haemorrhages=1)),
    "thick": (THICK, 103, Burden(microbleeds=4)),
}
COLUMNS = ("head", "mask", "method", "kept", "brain", "inside", "edge", "sinus", "bleed")
COLUMNS += ("slope_inside", "seconds", "pairs", "load")


def methods(field, mask, noise, voxel, b0_direction):
    """Return each method as a call without arguments."""
    given = {"voxel_size_mm": voxel}
    oblique = given | {"b0_direction": b0_direction}
    return {
        "V-SHARP 12..1": lambda: remove_background_vsharp(field, mask, **given),
        "RESHARP 12..2": lambda: remove_background_resharp(
            field, mask, radius_mm=12, smallest_mm=2, **given
        ),
        "PDF": lambda: remove_background_pdf(field, mask, **oblique),
        "PDF, noise, outliers": lambda: remove_background_pdf(
            field, mask, noise=noise, outlier_sigmas=5, **oblique
        ),
        "LBV": lambda: remove_background_lbv(field, mask, **given),
        "LBV, noise peeled": lambda: remove_background_lbv(
            field, mask, peel=4, noise=noise, **given
        ),
        "iSMV 5": lambda: remove_background_ismv(field, mask, **given),
    }


def best_of_two(work):
    """Return the best time of two, s, after one run to compile."""
    work()
    times = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def larger(mask, voxel, share=0.07):
    """Return the mask with the nearest voxels around it, a share of its own number."""
    distance = scipy.ndimage.distance_transform_edt(~mask, sampling=voxel)
    return distance <= np.sort(distance[~mask])[int(share * mask.sum())]


def regions(truth, voxel):
    """Return the parts of the true brain that are scored, by name."""
    brain = truth.brain_mask
    depth = distance_inside(brain, voxel_size_mm=voxel)
    names = [t.name for t in TISSUES]
    blood = np.isin(truth.labels, [names.index("haematoma"), names.index("haemosiderin")])
    air = truth.labels == names.index("air")
    near_blood = dilate(blood, 10.0, voxel_size_mm=voxel) & ~blood
    return {
        "brain": brain,
        "inside": brain & (depth > 3),
        "edge": brain & (depth <= 3),
        "sinus": brain & dilate(air, 10.0, voxel_size_mm=voxel),
        "bleed": brain & near_blood,
    }


def score(truth, parts, local, kept):
    """Return kept share, NRMSE (%) by region and the slope inside."""
    brain = parts["brain"]
    both = kept & brain
    x = truth.local_field_hz - truth.local_field_hz[brain].mean(dtype=float)
    y = np.where(both, local - local[both].mean(dtype=float), 0)
    row = {"kept": f"{both.sum() / brain.sum():.3f}"}
    for name, where in parts.items():
        if where.sum() > 100:
            error = np.linalg.norm((y - x)[where]) / np.linalg.norm(x[where])
            row[name] = f"{100 * error:.1f}"
    inside = parts["inside"] & both
    row["slope_inside"] = f"{x[inside] @ y[inside] / (x[inside] @ x[inside]):.3f}"
    return row


def simulated(name):
    """Score and time every method on one head with three masks."""
    protocol, seed, burden = HEADS[name]
    scan, truth = acquire(make_head(seed=seed, burden=burden), protocol, seed=seed, cell_mm=0.75)
    voxel = scan.grid.voxel_size_mm
    acquisition = Acquisition(scan.grid, scan.b0_tesla, scan.b0_direction, scan.te_s)
    large = larger(truth.brain_mask, voxel)
    given = {"magnitude": scan.magnitude, "phase": scan.phase, "brain_mask": large}
    targets = ["total_field_hz", "field_noise_hz", "phase_mask"]
    made = run_in_memory(given, acquisition, targets=targets)
    parts = regions(truth, voxel)
    masks = {"true": truth.brain_mask, "large, phase": large & made["phase_mask"], "large": large}
    background = truth.total_field_hz - truth.local_field_hz
    for kind, mask in masks.items():
        row = {"head": name, "mask": kind, "method": "true background"}
        yield row | score(truth, parts, made["total_field_hz"] - background, mask)
        work = methods(
            made["total_field_hz"], mask, made["field_noise_hz"], voxel, scan.b0_direction
        )
        for method, run in work.items():
            row = {"head": name, "mask": kind, "method": method}
            yield row | score(truth, parts, *run())


def speed():
    """Time every method on 160 x 160 x 112 voxels of 1 mm, 0.93 million in the mask."""
    mask, _, total = speed_head()
    noise = np.full(mask.shape, 0.001, np.float32)
    volume = np.zeros(mask.shape, np.float32)
    work = methods(total, mask, noise, (1.0, 1.0, 1.0), (0.0, 0.0, 1.0))
    for method, run in work.items():
        pair = best_of_two(lambda: irfft(rfft(volume), mask.shape))
        seconds = best_of_two(run)
        yield {
            "head": "160 x 160 x 112",
            "mask": "ellipsoid",
            "method": method,
            "seconds": f"{seconds:.2f}",
            "pairs": f"{seconds / pair:.0f}",
            "load": f"{os.getloadavg()[0]:.1f}",
        }


def main() -> None:
    for name in sys.argv[1:] or [*HEADS, "speed"]:
        new = []
        for row in speed() if name == "speed" else simulated(name):
            print(*row.values(), flush=True)
            new.append(row)
            save(new)


def save(new) -> None:
    """Write the table with these rows in place of those of the same head."""
    old = list(csv.DictReader(TABLE.open())) if TABLE.exists() else []
    old = [row for row in old if row["head"] != new[0]["head"]]
    with TABLE.open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(old + new, key=lambda row: row["head"]))


if __name__ == "__main__":
    main()
