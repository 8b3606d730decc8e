"""The regions of the atlas, their labels and names."""

from __future__ import annotations

from arteriole.brain.region_map import Region, Side

SIDES: tuple[Side, ...] = ("left", "right")
LOBES = ("frontal", "parietal", "temporal", "occipital")
DEPTHS = ("subcortical", "deep", "periventricular")
"""White matter by depth: within 3 mm of the cortex, between, within 10 mm of the ventricle."""
CORTEX = (*LOBES, "insular", "anterior cingulate", "posterior cingulate")

PAIRED = (
    *(f"{part} cortex" for part in CORTEX),
    *(f"{lobe} white matter, {depth}" for lobe in LOBES for depth in DEPTHS),
    "internal capsule", "external capsule",
    "corpus callosum, genu", "corpus callosum, body", "corpus callosum, splenium",
    "thalamus", "caudate", "putamen", "accumbens", "pallidum", "hippocampus", "amygdala",
    "ventral diencephalon", "midbrain", "pons", "medulla",
    "cerebellar cortex", "cerebellar white matter", "lateral ventricle",
)  # fmt: skip
"""Regions of both sides, in the order of their labels: 1 is the first on the left, 2 on the right.

The plane x = 0 counts as left.
"""
MIDDLE = ("third ventricle", "fourth ventricle", "sulcal csf")
"""Regions without sides; their labels go on after the paired ones."""
TERRITORIES = (
    "anterior cerebral artery", "middle cerebral artery", "posterior cerebral artery",
    "perforating arteries", "vertebrobasilar arteries",
)  # fmt: skip
"""Arterial territories, all of both sides."""


def region_names() -> dict[int, Region]:
    """Return the region of each label of the atlas."""
    middle = {2 * len(PAIRED) + n: Region(name) for n, name in enumerate(MIDDLE, start=1)}
    return _both_sides(PAIRED) | middle


def territory_names() -> dict[int, Region]:
    """Return the territory of each label of the map of territories."""
    return _both_sides(TERRITORIES)


def _both_sides(names: tuple[str, ...]) -> dict[int, Region]:
    rows = enumerate(names)
    return {2 * n + s: Region(name, side) for n, name in rows for s, side in enumerate(SIDES, 1)}
