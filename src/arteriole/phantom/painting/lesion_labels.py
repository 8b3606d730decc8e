"""Which lesion a voxel of any shape belongs to, thick slices included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.painting.lesion_map import lesion_map
from arteriole.phantom.scanner.refine import subdivide


def lesion_labels(lesions: Sequence[Lesion], grid: Grid) -> NDArray[np.uint16]:
    """Return the row (from 1) of the lesion that fills each voxel, as `lesion_map` does.

    Notes
    -----
    Voxels longer than wide are cut into near cubes first: a lesion marks the voxels whose cubes it
    fills by half or more, and at least the one that it fills most.
    """
    narrow = min(grid.voxel_size_mm)
    if max(grid.voxel_size_mm) < 1.5 * narrow:
        return lesion_map(lesions, grid)
    cells, (a, b, c) = subdivide(grid, 1.2 * narrow, least=1)
    fine = lesion_map(lesions, cells)
    found = np.zeros(grid.shape, dtype=np.uint16)
    for row, box in enumerate(scipy.ndimage.find_objects(fine.astype(np.int32)), start=1):
        if box is None:
            continue
        low = [s.start // f for s, f in zip(box, (a, b, c), strict=True)]
        high = [-(-s.stop // f) for s, f in zip(box, (a, b, c), strict=True)]
        cut = tuple(slice(p * f, q * f) for p, q, f in zip(low, high, (a, b, c), strict=True))
        n = [q - p for p, q in zip(low, high, strict=True)]
        share = (fine[cut] == row).reshape(n[0], a, n[1], b, n[2], c).mean(axis=(1, 3, 5))
        place = tuple(slice(p, q) for p, q in zip(low, high, strict=True))
        found[place][share >= min(0.5, float(share.max()))] = row
    return found
