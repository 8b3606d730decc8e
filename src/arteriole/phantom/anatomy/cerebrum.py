"""The folded cortex over white matter.

Sulci are sheets that run from the surface towards the core of each hemisphere. Where they lie is
decided by the zero crossings of a band-limited random field, which wind like gyri do; cortex is
what lies within its thickness of a sulcus or of the outer surface.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.hull import cerebrum_hull, temporal_lobes
from arteriole.phantom.anatomy.lattice import Lattice
from arteriole.phantom.anatomy.shapes import Level, smoothstep
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.random_field import gaussian_field

GYRUS_MM = 12.0
"""Width of a gyrus from sulcus to sulcus."""


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
    in_temporal = temporal_lobes(x, y, z) > np.maximum(1.0, z + 2.0)
    sign = np.where(x > 0, np.float32(1.0), np.float32(-1.0))
    core = (
        np.where(in_temporal, 42.0, 25.0) * sign,
        np.where(in_temporal, np.clip(y, -50, 12), np.clip(y, -52, 32)),
        np.where(in_temporal, -23.0 - 0.20 * (y + 16.0), 14.0),
    )
    ray = [(c - m).astype(np.float32) for c, m in zip((x, y, z), core, strict=True)]
    length = np.sqrt(ray[0] ** 2 + ray[1] ** 2 + ray[2] ** 2) + 1e-3
    reach = np.where(in_temporal, np.float32(20.0), np.float32(42.0)) / length
    bend = gaussian_field(rng, 30.0, bandwidth=0.5, size=32)
    at = [
        (m + reach * r + 2.5 * bend.at(x + 50 * i, y, z)).astype(np.float32)
        for i, (m, r) in enumerate(zip(core, ray, strict=True))
    ]
    pattern = gaussian_field(rng, 2.0 * GYRUS_MM, bandwidth=0.18).at(*at)
    deep = 14.0 + 5.0 * gaussian_field(rng, 40.0, bandwidth=0.4, size=32).at(*at)
    into = np.clip(deep, 5.0, 24.0) * smoothstep(-_core_depth(x, y, z), -2.0, 6.0)
    sheet = np.zeros(depth.shape, dtype=bool)
    positive = pattern > 0
    for axis in range(3):
        ahead = [slice(None)] * 3
        here = [slice(None)] * 3
        ahead[axis], here[axis] = slice(1, None), slice(None, -1)
        crossing = positive[tuple(ahead)] != positive[tuple(here)]
        sheet[tuple(here)] |= crossing
    sheet &= (depth < into) & (depth > -3.0)
    distance = scipy.ndimage.distance_transform_edt(~sheet, sampling=space.spacing_mm)
    return np.asarray(distance - 0.3 * space.spacing_mm, dtype=np.float32)


def _core_depth(x: Level, y: Level, z: Level) -> Level:
    """Depth inside the region of basal ganglia, callosum and midbrain that no sulcus enters."""
    p = np.sqrt((x / 36.0) ** 2 + ((y + 8.0) / 48.0) ** 2 + ((z - 2.0) / 32.0) ** 2)
    return np.asarray((1.0 - p) * 34.0, dtype=np.float32)
