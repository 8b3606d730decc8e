"""Whether errors of chi are as large as the map of uncertainty says, on simulated heads.

    python benchmarks/uncertainty.py

Heads on which no share was fitted are scanned by the digital scanner (0.5 mm cells) and go through
``run_in_memory`` with default settings. Error: chi less the true chi, both about their mean in the
QSM mask. Writes uncertainty.csv: the share of voxels within 2 sigma, in all and in each quartile of
sigma; the rank correlation of the error's size with sigma; medians of both, ppm; streak and rim
index. Rows ``isolated`` start from the true local field with the noise of the scan inside the true
brain mask. All truth is simulated.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from arteriole.flow import run_in_memory
from arteriole.phantom.head import make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import DEMO, MULTI_ECHO_3T, UKB_SWI
from arteriole.step import Acquisition
from arteriole.susceptibility.rim import rim_index
from arteriole.susceptibility.streaks import streak_index

SCANS = ((DEMO, 201), (UKB_SWI, 201), (DEMO, 202), (UKB_SWI, 202), (MULTI_ECHO_3T, 201))


def score(made: dict[str, Any], true_chi: np.ndarray, scan: Acquisition) -> dict[str, float]:
    """Return how errors and sigma go together."""
    mask = made["qsm_mask"]
    chi, true, sigma = (m[mask] for m in (made["chi_ppm"], true_chi, made["chi_uncertainty_ppm"]))
    error = np.abs((chi - chi.mean()) - (true - true.mean()))
    quarter = np.digitize(sigma, np.quantile(sigma, (0.25, 0.5, 0.75)))
    within = error <= 2 * sigma
    geometry = {"voxel_size_mm": scan.grid.voxel_size_mm}
    streaks = streak_index(made["chi_ppm"], mask, b0_direction=scan.b0_direction, **geometry)
    return {
        "within_2_sigma": round(float(within.mean()), 3),
        **{f"quartile_{q + 1}": round(float(within[quarter == q].mean()), 3) for q in range(4)},
        "rank_correlation": round(float(spearmanr(sigma, error)[0]), 3),
        "median_error_ppm": round(float(np.median(error)), 4),
        "median_sigma_ppm": round(float(np.median(sigma)), 4),
        "streak_index": round(streaks, 3),
        "rim_index": round(rim_index(made["chi_ppm"], mask, **geometry), 3),
    }


def main() -> None:
    rows: list[dict[str, Any]] = []
    for protocol, seed in SCANS:
        scan, truth = acquire(make_head(seed=seed), protocol, seed=seed)
        acquisition = Acquisition(scan.grid, scan.b0_tesla, scan.b0_direction, scan.te_s)
        raw = {"magnitude": scan.magnitude, "phase": scan.phase}
        made = run_in_memory(raw, acquisition, targets=["chi_uncertainty_ppm"])
        noise, brain = made["field_noise_hz"], truth.brain_mask
        noise = np.where(noise > 0, noise, np.median(noise[made["qsm_mask"]])).astype(np.float32)
        drawn = noise * np.random.default_rng(seed).standard_normal(brain.shape, np.float32)
        field = np.where(brain, truth.local_field_hz + drawn, 0).astype(np.float32)
        isolated = {"local_field_hz": field, "qsm_mask": brain, "field_noise_hz": noise}
        starts = {"raw": made}
        starts["isolated"] = run_in_memory(isolated, acquisition, targets=["chi_uncertainty_ppm"])
        for start, values in starts.items():
            which = {"protocol": protocol.name, "seed": seed, "start": start}
            rows.append(which | score(values, truth.chi_ppm, acquisition))
            print(rows[-1], flush=True)
        with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
            table = csv.DictWriter(file, rows[0], lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


if __name__ == "__main__":
    main()
