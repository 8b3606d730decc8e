"""Fit the confidence of rigid registrations on simulated pairs of the validate heads.

    python benchmarks/registration_confidence.py [--pairs 56]

A quarter of the pairs are drawn as in `accuracy_registration.py`; most are hard: noise up to twice
the signal, up to nine tenths of the head cut off, turns up to 60 degrees; one in ten pairs two
persons, where no pose is right. Appends measures and errors to
registration_confidence.csv (pairs that are there are kept), then fits the logistic function by
maximum likelihood with a small ridge and prints the coefficients for
`arteriole/brain/registration/confidence.py`. All truth is simulated.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize
import splits
from numpy.typing import NDArray
from registration_poses import draw_pair, load_head

from arteriole.brain.registration.confidence import RigidMeasures, features
from arteriole.brain.registration.motion import apart_mm
from arteriole.brain.registration.rigid import register_rigid

OUT = Path(__file__).with_suffix(".csv")
SEED, BOUND_MM, RIDGE = 11, 2.0, 0.05


def measured(number: int, heads: list[Path]) -> dict[str, Any]:
    """Return the measures and the errors of one pair."""
    head, other = (load_head(str(heads[n % len(heads)])) for n in (number, number + 1))
    strange = number % 10 == 9
    hard = number % 4 != 0 and not strange
    pair = draw_pair(head, number, seed=SEED, hard=hard, stranger=other if strange else None)
    found = register_rigid(
        pair.fixed.image, pair.fixed.grid, pair.moving.image, pair.moving.grid, seed=number
    )
    error = apart_mm(found.affine, pair.truth, pair.brain_mm)
    row = {"pair": number, "strange": int(strange), **pair.drawn, **found.measures}
    row |= {"median_mm": float(np.median(error)), "largest_mm": float(error.max())}
    return {k: round(v, 5) if isinstance(v, float) else v for k, v in row.items()}


def is_good(row: dict[str, str]) -> bool:
    """Tell whether a pair is of one head and nowhere off by the bound."""
    return row["strange"] == "0" and float(row["largest_mm"]) < BOUND_MM


def fitted(rows: list[dict[str, str]]) -> NDArray[np.float64]:
    """Return the coefficients of the logistic function."""
    names = RigidMeasures.__dataclass_fields__
    seen = np.array([features(RigidMeasures(**{n: float(r[n]) for n in names})) for r in rows])
    good = np.array([is_good(r) for r in rows])

    def loss(weights: NDArray[np.float64]) -> float:
        odds = seen @ weights
        return float(np.logaddexp(0, np.where(good, -odds, odds)).sum()) + RIDGE * float(
            weights[1:] @ weights[1:]
        )

    return np.asarray(scipy.optimize.minimize(loss, np.zeros(seen.shape[1])).x)


def main() -> None:
    """Run what is missing, then fit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=56)
    wanted = parser.parse_args().pairs
    rows = list(csv.DictReader(OUT.open())) if OUT.exists() else []
    heads = splits.label_maps("validate")
    done = {int(r["pair"]) for r in rows}
    for number in range(wanted):
        if number not in done:
            row = measured(number, heads)
            fresh = not OUT.exists()
            with OUT.open("a", newline="") as file:
                writer = csv.DictWriter(file, list(row), lineterminator="\n")
                if fresh:
                    writer.writeheader()
                writer.writerow(row)
    rows = list(csv.DictReader(OUT.open()))
    bad = sum(not is_good(r) for r in rows)
    print(f"{len(rows)} pairs, {bad} beyond {BOUND_MM} mm or of two heads")
    print("COEFFICIENTS =", tuple(round(float(c), 3) for c in fitted(rows)))


if __name__ == "__main__":
    main()
