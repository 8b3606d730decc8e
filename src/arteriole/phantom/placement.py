"""Where lesions go, and in which region that is: by the head's own solids."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.lattice import Structure, Warp
from arteriole.phantom.lesion import LesionKind, LesionTruth

Side = Literal["left", "right", "midline"]

WITHIN: tuple[tuple[str, str, float], ...] = (
    ("white matter", "lobar white matter", 0.40),
    ("cortex", "cortex", 0.25),
    ("thalamus", "thalamus", 0.10),
    ("putamen", "putamen", 0.10),
    ("brainstem", "brainstem", 0.05),
    ("cerebellar white matter", "cerebellum", 0.10),
)
"""Solid, the region's name in the truth table, how often microbleeds lie there."""


def place_lesions(
    structures: tuple[Structure, ...],
    warp: Warp,
    rng: np.random.Generator,
    *,
    microbleeds: int,
    calcifications: int,
) -> tuple[LesionTruth, ...]:
    """Draw lesions inside their regions, apart from each other."""
    solids = {s.name: s for s in structures}
    odds = np.array([w for _, _, w in WITHIN])
    made: list[LesionTruth] = []
    for kind, count in (("microbleed", microbleeds), ("calcification", calcifications)):
        for _ in range(count):
            solid, region, _ = WITHIN[int(rng.choice(len(WITHIN), p=odds / odds.sum()))]
            centre = _inside(solids, solid, rng, made)
            made.append(
                _lesion(
                    "microbleed" if kind == "microbleed" else "calcification",
                    centre,
                    region,
                    warp,
                    rng,
                )
            )
    pineal = warp.to_world(np.array([[0.0, -34.0, 2.0]]) + rng.normal(0, 0.4, (1, 3)))[0]
    made.append(
        _fixed(
            pineal,
            float(rng.uniform(2.0, 4.5)),
            float(rng.uniform(-2.5, -0.8)),
            "pineal gland",
            warp,
        )
    )
    for side in (-1.0, 1.0):
        plexus = warp.to_world(np.array([[side * 20.5, -37.5, 8.5]]) + rng.normal(0, 0.6, (1, 3)))[
            0
        ]
        made.append(
            _fixed(
                plexus,
                float(rng.uniform(1.5, 4.0)),
                float(rng.uniform(-1.8, -0.6)),
                "choroid plexus",
                warp,
            )
        )
    return tuple(made)


def _lesion(
    kind: LesionKind, centre: NDArray[np.float64], region: str, warp: Warp, rng: np.random.Generator
) -> LesionTruth:
    """Draw size and susceptibility of a punctate lesion."""
    diameter = float(np.exp(rng.uniform(np.log(1.0), np.log(5.0))))
    strength = float(np.exp(rng.uniform(np.log(0.6), np.log(2.5))))
    chi = strength if kind == "microbleed" else -strength
    return LesionTruth(
        kind, _tuple(centre), round(diameter, 3), round(chi, 4), region, _side(centre, warp)
    )


def _fixed(
    centre: NDArray[np.float64], diameter: float, chi: float, region: str, warp: Warp
) -> LesionTruth:
    return LesionTruth(
        "calcification",
        _tuple(centre),
        round(diameter, 3),
        round(chi, 4),
        region,
        _side(centre, warp),
    )


def _tuple(centre: NDArray[np.float64]) -> tuple[float, float, float]:
    return (round(float(centre[0]), 3), round(float(centre[1]), 3), round(float(centre[2]), 3))


def _side(centre: NDArray[np.float64], warp: Warp) -> Side:
    """Tell the side by the head's own midline."""
    x = float(warp.to_template(*np.asarray(centre, dtype=np.float32)[:, None])[0][0])
    if abs(x) < 2.5:
        return "midline"
    return "right" if x > 0 else "left"


def _inside(
    solids: dict[str, Structure],
    name: str,
    rng: np.random.Generator,
    others: list[LesionTruth],
) -> NDArray[np.float64]:
    """Draw a point of a solid that no later solid covers, 12 mm from other lesions if it can."""
    solid = solids[name]
    order = list(solids)
    later = [solids[n] for n in order[order.index(name) + 1 :]]
    deep = np.argwhere(solid.level > 1.0)
    best, room = np.zeros(3), -1.0
    for _ in range(200):
        cell = deep[int(rng.integers(len(deep)))] + rng.uniform(-0.4, 0.4, 3)
        at = np.asarray(solid.origin_mm) + cell * solid.spacing_mm
        if any(_depth(s, at) > -0.5 for s in later):
            continue
        gap = min((float(np.linalg.norm(at - o.centre_mm)) for o in others), default=99.0)
        if gap > room:
            best, room = at, gap
        if gap > 12.0:
            break
    if room < 0:
        raise ValueError(f"no room for a lesion in the {name}")
    return best


def _depth(solid: Structure, at: NDArray[np.float64]) -> float:
    """Return a solid's level at the lattice point nearest to a position."""
    cell = np.round((at - solid.origin_mm) / solid.spacing_mm).astype(int)
    if (cell < 0).any() or (cell >= solid.level.shape).any():
        return -1e3
    return float(solid.level[tuple(cell)])
