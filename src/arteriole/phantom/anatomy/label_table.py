"""What the labels of a segmentation stand for.

FreeSurfer's numbers, and those of whole-head maps in which 5xx are the tissues around the brain.
The latter come without names; each was told by where it lies on nine training maps (noted below).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int32]

OUTSIDE, NEAREST = "outside", "nearest"

_LABELS: dict[str, tuple[int, ...]] = {
    OUTSIDE: (0,),
    "skin": (511,),
    "soft tissue": (258, 507),
    "bone": (165, 515),
    "marrow": (516,),
    "mucosa": (509,),
    "air": (130, 262),
    "eye muscles": (508,),
    "optic nerve": (85, 530),
    "eyes": (259, 506),
    "venous sinuses": (514,),
    "arteries": (502,),
    "csf": (24, 257),
    "cortex": (3, 42, 19, 20, 55, 56, *range(1000, 1036), *range(2000, 2036)),
    "white matter": (2, 41, 25, 57, 77, 78, 79, 192, *range(251, 256), *range(3000, 3036),
                     *range(4000, 4036), 5001, 5002),
    "cerebellar cortex": (8, 47),
    "cerebellar white matter": (7, 46),
    "brainstem": (16, 28, 60, 170, 173, 174, 175, 178),
    "spinal cord": (512,),
    "caudate": (11, 50),
    "putamen": (12, 51),
    "pallidum": (13, 52),
    "thalamus": (9, 48, 10, 49),
    "hippocampus": (17, 53),
    "amygdala": (18, 54),
    "accumbens": (26, 58),
    "substantia nigra": (27, 59),
    "lateral ventricles": (4, 5, 43, 44, 72),
    "third ventricle": (14,),
    "fourth ventricle": (15,),
    "choroid plexus": (31, 63, 136, 137, 163, 164),
    NEAREST: (1, 6, 29, 30, 40, 45, 61, 62, 80, 81, 82),
}  # fmt: skip
"""Name of what is seen, and its labels, both sides.

Told by their place: 502 carotid siphon, petrous and cervical carotids; 506 globes; 507 all between
skin and bone; 508 sheets above and below the orbit's cone; 509 turbinates and septum; 511 outer
rim of 3-4 mm; 512 cord below the brainstem; 514 sagittal, straight and sigmoid sinus, jugulars;
515 compact, 516 spongy bone; 530 cord from globe to chiasm (85); 136/163 in the atria and on the
floor of the lateral ventricles' bodies, 137/164 in their temporal horns; 25/57 caps of the horns
(lesions of white matter); 30/62 a few voxels under the putamen, which take their neighbours' name.
"""

NAMES = tuple(name for name in _LABELS if name != NEAREST)
"""Names in the order of the codes that `named` gives; 0 is outside."""

BRAIN = (
    "cortex", "white matter", "cerebellar cortex", "cerebellar white matter", "brainstem",
    "caudate", "putamen", "pallidum", "thalamus", "hippocampus", "amygdala", "accumbens",
    "substantia nigra", "lateral ventricles", "third ventricle", "fourth ventricle",
    "choroid plexus",
)  # fmt: skip
"""Names of what a brain is made of, ventricles included."""

CEREBRUM = tuple(
    n for n in BRAIN if "cerebell" not in n and n not in ("brainstem", "fourth ventricle")
)
"""Names inside the outer surface of the cortex."""

SURROUNDINGS = ("skin", "soft tissue", "bone", "marrow")
"""Names of what lies around a brain; a map without any of them holds a brain only."""


def code(name: str) -> int:
    """Return the code of a name."""
    return NAMES.index(name)


def codes(names: tuple[str, ...]) -> list[int]:
    """Return the codes of names."""
    return [NAMES.index(n) for n in names]


def chosen(names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Return a table (256) that is true at the codes of names."""
    table = np.zeros(256, dtype=np.bool_)
    table[codes(names)] = True
    return table


def named(labels: Labels, *, extra: Mapping[int, str]) -> tuple[NDArray[np.uint8], bool]:
    """Return the code of each voxel, both sides alike, and whether any voxel takes its neighbour's.

    Parameters
    ----------
    labels : ndarray, int32, (x, y, z)
        FreeSurfer's labels, and those of the table above.
    extra : mapping of int to str
        Names of further labels, or other names for known ones: one of `NAMES`, or ``"nearest"``.

    Returns
    -------
    ndarray, uint8, (x, y, z)
        Index into `NAMES`; 255 where the nearest other voxel decides.
    bool
        Whether 255 occurs.

    Raises
    ------
    ValueError
        If labels are neither in the table nor in ``extra``, or ``extra`` names what is not known.
    """
    table = {label: name for name, row in _LABELS.items() for label in row}
    wrong = sorted({n for n in extra.values() if n not in _LABELS})
    if wrong:
        raise ValueError(f"extra names {wrong}, which are not among {[*NAMES, NEAREST]}")
    table.update(extra)
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high > 100_000:
        raise ValueError(f"labels lie in [0, 100000], not [{low}, {high}]")
    counts = np.bincount(labels.ravel(), minlength=high + 1)
    unknown = {int(v): int(counts[v]) for v in np.flatnonzero(counts) if int(v) not in table}
    if unknown:
        found = ", ".join(f"{label} ({count} voxels)" for label, count in unknown.items())
        raise ValueError(f"unknown labels: {found}; say what they are: extra={{label: name}}")
    lookup = np.zeros(high + 1, dtype=np.uint8)
    for label in np.flatnonzero(counts):
        name = table[int(label)]
        lookup[label] = 255 if name == NEAREST else NAMES.index(name)
    out = lookup[labels]
    return out, bool((lookup[counts > 0] == 255).any())
