"""Neck, shoulders and chest, far from the brain but felt by its field."""

from __future__ import annotations

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.shapes import tube, union
from arteriole.phantom.anatomy.structure import Structure


def trunk() -> Structure:
    """Return what hangs below every head, in world mm."""
    spacing = 6.0
    axes = [
        np.arange(a, b, spacing, dtype=np.float32)
        for a, b in ((-240, 241), (-170, 121), (-330, -96))
    ]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    side = np.abs(x)
    neck = tube(x, y, z, [(0, -34, -60), (0, -38, -240)], [57.0, 60.0])
    chest = tube(side, y, z, [(60, -40, -300), (80, -40, -600)], [95.0, 100.0])
    arms = tube(side, y, z, [(110, -45, -270), (180, -45, -290)], [50.0, 55.0])
    level = union(union(neck, chest, 30.0), arms, 40.0)
    return Structure(
        "trunk", tissue.MUSCLE, np.ascontiguousarray(level), (-240.0, -170.0, -330.0), spacing
    )
