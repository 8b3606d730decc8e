"""From codes on a lattice to solids whose picture, painted in order, is the label map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.morphology import bounding_box
from arteriole.phantom import tissue
from arteriole.phantom.anatomy.label_distance import soft_distance, within_distance
from arteriole.phantom.anatomy.label_lattice import LabelLattice, Mask
from arteriole.phantom.anatomy.label_table import BRAIN, CEREBRUM, chosen
from arteriole.phantom.anatomy.structure import Structure

Level = NDArray[np.float32]
Box = tuple[slice, slice, slice]

UNDER = np.float32(1.5)
"""How far (voxels) a solid goes on under those that are painted over it."""

SUNK = np.float32(1.0)
"""How far (voxels) under their surface a solid begins below those nested in it."""

FOLDS_MM = 8.0
"""Clefts narrower than twice this belong to the brain's mask."""

_INSIDE = (*BRAIN, "spinal cord")
_DEEP = tuple(n for n in CEREBRUM if n not in ("cortex", "white matter"))


@dataclass(frozen=True)
class Row:
    """A solid: its name, its tissue, the codes it shows, and those nested in it."""

    name: str
    tissue: int
    own: tuple[str, ...]
    inner: tuple[str, ...] = ()


SURROUNDING_ROWS = (
    Row("mucosa", tissue.MUCOSA, ("mucosa",)),
    Row("eye muscles", tissue.MUSCLE, ("eye muscles",)),
    Row("eyes", tissue.EYE, ("eyes",)),
    Row("skull", tissue.BONE, ("bone",), ("marrow", "csf", *_INSIDE)),
    Row("diploe", tissue.MARROW, ("marrow",)),
    Row("air", tissue.AIR, ("air",)),
)
"""Painted over skin, fat and muscle."""

BRAIN_ROWS = (
    Row("venous sinuses", tissue.VEIN, ("venous sinuses",)),
    Row("arteries", tissue.ARTERY, ("arteries",)),
    Row("optic nerve", tissue.OPTIC_NERVE, ("optic nerve",)),
    Row("cortex", tissue.GREY, ("cortex",), ("white matter", *_DEEP)),
    Row("white matter", tissue.WHITE, ("white matter",), _DEEP),
    Row("cerebellar cortex", tissue.CEREBELLAR_GREY, ("cerebellar cortex",),
        ("cerebellar white matter",)),
    Row("cerebellar white matter", tissue.CEREBELLAR_WHITE, ("cerebellar white matter",)),
    Row("brainstem", tissue.BRAINSTEM, ("brainstem",)),
    Row("spinal cord", tissue.BRAINSTEM, ("spinal cord",)),
    Row("caudate", tissue.CAUDATE, ("caudate",)),
    Row("putamen", tissue.PUTAMEN, ("putamen",)),
    Row("pallidum", tissue.PALLIDUM, ("pallidum",)),
    Row("thalamus", tissue.THALAMUS, ("thalamus",)),
    Row("accumbens", tissue.ACCUMBENS, ("accumbens",)),
    Row("hippocampus", tissue.HIPPOCAMPUS, ("hippocampus",)),
    Row("amygdala", tissue.AMYGDALA, ("amygdala",)),
    Row("substantia nigra", tissue.NIGRA, ("substantia nigra",)),
    Row("lateral ventricles", tissue.VENTRICLE, ("lateral ventricles",), ("choroid plexus",)),
    Row("third and fourth ventricles", tissue.VENTRICLE, ("third ventricle", "fourth ventricle")),
    Row("choroid plexus", tissue.CHOROID, ("choroid plexus",)),
)  # fmt: skip
"""Painted over dura and fluid."""


class Solids:
    """Makes solids one after another, each against all that was shown before it."""

    def __init__(self, space: LabelLattice) -> None:
        self.space = space
        self._head = soft_distance(space.codes != 0)
        self._shown = -self._head
        self._show(("skin", "soft tissue"))

    def whole(self, *, coarse: int) -> Structure:
        """Return all of the head on a coarser lattice."""
        every = (slice(None, None, coarse),) * 3
        spacing = self.space.spacing_mm
        values = np.ascontiguousarray(self._head[every] * np.float32(spacing), dtype=np.float32)
        return Structure("skin", tissue.SKIN, values, self.space.origin_mm, coarse * spacing)

    def make(self, row: Row) -> list[Structure]:
        """Return a row's solid, or nothing where the map has none of it."""
        found = self.space.mask((*row.own, *row.inner))
        if not found.any() or not self.space.mask(row.own).any():
            return []
        box = self._box(found)
        own = soft_distance(self._mask(row.own, box))
        solid = own
        if row.inner:
            solid = np.maximum(own, soft_distance(self._mask(row.inner, box)) - SUNK)
        level = self._level(solid, box)
        np.maximum(self._shown[box], own, out=self._shown[box])
        return [self._structure(row.name, row.tissue, level, box)]

    def meninges(self) -> list[Structure]:
        """Return dura and, a little further in, the fluid with all that lies in it."""
        box = self._box(self.space.mask(("csf", *_INSIDE)))
        level = self._level(soft_distance(self._mask(("csf", *_INSIDE), box)), box)
        own = soft_distance(self._mask(("csf",), box))
        np.maximum(self._shown[box], own, out=self._shown[box])
        return [
            self._structure("dura", tissue.DURA, level + np.float32(0.4), box),
            self._structure("csf", tissue.CSF, level - np.float32(0.2), box),
        ]

    def brain(self) -> Structure:
        """Return brain with the fluid in its folds, without the cord and wide cisterns."""
        box = self._box(self.space.mask(("csf", *BRAIN)), more=8)
        folds = FOLDS_MM / self.space.spacing_mm
        wide = within_distance(self._mask(BRAIN, box), folds)
        closed = ~within_distance(~wide, folds)
        level = soft_distance(closed & self._mask(("csf", "venous sinuses", *BRAIN), box))
        return self._structure("brain", 0, level, box)

    def distance(self, names: tuple[str, ...]) -> Structure | None:
        """Return the plain signed distance to codes, or None where the map has none of them."""
        found = self.space.mask(names)
        if not found.any():
            return None
        box = self._box(found)
        return self._structure("", 0, soft_distance(np.ascontiguousarray(found[box])), box)

    def _show(self, names: tuple[str, ...]) -> None:
        found = self.space.mask(names)
        if found.any():
            np.maximum(self._shown, soft_distance(found), out=self._shown)

    def _level(self, solid: Level, box: Box) -> Level:
        """Half the lead over what was shown before: zero where both are as likely."""
        lead = np.float32(0.5) * (solid - self._shown[box])
        return np.asarray(np.minimum(lead, solid + UNDER), dtype=np.float32)

    def _mask(self, names: tuple[str, ...], box: Box) -> Mask:
        return np.ascontiguousarray(chosen(names)[self.space.codes[box]])

    def _box(self, found: Mask, *, more: int = 0) -> Box:
        sides = [
            slice(max(s.start - 5 - more, 0), min(s.stop + 5 + more, n))
            for s, n in zip(bounding_box(found), found.shape, strict=True)
        ]
        return (sides[0], sides[1], sides[2])

    def _structure(self, name: str, which: int, level: NDArray[Any], box: Box) -> Structure:
        spacing = self.space.spacing_mm
        o = self.space.world(np.array([s.start for s in box]))
        millimetres = np.ascontiguousarray(level * np.float32(spacing), dtype=np.float32)
        return Structure(name, which, millimetres, (float(o[0]), float(o[1]), float(o[2])), spacing)
