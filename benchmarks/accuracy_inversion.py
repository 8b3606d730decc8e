"""Error of chi from the total field: background removal x inversion, on a head of the phantom.

    python benchmarks/accuracy_inversion.py [seed]

The head is simulated on finer cells than it is scanned on. Noise is drawn at three levels and
divided by the first echo's magnitude. Writes accuracy_inversion.csv beside this file: kept share of
the brain; over all that is kept, NRMSE (%), slope and XSIM; NRMSE and slope in tissue (|chi| < 0.2
ppm); slope over the means of the deep nuclei. "true" is the true local field, "none" the total
field (single-step methods).
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from xsim import xsim

from arteriole.field.resharp import remove_background_resharp
from arteriole.field.vsharp import remove_background_vsharp
from arteriole.phantom.head import make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.tissue import TISSUES
from arteriole.susceptibility.l2 import invert_l2
from arteriole.susceptibility.medi import invert_medi
from arteriole.susceptibility.rts import invert_rts
from arteriole.susceptibility.tgv import invert_tgv
from arteriole.susceptibility.tkd import invert_tkd
from arteriole.susceptibility.tv import invert_tv
from arteriole.susceptibility.weak_harmonic import invert_weak_harmonic
from arteriole.units import hz_per_ppm

PROTOCOL = Protocol(
    "inversion", (128, 136, 96), (1.5, 1.5, 1.5), (0.008,), 0.04, 15.0, tilt_deg=15.0
)
NOISE_PPM = (0.0006, 0.0025, 0.006)
NUCLEI = (
    "caudate",
    "putamen",
    "pallidum",
    "thalamus",
    "red nucleus",
    "substantia nigra",
    "dentate nucleus",
)
VOXEL = PROTOCOL.voxel_size_mm


def removals(total, local, mask):
    yield "none", (np.where(mask, total, 0), mask)
    yield "true", (np.where(mask, local, 0), mask)
    yield "V-SHARP 12..1", remove_background_vsharp(total, mask, voxel_size_mm=VOXEL)
    yield "RESHARP 6", remove_background_resharp(total, mask, voxel_size_mm=VOXEL)
    for smallest in (2, 1):
        yield (
            f"RESHARP 12..{smallest}",
            remove_background_resharp(
                total, mask, voxel_size_mm=VOXEL, radius_mm=12, smallest_mm=smallest
            ),
        )


def inversions(removal, field, mask, noise, b0, magnitude):
    given = {"voxel_size_mm": VOXEL, "b0_direction": b0}
    if removal == "none":
        yield "TGV", invert_tgv(field, mask, noise_ppm=noise, **given)
        return
    yield "TKD", invert_tkd(field, mask, **given)
    yield "L2", invert_l2(field, mask, **given)
    yield "TV", invert_tv(field, mask, **given)
    given["noise_ppm"] = noise
    yield "TV, noise map", invert_tv(field, mask, **given)
    yield "weak harmonic", invert_weak_harmonic(field, mask, **given)
    yield "MEDI", invert_medi(field, mask, magnitude, **given)
    yield "RTS", invert_rts(field, mask, **given)


def about_mean(volume, where):
    values = volume[where].astype(float)
    return values - values.mean()


def scores(chi, truth, mask, nuclei):
    row = {}
    for name, where in (("all", mask), ("tissue", mask & (np.abs(truth) < 0.2))):
        x, y = about_mean(truth, where), about_mean(chi, where)
        row[f"nrmse_{name}"] = round(100 * np.linalg.norm(y - x) / np.linalg.norm(x), 1)
        row[f"slope_{name}"] = round((x @ y) / (x @ x), 3)
    row["xsim"] = round(xsim(chi - chi[mask].mean(), truth - truth[mask].mean(), mask), 3)
    means = np.array([[truth[n & mask].mean(), chi[n & mask].mean()] for n in nuclei])
    row["slope_nuclei"] = round(np.polyfit(*means.T, 1)[0], 3)
    return row


def main() -> None:
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    scan, truth = acquire(make_head(seed=seed), PROTOCOL, seed=seed, cell_mm=0.75, noise=False)
    scale = 1 / hz_per_ppm(scan.b0_tesla)
    mask, names = truth.brain_mask, [t.name for t in TISSUES]
    nuclei = [truth.labels == names.index(n) for n in NUCLEI]
    nuclei = [n for n in nuclei if (n & mask).sum() > 20]
    signal = scan.magnitude[0] / np.median(scan.magnitude[0][mask])
    rows = []
    for noise_ppm in NOISE_PPM:
        noise = (noise_ppm / np.maximum(signal, 0.05)).astype(np.float32)
        drawn = np.random.default_rng(seed).standard_normal(mask.shape).astype(np.float32) * noise
        total, local = (f * scale + drawn for f in (truth.total_field_hz, truth.local_field_hz))
        for removal, (field, kept) in removals(total, local, mask):
            found = inversions(removal, field, kept, noise, scan.b0_direction, scan.magnitude[0])
            for inversion, chi in found:
                rows.append(
                    {
                        "seed": seed,
                        "noise_ppm": noise_ppm,
                        "removal": removal,
                        "inversion": inversion,
                        "kept": round(kept.sum() / mask.sum(), 3),
                    }
                    | scores(chi, truth.chi_ppm, kept, nuclei)
                )
                print(*rows[-1].values(), flush=True)
    with open(Path(__file__).with_suffix(".csv"), "w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
