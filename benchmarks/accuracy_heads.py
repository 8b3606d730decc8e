"""Error of chi from raw phase on the four heads of the last split: default, presets, plain, best.

    python benchmarks/accuracy_heads.py [HEAD ...] [--protocol NAME] [--peer]

Label maps 13 to 16 are scanned by the digital scanner with three protocols (accuracy_scans.py). A
row a chain, all from the same raw phase: ``default``; preset ``fast``; ``plain``, V-SHARP and RTS
with a fixed weight, on the masks that the default finds; ``default, mask + 7 %``, the true brain
grown into the skull until it holds 1.07 times as many voxels, given as the brain's mask; ``best
weight``, the default's field inverted with weights 1.6 times apart, the best by the truth; and with
``--peer`` qmrpy's split Bregman on the default's local field (radians at 20 ms; the isotropic scans
alone: it knows no oblique field, and takes long). Scored inside the true brain, where what is left
out counts as 0, about the mean. Writes accuracy_heads.csv, rows of what is not named stay, and
accuracy_heads_ratios.csv. All truth is simulated.
"""

from __future__ import annotations

import argparse
import time
from itertools import product
from pathlib import Path
from typing import Any

from accuracy_background import larger
from accuracy_inverted import inverted_by_best, inverted_by_default, split_bregman
from accuracy_scans import HEADS, PROTOCOLS, label_scans, load, read_rows, scores, write_rows

from arteriole.field.vsharp import remove_background_vsharp
from arteriole.flow import run_in_memory
from arteriole.settings import Settings
from arteriole.step import Acquisition
from arteriole.susceptibility.rts import invert_rts
from arteriole.units import hz_to_ppm

TABLE = Path(__file__).with_suffix(".csv")
RATIOS = TABLE.with_name("accuracy_heads_ratios.csv")
SHARED = ("magnitude", "phase", "brain_mask", "total_field_hz", "field_noise_hz", "phase_mask")


def acquisition(scan: Any) -> Acquisition:
    """Return what the flow is told of a scan."""
    return Acquisition(scan.grid, scan.b0_tesla, scan.b0_direction, scan.te_s)


def run(given: Any, scan: Any, settings: Settings | None = None) -> dict[str, Any]:
    """Return what the flow makes on the way to chi."""
    return run_in_memory(given, acquisition(scan), settings, targets=["chi_ppm"])


def plain(made: dict[str, Any], scan: Any) -> dict[str, Any]:
    """Return the plain chain: V-SHARP, and RTS with a fixed weight."""
    geometry = {"voxel_size_mm": scan.grid.voxel_size_mm}
    mask = made["brain_mask"] & made["phase_mask"]
    local, valid = remove_background_vsharp(made["total_field_hz"], mask, **geometry)
    chi = invert_rts(
        hz_to_ppm(local, scan.b0_tesla),
        valid,
        b0_direction=scan.b0_direction,
        weight=1e-3,
        noise_factor=0.0,
        **geometry,
    )
    return {"chi_ppm": chi, "qsm_mask": valid}


def chains(scan: Any, truth: Any, *, peer: bool) -> Any:
    """Yield name, result and notes of each chain."""
    raw = {"magnitude": scan.magnitude, "phase": scan.phase}
    made = run_in_memory(raw, acquisition(scan), targets=["local_field_hz"])
    data = [made[name] for name in ("local_field_hz", "qsm_mask", "field_noise_hz")]
    chi, own = inverted_by_default(*data, acquisition(scan))
    yield "default", {**made, "chi_ppm": chi}, {"weight": f"{own:.2e}"}
    same = {name: made[name] for name in SHARED}
    yield "fast", run(same, scan, Settings.preset("fast")), {}
    yield "plain", plain(made, scan), {}
    large = larger(truth.brain_mask, scan.grid.voxel_size_mm)
    yield "default, mask + 7 %", run({**raw, "brain_mask": large}, scan), {}
    true = (truth.chi_ppm, truth.brain_mask)
    chi, best = inverted_by_best(*data, acquisition(scan), *true, (chi, own))
    notes = {"weight": f"{best:.2e}", "times_chosen": round(best / own, 2)}
    yield "best weight", {**made, "chi_ppm": chi}, notes
    if peer and scan.grid.voxel_size_mm == (1.5, 1.5, 1.5):
        chi = split_bregman(
            hz_to_ppm(made["local_field_hz"], scan.b0_tesla),
            made["qsm_mask"],
            voxel_size_mm=scan.grid.voxel_size_mm,
        )
        yield "qmrpy split Bregman", {"chi_ppm": chi, "qsm_mask": made["qsm_mask"]}, {}


def rows_of(head: int, protocol: str, *, peer: bool) -> Any:
    """Yield the rows of a scan."""
    ((scan, truth),) = label_scans(head, [protocol])
    start = time.perf_counter()
    for name, made, notes in chains(scan, truth, peer=peer):
        brain, size = truth.brain_mask, scan.grid.voxel_size_mm
        row: dict[str, Any] = {"head": str(head), "protocol": protocol, "chain": name}
        row |= scores(made["chi_ppm"], made["qsm_mask"], truth.chi_ppm, brain, size)
        row |= {"weight": "", "times_chosen": ""} | notes
        row |= {"seconds": round(time.perf_counter() - start), "load": load()}
        yield row
        start = time.perf_counter()


def ratios(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the error of the default against that of the others, by head and protocol."""
    out = []
    for head, protocol in dict.fromkeys((r["head"], r["protocol"]) for r in rows):
        error = {
            r["chain"]: float(r["nrmse"])
            for r in rows
            if (r["head"], r["protocol"]) == (head, protocol)
        }
        row: dict[str, Any] = {"head": head, "protocol": protocol}
        for short, chain in (("plain", "plain"), ("best", "best weight"), ("fast", "fast")):
            row[f"default/{short}"] = ratio(error, "default", chain)
        row["mask + 7 %/default"] = ratio(error, "default, mask + 7 %", "default")
        out.append(row)
    return out


def ratio(error: dict[str, float], one: str, other: str) -> str:
    """Return the ratio of two errors, if both are there."""
    return f"{error[one] / error[other]:.3f}" if {one, other} <= set(error) else ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("heads", nargs="*", type=int, default=list(HEADS))
    parser.add_argument("--protocol", choices=list(PROTOCOLS), action="append")
    parser.add_argument("--peer", action="store_true")
    args = parser.parse_args()
    for head, protocol in product(args.heads, args.protocol or PROTOCOLS):
        own = list(rows_of(head, protocol, peer=args.peer))
        for row in own:
            print(*row.values(), flush=True)
        which = (str(head), protocol)
        rows = [r for r in read_rows(TABLE) if (r["head"], r["protocol"]) != which] + own
        rows.sort(key=lambda r: (int(r["head"]), list(PROTOCOLS).index(r["protocol"])))
        write_rows(TABLE, rows)
        write_rows(RATIOS, ratios(rows))


if __name__ == "__main__":
    main()
