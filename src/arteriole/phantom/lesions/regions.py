"""In which region of the brain a point lies: the truth's own rules, from the head's own solids.

The solid that is seen at a point decides first; within one solid, planes in the template's
coordinates (`lobes`) or distances to other solids. Zones are those of MARS (Gregoire 2009,
doi:10.1212/WNL.0b013e3181c34a7d). Nothing here is shared with code that detects or scores.

- brainstem (with red nucleus and substantia nigra): midbrain above the plane
  ``z = -20 - 0.2 (y + 22)`` of the template, medulla below ``z = -42 - 0.1 (y + 28)``, else pons;
  its arms, more than 15 mm lateral and behind y = -38, are cerebellum;
- insula: cortex within 11 mm of the putamen whose nearest point of the putamen lies medially of
  it, by more than half of that distance;
- external capsule: white matter within 9 mm of the putamen by the same rule (claustrum and extreme
  capsule included);
- internal capsule and corpus callosum: their own solids, the callosum to 16 mm from the midline
  (its forceps are lobar white matter); on heads without them, white matter within 8 mm of both
  caudate or thalamus and putamen or pallidum, and white matter within 8 mm of the midline above
  the ventricles;
- periventricular white matter: what is left of the white matter within 10 mm of the lateral
  ventricles; with the above it is MARS's "deep";
- csf: fluid outside the ventricles, and the sinuses and arteries of label maps that lie in it;
- the lobes: all other cortex and white matter, hippocampus and amygdala.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.lesion import Side
from arteriole.phantom.lesions.lobes import LOBES, lobe_at

_DEEP = (
    "caudate",
    "putamen",
    "pallidum",
    "accumbens",
    "thalamus",
    "internal capsule",
    "external capsule",
    "corpus callosum",
    "periventricular white matter",
)
_BELOW = ("midbrain", "pons", "medulla", "cerebellum")
_ELSEWHERE = ("choroid plexus", "ventricle", "csf", "skull", "outside")

REGIONS: tuple[str, ...] = (*LOBES, "insula", *_DEEP, *_BELOW, *_ELSEWHERE)
"""Every region that a lesion can lie in."""

ZONES: dict[str, str] = (
    dict.fromkeys((*LOBES, "insula"), "lobar")
    | dict.fromkeys(_DEEP, "deep")
    | dict.fromkeys(_BELOW, "infratentorial")
    | dict.fromkeys(_ELSEWHERE, "")
)
"""MARS's zone of each region; empty outside the brain."""

_OF_SOLID = {
    **{name: name for name in ("caudate", "putamen", "pallidum", "accumbens", "thalamus")},
    **{name: name for name in ("internal capsule", "choroid plexus", "csf")},
    **dict.fromkeys(("cerebellar cortex", "cerebellar white matter"), "cerebellum"),
    **dict.fromkeys(("lateral ventricles", "third and fourth ventricles"), "ventricle"),
    **dict.fromkeys(("skull", "diploe", "inner table", "air", "dura"), "skull"),
    **dict.fromkeys(("venous sinuses", "arteries"), "csf"),
    "dentate nucleus": "cerebellum",
}
_STEM = ("brainstem", "spinal cord", "red nucleus", "substantia nigra")
_WHITE = ("white matter", "optic radiation", "corpus callosum")
_GREY = ("cortex", "hippocampus", "amygdala")
_ACROSS = (*_BELOW, "corpus callosum", *_ELSEWHERE)
_CODE = {name: code for code, name in enumerate(REGIONS)}


@dataclass(frozen=True)
class Place:
    """Where a point lies.

    Parameters
    ----------
    region : str
        One of `REGIONS`.
    side : {"left", "right", "midline"}
        Side of the head; only what crosses the midline can lie on it, within 2.5 mm.
    zone : str
        "lobar", "deep", "infratentorial", or "" outside the brain.
    solid : str
        Name of the solid that is seen there, "" in the air.
    """

    region: str
    side: Side
    zone: str
    solid: str


