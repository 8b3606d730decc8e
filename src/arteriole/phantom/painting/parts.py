"""Which tissue and which class of label each painted solid of a head stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.structure import Size3, Structure

CLASSES = (
    "outside", "sulcal fluid", "cerebral cortex", "cerebral white matter", "lateral ventricles",
    "third ventricle", "fourth ventricle", "cerebellar cortex", "cerebellar white matter",
    "brainstem", "thalamus", "caudate", "putamen", "accumbens", "pallidum", "hippocampus",
    "amygdala", "ventral diencephalon",
)  # fmt: skip
"""What a voxel of the brain can be, in the order of the numbers of truth; 0 is outside.

Lateral ventricles hold their plexus, white matter its bundles, cerebellar white matter its dentate
nucleus; red nucleus and substantia nigra count as what lies around them."""

MOST_SOLIDS = 200
"""A code is a byte; what is left of them is for parts of solids."""

FLUID_CLASSES = (1, 4, 5, 6)
GREY_CLASSES = (2, 7)
WHITE_CLASSES = (3, 8, 9)
DEEP_CLASSES = (10, 11, 12, 13, 14, 15, 16, 17)

_OF: dict[str, str] = {
    "csf": "sulcal fluid",
    "cortex": "cerebral cortex",
    "white matter": "cerebral white matter",
    "corpus callosum": "cerebral white matter",
    "internal capsule": "cerebral white matter",
    "optic radiation": "cerebral white matter",
    "choroid plexus": "lateral ventricles",
    "third and fourth ventricles": "third ventricle",
    "dentate nucleus": "cerebellar white matter",
    "red nucleus": "brainstem",
    "substantia nigra": "brainstem",
}
"""Class of solids whose name is not that of a class."""

_DIVIDED: dict[str, tuple[str, ...]] = {
    "fourth ventricle": ("third and fourth ventricles",),
    "ventral diencephalon": ("brainstem", "red nucleus", "substantia nigra"),
}
"""Solids that a division (`Anatomy.divisions`) names a part of."""


@dataclass(frozen=True, eq=False)
class Part:
    """A division, and what the codes of cells become that lie in it.

    Parameters
    ----------
    solid : Structure
        Where.
    becomes : ndarray, uint8, (256,)
        New code of each code; 0 leaves it.
    """

    solid: Structure
    becomes: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class HeadParts:
    """Codes of a head's cells: one for each solid, and for each part of one.

    Parameters
    ----------
    tissue : ndarray, uint8, (codes,)
        Row of `TISSUES` of each code; 0 is air.
    of_class : ndarray, uint8, (256,)
        Number in `CLASSES` of each code.
    divisions : tuple of Part
        Applied once all solids are painted, in this order.
    """

    tissue: NDArray[np.uint8]
    of_class: NDArray[np.uint8]
    divisions: tuple[Part, ...]


def parts_of(anatomy: Anatomy) -> HeadParts:
    """Return the codes of a head; that of a solid is one more than its place in ``structures``.

    Raises
    ------
    ValueError
        For more solids than codes.

    Notes
    -----
    A head without divisions of its own (a generated one) has its fourth ventricle told from the
    third by a plane across the aqueduct, and no ventral diencephalon.
    """
    if len(anatomy.structures) > MOST_SOLIDS:
        raise ValueError(f"a head has at most {MOST_SOLIDS} solids, not {len(anatomy.structures)}")
    tissues, classes = [tissue.AIR], [0]
    for solid in anatomy.structures:
        name = _OF.get(solid.name, solid.name)
        tissues.append(solid.tissue)
        classes.append(CLASSES.index(name) if name in CLASSES else 0)
    made = []
    for division in anatomy.divisions or _by_plane(anatomy):
        becomes = np.zeros(256, dtype=np.uint8)
        for code, solid in enumerate(anatomy.structures, start=1):
            if solid.name in _DIVIDED[division.name]:
                becomes[code] = len(tissues)
                tissues.append(solid.tissue)
                classes.append(CLASSES.index(division.name))
        made.append(Part(division, becomes))
    table = np.zeros(256, dtype=np.uint8)
    table[: len(classes)] = classes
    return HeadParts(np.array(tissues, dtype=np.uint8), table, tuple(made))


def half_space(
    like: Structure, anatomy: Anatomy, at: Size3, towards: Size3, *, name: str = ""
) -> Structure:
    """Return one side of a plane as a solid on the lattice of another.

    Parameters
    ----------
    like : Structure
        Whose lattice.
    anatomy : Anatomy
        Its frame takes the points to the person's world.
    at, towards : tuple of 3 float
        Template points (mm): one on the plane, and one that it faces.
    name : str
        Of the solid.
    """
    here, there = anatomy.frame.to_world(np.array([at, towards]))
    way = (there - here) / np.linalg.norm(there - here)
    x, y, z = like.points()
    level: NDArray[Any] = way[0] * (x - here[0]) + way[1] * (y - here[1]) + way[2] * (z - here[2])
    values = np.ascontiguousarray(level, dtype=np.float32)
    return Structure(name, 0, values, like.origin_mm, like.spacing_mm)


def _by_plane(anatomy: Anatomy) -> tuple[Structure, ...]:
    """Return the side of the fourth ventricle, where there is a solid to divide."""
    whole = "third and fourth ventricles"
    if whole not in anatomy.names:
        return ()
    return (
        half_space(
            anatomy[whole], anatomy, (0.0, -31.0, -12.0), (0.0, -45.0, -32.0),
            name="fourth ventricle",
        ),
    )  # fmt: skip
