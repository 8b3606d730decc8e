"""A label map whose every answer is known: the solids of a head written as FreeSurfer labels."""

from __future__ import annotations

import numpy as np

from arteriole.grid import Grid
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.painting.paint import cover

LABELS = {
    "skin": 511, "subcutaneous fat": 507, "muscle": 507, "fat planes": 507, "orbital fat": 507,
    "eye muscles": 508, "optic nerve": 530, "eyes": 506, "lenses": 506, "skull": 515,
    "diploe": 516, "inner table": 515, "air": 0, "dura": 24, "falx": 257, "tentorium": 257,
    "csf": 24, "cortex": 3,
    "white matter": 2, "corpus callosum": 2, "internal capsule": 2, "optic radiation": 2,
    "cerebellar cortex": 8, "cerebellar white matter": 7, "brainstem": 16, "caudate": 11,
    "putamen": 12, "pallidum": 13, "thalamus": 10, "red nucleus": 28, "substantia nigra": 28,
    "dentate nucleus": 7, "hippocampus": 17, "amygdala": 18, "accumbens": 26,
    "lateral ventricles": 4, "third and fourth ventricles": 14, "choroid plexus": 136,
    "mucosa": 509,
}  # fmt: skip


def written_labels(anatomy: Anatomy) -> tuple[np.ndarray, Grid]:
    """Return labels at 2 mm and their grid, cut below the skull's base."""
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = (-96, -124, -92)
    grid = Grid((97, 116, 100), affine)
    labels = np.zeros(grid.shape, dtype=np.int32)
    for solid in anatomy.structures:
        labels[cover(grid, solid) >= 0.5] = LABELS[solid.name]
    return labels, grid
