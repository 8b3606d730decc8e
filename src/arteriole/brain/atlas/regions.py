"""Regions and arterial territories in the template's space."""

from __future__ import annotations

import numpy as np

from arteriole.brain.atlas.names import region_names, territory_names
from arteriole.brain.atlas.packed import packed
from arteriole.brain.region_map import RegionMap
from arteriole.grid import Grid


def region_atlas() -> tuple[RegionMap, Grid]:
    """Return the regions of the brain on MNI152, 1 mm.

    Returns
    -------
    RegionMap
        Labels (x, y, z) and what they are called: nuclei, brainstem, cerebellum, ventricles,
        cortex by lobe, white matter by lobe and depth, capsules, parts of the callosum, left and
        right, and fluid of the sulci.
    Grid
        Their grid, that of MNI152 2009a.

    Notes
    -----
    Nuclei, cortex and fluid are the template's own classes, by a Gaussian mixture whose prior is
    the average of nine label maps. Lobes, capsules, callosum and depth are rules: their landmarks
    stand in ``training/atlas_landmarks.py`` and ``training/atlas_regions.py``. Lobes follow sulci
    of an average brain: within about a gyrus of a border a person's lobe may be the other one.
    Left and right mirror each other; the plane x = 0 counts as left.
    """
    arrays = packed("regions.npz")
    grid = Grid(arrays["regions"].shape, arrays["affine"])
    return RegionMap(arrays["regions"].astype(np.int32), region_names()), grid


def territory_atlas() -> tuple[RegionMap, Grid]:
    """Return the territories of the arteries on MNI152, 1 mm.

    Returns
    -------
    RegionMap
        Anterior, middle and posterior cerebral artery, perforating (lenticulostriate and anterior
        choroidal) and vertebrobasilar arteries, left and right; fluid has none.
    Grid
        Their grid, that of MNI152 2009a.

    Notes
    -----
    Borders are our own rules between landmarks. In people they vary by a gyrus or more, most of
    all where arteries of two territories meet.
    """
    arrays = packed("regions.npz")
    grid = Grid(arrays["territories"].shape, arrays["affine"])
    return RegionMap(arrays["territories"].astype(np.int32), territory_names()), grid
