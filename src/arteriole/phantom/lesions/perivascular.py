"""Enlarged perivascular spaces as thin tubes along perforating and medullary arteries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.lesions.lesion import Lesion, LesionTruth
from arteriole.phantom.lesions.perforators import perforator_way
from arteriole.phantom.lesions.regions import Place, Regions
from arteriole.phantom.lesions.terrain import Terrain, inner_depth
from arteriole.phantom.vessels.tubes import Tubes

Group = Literal["basal ganglia", "centrum semiovale"]
Paths = NDArray[np.float64]

STEP_MM = 1.0
_BASAL = ("putamen", "pallidum", "caudate", "internal capsule")


@dataclass(frozen=True)
class Size:
    """Sizes of one group: median and spread of the logarithm, and the range they are cut to.

    Parameters
    ----------
    length_mm, radius_mm : tuple of 4 float
        Median, standard deviation of the logarithm, smallest, largest.
    gap_mm : float
        Smallest distance between two starts.
    """

    length_mm: tuple[float, float, float, float]
    radius_mm: tuple[float, float, float, float]
    gap_mm: float


SIZES: dict[Group, Size] = {
    "basal ganglia": Size((6.5, 0.4, 3.0, 15.0), (0.50, 0.35, 0.2, 1.0), 1.8),
    "centrum semiovale": Size((8.0, 0.45, 3.0, 20.0), (0.42, 0.35, 0.2, 1.0), 2.2),
}
"""Our own estimates within what STRIVE-2 calls usual (under 2 to 3 mm across)."""


def perivascular_spaces(
    terrain: Terrain, regions: Regions, group: Group, count: int, rng: np.random.Generator
) -> list[Lesion]:
    """Draw enlarged perivascular spaces of one group, both sides.

    Parameters
    ----------
    terrain, regions
        The head.
    group : {"basal ganglia", "centrum semiovale"}
        From the anterior perforated substance upwards; or from beneath the cortex inwards.
    count : int
        How many.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    list of Lesion
        One each: 3 to 20 mm long, 0.2 to 1 mm in radius, slightly curved and beaded; its form
        names the group.

    Raises
    ------
    ValueError
        For an unknown group, a negative number, or if there is no room for so many.
    """
    if group not in SIZES:
        raise ValueError(f"groups of perivascular spaces are {tuple(SIZES)}, not {group!r}")
    if count < 0:
        raise ValueError(f"perivascular spaces count from zero, not {count}")
    if count == 0:
        return []
    size = SIZES[group]
    starts = _starts(terrain, group, 12 * count, rng)
    wanted = _lognormal(rng, size.length_mm, len(starts))
    paths, reached = _trace(terrain, group, starts, wanted, rng)
    tubes: list[Tubes] = []
    kept: list[NDArray[np.float64]] = []
    middles = paths[np.arange(len(paths)), (reached // 2).astype(int)]
    for number in np.flatnonzero(reached * STEP_MM >= size.length_mm[2]):
        if len(tubes) == count:
            break
        if kept and np.linalg.norm(np.array(kept) - middles[number], axis=1).min() < size.gap_mm:
            continue
        kept.append(middles[number])
        radius = float(_lognormal(rng, size.radius_mm, 1)[0])
        path = paths[number, : int(reached[number]) + 1]
        tubes.append(_tubes(path, radius, rng))
    if len(tubes) < count:
        raise ValueError(f"room for {len(tubes)} of {count} perivascular spaces in the {group}")
    places = regions.where(np.array(kept))
    return [_lesion(t, m, p, group) for t, m, p in zip(tubes, kept, places, strict=True)]


def _starts(terrain: Terrain, group: Group, count: int, rng: np.random.Generator) -> Paths:
    """Draw where they begin: in nuclei, lower more often; or beneath the cortex."""
    if group == "centrum semiovale":
        away, z = terrain.from_ventricle, terrain.template[2]
        rind = (terrain.beneath_cortex > 0.8) & (terrain.beneath_cortex < 7.0)
        there = rind & (terrain.white > 0.8) & (z > 16.0) & (away > 7.0)
        cells = np.argwhere(there & (np.abs(terrain.template[0]) > 7.0))
        points = terrain.world(cells)
        odds = np.ones(len(points))
    else:
        solids = [terrain.anatomy[n] for n in _BASAL if n in terrain.anatomy.names]
        points = np.concatenate(
            [np.asarray(s.origin_mm) + s.spacing_mm * np.argwhere(s.level > 0.3) for s in solids]
        )
        z = terrain.anatomy.frame.to_template(*points.astype(np.float32).T)[2]
        odds = np.exp(-np.clip(z + 6.0, 0.0, 30.0) / 7.0)
    if not len(points):
        raise ValueError(f"no room for perivascular spaces in the {group}")
    chosen = rng.choice(len(points), size=count, p=odds / odds.sum())
    return points[chosen] + rng.uniform(-0.5, 0.5, (count, 3)) * terrain.spacing_mm


def _trace(
    terrain: Terrain,
    group: Group,
    starts: Paths,
    wanted: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[Paths, NDArray[np.int64]]:
    """Follow all paths at once until their length is reached or their tissue ends."""
    steps = int(np.ceil(wanted.max() / STEP_MM))
    paths = np.repeat(starts[:, None], steps + 1, axis=1)
    reached = np.zeros(len(starts), dtype=np.int64)
    alive = _within(terrain, group, starts)
    bend = rng.normal(0.0, 0.03, starts.shape)
    heading = _first_way(terrain, group, starts) + rng.normal(0.0, 0.12, starts.shape)
    for step in range(steps):
        here = paths[:, step]
        way = heading + step * bend
        if group == "centrum semiovale":
            way = way + 0.2 * step * terrain.to_ventricle(here)
        way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
        ahead = here + STEP_MM * way
        alive &= (wanted > (step + 0.5) * STEP_MM) & _within(terrain, group, ahead)
        paths[:, step + 1] = np.where(alive[:, None], ahead, here)
        reached += alive
    return paths, reached


def _first_way(terrain: Terrain, group: Group, starts: Paths) -> Paths:
    """Return the way in: perpendicular to the cortex, or away from the perforated substance."""
    if group == "centrum semiovale":
        return np.asarray(-terrain.to_cortex(starts))
    return perforator_way(terrain, starts, "putamen")


def _within(terrain: Terrain, group: Group, points: Paths) -> NDArray[np.bool_]:
    """Tell which points lie in tissue that such spaces run through, clear of cortex and fluid."""
    if group == "centrum semiovale":
        clear = terrain.at(terrain.from_ventricle, points) > 3.0
        return np.asarray(clear & (terrain.at(terrain.white, points) > 0.6))
    stem = terrain.anatomy["brainstem"].depth(points) > -1.0
    return np.asarray((inner_depth(terrain.anatomy, points) > 1.2) & ~stem)


def _tubes(path: Paths, radius: float, rng: np.random.Generator) -> Tubes:
    """Return one space along a path, thinner at its ends and beaded."""
    along = np.linspace(0.0, np.pi, len(path))
    girth = radius * (0.7 + 0.3 * np.sin(along)) * (1.0 + rng.uniform(-0.12, 0.12, len(path)))
    pieces = len(path) - 1
    return Tubes(
        tissue.PERIVASCULAR,
        path[:-1].astype(np.float32),
        path[1:].astype(np.float32),
        np.stack([girth[:-1], girth[1:]], axis=1).astype(np.float32),
        np.zeros(pieces, dtype=np.float32),
        np.zeros(pieces, dtype=np.int32),
    )


def _lesion(tubes: Tubes, middle: NDArray[np.float64], place: Place, group: Group) -> Lesion:
    """Return one space with its row of the truth table."""
    volume = float(tubes.volume_mm3.sum(dtype=np.float64))
    wide = round(2.0 * float(tubes.radius_mm.mean()), 3)
    x, y, z = (round(float(c), 3) for c in middle)
    truth = LesionTruth(
        "perivascular space",
        (x, y, z),
        round(float((6.0 * volume / np.pi) ** (1.0 / 3.0)), 4),
        0.0,
        place.region,
        place.side,
        place.zone,
        group,
        (round(float(tubes.length_mm.sum(dtype=np.float64)), 3), wide, wide),
    )
    return Lesion(truth, tubes=tubes)


def _lognormal(
    rng: np.random.Generator, law: tuple[float, float, float, float], count: int
) -> NDArray[np.float64]:
    """Draw from a log-normal law, cut to its range."""
    median, spread, low, high = law
    return np.clip(np.exp(rng.normal(np.log(median), spread, count)), low, high)
