"""Rating schemes as tables: where the regions of the atlas belong in MARS and BOMBS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from arteriole.brain.atlas.names import CORTEX, DEPTHS, LOBES, PAIRED
from arteriole.brain.region_map import Region, Side

DeepBy = Literal["ventricle", "cortex"]


@dataclass(frozen=True)
class Place:
    """Where a scheme puts a region: its item, the group of that item, and the side."""

    item: str
    group: str
    side: Side | None = None


MARS_ITEMS: dict[str, tuple[str, ...]] = {
    "infratentorial": ("brainstem", "cerebellum"),
    "deep": (
        "basal ganglia", "thalamus", "internal capsule", "external capsule", "corpus callosum",
        "deep and periventricular white matter",
    ),
    "lobar": ("frontal", "parietal", "temporal", "occipital", "insula"),
}  # fmt: skip
"""The thirteen items of the Microbleed Anatomical Rating Scale, by group."""
BOMBS_ITEMS: dict[str, tuple[str, ...]] = {
    "lobar": ("cortex and grey-white junction", "subcortical white matter"),
    "deep": ("basal ganglia", "internal and external capsule", "thalamus"),
    "posterior fossa": ("brainstem", "cerebellum"),
}
"""The items of the Brain Observer MicroBleed Scale, by group."""

_LOBE_OF = {
    "insular": "insula",
    "anterior cingulate": "frontal",
    "posterior cingulate": "parietal",
} | {lobe: lobe for lobe in LOBES}
_NUCLEI = {
    "thalamus": "thalamus",
    "ventral diencephalon": "thalamus",
    "caudate": "basal ganglia",
    "putamen": "basal ganglia",
    "accumbens": "basal ganglia",
    "pallidum": "basal ganglia",
}
_BEHIND = {
    "midbrain": "brainstem",
    "pons": "brainstem",
    "medulla": "brainstem",
    "cerebellar cortex": "cerebellum",
    "cerebellar white matter": "cerebellum",
}
_CALLOSUM = tuple(name for name in PAIRED if name.startswith("corpus callosum"))


def mars_place(region: Region, *, deep_by: DeepBy = "ventricle") -> Place | None:
    """Return where MARS counts a lesion of a region of the atlas; None in fluid.

    Parameters
    ----------
    region : Region
        One of the atlas.
    deep_by : {"ventricle", "cortex"}
        White matter is deep within 10 mm of the lateral ventricle, or where it is more than 3 mm
        from the cortex. Capsules and callosum are deep in both.

    Raises
    ------
    ValueError
        If the region is none of the atlas, or ``deep_by`` is something else.

    Notes
    -----
    Our additions, which the scale does not speak of: the anterior cingulate is frontal, the
    posterior cingulate parietal, hippocampus and amygdala temporal, the accumbens is of the basal
    ganglia, the ventral diencephalon goes with the thalamus.

    References
    ----------
    Gregoire 2009, doi:10.1212/WNL.0b013e3181c34a7d.
    """
    if deep_by not in ("ventricle", "cortex"):
        raise ValueError(f"white matter is deep by 'ventricle' or 'cortex', not {deep_by!r}")
    item = _mars_item(region.name, deep_by)
    return _placed(item, MARS_ITEMS, region.side)


def bombs_place(region: Region) -> Place | None:
    """Return where BOMBS counts a lesion of a region of the atlas; None in fluid.

    Raises
    ------
    ValueError
        If the region is none of the atlas.

    Notes
    -----
    White matter within 3 mm of the cortex is the grey-white junction. Our additions: white matter
    beside the ventricle is subcortical white matter, as the scale has no other place for it;
    callosal lesions are counted there, too; hippocampus and amygdala are cortex.

    References
    ----------
    Cordonnier 2009, doi:10.1161/STROKEAHA.108.526996.
    """
    return _placed(_bombs_item(region.name), BOMBS_ITEMS, region.side)


def _mars_item(name: str, deep_by: DeepBy) -> str | None:
    part, _, depth = name.partition(" white matter, ")
    if part in LOBES and depth in DEPTHS:
        deep = DEPTHS[2:] if deep_by == "ventricle" else DEPTHS[1:]
        return "deep and periventricular white matter" if depth in deep else part
    if name.endswith(" cortex") and name.removesuffix(" cortex") in CORTEX:
        return _LOBE_OF[name.removesuffix(" cortex")]
    if name in ("hippocampus", "amygdala"):
        return "temporal"
    if name in _CALLOSUM:
        return "corpus callosum"
    if name in ("internal capsule", "external capsule"):
        return name
    return _common(name)


def _bombs_item(name: str) -> str | None:
    part, _, depth = name.partition(" white matter, ")
    junction = name.endswith(" cortex") and name.removesuffix(" cortex") in CORTEX
    if junction or depth == DEPTHS[0] or name in ("hippocampus", "amygdala"):
        return "cortex and grey-white junction"
    if (part in LOBES and depth in DEPTHS) or name in _CALLOSUM:
        return "subcortical white matter"
    if name in ("internal capsule", "external capsule"):
        return "internal and external capsule"
    return _common(name)


def _common(name: str) -> str | None:
    """Return the item of nuclei and of what lies behind; None in fluid."""
    if name in ("lateral ventricle", "third ventricle", "fourth ventricle", "sulcal csf"):
        return None
    found = _NUCLEI.get(name) or _BEHIND.get(name)
    if found is None:
        raise ValueError(f"{name!r} is no region of the atlas")
    return found


def _placed(item: str | None, items: dict[str, tuple[str, ...]], side: Side | None) -> Place | None:
    if item is None:
        return None
    group = next(group for group, row in items.items() if item in row)
    return Place(item, group, side)