@dataclass(frozen=True, eq=False)
class Regions:
    """Regions of one person's head; distances are computed once, when first asked for.

    Parameters
    ----------
    anatomy : Anatomy
        The head.
    deep_mm : float
        White matter nearer than this to the lateral ventricles is deep (MARS, 10 mm).

    Raises
    ------
    ValueError
        If ``deep_mm`` is negative.
    """

    anatomy: Anatomy
    deep_mm: float = 10.0

    def __post_init__(self) -> None:
        if not self.deep_mm >= 0:
            raise ValueError(f"depth of the deep white matter is not negative, not {self.deep_mm}")

    def where(self, points_mm: NDArray[Any]) -> list[Place]:
        """Return the place of each world point (n, 3), mm."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=np.float64))
        solids = self.anatomy.name_at(points)
        codes = self._codes(points, solids)
        x = self.template(points)[:, 0]
        places = []
        for code, solid, across in zip(codes, solids, x, strict=True):
            region = REGIONS[code]
            side: Side = "right" if across > 0 else "left"
            if abs(across) < 2.5 and region in _ACROSS:
                side = "midline"
            places.append(Place(region, side, ZONES[region], solid))
        return places

    def codes(self, points_mm: NDArray[Any]) -> NDArray[np.uint8]:
        """Return the region of each world point (n, 3), mm, as an index of `REGIONS`."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=np.float64))
        return self._codes(points, self.anatomy.name_at(points))

    def template(self, points_mm: NDArray[Any]) -> NDArray[np.float32]:
        """Return template coordinates (n, 3) of world points (n, 3), mm."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=np.float32))
        return np.stack(self.anatomy.frame.to_template(*points.T), axis=1)

    def ventricle_distance_mm(self, points_mm: NDArray[Any]) -> NDArray[np.float32]:
        """Return the distance (mm) of world points from the lateral ventricles, negative inside."""
        return -self.ventricles.depth(points_mm)

    @cached_property
    def ventricles(self) -> Structure:
        """Lateral ventricles as a true signed distance over the whole cerebrum."""
        around = self.anatomy["cortex"]
        return _distance(self.anatomy["lateral ventricles"], around)

    @cached_property
    def _putamen(self) -> tuple[Structure, NDArray[np.float32]]:
        """Signed distance to the putamen nearby, and how far medially its nearest point lies."""
        solid = self.anatomy["putamen"]
        spacing = solid.spacing_mm
        pad = int(np.ceil(14.0 / spacing))
        level = np.pad(solid.level, pad, constant_values=-1e3)
        away, index = _nearest(level, spacing)
        x = spacing * (np.arange(level.shape[0], dtype=np.float32) - pad) + solid.origin_mm[0]
        medially = np.abs(x)[:, None, None] - np.abs(x)[index]
        low = [o - pad * spacing for o in solid.origin_mm]
        origin = (low[0], low[1], low[2])
        near = Structure("putamen", solid.tissue, -away, origin, spacing)
        return near, medially.astype(np.float32)

    def _codes(self, points: NDArray[np.float64], solids: list[str]) -> NDArray[np.uint8]:
        """Return the region of points whose seen solids are known."""
        names, of = np.unique(np.asarray(solids, dtype=object).astype(str), return_inverse=True)
        of = of.ravel()
        codes = np.full(len(points), _CODE["outside"], dtype=np.uint8)
        for number, name in enumerate(names.tolist()):
            here = np.flatnonzero(of == number)
            if name in _OF_SOLID:
                codes[here] = _CODE[_OF_SOLID[name]]
            elif name in _STEM:
                codes[here] = self._stem(points[here])
            elif name in _WHITE or name in _GREY:
                codes[here] = self._hemisphere(points[here], name)
        return codes

    def _stem(self, points: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Divide the brainstem by two planes."""
        x, y, z = self.template(points).T
        codes = np.where(z > -20.0 - 0.2 * (y + 22.0), _CODE["midbrain"], _CODE["pons"])
        codes = np.where(z < -42.0 - 0.1 * (y + 28.0), _CODE["medulla"], codes)
        arm = (np.abs(x) > 15.0) & (y < -38.0)
        return np.where(arm, _CODE["cerebellum"], codes).astype(np.uint8)

    def _hemisphere(self, points: NDArray[np.float64], solid: str) -> NDArray[np.uint8]:
        """Divide cortex, or white matter, by planes and distances."""
        codes = lobe_at(*self.template(points).T)
        if solid in _GREY:
            if solid == "cortex":
                codes[self._beside_putamen(points, 11.0)] = _CODE["insula"]
            return codes
        away = self.ventricle_distance_mm(points)
        deep = (away <= self.deep_mm) & (self.deep_mm > 0)
        codes[deep] = _CODE["periventricular white matter"]
        if solid == "corpus callosum":
            codes[np.abs(self.template(points)[:, 0]) < 16.0] = _CODE["corpus callosum"]
        if solid == "white matter":
            codes[self._callosum(points)] = _CODE["corpus callosum"]
            codes[self._capsule(points)] = _CODE["internal capsule"]
            codes[self._beside_putamen(points, 9.0)] = _CODE["external capsule"]
        return codes

    def _beside_putamen(self, points: NDArray[np.float64], reach_mm: float) -> NDArray[np.bool_]:
        """Tell which points have the putamen near and medially of them."""
        near, medially = self._putamen
        away = -near.depth(points)
        shift = Structure("", 0, medially, near.origin_mm, near.spacing_mm).depth(points)
        return (away > 0) & (away < reach_mm) & (shift > 0.5 * away)

    def _callosum(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell where the corpus callosum is on a head without a solid of it."""
        if "corpus callosum" in self.anatomy.names:
            return np.zeros(len(points), dtype=bool)
        x, y, z = self.template(points).T
        arch = ((y + 6.0) / 44.0) ** 2 + ((z + 4.0) / 38.0) ** 2 < 1.0
        return (np.abs(x) < 8.0) & arch & (z > 0.0)

    def _capsule(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell where the internal capsule is on a head without a solid of it."""
        if "internal capsule" in self.anatomy.names:
            return np.zeros(len(points), dtype=bool)
        depth = {n: self.anatomy[n].depth(points) for n in _DEEP[:5] if n in self.anatomy.names}
        inner = np.maximum(depth["caudate"], depth["thalamus"]) > -8.0
        return inner & (np.maximum(depth["putamen"], depth["pallidum"]) > -8.0)


def _distance(solid: Structure, around: Structure) -> Structure:
    """Return the true signed distance to a solid on another one's lattice."""
    shape = around.level.shape
    x, y, z = around.points()
    points = np.stack([c.ravel() for c in np.broadcast_arrays(x, y, z)], axis=1)
    level = solid.depth(points).reshape(shape)
    away, _ = _nearest(level, around.spacing_mm)
    return Structure(solid.name, solid.tissue, -away, around.origin_mm, around.spacing_mm)


def _nearest(
    level: NDArray[np.float32], spacing_mm: float
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the distance (mm) to a solid, negative inside, and the first index of its nearest.

    The distance to the nearest point inside less that point's own depth: good to a fraction of
    the spacing, where the lattice alone would be half a spacing wrong.
    """
    away, index = scipy.ndimage.distance_transform_edt(
        level <= 0, sampling=spacing_mm, return_indices=True
    )
    own = np.minimum(level[tuple(index)], np.float32(spacing_mm))
    return np.where(level > 0, -level, away - own).astype(np.float32), index[0]
