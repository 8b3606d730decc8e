"""The circle of Willis and what leaves it: our own centre-lines in template mm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.vessels.curves import Points, curve, softened, wound
from arteriole.phantom.vessels.growth import Tree, grow, smoothed
from arteriole.phantom.vessels.pial import Surface, in_fluid, surface_cost
from arteriole.phantom.vessels.surfaces import settled, taken
from arteriole.phantom.vessels.tubes import Pieces


@dataclass(frozen=True, eq=False)
class Artery:
    """A named artery: its way (n, 3) in world mm away from the heart, and its radii."""

    name: str
    side: str
    path: Points
    radius_mm: NDArray[np.float64]


@dataclass(frozen=True)
class _Course:
    """A course on the right in template mm, with the radius at both ends."""

    points: tuple[tuple[float, float, float], ...]
    radius_mm: tuple[float, float]
    snapped: bool = True
    paired: bool = True


_TERMINUS = (11.0, 4.0, -14.0)
_BIFURCATION = (35.0, 5.0, -17.0)
_COMMUNICATING = (2.0, 12.0, -14.0)
_VERTEBRAL_END = (0.0, -22.0, -47.0)
_BASILAR_TIP = (0.0, -14.0, -18.0)
_AMBIENT = (10.0, -16.0, -16.0)

COURSES: dict[str, _Course] = {
    "ICA": _Course(
        (
            (24.0, -10.0, -100.0),
            (26.0, -12.0, -80.0),
            (27.0, -13.0, -62.0),
            (26.0, -12.0, -52.0),
            (21.0, -8.0, -47.0),
            (13.0, -3.0, -43.0),
            (11.0, -4.0, -37.0),
            (11.5, -2.0, -31.0),
            (12.0, 4.0, -28.0),
            (12.0, 10.0, -26.0),
            (11.0, 9.5, -21.0),
            (11.0, 6.0, -17.0),
            _TERMINUS,
        ),
        (2.4, 1.7),
        snapped=False,
    ),
    "M1": _Course((_TERMINUS, (18.0, 3.5, -15.0), (27.0, 4.5, -16.0), _BIFURCATION), (1.35, 1.25)),
    "M2 superior": _Course(
        (_BIFURCATION, (39.0, 8.0, -11.0), (41.0, 8.0, -3.0), (41.0, 3.0, 6.0), (43.0, -8.0, 12.0)),
        (1.0, 0.7),
    ),
    "M2 inferior": _Course(
        (
            _BIFURCATION,
            (40.0, 2.0, -13.0),
            (42.0, -6.0, -7.0),
            (43.0, -18.0, 0.0),
            (46.0, -32.0, 8.0),
        ),
        (1.0, 0.7),
    ),
    "A1": _Course((_TERMINUS, (8.0, 7.0, -14.5), (4.5, 10.0, -14.5), _COMMUNICATING), (1.0, 0.95)),
    "A2": _Course(
        (
            _COMMUNICATING,
            (2.0, 24.0, -11.0),
            (2.0, 33.0, -4.0),
            (2.0, 38.0, 5.0),
            (2.0, 34.0, 20.0),
            (2.0, 24.0, 29.0),
            (2.0, 8.0, 34.0),
            (2.0, -12.0, 36.0),
        ),
        (0.95, 0.55),
    ),
    "V4": _Course(
        ((14.0, -42.0, -74.0), (10.0, -36.0, -66.0), (5.0, -28.0, -56.0), _VERTEBRAL_END),
        (1.5, 1.35),
    ),
    "BA": _Course(
        (_VERTEBRAL_END, (0.0, -17.0, -38.0), (0.0, -13.0, -28.0), _BASILAR_TIP),
        (1.6, 1.4),
        paired=False,
    ),
    "P1": _Course((_BASILAR_TIP, (5.0, -14.0, -17.0), _AMBIENT), (1.05, 1.0)),
    "P2": _Course(
        (
            _AMBIENT,
            (16.0, -23.0, -13.0),
            (18.5, -30.0, -9.0),
            (15.0, -38.0, -5.0),
            (11.0, -47.0, 0.0),
        ),
        (1.0, 0.75),
    ),
}


def arteries(
    anatomy: Anatomy, surface: Surface, rng: np.random.Generator, *, age_y: float
) -> list[Artery]:
    """Return the named arteries of a person.

    Parameters
    ----------
    anatomy : Anatomy
        Whose frame takes the courses to the person.
    surface : Surface
        Out of whose tissue the arteries of the cisterns are moved.
    rng : numpy.random.Generator
        Source of randomness: windings, calibre, one vertebral artery wider than the other.
    age_y : float
        Windings and diameter grow with age.

    Notes
    -----
    Courses and radii are round values of our own from general anatomy. From 50 to 85 years
    diameter grows by a tenth and the windings' size by two thirds (our estimate).
    """
    older = (age_y - 50.0) / 35.0
    winding = 0.9 * float(np.clip(1.0 + 0.66 * older, 0.4, 2.0))
    widening = float(np.clip(1.0 + 0.1 * older, 0.9, 1.15)) * rng.normal(1.0, 0.06)
    dominant = rng.choice([-1, 1])
    sides = [(n, c, s) for n, c in COURSES.items() for s in ((-1, 1) if c.paired else (1,))]
    paths = taken(anatomy, [np.array(c.points) * [s, 1.0, 1.0] for _, c, s in sides])
    paths = [
        wound(curve(p, step_mm=1.2), rng, amplitude_mm=winding, wavelength_mm=14.0) for p in paths
    ]
    freed = _freed(surface, paths)
    out = []
    for (name, course, side), path, free in zip(sides, paths, freed, strict=True):
        wide = widening * (0.8 if name == "V4" and side != dominant else 1.0)
        radius = wide * np.linspace(*course.radius_mm, len(path))
        if course.snapped:
            path[1:-1] = free[1:-1]
        label = ("right" if side > 0 else "left") if course.paired else "middle"
        out.append(Artery(name, label, softened(path, rounds=4), radius))
    return out


def _freed(surface: Surface, paths: list[Points]) -> list[Points]:
    """Move paths out of brain tissue, all at once."""
    ends = np.cumsum([len(path) for path in paths])[:-1]
    every = np.concatenate(paths)
    every = settled(surface.depth, every, low_mm=-99.0, high_mm=-1.0, steps=4, most_mm=1.2)
    return np.split(every, ends)


def perforators(anatomy: Anatomy, named: list[Artery], rng: np.random.Generator) -> Pieces:
    """Return lenticulostriate arteries, from M1 up through putamen towards the caudate."""
    origins, ways = [], []
    for artery in (a for a in named if a.name == "M1"):
        side = 1.0 if artery.side == "right" else -1.0
        for _ in range(int(rng.integers(6, 12))):
            y = rng.normal(2.0, 5.0)
            bow, tip = rng.normal(27.0, 2.0), rng.normal(19.0, 2.0)
            bends = [(bow - 3, y, -8), (bow, y, 0), (bow - 2, y - 2, 8), (tip, y - 4, 16)]
            ways.append(np.array(bends) * [side, 1.0, 1.0])
            origins.append(artery.path[int(rng.integers(3, max(len(artery.path) - 4, 4)))])
    out = []
    for at, way in zip(origins, taken(anatomy, ways), strict=True):
        path = curve(np.concatenate([at[None], way]), step_mm=1.2)
        path = wound(path, rng, amplitude_mm=0.5, wavelength_mm=8.0)
        radius = rng.uniform(0.15, 0.32)
        out.append(Pieces.along(path, np.linspace(radius, 0.4 * radius, len(path))))
    return Pieces.joined(*out)


def cortical_arteries(surface: Surface, named: list[Artery], rng: np.random.Generator) -> Tree:
    """Return arteries over the cortex, which grow from the ends of A2, M2 and P2."""
    tips = np.concatenate(
        [a.path[len(a.path) // 3 :: 6] for a in named if a.name[:2] in ("A2", "M2", "P2")]
    )
    _, roots = cKDTree(surface.web.points).query(tips)
    cost = surface_cost(surface, rng)
    leaves = rng.permutation(len(cost))[: int(0.008 * len(cost))]
    tree = grow(
        surface.web,
        cost,
        roots=np.unique(roots),
        leaves=leaves,
        leaf_radius_mm=np.clip(rng.lognormal(np.log(0.12), 0.25, len(leaves)), 0.06, 0.3),
        sharing=0.45,
        rounds=2,
        gain_mm3_per_mm=1e-4,
    )
    return smoothed(tree, keep=in_fluid(surface))
