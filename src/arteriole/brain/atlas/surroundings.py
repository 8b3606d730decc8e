"""What lies around the brain in the template's space: air, bone and soft tissue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.atlas.packed import packed
from arteriole.grid import Grid

KINDS = ("air", "bone", "soft tissue")
"""Kinds of what is around the brain, in their order."""


def surroundings() -> tuple[NDArray[np.float32], Grid]:
    """Return the share of air, bone and soft tissue at each place of MNI152, 3 mm.

    Returns
    -------
    ndarray, float32, (3, x, y, z)
        Shares, in the order of `KINDS`; what is left to one lies inside the skull.
    Grid
        Voxels of 3 mm, from the neck to the vertex, with ears and nose.

    Notes
    -----
    Average of nine label maps, each brought to the template by an affine of its brain, and
    mirrored. Skulls differ more than brains do: borders are soft.
    """
    arrays = packed("surroundings.npz")
    shares = arrays["data"].astype(np.float32) / np.float32(255)
    return shares, Grid(shares.shape[1:], arrays["affine"])
