"""Foci of deep white matter hyperintensity: punctate, and grown together."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.shapes import smoothstep
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.extent import axial_diameter
from arteriole.phantom.lesions.patch import ovoid, patch
from arteriole.phantom.lesions.periventricular import U_FIBRE_MM
from arteriole.phantom.lesions.terrain import Field, Terrain
from arteriole.phantom.random_field import gaussian_field

Box = tuple[slice, slice, slice]

GAP_MM = 2.0
"""Smallest distance between foci that are not one."""


def deep_odds(terrain: Terrain, rng: np.random.Generator) -> Field:
    """Return how likely foci lie at each point: alike on both sides, few below the ventricles."""
    white = terrain.white > 0
    x, y, z = terrain.template[:, white]
    both = gaussian_field(rng, 45.0, bandwidth=0.5, size=32).at(np.abs(x), y, z)
    own = gaussian_field(rng, 30.0, bandwidth=0.5, size=32).at(x + 200.0, y, z)
    odds = np.exp(0.8 * both + 0.4 * own) * (0.04 + smoothstep(z, -12.0, 16.0))
    odds *= smoothstep(np.abs(x), 6.0, 14.0)
    whole = np.zeros(white.shape, dtype=np.float32)
    whole[white] = odds
    return whole


def grown_together(
    terrain: Terrain,
    taken: NDArray[np.bool_],
    odds: Field,
    rng: np.random.Generator,
    *,
    width_mm: float,
    below_mm: float,
) -> tuple[Box, Field] | None:
    """Return where a confluent focus lies and the depth in it, or None where there is no room.

    Parameters
    ----------
    terrain : Terrain
        The head's white matter.
    taken : ndarray, bool, (x, y, z)
        Where it may not be.
    odds : ndarray, float32, (x, y, z)
        How likely it begins at each point.
    rng : numpy.random.Generator
        Source of randomness.
    width_mm, below_mm : float
        Largest diameter in an axial slice that is aimed at, and the one it stays below.

    Notes
    -----
    Round foci along a wavering way that keeps its distance from the ventricle, joined, with a
    wavy surface, and cut by the rind of U-fibres.
    """
    near = (odds > 0) & ~taken & (terrain.from_ventricle > 5.0) & (terrain.white > 0.75)
    cells = np.argwhere(near & (terrain.beneath_cortex > U_FIBRE_MM + 1.5))
    if not len(cells):
        return None
    at = tuple(cells.T)
    weight = odds[at].astype(np.float64) * np.minimum(terrain.white[at], 3.0)
    wave = gaussian_field(rng, 9.0, bandwidth=0.5, size=32)
    reach = int(np.ceil((0.8 * width_mm + 10.0) / terrain.spacing_mm))
    for start in cells[rng.choice(len(cells), size=24, p=weight / weight.sum())]:
        low, high = np.maximum(start - reach, 0), np.minimum(start + reach, taken.shape)
        box = (slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2]))
        level = np.full(taken[box].shape, -20.0, dtype=np.float32)
        _chain(level, terrain, terrain.world(start)[None], terrain.world(low), rng, width_mm)
        level += 0.6 * wave.at(*terrain.template[(slice(None), *box)])
        room = terrain.beneath_cortex[box] - np.float32(U_FIBRE_MM)
        level = np.minimum(level, np.minimum(2.0 * terrain.white[box], room))
        level[taken[box]] = np.minimum(level[taken[box]], -1.0)
        level = _holding(level, start - low)
        width = axial_diameter(level > 0, terrain.spacing_mm)
        if 0.75 * width_mm <= width < below_mm:
            return box, level
    return None


def punctate(
    terrain: Terrain,
    taken: NDArray[np.bool_],
    odds: Field,
    count: int,
    rng: np.random.Generator,
    *,
    most_mm: float = 4.0,
    plain: int = 0,
) -> list[Structure]:
    """Return small round foci apart from each other and from what is taken.

    Parameters
    ----------
    terrain, taken, odds, rng
        As for `grown_together`.
    count : int
        How many at most; fewer where they find no room.
    most_mm : float
        Largest radius. Radii are log-normal about 1.4 mm, from 0.8 mm.
    plain : int
        How many of them have a radius of 2.2 mm at least.
    """
    depth = np.minimum(terrain.white, terrain.beneath_cortex - U_FIBRE_MM)
    clear = scipy.ndimage.distance_transform_edt(~taken, sampling=terrain.spacing_mm)
    clear = np.minimum(clear, terrain.from_ventricle - 3.0)
    depth = np.minimum(depth, clear.astype(np.float32) - np.float32(GAP_MM))
    cells = np.argwhere((depth > 1.0) & (odds > 0))
    made: list[Structure] = []
    if not len(cells) or count == 0:
        return made
    weight = odds[tuple(cells.T)].astype(np.float64)
    tries = rng.choice(len(cells), size=40 * count, p=weight / weight.sum())
    centres: list[NDArray[np.float64]] = []
    radii: list[float] = []
    for at in tries:
        if len(made) == count:
            break
        centre = terrain.world(cells[at]) + terrain.spacing_mm * rng.uniform(-0.4, 0.4, 3)
        least = 2.2 if len(made) < plain else 0.8
        radius = float(np.clip(np.exp(rng.normal(np.log(1.4), 0.45)), least, most_mm))
        if radius + 0.3 > depth[tuple(cells[at])]:
            continue
        if centres:
            apart = np.linalg.norm(np.array(centres) - centre, axis=1)
            if (apart - np.array(radii) < radius + GAP_MM).any():
                continue
        made.append(_dot(terrain, centre, radius, rng))
        centres.append(centre)
        radii.append(radius)
    return made


def _dot(
    terrain: Terrain, centre: NDArray[np.float64], radius: float, rng: np.random.Generator
) -> Structure:
    """Return one round focus, its long axis towards the ventricle."""
    spacing = float(np.clip(radius / 5.0, 0.25, 0.6))
    room = patch(centre, radius + 1.5, spacing)
    along = terrain.to_ventricle(centre)[0] + rng.normal(0.0, 0.25, 3)
    thin = rng.uniform(0.72, 1.0, 2)
    level = ovoid(room.points_mm, centre, along, (radius, radius * thin[0], radius * thin[1]))
    lumps = rng.normal(0.0, 1.0, (3, 3)) / radius
    shift = rng.uniform(0.0, 6.3, 3)
    level += 0.06 * radius * np.cos((room.points_mm - centre) @ lumps.T + shift).sum(axis=1)
    return room.structure(
        "hyperintensity",
        tissue.HYPERINTENSITY,
        level,
        edge_mm=round(float(rng.uniform(0.5, min(1.5, radius))), 3),
        strength=round(float(rng.uniform(0.55, 1.0)), 3),
    )


def _chain(
    level: Field,
    terrain: Terrain,
    start: NDArray[np.float64],
    origin_mm: NDArray[np.float64],
    rng: np.random.Generator,
    width_mm: float,
) -> None:
    """Join round foci along a way that keeps its distance from the ventricle, in place."""
    largest = float(np.clip(0.24 * width_mm, 2.2, 6.5))
    steps = max(round(width_mm / (1.35 * largest)), 2)
    ahead = np.array([0.15, 1.0, 0.1]) * rng.choice([-1.0, 1.0]) + rng.normal(0.0, 0.35, 3)
    at = start
    for step in range(steps):
        radius = largest * rng.uniform(0.6, 1.0)
        _add_ball(level, (at[0] - origin_mm) / terrain.spacing_mm, radius, terrain.spacing_mm)
        inward = terrain.to_ventricle(at)[0]
        ahead = ahead + rng.normal(0.0, 0.3, 3)
        ahead -= 0.8 * (ahead @ inward) * inward
        ahead /= np.linalg.norm(ahead)
        at = at + 1.35 * largest * ahead
        if step == steps // 2:
            at, ahead = start - 1.35 * largest * ahead, -ahead


def _add_ball(level: Field, cell: NDArray[np.float64], radius: float, spacing_mm: float) -> None:
    """Join a ball to a solid, in place, the crease rounded."""
    reach = (radius + 6.0) / spacing_mm
    low = np.maximum(np.floor(cell - reach).astype(int), 0)
    high = np.minimum(np.ceil(cell + reach).astype(int) + 1, level.shape)
    if (low >= high).any():
        return
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    away = [np.arange(a, b) - c for a, b, c in zip(low, high, cell, strict=True)]
    x, y, z = np.ix_(*away)
    ball = radius - spacing_mm * np.sqrt(x**2 + y**2 + z**2)
    old = level[box]
    crease = np.maximum(2.5 - np.abs(ball - old), 0.0) / 2.5
    level[box] = np.maximum(ball, old) + crease**2 * 2.5 * 0.25


def _holding(level: Field, cell: NDArray[np.intp]) -> Field:
    """Keep only the component that holds one point."""
    label, _ = scipy.ndimage.label(level > 0)
    own = label[tuple(cell)]
    other = (label > 0) & (label != own) if own else label > 0
    return np.where(other, np.float32(-1.0), level).astype(np.float32)
