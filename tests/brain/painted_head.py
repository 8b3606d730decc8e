"""A small head of shells with a contrast, for tests: quick, with every class of tissue."""

from __future__ import annotations

import numpy as np

from arteriole.brain import classes as c
from arteriole.grid import Grid


def shells(shape=(64, 72, 60), voxel_mm=(2.0, 2.0, 2.0)):
    """Return labels of shells (fluid, cortex, white matter, ventricle) and their grid."""
    grid = Grid.from_voxel_size(shape, voxel_mm)
    x, y, z = np.moveaxis(grid.to_world(np.stack(np.indices(shape), -1)), -1, 0)
    r = np.sqrt((x / 48) ** 2 + (y / 58) ** 2 + (z / 46) ** 2)
    labels = np.zeros(shape, np.uint8)
    for edge, part in ((1.0, c.SULCAL), (0.93, c.CORTEX), (0.78, c.WHITE), (0.3, c.LATERAL)):
        labels[r < edge] = part
    return labels, grid


LEVELS = {c.OUTSIDE: 0.0, c.SULCAL: 0.2, c.CORTEX: 0.6, c.WHITE: 1.0, c.LATERAL: 0.2}


def painted(labels, *, noise=0.03, seed=0, levels=LEVELS):
    """Return an image with a level for each part, and noise."""
    table = np.zeros(256)
    for part, level in levels.items():
        table[part] = level
    image = table[labels] + noise * np.random.default_rng(seed).standard_normal(labels.shape)
    return image.astype(np.float32)


def blurred_prior(labels, grid, sigma_mm=5.0):
    """Return the probability of each part: the labels, blurred."""
    from arteriole.numerics.smooth import gaussian

    return np.stack(
        [
            gaussian((labels == n).astype(np.float32), sigma_mm, voxel_size_mm=grid.voxel_size_mm)
            for n in range(len(c.CLASSES))
        ]
    )
