"""How near the automatic weight comes to the best one: NRMSE of chi over noise and resolution.

    python benchmarks/weight_choice.py

Inversions (tv, smv-tv, weak harmonic, medi) from the true local field of a head of the phantom that
no default was chosen on, at three resolutions and four levels of noise; methods other than tv, and
the field that PDF leaves, at the first resolution and one level. The weight is chosen as the flow
does, on the middle block; the best is that of the least NRMSE over factors of 1.5 round it. Writes
weight_choice.csv; all truth is simulated.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from arteriole.field.pdf import remove_background_pdf
from arteriole.phantom.head import make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.settings import Settings
from arteriole.susceptibility import stage
from arteriole.units import hz_per_ppm

SEED = 205
PROTOCOLS = (
    Protocol("2 mm", (96, 112, 80), (2.0, 2.0, 2.0), (0.008,), 0.04, 15.0, tilt_deg=10.0),
    Protocol("1.3 x 1.3 x 2 mm", (148, 172, 80), (1.3, 1.3, 2.0), (0.008,), 0.04, 15.0),
    Protocol("1 x 1 x 3 mm", (192, 224, 44), (1.0, 1.0, 3.0), (0.008,), 0.04, 15.0, tilt_deg=32.0),
)
NOISE_PPM = (0.0005, 0.001, 0.002, 0.004)
FACTORS = tuple(1.5**n for n in range(-3, 4))


def nrmse(chi, truth, mask):
    x, y = (v[mask].astype(float) - v[mask].mean(dtype=float) for v in (truth, chi))
    return 100 * np.linalg.norm(y - x) / np.linalg.norm(x)


def row(method, data, truth, about):
    chosen = Settings.from_pairs([f"susceptibility.method={method}"]).susceptibility
    chi, weight, choice = stage._inverted(data, chosen)
    invert, _ = stage._variation(chosen)
    errors = {weight * f: nrmse(invert(data, weight * f), truth, data.mask) for f in FACTORS}
    best = min(errors, key=errors.get)
    own = nrmse(chi, truth, data.mask)
    return about | {
        "method": method,
        "chosen_ppm_mm": f"{weight:.2e}",
        "best_ppm_mm": f"{best:.2e}",
        "trials": len(choice.tried),
        "nrmse_chosen": round(own, 1),
        "nrmse_best": round(errors[best], 1),
        "ratio": round(own / errors[best], 3),
    }


def write(rows):
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def main() -> None:
    rows = []
    head = make_head(seed=SEED)
    for protocol in PROTOCOLS:
        scan, truth = acquire(
            head, replace(protocol, cell_mm=0.75), seed=SEED, noise=False, cell_mm=0.75
        )
        scale, mask = 1 / hz_per_ppm(scan.b0_tesla), truth.brain_mask
        geometry = {"voxel_size_mm": protocol.voxel_size_mm, "b0_direction": scan.b0_direction}
        signal = scan.magnitude[0] / np.median(scan.magnitude[0][mask])
        for noise_ppm in NOISE_PPM:
            noise = (noise_ppm / np.maximum(signal, 0.05)).astype(np.float32)
            rng = np.random.default_rng(SEED)
            drawn = rng.standard_normal(mask.shape).astype(np.float32) * noise
            local = (truth.local_field_hz * scale + drawn).astype(np.float32)
            total = (truth.total_field_hz * scale + drawn).astype(np.float32)
            fields = {"true": local}
            with_others = noise_ppm == 0.002 and protocol is PROTOCOLS[0]
            if with_others:
                fields["PDF"], _ = remove_background_pdf(total, mask, noise=noise, **geometry)
            for name, field in fields.items():
                data = stage._Data(
                    field, mask, noise, scan.magnitude[0], stage._Geometry(**geometry)
                )
                others = ("smv-tv", "weak-harmonic", "medi") if with_others else ()
                for method in ("tv", *others):
                    about = {"voxels": protocol.name, "noise_ppm": noise_ppm, "field": name}
                    rows.append(row(method, data, truth.chi_ppm, about))
                    print(*rows[-1].values(), flush=True)
                    write(rows)


if __name__ == "__main__":
    main()
