"""The folded cortex over white matter.

Sulci are sheets that run from the surface towards the core of each hemisphere. Where they lie is
decided by the zero crossings of a band-limited random field, which wind like gyri do; cortex is
what lies within its thickness of a sulcus or of the outer surface. The great sulci lie where the
template has them; random ones keep away from these.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.hull import cerebrum_hull, temporal_lobes, temporal_stem
from arteriole.phantom.anatomy.lattice import Lattice
from arteriole.phantom.anatomy.shapes import Level, Point, smoothstep, tube
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.random_field import gaussian_field

GYRUS_MM = 12.0
"""Width of a gyrus from sulcus to sulcus."""

GREAT_SULCI: tuple[tuple[float, tuple[Point, ...]], ...] = (
    (19.0, ((5, -30, 72), (24, -27, 62), (42, -16, 46), (54, -6, 26), (60, -3, 14))),
    (16.0, ((50, 6, -22), (60, -14, -10), (58, -36, 2), (50, -54, 14))),
    (17.0, ((40, -38, 46), (28, -60, 46), (22, -76, 34))),
    (13.0, ((24, 50, 26), (25, 22, 50), (27, -6, 58))),
    (12.0, ((46, 38, 8), (46, 14, 30))),
    (11.0, ((5, 40, 2), (5, 42, 18), (5, 24, 36), (5, -10, 46), (5, -34, 50), (5, -40, 62))),
    (15.0, ((5, -60, 18), (5, -76, 40))),
    (15.0, ((5, -62, 8), (5, -78, 8), (5, -96, 0))),
)
"""Depth (mm) and course of the central, superior temporal, intraparietal, superior and inferior
frontal, cingulate, parieto-occipital and calcarine sulcus."""

ALONE_MM = 6.0
"""How far random sulci keep from the great ones."""


def cerebrum(space: Lattice, rng: np.random.Generator, *, atrophy: float) -> list[Structure]:
    """Return cortex and white matter; ``atrophy`` in [0, 1] widens sulci and thins the cortex."""
    x, y, z = space.x, space.y, space.z
    hull = cerebrum_hull(x, y, z)
    wobble = gaussian_field(rng, 50.0, bandwidth=0.4, size=32).at(0 * x, y, z)
    fissures = np.minimum(_midline(x, y, z, wobble), _sylvian(x, y, z))
    depth = np.minimum(hull, fissures)
    sulci = _sulcus_distance(space, rng, depth)
    half_width = np.float32(0.25 + 0.75 * atrophy)
    fine = gaussian_field(rng, 18.0, bandwidth=0.5, size=48).at(x, y, z)
    surface = np.minimum(depth - half_width, sulci - half_width * np.exp(0.7 * fine))
    surface = scipy.ndimage.gaussian_filter(surface, 0.6 / space.spacing_mm)
    thickness = (2.4 - 0.35 * atrophy) + 0.25 * fine
    return [
        space.structure("cortex", tissue.GREY, surface),
        space.structure("white matter", tissue.WHITE, surface - thickness),
    ]


def _midline(x: Level, y: Level, z: Level, wobble: Level) -> Level:
    """Distance to the interhemispheric fissure, which stops at the corpus callosum."""
    callosum = np.sqrt(((y + 4.0) / 41.0) ** 2 + ((z + 6.0) / 36.0) ** 2)
    into = np.maximum(1.0 - callosum, 0.0) * 36.0
    return np.asarray(np.sqrt((x - 1.2 * wobble) ** 2 + into**2) - 0.6, dtype=np.float32)


def _sylvian(x: Level, y: Level, z: Level) -> Level:
    """Distance to the Sylvian fissure and the insular cleft it opens into."""
    side = np.abs(x)
    height = -8.0 + 0.45 * (18.0 - y)
    ends = np.maximum(y - 22.0, 0.0) + np.maximum(-44.0 - y, 0.0)
    lips = np.sqrt((0.9 * (z - height)) ** 2 + np.maximum(37.0 - side, 0.0) ** 2 + ends**2)
    tall = np.maximum(np.abs(z - 2.0) - 13.0, 0.0) + np.maximum(np.abs(y + 2.0) - 22.0, 0.0)
    insula = np.sqrt((side - 38.0 - 0.012 * (y + 2.0) ** 2 * 0.3) ** 2 + tall**2)
    return np.asarray(np.minimum(lips, insula) - 0.9, dtype=np.float32)


def _sulcus_distance(space: Lattice, rng: np.random.Generator, depth: Level) -> Level:
    """Distance (mm) to the nearest sulcal sheet."""
    x, y, z = space.x, space.y, space.z
    core, reach = _core(x, y, z)
    bend = gaussian_field(rng, 30.0, bandwidth=0.5, size=32)
    bent = [bend.at(x + 50 * i, y, z) for i in range(3)]
    plain = [m + reach * (c - m) for c, m in zip((x, y, z), core, strict=True)]
    at = [(p + 2.5 * b).astype(np.float32) for p, b in zip(plain, bent, strict=True)]
    usual = [(p + 0.8 * b).astype(np.float32) for p, b in zip(plain, bent, strict=True)]
    pattern = gaussian_field(rng, 2.0 * GYRUS_MM, bandwidth=0.18).at(*at)
    deep = 14.0 + 5.0 * gaussian_field(rng, 40.0, bandwidth=0.4, size=32).at(*at)
    allowed = smoothstep(-_core_depth(x, y, z), -2.0, 6.0)
    great, apart = _great_sulci(usual, reach, depth, space.spacing_mm)
    sheet = _crossings(pattern > 0)
    sheet &= (depth < np.clip(deep, 5.0, 24.0) * allowed) & (apart > ALONE_MM)
    sheet |= great & (allowed > 0.3)
    sheet &= depth > -3.0
    distance = scipy.ndimage.distance_transform_edt(~sheet, sampling=space.spacing_mm)
    return np.asarray(distance - 0.3 * space.spacing_mm, dtype=np.float32)


def _core(x: Level, y: Level, z: Level) -> tuple[tuple[Level, Level, Level], Level]:
    """Return the core that sulci of a place run towards, and the way to a sphere around it.

    The second is by what the ray from the core is to be multiplied.
    """
    in_temporal = temporal_lobes(x, y, z) > np.maximum(1.0, z + 2.0)
    sign = np.where(x > 0, np.float32(1.0), np.float32(-1.0))
    core = (
        (np.where(in_temporal, np.float32(42.0), np.float32(25.0)) * sign).astype(np.float32),
        np.where(in_temporal, np.clip(y, -50, 12), np.clip(y, -52, 32)).astype(np.float32),
        np.where(in_temporal, -23.0 - 0.20 * (y + 16.0), 14.0).astype(np.float32),
    )
    ray = [(c - m).astype(np.float32) for c, m in zip((x, y, z), core, strict=True)]
    length = np.sqrt(ray[0] ** 2 + ray[1] ** 2 + ray[2] ** 2) + np.float32(1e-3)
    reach = np.where(in_temporal, np.float32(20.0), np.float32(42.0)) / length
    return core, np.asarray(reach, dtype=np.float32)


def _great_sulci(
    at: list[Level], reach: Level, depth: Level, spacing_mm: float
) -> tuple[NDArray[np.bool_], Level]:
    """Return the sheets of the great sulci, and the distance (mm) from the nearest of them.

    Both are found on the sphere around the core, where a sheet is a line.
    """
    near = (depth > -4.0) & (depth < 22.0)
    x, y, z = np.abs(at[0][near]), at[1][near], at[2][near]
    stretch, below = np.maximum(reach[near], 0.2), depth[near]
    sheet = np.zeros(x.shape, dtype=bool)
    nearest = np.full(x.shape, np.float32(1e3))
    for deep, course in GREAT_SULCI:
        line = _on_sphere(course)
        apart = -tube(x, y, z, line, [0.0] * len(line)) / stretch
        sheet |= (apart < 0.75 * spacing_mm) & (below < deep)
        nearest = np.minimum(nearest, apart)
    whole = np.zeros(depth.shape, dtype=bool)
    whole[near] = sheet
    away = np.full(depth.shape, np.float32(1e3))
    away[near] = nearest
    return whole, away


def _on_sphere(course: tuple[Point, ...]) -> list[Point]:
    """Return a course in steps so short that the chords between them stay on the sphere."""
    corners = np.array(course, dtype=np.float32)
    steps = np.linspace(0.0, 1.0, 5, dtype=np.float32)[:-1, None]
    pieces = [a + steps * (b - a) for a, b in pairwise(corners)]
    x, y, z = np.concatenate([*pieces, corners[-1:]]).T
    core, reach = _core(x, y, z)
    line = [m + reach * (c - m) for c, m in zip((x, y, z), core, strict=True)]
    return [(float(a), float(b), float(c)) for a, b, c in zip(*line, strict=True)]


def _crossings(positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where a mask changes from one point to the next."""
    sheet = np.zeros(positive.shape, dtype=bool)
    for axis in range(3):
        ahead = [slice(None)] * 3
        here = [slice(None)] * 3
        ahead[axis], here[axis] = slice(1, None), slice(None, -1)
        sheet[tuple(here)] |= positive[tuple(ahead)] != positive[tuple(here)]
    return sheet


def _core_depth(x: Level, y: Level, z: Level) -> Level:
    """Depth inside the region of ganglia, callosum, midbrain and radiations: without sulci."""
    ahead = np.where(y > -8.0, np.float32(42.0), np.float32(48.0))
    below = np.where(z < 2.0, np.float32(25.0), np.float32(32.0))
    p = np.sqrt((x / 36.0) ** 2 + ((y + 8.0) / ahead) ** 2 + ((z - 2.0) / below) ** 2)
    behind = tube(np.abs(x), y, z, [(28, -30, 4), (32, -46, 6), (27, -68, 6)], [9.0, 9.0, 6.0])
    return np.asarray(
        np.maximum((1.0 - p) * 34.0, np.maximum(behind, temporal_stem(x, y, z))), dtype=np.float32
    )
