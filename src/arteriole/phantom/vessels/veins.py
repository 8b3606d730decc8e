"""Veins as chains of tapering tubes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.vessels.tubes import Tubes

Points = NDArray[np.float64]


def veins(anatomy: Anatomy, rng: np.random.Generator) -> Tubes:
    """Return dural sinuses, internal cerebral, medullary and pial veins of one head.

    Notes
    -----
    Blood of oxygenation 0.55-0.70 and haematocrit 0.42 lies 0.3-0.45 ppm above tissue
    (Weisskoff & Kiihne 1992, doi:10.1002/mrm.1910240219).
    """
    paths = [*_sinuses(), *_deep_veins(rng), *_medullary(rng)]
    ends = np.cumsum([len(path) for path, _ in paths])[:-1]
    moved = np.split(anatomy.frame.to_world(np.concatenate([path for path, _ in paths])), ends)
    paths = [(path, radii) for path, (_, radii) in zip(moved, paths, strict=True)]
    paths += _pial(anatomy, rng)
    pieces = [_pieces(path, radii) for path, radii in paths]
    start, end, radius = (np.concatenate(part) for part in zip(*pieces, strict=True))
    chi = np.concatenate([np.full(len(p[0]), rng.normal(0.38, 0.03)) for p in pieces])
    vessel = np.concatenate([np.full(len(p[0]), i) for i, p in enumerate(pieces)])
    return Tubes(
        tissue.VEIN,
        start.astype(np.float32),
        end.astype(np.float32),
        radius.astype(np.float32),
        chi.astype(np.float32),
        vessel.astype(np.int32),
    )


def _pieces(path: Points, radii: Points) -> tuple[Points, Points, Points]:
    """Cut a path into its straight pieces: starts, ends, radii at both."""
    return path[:-1], path[1:], np.stack([radii[:-1], radii[1:]], axis=1)


def _curve(points: list[tuple[float, float, float]], count: int) -> Points:
    """Return a smooth curve through a few points (Catmull-Rom)."""
    p = np.asarray(points, dtype=np.float64)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    out = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        t = np.linspace(0, 1, count, endpoint=False)[:, None]
        out.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    return np.concatenate([*out, p[-2:-1]])


def _sinuses() -> list[tuple[Points, Points]]:
    """Dural sinuses, which run just outside of the brain's outer form."""
    angle = np.radians(np.linspace(25.0, 197.0, 40))
    sagittal = np.stack(
        [0.0 * angle, -17.0 + 90.5 * np.cos(angle), 10.0 + 69.5 * np.sin(angle)], axis=1
    )
    straight = _curve([(0, -45, 8), (0, -68, -2), (0, -94, -12), (0, -103, -12)], 8)
    paths = [
        (sagittal, np.linspace(1.2, 3.8, len(sagittal))),
        (straight, np.linspace(1.6, 2.4, len(straight))),
    ]
    for side in (-1, 1):
        across = _curve(
            [
                (0, -103, -12),
                (side * 32, -95, -13),
                (side * 62, -62, -15),
                (side * 64, -43, -34),
                (side * 46, -34, -54),
                (side * 34, -26, -68),
            ],
            8,
        )
        paths.append((across, np.full(len(across), 3.2 + 0.5 * side)))
    return paths


def _deep_veins(rng: np.random.Generator) -> list[tuple[Points, Points]]:
    paths = []
    for side in (-1, 1):
        j = rng.normal(0, 0.6, (6, 3))
        internal = _curve(
            [
                (side * 3 + 0.3 * j[0, 0], 6, 9),
                (side * 2.2, -8, 13),
                (side * 2.2, -24, 12),
                (0, -36, 9),
                (0, -45, 8),
            ],
            8,
        )
        paths.append((internal, np.linspace(0.6, 1.3, len(internal))))
        septal = _curve([(side * 14, 26, 9), (side * 4, 20, 8), (side * 3, 6, 9)], 6)
        paths.append((septal, np.linspace(0.25, 0.6, len(septal))))
        striate = _curve(
            [(side * 21, -26, 20), (side * 15, -10, 20), (side * 8, 4, 12), (side * 3, 6, 9)], 7
        )
        paths.append((striate, np.linspace(0.35, 0.75, len(striate))))
        basal = _curve(
            [(side * 12, 2, -14), (side * 16, -14, -12), (side * 14, -30, -4), (0, -44, 6)], 8
        )
        paths.append((basal, np.linspace(0.4, 0.9, len(basal))))
    return paths


def _medullary(rng: np.random.Generator) -> list[tuple[Points, Points]]:
    """Veins of the white matter that run at right angles into the lateral ventricles' wall."""
    paths = []
    for side in (-1, 1):
        for _ in range(80):
            y = rng.uniform(-42, 30)
            wall = np.array([side * (13 + 0.12 * max(-y - 10, 0) * 2), y, 18 - 0.2 * abs(y + 5)])
            angle = rng.uniform(0.05, 1.25)
            out = np.array(
                [side * np.cos(angle), rng.normal(0, 0.15) + 0.010 * (y + 8), np.sin(angle)]
            )
            length = rng.uniform(12, 32)
            count = int(length / 2.0)
            t = np.linspace(1, 0, count)[:, None]
            path = wall + out * (t * length) + np.cumsum(rng.normal(0, 0.25, (count, 3)), axis=0)
            radius = rng.uniform(0.18, 0.42)
            paths.append((path, radius * np.linspace(0.6, 1.0, count)))
    return paths


def _pial(anatomy: Anatomy, rng: np.random.Generator) -> list[tuple[Points, Points]]:
    """Veins that creep along sulci, found by walking where cortex is on both sides."""
    cortex = anatomy["cortex"]
    depth, spacing = cortex.level, cortex.spacing_mm
    near = np.argwhere((depth < 0.3) & (depth > -1.5))
    world = np.asarray(cortex.origin_mm) + near * spacing
    high = anatomy.frame.to_template(*world.astype(np.float32).T)[2] > -30
    seeds = near[high & (anatomy.brain.depth(world) > 0.0)]
    seeds = seeds[rng.permutation(len(seeds))[:260]]
    slope = np.stack([np.gradient(depth, spacing, axis=a) for a in range(3)], axis=-1)
    paths = []
    for seed in seeds:
        walk = _creep(seed.astype(np.float64), depth, slope, spacing, rng)
        if len(walk) < 6:
            continue
        radius = rng.uniform(0.25, 0.75)
        path = np.asarray(cortex.origin_mm) + walk * spacing
        paths.append((path, radius * np.linspace(0.5, 1.0, len(walk))))
    return paths


def _creep(
    at: Points,
    depth: NDArray[np.float32],
    slope: NDArray[np.float32],
    spacing: float,
    rng: np.random.Generator,
) -> Points:
    """Walk along a sulcus: straight on, pulled back to where the depth is lowest."""
    going = rng.normal(size=3)
    walk = [at]
    for _ in range(int(rng.integers(8, 26))):
        cell = tuple(np.clip(np.round(at).astype(int), 0, np.subtract(depth.shape, 1)))
        if depth[cell] > 1.2 or depth[cell] < -3.5:
            break
        down = -slope[cell].astype(np.float64)
        wall = down / max(float(np.linalg.norm(down)), 1e-6)
        going = going - (going @ wall) * wall + rng.normal(0, 0.25, 3)
        going = going / max(float(np.linalg.norm(going)), 1e-6)
        at = at + (1.6 * going + 0.25 * wall * (depth[cell] > -0.4)) / spacing
        walk.append(at)
    return np.asarray(walk)
