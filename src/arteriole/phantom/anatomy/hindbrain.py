"""Cerebellum with folia, and brainstem."""

from __future__ import annotations

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.hull import brainstem_hull, cerebellum_hull
from arteriole.phantom.anatomy.lattice import Lattice
from arteriole.phantom.anatomy.shapes import Level, tube, union
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.random_field import gaussian_field


def cerebellum(space: Lattice, rng: np.random.Generator, *, atrophy: float) -> list[Structure]:
    """Return cerebellum and its white tree."""
    x, y, z = space.x, space.y, space.z
    depth = cerebellum_hull(x, y, z)
    bend = gaussian_field(rng, 25.0, bandwidth=0.5, size=32).at(x, y, z)
    fissures = _leaves(x, y, z, bend, 26.0, depth, 11.0)
    folia = _leaves(x, y, z, 2.0 * bend, 78.0, depth, 2.8)
    wide = 0.06 + 0.3 * atrophy
    surface = np.minimum(depth, fissures - wide)
    white = union(surface - 2.6, _stalk(x, y, z), 2.0)
    grey = np.minimum(surface, folia - 0.35 * wide)
    return [
        space.structure("cerebellar cortex", tissue.CEREBELLAR_GREY, grey),
        space.structure("cerebellar white matter", tissue.CEREBELLAR_WHITE, white),
    ]


def brainstem(space: Lattice) -> list[Structure]:
    """Return midbrain, pons, medulla and cord."""
    stem = brainstem_hull(space.x, space.y, space.z)
    return [space.structure("brainstem", tissue.BRAINSTEM, stem)]


def _leaves(
    x: Level, y: Level, z: Level, bend: Level, turns: float, depth: Level, reach: float
) -> Level:
    """Distance to clefts that fan out from the fourth ventricle and go ``reach`` mm deep."""
    dy, dz = y + 40.0, z + 36.0
    radius = np.sqrt(dy**2 + dz**2 + (0.5 * x) ** 2)
    phase = turns * np.arctan2(dz, 4.0 - dy) + 1.2 * bend + 0.03 * np.abs(x)
    apart = np.abs(np.arcsin(np.sin(0.5 * phase))) * radius * 2.0 / turns
    into = np.maximum(depth - reach, 0.0)
    return np.asarray(np.sqrt(apart**2 + into**2), dtype=np.float32)


def _stalk(x: Level, y: Level, z: Level) -> Level:
    side = np.abs(x)
    arm = tube(side, y, z, [(8, -46, -34), (22, -58, -36)], [9.0, 10.0])
    middle = tube(x, y, z, [(0, -48, -32), (0, -60, -34)], [5.0, 3.0])
    return union(arm, middle, 3.0)
