"""Error of chi in an oblique scan beside an axial one of the same head.

    python benchmarks/accuracy_oblique.py [textured | phantom ...]

0.8 x 0.8 x 3 mm, slices tilted by 0 and by 35 degrees. ``textured``: the tests' head
(tests/simulated_fields.py; the field tilts, its texture stays), inverted by default from the true
local field with noise of 0.0025 ppm. ``phantom``: head 13 of accuracy_scans.py with two echoes, the
same way, and from raw phase with default settings. Scored as accuracy_heads.py. ``to_axial`` is the
error over that of the axial scan. Writes accuracy_oblique.csv; rows of heads not named stay. All
truth is simulated.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from accuracy_heads import acquisition as of_scan
from accuracy_heads import run
from accuracy_inverted import inverted_by_default
from accuracy_isolated import TEXTURED, acquisition, textured_head, turned
from accuracy_scans import kept, label_head, load, read_rows, scores, write_rows

from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import UKB_SWI
from arteriole.step import Acquisition
from arteriole.units import hz_per_ppm

TABLE = Path(__file__).with_suffix(".csv")
NOISE_PPM = 0.0025
TILTS = (0.0, 35.0)


def inverted(local_ppm: Any, mask: Any, scan: Acquisition) -> dict[str, Any]:
    """Return chi by the default's inversion from a true local field."""
    hz = hz_per_ppm(scan.b0_tesla)
    drawn = np.random.default_rng(1).standard_normal(mask.shape) * NOISE_PPM
    field = np.where(mask, (local_ppm + drawn) * hz, 0).astype(np.float32)
    noise = np.full(mask.shape, NOISE_PPM * hz, np.float32)
    chi, _ = inverted_by_default(field, mask, noise, scan)
    return {"chi_ppm": chi, "qsm_mask": mask}


def textured() -> Iterator[dict[str, Any]]:
    """Yield the rows of the tests' head."""
    shape, size, _ = TEXTURED["0.8 x 0.8 x 3"]
    for tilt in TILTS:
        b0 = turned(tilt)
        head = kept(f"textured-{tilt:g}", lambda b=b0: textured_head(shape, size, b, seed=5))
        geometry = {"voxel_size_mm": size, "b0_direction": b0}
        made = inverted(head.local_ppm, head.mask, acquisition(shape, geometry))
        yield row_of("true local field", tilt, made, head.chi_ppm, head.mask, size)


def phantom() -> Iterator[dict[str, Any]]:
    """Yield the rows of our own head."""
    for tilt in TILTS:
        protocol = replace(UKB_SWI, name=f"tilt {tilt:g}", tilt_deg=tilt)
        scan, truth = kept(
            f"head13-{protocol.name}", lambda p=protocol: acquire(label_head(13), p, seed=13)
        )
        local = truth.local_field_hz / hz_per_ppm(scan.b0_tesla)
        ways = {
            "true local field": inverted(local, truth.brain_mask, of_scan(scan)),
            "raw phase": run({"magnitude": scan.magnitude, "phase": scan.phase}, scan),
        }
        for way, made in ways.items():
            size = scan.grid.voxel_size_mm
            yield row_of(way, tilt, made, truth.chi_ppm, truth.brain_mask, size)


def row_of(
    way: str, tilt: float, made: dict[str, Any], chi: Any, brain: Any, size: Any
) -> dict[str, Any]:
    """Return a row without its ratio."""
    own = scores(made["chi_ppm"], made["qsm_mask"], chi, brain, size)
    return {"from": way, "tilt_deg": f"{tilt:g}"} | own


HEADS = {"textured": textured, "phantom": phantom}


def main() -> None:
    for head in sys.argv[1:] or HEADS:
        axial: dict[str, float] = {}
        rows = [r for r in read_rows(TABLE) if r["head"] != head]
        for row in HEADS[head]():
            error = axial.setdefault(row["from"], row["nrmse"])
            ratio = round(row["nrmse"] / error, 3)
            rows.append({"head": head} | row | {"to_axial": ratio, "load": load()})
            print(*rows[-1].values(), flush=True)
        write_rows(TABLE, rows)


if __name__ == "__main__":
    main()
