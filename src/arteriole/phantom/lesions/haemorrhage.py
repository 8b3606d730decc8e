"""Larger haemorrhages, lobar or deep, 10 to 50 mm: fresh with a rim, or an old slit.

Fresh ones (days to weeks) are a core of haematoma within a rim of haemosiderin; old ones a fluid
slit between stained walls. They replace tissue and do not push it aside: there is no mass effect
and no oedema. Susceptibilities are our own estimates: core 0.4 to 1.0 ppm, stain 1.0 to 1.6 ppm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.burden import Pattern
from arteriole.phantom.lesions.calcifications import extent_of
from arteriole.phantom.lesions.ground import Ground, row
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.solids import blob, painted_moment_ppm_mm3, painted_volume_mm3

Form = Literal["fresh", "slit"]


def haemorrhages(
    ground: Ground, rng: np.random.Generator, count: int, *, pattern: Pattern = "mixed"
) -> list[Lesion]:
    """Draw haemorrhages, lobar, or deep in putamen or thalamus; either if the pattern is mixed."""
    deep_share = {"mixed": 0.5, "lobar": 0.0, "deep": 1.0}[pattern]
    made = []
    for _ in range(count):
        deep = rng.random() < deep_share
        diameter = float(np.clip(np.exp(rng.normal(np.log(20.0), 0.4)), 10.0, 50.0))
        solid = "white matter"
        if deep:
            solid = "putamen" if rng.random() < 0.6 else "thalamus"
        centre = ground.draw(
            rng,
            solid,
            depth_mm=1.0 if deep else 2.0,
            radius_mm=0.5 * diameter,
            fits=None if deep else lambda points: _lobar(ground, points),
        )
        form: Form = "fresh" if rng.random() < 0.4 else "slit"
        made.append(haemorrhage(ground, rng, centre, diameter, form=form))
    return made


def haemorrhage(
    ground: Ground,
    rng: np.random.Generator,
    centre_mm: NDArray[np.float64],
    diameter_mm: float,
    *,
    form: Form = "fresh",
) -> Lesion:
    """Return one haemorrhage of about a diameter (of a slit: its length), kept inside the brain."""
    at = (float(centre_mm[0]), float(centre_mm[1]), float(centre_mm[2]))
    half = 0.5 * diameter_mm
    if form == "fresh":
        outer = half * np.exp(rng.normal(0.0, 0.12, 3))
        rim = float(rng.uniform(1.0, 2.0))
        chi, filling = float(rng.uniform(0.4, 1.0)), tissue.HAEMATOMA
    else:
        outer = half * np.array([1.0, rng.uniform(0.5, 0.8), 0.0])
        rim = float(rng.uniform(1.2, 2.2))
        outer[2] = rim + rng.uniform(0.5, 2.0)
        chi, filling = 0.0, tissue.CAVITY
    state = rng.bit_generator.state
    stain = float(rng.uniform(1.0, 1.6))
    wall = _turned(rng, tissue.HAEMOSIDERIN, at, outer, stain, state)
    core = _turned(rng, filling, at, outer - rim, chi, state)
    solids = (_kept(ground, wall), _kept(ground, core))
    truth = row(
        "haemorrhage",
        ground.place(centre_mm),
        centre_mm,
        volume_mm3=painted_volume_mm3(solids[0]),
        moment_ppm_mm3=painted_moment_ppm_mm3(solids),
        form=form,
        extent_mm=extent_of(solids[:1]),
    )
    return Lesion(truth, solids)


def _turned(
    rng: np.random.Generator,
    filling: int,
    at: tuple[float, float, float],
    radii: NDArray[np.float64],
    chi: float,
    state: Mapping[str, Any],
) -> Structure:
    """Return a dented ellipsoid; the same state gives both parts the same turn."""
    rng.bit_generator.state = state
    size = (float(radii[0]), float(radii[1]), float(radii[2]))
    return blob(
        filling, at, size, name="haemorrhage", rng=rng, rough=0.05, edge_mm=0.8, chi_ppm=chi
    )


def _kept(ground: Ground, solid: Structure) -> Structure:
    """Cut off what would lie in ventricles or outside the brain."""
    x, y, z = np.broadcast_arrays(*solid.points())
    points = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
    limit = ground.anatomy.brain.depth(points) - 1.5
    limit = np.minimum(limit, -ground.anatomy["lateral ventricles"].depth(points) - 0.5)
    level = np.minimum(solid.level, limit.reshape(solid.level.shape))
    return replace(solid, level=np.ascontiguousarray(level, dtype=np.float32))


def _lobar(ground: Ground, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.array([p.zone == "lobar" for p in ground.regions.where(points)], dtype=bool)
