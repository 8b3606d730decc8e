"""The ventricles, as the walls around them leave them."""

from __future__ import annotations

import numpy as np

from arteriole.phantom.anatomy.shapes import Level, ellipsoid, intersection, tube, union

SEPTUM_MM = 0.7
"""Half the thickness of the septum."""


def lateral_ventricles(
    x: Level, y: Level, z: Level, nuclei: Level, hippocampus: Level, *, wide: float
) -> Level:
    """Return the depth inside both lateral ventricles.

    Parameters
    ----------
    x, y, z : ndarray, float32
        Template coordinates, mm.
    nuclei, hippocampus : ndarray, float32
        Depth inside caudate and thalamus, and inside the hippocampus, which push the walls in.
    wide : float
        Size: 1 in an adult of middle age.
    """
    both: Level | None = None
    for sign, size in ((1.0, wide), (-1.0, 1.1 * wide)):
        side = (x * np.float32(sign)).astype(np.float32)
        behind = union(_atrium(side, y, z, size), _occipital_horn(side, y, z, size), 3.0)
        part = union(_body(side, y, z, nuclei, size), behind, 3.0)
        part = union(part, _temporal_horn(side, y, z, hippocampus, size), 2.0)
        both = part if both is None else union(both, part)
    if both is None:
        raise AssertionError
    return both


def middle_ventricles(x: Level, y: Level, z: Level, *, wide: float) -> Level:
    """Return the depth inside third and fourth ventricle and aqueduct."""
    side = np.abs(x)
    outline = ellipsoid(np.zeros_like(x), y, z, (0, -10, -1), (1e3, 16.0, 12.0))
    third = intersection((0.4 + 1.4 * wide - side).astype(np.float32), outline, 1.5)
    aqueduct = tube(x, y, z, [(0, -25, -4), (0, -33, -14), (0, -39, -24)], [1.2, 0.9, 1.3])
    tall = np.maximum(1.0 - np.abs(z + 36.0) / 17.0, 0.0)
    back = (-37.5 - y).astype(np.float32)
    walls = 0.72 * ((3.5 + 5.5 * wide) * tall - 0.7 * back - side)
    fourth = intersection(back, walls.astype(np.float32), 1.5)
    return union(union(third, aqueduct, 1.0), fourth, 1.0)


def _body(side: Level, y: Level, z: Level, nuclei: Level, size: float) -> Level:
    """Frontal horn and body: under the callosum, beside the septum, over caudate and thalamus."""
    roof = 19.5 + 1.5 * size - 0.012 * (y + 8.0) ** 2 - 0.22 * np.maximum(side - 5.0, 0.0) - z
    fornix = 2.0 - 0.35 * np.clip(y - 5.0, 0.0, 14.0) + 0.5 * np.clip(5.0 - y, 0.0, 22.0)
    outer = 9.0 + 4.0 * size + 0.45 * np.maximum(-12.0 - y, 0.0) - side
    outer = outer - 0.2 * np.maximum(y, 0.0) - 0.03 * np.maximum(y - 20.0, 0.0) ** 2
    ends = np.minimum(29.0 + 3.0 * size - y, y + 37.0)
    free = np.minimum(-nuclei - 0.2, np.minimum(z - fornix, ends))
    box = intersection(roof.astype(np.float32), outer.astype(np.float32), 3.0)
    box = intersection(box, free.astype(np.float32), 1.5)
    return np.asarray(np.minimum(box, side - SEPTUM_MM), dtype=np.float32)


def _atrium(side: Level, y: Level, z: Level, size: float) -> Level:
    course: list[tuple[float, float, float]] = [(15, -28, 16), (22, -38, 12), (29, -35, -1)]
    return tube(side, y, z, course, [3.0 * size, 5.0 * size, 3.0 * size], blend=2.0)


def _occipital_horn(side: Level, y: Level, z: Level, size: float) -> Level:
    middle = (side - 24.0 + 0.004 * (y + 55.0) ** 2).astype(np.float32)
    radii = (1.5 + 1.8 * size, 9.0 + 6.0 * size, 4.0 + 2.5 * size)
    return ellipsoid(middle, y, z, (0, -52, 7), radii)


def _temporal_horn(side: Level, y: Level, z: Level, hippocampus: Level, size: float) -> Level:
    """Crescent over and beside the hippocampus."""
    course: list[tuple[float, float, float]] = [(29, -35, -1), (32, -24, -12), (29, -10, -17)]
    horn = tube(side, y, z, course, [2.6 * size, 2.8 * size, 2.6 * size], blend=3.0)
    return np.asarray(np.minimum(horn, -hippocampus - 0.2), dtype=np.float32)
