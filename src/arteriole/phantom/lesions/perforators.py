"""The way that small perforating arteries take, by place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.lesions.terrain import Terrain

_GATES = {
    "thalamus": (4.0, -16.0, -16.0),
    "basal ganglia": (17.0, 4.0, -17.0),
}
"""Template point, right side, where the arteries of a place enter the brain."""

_PLACE = {
    "thalamus": "thalamus",
    "putamen": "basal ganglia",
    "pallidum": "basal ganglia",
    "caudate": "basal ganglia",
    "internal capsule": "basal ganglia",
}


def perforator_way(
    terrain: Terrain, points_mm: NDArray[np.float64], solid: str
) -> NDArray[np.float64]:
    """Return the unit vectors (n, 3) along which arteries run at world points of one solid.

    Parameters
    ----------
    terrain : Terrain
        The head.
    points_mm : ndarray, (n, 3)
        World positions.
    solid : str
        Nuclei and internal capsule: away from the perforated substance; "brainstem": backwards
        from its front; anything else: from the cortex towards the ventricle.

    Notes
    -----
    Single points stand for the perforated substances: arteries fan out from there.
    """
    points = np.atleast_2d(np.asarray(points_mm, dtype=np.float64))
    if solid == "brainstem":
        return np.tile([0.0, -0.99, 0.14], (len(points), 1))
    if solid not in _PLACE:
        return terrain.to_ventricle(points)
    gate = np.array(_GATES[_PLACE[solid]])
    sides = terrain.anatomy.frame.to_world(np.stack([gate, gate * (-1.0, 1.0, 1.0)]))
    right = points[:, :1] > sides[:, 0].mean()
    way = points - np.where(right, sides[0], sides[1])
    return way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
