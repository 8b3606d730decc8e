"""Where a head's surfaces are sampled, and the warp that makes each head a person's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.anatomy.structure import Size3, Structure
from arteriole.phantom.random_field import RandomField, gaussian_field


@dataclass(frozen=True, eq=False)
class LatticeWarp:
    """Takes world positions (mm) of one person to the template's, in which anatomy is written."""

    scale: Size3
    fields: tuple[RandomField, RandomField, RandomField]
    amplitude_mm: float

    def to_template(
        self, x: NDArray[np.float32], y: NDArray[np.float32], z: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return template coordinates of world coordinates (arrays that broadcast)."""
        moved = [
            (c / s + self.amplitude_mm * f.at(x, y, z)).astype(np.float32)
            for c, s, f in zip((x, y, z), self.scale, self.fields, strict=True)
        ]
        return moved[0], moved[1], moved[2]

    def to_world(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the world position of template points (n, 3), by fixed-point iteration."""
        scale = np.asarray(self.scale)
        world = points * scale
        for _ in range(8):
            there = np.stack(self.to_template(*world.astype(np.float32).T), axis=1)
            world = world + (points - there) * scale
        return np.asarray(world, dtype=np.float64)


def draw_warp(rng: np.random.Generator) -> LatticeWarp:
    """Draw one person's head size, shape and asymmetry."""
    size = rng.normal(0.945, 0.02)
    shape = rng.normal(1.0, 0.015, 3)
    scale = (float(size * shape[0]), float(size * shape[1]), float(size * shape[2]))
    fields = [gaussian_field(rng, 95.0, bandwidth=0.4, size=32) for _ in range(3)]
    return LatticeWarp(scale, (fields[0], fields[1], fields[2]), 1.8)


@dataclass(frozen=True, eq=False)
class Lattice:
    """A box of the world with the template coordinates of its points."""

    origin_mm: Size3
    spacing_mm: float
    shape: tuple[int, int, int]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    z: NDArray[np.float32]

    def structure(
        self,
        name: str,
        tissue: int,
        level: NDArray[Any],
        *,
        slope_per_mm: Size3 = (0.0, 0.0, 0.0),
        centre_mm: Size3 = (0.0, 0.0, 0.0),
    ) -> Structure:
        """Return a structure with this depth on this lattice."""
        level = np.ascontiguousarray(level, dtype=np.float32)
        return Structure(
            name, tissue, level, self.origin_mm, self.spacing_mm, slope_per_mm, centre_mm
        )


def lattice(warp: LatticeWarp, low_mm: Size3, high_mm: Size3, spacing_mm: float) -> Lattice:
    """Lay a lattice over a box given in template mm, widened for the warp."""
    reach = 4.0 * warp.amplitude_mm
    low = [(a - reach) * s for a, s in zip(low_mm, warp.scale, strict=True)]
    high = [(b + reach) * s for b, s in zip(high_mm, warp.scale, strict=True)]
    low = [spacing_mm * float(np.floor(a / spacing_mm)) for a in low]
    n = [int(np.ceil((b - a) / spacing_mm)) + 1 for a, b in zip(low, high, strict=True)]
    axes = [(a + spacing_mm * np.arange(m)).astype(np.float32) for a, m in zip(low, n, strict=True)]
    x, y, z = warp.to_template(*np.ix_(*axes))
    return Lattice((low[0], low[1], low[2]), spacing_mm, (n[0], n[1], n[2]), x, y, z)
