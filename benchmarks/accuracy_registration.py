"""Rigid registration of simulated pairs of the test heads: error, failures that were told, time.

    python benchmarks/accuracy_registration.py [--pairs 600] [--table]

Pairs are those of `registration_poses.py`: T1w, T2w, FLAIR, gradient echo and CT, turns to 30
degrees and shifts to 40 mm an axis, any order of axes, slices of 1 to 6 mm, one in four cropped,
bias field, noise. A row a pair goes to accuracy_registration_pairs.csv; what is there is kept, so
that the run can be stopped and taken up. ``--table`` writes accuracy_registration.csv from the rows
there are: errors over the places of the brain (the median one, and the worst place of each pair),
pairs beyond 2 mm, how many of them were told, what was called not assessable although it was right,
with 95 % intervals by bootstrap over the four heads. All truth is simulated. Seconds are of one
thread, processor time.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import splits
from registration_poses import draw_pair, load_head

from arteriole.brain.registration.confidence import RigidMeasures, judged
from arteriole.brain.registration.motion import apart_mm
from arteriole.brain.registration.rigid import register_rigid

TABLE = Path(__file__).with_suffix(".csv")
ROWS = TABLE.with_name("accuracy_registration_pairs.csv")
SEED, BOUND_MM, SHARES = 21, 2.0, (50, 90, 99, 100)
LEAST = 0.9
"""The default of `register_rigid`."""
Rows = list[dict[str, str]]


def measured(number: int, heads: list[Path]) -> dict[str, Any]:
    """Return the errors of one pair."""
    own = number % len(heads)
    pair = draw_pair(load_head(str(heads[own])), number, seed=SEED)
    start = time.process_time()
    found = register_rigid(
        pair.fixed.image, pair.fixed.grid, pair.moving.image, pair.moving.grid, seed=number
    )
    seconds = time.process_time() - start
    error = apart_mm(found.affine, pair.truth, pair.brain_mm)
    row = {"pair": number, "head": own, **pair.drawn}
    row |= {f"error_p{s}_mm": float(np.percentile(error, s)) for s in SHARES}
    row |= {**found.measures, "processor_s": seconds}
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}


def told(rows: Rows) -> Rows:
    """Return the rows with what the confidence of today says of their measures."""
    names = RigidMeasures.__dataclass_fields__
    out = []
    for row in rows:
        seen = RigidMeasures(**{n: float(row[n]) for n in names})
        out.append({**row, "assessable": str(int(judged(np.eye(4), seen, LEAST).assessable))})
    return out


def numbers(rows: Rows, name: str) -> np.ndarray:
    """Return a column."""
    return np.array([float(r[name]) for r in rows])


MEASURES: dict[str, Callable[[Rows], float]] = {
    "median error, mm": lambda r: float(np.median(numbers(r, "error_p50_mm"))),
    "99 % of pairs: error of the worst place, mm": lambda r: float(
        np.percentile(numbers(r, "error_p100_mm"), 99)
    ),
    "pairs beyond 2 mm, %": lambda r: 100 * float((numbers(r, "error_p100_mm") > BOUND_MM).mean()),
    "beyond 2 mm and not told, %": lambda r: (
        100
        * float(((numbers(r, "error_p100_mm") > BOUND_MM) & (numbers(r, "assessable") > 0)).mean())
    ),
    "right but called not assessable, %": lambda r: (
        100
        * float(
            ((numbers(r, "error_p100_mm") <= BOUND_MM) & (numbers(r, "assessable") == 0)).mean()
        )
    ),
    "time, processor s (median)": lambda r: float(np.median(numbers(r, "processor_s"))),
}


def table(rows: Rows) -> list[dict[str, Any]]:
    """Return the summary, all pairs and by the second scan's contrast, with intervals."""
    groups: dict[str, Rows] = {"all": rows}
    for contrast in sorted({r["moving"] for r in rows}):
        groups[contrast] = [r for r in rows if r["moving"] == contrast]
    groups["slices of 4 mm and more"] = [r for r in rows if float(r["slice_mm"]) >= 4]
    groups["cropped"] = [r for r in rows if float(r["cover"]) < 1]
    rng = np.random.default_rng(0)
    out = []
    for group, own in groups.items():
        by_head = [[r for r in own if r["head"] == h] for h in sorted({r["head"] for r in own})]
        for name, measure in MEASURES.items():
            drawn = [
                measure(
                    [r for h in rng.integers(0, len(by_head), len(by_head)) for r in by_head[h]]
                )
                for _ in range(200)
            ]
            low, high = np.percentile(drawn, [2.5, 97.5])
            out.append(
                {"pairs": group, "n": len(own), "measure": name, "value": round(measure(own), 3),
                 "low": round(float(low), 3), "high": round(float(high), 3)}
            )  # fmt: skip
    return out


def write(path: Path, rows: list[dict[str, Any]], mode: str) -> None:
    """Write or add rows."""
    fresh = mode == "w" or not path.exists()
    with path.open(mode, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Run the pairs that are missing, or write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=600)
    parser.add_argument("--table", action="store_true")
    wanted = parser.parse_args()
    if not wanted.table:
        done = {int(r["pair"]) for r in csv.DictReader(ROWS.open())} if ROWS.exists() else set()
        heads = splits.label_maps("test")  # test row
        for number in range(wanted.pairs):
            if number not in done:
                write(ROWS, [measured(number, heads)], "a")
    write(TABLE, table(told(list(csv.DictReader(ROWS.open())))), "w")


if __name__ == "__main__":
    main()
