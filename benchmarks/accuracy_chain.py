"""Error of chi from raw phase: the whole flow with default settings, on simulated heads.

    python benchmarks/accuracy_chain.py

Heads that were not used to choose a default are scanned by the digital scanner (0.5 mm cells) and
go through ``run_in_memory``: own masks, all steps. Scored inside the true brain
mask, where voxels that the flow left out count as chi = 0, both maps about their mean: kept share,
slope, NRMSE (%); besides, the overlap of the brain mask, the share of voxels a whole turn off in
the total field, and the slope of R2*. Writes accuracy_chain.csv. All truth is simulated.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import numpy as np

from arteriole.flow import run_in_memory
from arteriole.phantom.head import make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import DEMO, MULTI_ECHO_3T, UKB_SWI, Protocol
from arteriole.settings import Settings
from arteriole.step import Acquisition

SEEDS = (201, 202)
PROTOCOLS = (DEMO, UKB_SWI, MULTI_ECHO_3T)
SETTINGS = {
    "default": Settings(),
    "fast": Settings.preset("fast"),
    "V-SHARP": Settings.from_pairs(["field.method=vsharp"]),
}


def fit(truth: np.ndarray, got: np.ndarray) -> tuple[float, float]:
    """Return slope and NRMSE (%) of a map about its mean."""
    x, y = truth.astype(float) - truth.mean(), got.astype(float) - got.mean()
    return float(x @ y / (x @ x)), float(100 * np.linalg.norm(y - x) / np.linalg.norm(x))


def score(protocol: Protocol, seed: int) -> list[dict[str, Any]]:
    scan, truth = acquire(make_head(seed=seed), protocol, seed=seed)
    acquisition = Acquisition(scan.grid, scan.b0_tesla, scan.b0_direction, scan.te_s)
    given = {"magnitude": scan.magnitude, "phase": scan.phase}
    targets = ["chi_ppm", "r2star_hz"]
    brain = truth.brain_mask
    rows = []
    for name, settings in SETTINGS.items():
        start = time.perf_counter()
        made = run_in_memory(given, acquisition, settings, targets=targets)
        seconds = time.perf_counter() - start
        mask, valid = made["brain_mask"], made["qsm_mask"]
        both = made["phase_mask"] & brain
        off = made["total_field_hz"][both] - truth.total_field_hz[both]
        turn = 1 / (scan.te_s[-1] - scan.te_s[0])
        chi_slope, chi_error = fit(truth.chi_ppm[brain], np.where(valid, made["chi_ppm"], 0)[brain])
        rate_slope, _ = fit(truth.r2star_hz[both], made["r2star_hz"][both])
        rows.append(
            {
                "protocol": protocol.name,
                "seed": seed,
                "settings": name,
                "mask_dice": round(2 * (mask & brain).sum() / (mask.sum() + brain.sum()), 3),
                "kept": round((valid & brain).sum() / brain.sum(), 3),
                "chi_slope": round(chi_slope, 3),
                "chi_nrmse": round(chi_error, 1),
                "turns_off": float(f"{np.mean(np.abs(off - np.median(off)) > turn / 2):.1e}"),
                "r2star_slope": round(rate_slope, 3),
                "seconds": round(seconds, 1),
            }
        )
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    rows: list[dict[str, Any]] = []
    for protocol in PROTOCOLS:
        for seed in SEEDS:
            rows += score(protocol, seed)
            with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
                table = csv.DictWriter(file, rows[0], lineterminator="\n")
                table.writeheader()
                table.writerows(rows)


if __name__ == "__main__":
    main()
