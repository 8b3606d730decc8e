"""The fissures that part the cerebrum: between the hemispheres, and of Sylvius with the insula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arteriole.phantom.anatomy.lattice import Lattice
from arteriole.phantom.anatomy.shapes import Level, ellipsoid, tube, union
from arteriole.phantom.random_field import gaussian_field


@dataclass(frozen=True, eq=False)
class Fissures:
    """Distance (mm) to the fissure between the hemispheres, and to the Sylvian ones."""

    between: Level
    sylvian: Level


def midline(x: Level, y: Level, z: Level) -> Level:
    """Return the distance (mm) to the interhemispheric fissure, which stops at the callosum."""
    flat = np.zeros_like(x)
    arch = tube(
        flat,
        y,
        z,
        [(0, 18, -7), (0, 28, 4), (0, 22, 17), (0, 2, 24), (0, -22, 23), (0, -39, 13)],
        [3.0, 7.0, 6.0, 6.0, 6.0, 7.5],
    )
    septum = ellipsoid(flat, y, z, (0, -6, 10), (1e3, 30.0, 15.0))
    below = ellipsoid(flat, y, z, (0, -16, -4), (1e3, 22.0, 14.0))
    into = np.maximum(union(arch, union(septum, below, 4.0), 4.0), 0.0)
    return np.asarray(np.sqrt(x**2 + into**2), dtype=np.float32)


def sylvian(x: Level, y: Level, z: Level) -> Level:
    """Return the distance (mm) to the Sylvian fissure and to the cleft over the insula.

    The fissure climbs backwards between the opercula; the cleft is a shallow bowl inside them.
    """
    side = np.abs(x)
    height = sylvian_height(y)
    floor = insula_side(y, z)
    across = z - height - 2.5 * np.sin(np.pi * np.clip((side - 40.0) / 26.0, 0.0, 1.0))
    ends = np.maximum(y - 26.0, 0.0) + np.maximum(-42.0 - y, 0.0)
    lips = np.sqrt((0.92 * across) ** 2 + np.maximum(floor - side, 0.0) ** 2 + ends**2)
    above = np.maximum(z - 17.0 + 0.008 * (y + 4.0) ** 2, 0.0)
    under = np.maximum(height - 9.0 - z, 0.0)
    off = np.maximum(y - 25.0, 0.0) + np.maximum(-29.0 - y, 0.0)
    bowl = np.sqrt((side - floor) ** 2 + above**2 + under**2 + off**2)
    return np.asarray(np.minimum(lips, bowl), dtype=np.float32)


def sylvian_height(y: Level) -> Level:
    """Return the height (mm) of the Sylvian fissure at the brain's side."""
    return np.asarray(-9.0 + 0.45 * (18.0 - y), dtype=np.float32)


def insula_side(y: Level, z: Level) -> Level:
    """Return how far from the midline (mm) the insula's surface lies: convex outwards."""
    return np.asarray(40.5 - 0.0085 * (y + 3.0) ** 2 - 0.012 * (z - 3.0) ** 2, dtype=np.float32)


def draw_fissures(space: Lattice, rng: np.random.Generator) -> Fissures:
    """Draw both fissures of one person, which wander by a millimetre or two."""
    fields = [gaussian_field(rng, 42.0, bandwidth=0.4, size=32) for _ in range(3)]
    at = (space.x, space.y, space.z)
    off = [np.float32(1.6) * f.at(*at) for f in fields]
    x, y, z = (c + o for c, o in zip(at, off, strict=True))
    return Fissures(midline(space.x + np.float32(0.6) * off[0], y, z), sylvian(x, y, z))
