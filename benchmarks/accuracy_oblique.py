"""Error of chi in an oblique scan beside an axial one of the same head.

    python benchmarks/accuracy_oblique.py

Head 13 of accuracy_scans.py, 0.8 x 0.8 x 3 mm, two echoes, slices tilted by 0 and by 35 degrees:
from raw phase with default settings, and the inversion alone from the true local field with noise
of 0.0025 ppm. Scored as accuracy_heads.py. ``to axial`` is the error over that of the axial scan.
Writes accuracy_oblique.csv. All truth is simulated.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from accuracy_heads import acquisition, run
from accuracy_inverted import inverted_by_default
from accuracy_scans import kept, label_head, load, scores, write_rows

from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import UKB_SWI
from arteriole.units import hz_per_ppm

NOISE_PPM = 0.0025


def inverted(scan: Any, truth: Any) -> dict[str, Any]:
    """Return chi by the default's inversion from the true local field."""
    mask = truth.brain_mask
    drawn = np.random.default_rng(1).standard_normal(mask.shape) * NOISE_PPM
    hz = hz_per_ppm(scan.b0_tesla)
    field = np.where(mask, truth.local_field_hz + drawn * hz, 0).astype(np.float32)
    noise = np.full(mask.shape, NOISE_PPM * hz, np.float32)
    chi, _ = inverted_by_default(field, mask, noise, acquisition(scan))
    return {"chi_ppm": chi, "qsm_mask": mask}


def main() -> None:
    rows: list[dict[str, Any]] = []
    axial: dict[str, float] = {}
    for tilt in (0.0, 35.0):
        protocol = replace(UKB_SWI, name=f"tilt {tilt:g}", tilt_deg=tilt)
        scan, truth = kept(
            f"head13-{protocol.name}", lambda p=protocol: acquire(label_head(13), p, seed=13)
        )
        ways = {
            "raw phase": run({"magnitude": scan.magnitude, "phase": scan.phase}, scan),
            "true local field": inverted(scan, truth),
        }
        for way, made in ways.items():
            size = scan.grid.voxel_size_mm
            own = scores(made["chi_ppm"], made["qsm_mask"], truth.chi_ppm, truth.brain_mask, size)
            error = axial.setdefault(way, own["nrmse"])
            rows.append({"from": way, "tilt_deg": tilt} | own)
            rows[-1] |= {"to_axial": round(own["nrmse"] / error, 3), "load": load()}
            print(*rows[-1].values(), flush=True)
    write_rows(Path(__file__).with_suffix(".csv"), rows)


if __name__ == "__main__":
    main()
