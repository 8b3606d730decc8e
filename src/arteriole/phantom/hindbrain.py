"""Cerebellum with folia, and brainstem."""

from __future__ import annotations

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.hull import brainstem_hull, cerebellum_hull
from arteriole.phantom.lattice import Lattice, Structure
from arteriole.phantom.random_field import gaussian_field
from arteriole.phantom.shapes import Level, tube, union


def hindbrain(space: Lattice, rng: np.random.Generator, *, atrophy: float) -> list[Structure]:
    """Return cerebellum, its white tree and the brainstem."""
    x, y, z = space.x, space.y, space.z
    depth = cerebellum_hull(x, y, z)
    folia = _folia(x, y, z, rng)
    slit = np.clip(1.0 + 0.5 * folia, 0.0, 1.5)
    leaf = 1.5 * np.exp(-np.maximum(depth, 0.0) / 6.0) * (slit - 0.7 + 0.5 * atrophy)
    surface = depth - np.maximum(leaf, 0.0)
    branches = 7.0 + 3.0 * folia
    white = np.maximum(depth - branches, _stalk(x, y, z))
    stem = brainstem_hull(x, y, z)
    return [
        space.structure("cerebellar cortex", tissue.CEREBELLAR_GREY, surface),
        space.structure("cerebellar white matter", tissue.CEREBELLAR_WHITE, white),
        space.structure("brainstem", tissue.BRAINSTEM, stem),
    ]


def _folia(x: Level, y: Level, z: Level, rng: np.random.Generator) -> Level:
    """Return leaves that fan out from the fourth ventricle, in [-1, 1]."""
    bend = gaussian_field(rng, 25.0, bandwidth=0.5, size=32).at(x, y, z)
    dy, dz = y + 42.0, z + 36.0
    angle = np.arctan2(dz, -dy + 4.0)
    radius = np.sqrt(dy**2 + dz**2 + (0.5 * x) ** 2)
    return np.sin(angle * 22.0 + 1.3 * bend + 0.06 * radius).astype(np.float32)


def _stalk(x: Level, y: Level, z: Level) -> Level:
    side = np.abs(x)
    arm = tube(side, y, z, [(8, -46, -34), (22, -58, -36)], [9.0, 10.0])
    middle = tube(x, y, z, [(0, -48, -32), (0, -60, -34)], [5.0, 3.0])
    return union(arm, middle, 3.0)
