"""The folded cortex over white matter.

Cortex is what lies within its thickness of the outer surface, of a fissure or of a sulcus.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.fissures import Fissures
from arteriole.phantom.anatomy.hull import cerebrum_hull, temporal_stem
from arteriole.phantom.anatomy.lattice import Lattice
from arteriole.phantom.anatomy.shapes import Level, intersection, smoothstep, tube
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.anatomy.sulci import sulcal_sheets
from arteriole.phantom.random_field import gaussian_field


def cerebrum(
    space: Lattice, fissures: Fissures, rng: np.random.Generator, *, atrophy: float
) -> list[Structure]:
    """Return cortex and white matter; ``atrophy`` in [0, 1] widens sulci and thins the cortex."""
    at = (space.x, space.y, space.z)
    half_width = np.float32(0.2 + 0.65 * atrophy)
    outer = np.minimum(cerebrum_hull(*at), fissures.between - np.float32(0.3))
    cleft = fissures.sylvian - np.float32(0.3 + 0.8 * atrophy)
    allowed = smoothstep(-_core_depth(*at), -2.0, 6.0)
    allowed = allowed * (1.0 - 0.7 * smoothstep(outer - cleft, 0.0, 6.0))
    depth = np.minimum(outer, cleft)
    fine = gaussian_field(rng, 18.0, bandwidth=0.5, size=48).at(*at)
    sheet = sulcal_sheets(at, depth, allowed, rng, spacing_mm=space.spacing_mm)
    sulci = scipy.ndimage.distance_transform_edt(~sheet, sampling=space.spacing_mm)
    apart = (sulci - 0.3 * space.spacing_mm).astype(np.float32)
    surface = intersection(depth - half_width, apart - half_width * np.exp(0.6 * fine), 2.0)
    surface = scipy.ndimage.gaussian_filter(surface, 0.6 / space.spacing_mm, truncate=3.0)
    thickness = (2.25 - 0.3 * atrophy) + 0.25 * fine
    return [
        space.structure("cortex", tissue.GREY, surface),
        space.structure("white matter", tissue.WHITE, surface - thickness),
    ]


def _core_depth(x: Level, y: Level, z: Level) -> Level:
    """Depth inside the region of ganglia, callosum, midbrain and radiations: without sulci."""
    ahead = np.where(y > -8.0, np.float32(42.0), np.float32(48.0))
    below = np.where(z < 2.0, np.float32(25.0), np.float32(32.0))
    p = np.sqrt((x / 36.0) ** 2 + ((y + 8.0) / ahead) ** 2 + ((z - 2.0) / below) ** 2)
    behind = tube(np.abs(x), y, z, [(28, -30, 4), (32, -46, 6), (27, -68, 6)], [9.0, 9.0, 6.0])
    return np.asarray(
        np.maximum((1.0 - p) * 34.0, np.maximum(behind, temporal_stem(x, y, z))), dtype=np.float32
    )
