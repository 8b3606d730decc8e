"""How likely each tissue is at each place of the template."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.atlas.packed import packed
from arteriole.grid import Grid


def tissue_priors() -> tuple[tuple[str, ...], NDArray[np.float32], Grid]:
    """Return the probability of each tissue class at each place of MNI152, 2 mm.

    Returns
    -------
    tuple of str
        Names of the classes, in their order (`arteriole.brain.classes.CLASSES`).
    ndarray, float32, (c, x, y, z)
        Probabilities; their sum is 1 in each voxel.
    Grid
        Voxels of 2 mm in MNI152 2009a.

    Notes
    -----
    Average of nine label maps, each brought to the template by its classes, and mirrored: left and
    right are the same. The maps are of adults of all ages; a brain with large ventricles is
    within them, one of a child is not. Borders are as sharp as registration by true classes makes
    them; whoever brings them to a scan by its intensities will want them smoother.
    """
    arrays = packed("tissue_priors.npz")
    classes = tuple(str(name) for name in arrays["classes"])
    shares = arrays["data"].astype(np.float32) / np.float32(255)
    return classes, shares, Grid(shares.shape[1:], arrays["affine"])
