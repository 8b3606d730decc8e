"""Fit the confidence of affine registrations of two heads on spoilt tissue maps.

    python benchmarks/registration_confidence_heads.py [--pairs 43]

A validate head is fixed, a train head moves: tissue maps of the label maps on blocks of 4 mm. The
reference of each two heads is the affine between the clean maps in one pose. Then the moving maps
are turned (to 60 degrees), shifted, cropped, smoothed, mixed with noise or with each other, and
registered anew; a result that is off by more than 5 mm from the reference at any tenth place of the
brain is bad. Rows go to registration_confidence_heads.csv; coefficients are printed for
`arteriole/brain/registration/confidence.py`.
"""

from __future__ import annotations

import argparse
import csv
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.ndimage
import scipy.optimize
import splits
from numpy.typing import NDArray
from registration_poses import load_head

from arteriole.brain.registration.deformable import register_affine
from arteriole.brain.registration.motion import apart_mm, rigid
from arteriole.brain.registration.views import blocked
from arteriole.grid import Grid
from arteriole.phantom.anatomy.label_table import codes

OUT = Path(__file__).with_suffix(".csv")
BOUND_MM, RIDGE = 5.0, 0.05
CLASSES = (
    ("cortex", "hippocampus", "amygdala"), ("white matter",), ("csf",),
    ("lateral ventricles", "choroid plexus"), ("cerebellar cortex",),
    ("cerebellar white matter", "brainstem"),
    ("thalamus", "caudate", "putamen", "pallidum", "accumbens"),
)  # fmt: skip


@cache
def maps_of(path: str) -> tuple[NDArray[np.float32], Grid]:
    """Return a head's tissue maps on blocks of 4 mm."""
    head = load_head(path)
    parts = [
        blocked(np.isin(head.codes, codes(names)).view(np.uint8), head.grid, 4.0)
        for names in CLASSES
    ]
    return np.stack([p[0] for p in parts]), parts[0][1]


@cache
def reference(fixed: str, moving: str) -> NDArray[np.float64]:
    """Return the affine between two clean heads."""
    return register_affine(*maps_of(fixed), *maps_of(moving)).affine


def measured(number: int) -> dict[str, Any]:
    """Return measures and error of one spoilt pair."""
    rng = np.random.default_rng([31, number])
    own = str(splits.label_maps("validate")[number % 3])
    other = str(splits.label_maps("train")[number % 4])
    (fixed, grid), (maps, place) = maps_of(own), maps_of(other)
    turn = rng.standard_normal(3)
    turn *= np.deg2rad(60) * rng.random() / np.linalg.norm(turn)
    pose = rigid(turn, rng.uniform(-40, 40, 3))
    spoilt = scipy.ndimage.gaussian_filter(maps, (0, *[rng.uniform(0, 2.0)] * 3))
    share = rng.random() ** 2
    spoilt = (1 - share) * spoilt + share * rng.dirichlet(
        np.ones(len(maps)), spoilt.shape[1:]
    ).T.reshape(spoilt.shape) * (maps.sum(axis=0) > 0)
    mixed = rng.random() < 0.3
    if mixed:
        spoilt = spoilt[rng.permutation(len(spoilt))]
    cut = 0.0 if rng.random() < 0.4 else rng.uniform(0.1, 0.8)
    brain = np.flatnonzero(maps.sum(axis=(0, 1, 3)) > 0)
    edge = int(brain[0] + cut * (brain[-1] - brain[0])) if cut else 0
    part = np.ascontiguousarray(spoilt[:, :, edge:].astype(np.float32))
    affine = pose @ place.affine
    affine[:3, 3] = (pose @ place.affine @ [0, edge, 0, 1])[:3]
    found = register_affine(fixed, grid, part, Grid(part.shape[1:], affine))
    error = apart_mm(found.affine, pose @ reference(own, other), load_head(own).brain_mm)
    row = {"pair": number, "turn_deg": float(np.rad2deg(np.linalg.norm(turn))), "noise": share,
           "mixed": int(mixed), "cut": cut, **found.measures,
           "error_p90_mm": float(np.percentile(error, 90))}  # fmt: skip
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}


def fitted(rows: list[dict[str, str]]) -> NDArray[np.float64]:
    """Return the coefficients of the logistic function."""
    seen = np.array(
        [[1, np.log(np.clip(float(r["apart_mm"]), 0.05, 50)), float(r["likeness"])] for r in rows]
    )
    good = np.array([float(r["error_p90_mm"]) < BOUND_MM for r in rows])

    def loss(weights: NDArray[np.float64]) -> float:
        odds = seen @ weights
        return float(np.logaddexp(0, np.where(good, -odds, odds)).sum()) + RIDGE * float(
            weights[1:] @ weights[1:]
        )

    return np.asarray(scipy.optimize.minimize(loss, np.zeros(3)).x)


def main() -> None:
    """Run what is missing, then fit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=43)
    wanted = parser.parse_args().pairs
    done = {int(r["pair"]) for r in csv.DictReader(OUT.open())} if OUT.exists() else set()
    for number in range(wanted):
        if number not in done:
            row = measured(number)
            fresh = not OUT.exists()
            with OUT.open("a", newline="") as file:
                writer = csv.DictWriter(file, list(row), lineterminator="\n")
                if fresh:
                    writer.writeheader()
                writer.writerow(row)
    rows = list(csv.DictReader(OUT.open()))
    bad = sum(float(r["error_p90_mm"]) >= BOUND_MM for r in rows)
    print(f"{len(rows)} pairs, {bad} beyond {BOUND_MM} mm")
    print("HEADS_COEFFICIENTS =", tuple(round(float(c), 3) for c in fitted(rows)))


if __name__ == "__main__":
    main()
