"""Regions on the template, from its own classes and the rules of their borders."""

from __future__ import annotations

import itertools

import numpy as np
import scipy.ndimage
from atlas_landmarks import (
    LOBE_BORDERS,
    LOBE_POINTS,
    LOBES,
    TERRITORIES,
    TERRITORY_BORDERS,
    TERRITORY_POINTS,
    nearest_part,
)
from numpy.typing import NDArray

from arteriole.brain.atlas import names as atlas_names
from arteriole.brain.atlas.names import DEPTHS, PAIRED, region_names, territory_names
from arteriole.brain.classes import CLASSES

Mask = NDArray[np.bool_]
Labels = NDArray[np.uint8]

ISLAND = 30
"""Parts of a class of fewer voxels than this take what is around them."""
BETWEEN, INNER_MM, OUTER_MM = -0.3, 18.0, 14.0
"""A voxel of a capsule sees its two walls at more than 107 degrees, their distances within this."""
ARCH = (
    (14, -6), (22, -4), (28, 2), (30, 8), (26, 15), (18, 20), (8, 23), (-4, 25), (-16, 25),
    (-27, 22), (-36, 16), (-40, 9), (-37, 6),
)  # fmt: skip
"""Middle of the corpus callosum in the midsagittal plane, (y, z) mm, from rostrum to splenium."""
ARCH_MM, ARCH_REACH_MM, ARCH_RISE = 6.0, 12.0, 0.2
"""Half its thickness, how far it goes to each side, and how much it rises per mm on that way."""
GENU_MM, SPLENIUM_MM = 18.0, -28.0
"""The genu lies in front, the splenium behind these y."""
CROWN_MM = 6.0
"""Perforating arteries supply white matter so near to caudate, putamen and internal capsule."""
CORTEX_MM, VENTRICLE_MM = 3.0, 10.0
"""White matter nearer than these to cortex is subcortical, to the ventricle periventricular."""


def divide(classes: Labels, affine: NDArray[np.float64]) -> tuple[Labels, Labels]:
    """Return the labels of regions and of territories (x, y, z) from the template's classes."""
    where = np.argwhere(classes > 0)
    points = where @ affine[:3, :3].T + affine[:3, 3]
    x = np.zeros(classes.shape, dtype=np.float32)
    x[tuple(where.T)] = points[:, 0]
    names = np.zeros(classes.shape, dtype=np.uint8)
    lobes = np.zeros(classes.shape, dtype=np.uint8)
    lobes[tuple(where.T)] = nearest_part(points, LOBE_BORDERS, LOBE_POINTS, LOBES)
    cortex, white = _is(classes, "cerebral cortex"), _is(classes, "cerebral white matter")
    for n, lobe in enumerate(LOBES, start=1):
        names[cortex & (lobes == n)] = _own(f"{lobe} cortex")
    _put_white_matter(names, classes, cortex, white, lobes)
    _put_callosum(names, white, affine)
    _put_capsules(names, classes, white, cortex & (lobes == LOBES.index("insular") + 1))
    for name in CLASSES:
        if name in PAIRED:
            names[_is(classes, name)] = _own(name)
    _put_brainstem(names, classes, affine)
    names = mirrored(names)
    out = np.where(names > 0, 2 * names - 1 + (x > 0), 0).astype(np.uint8)
    for label, region in region_names().items():
        if region.side is None:
            out[_is(classes, region.name)] = label
    return out, _territories(out, where, points, x)


def mirrored(labels: Labels) -> Labels:
    """Return labels whose left is the mirror image of their right; x is 0 in the middle."""
    out = labels.copy()
    middle = labels.shape[0] // 2
    out[:middle] = labels[::-1][:middle]
    return out


def cleaned(classes: Labels) -> Labels:
    """Return classes without small islands: these take the class of the nearest other voxel."""
    lost = np.zeros(classes.shape, dtype=bool)
    for number in range(1, len(CLASSES)):
        parts, count = scipy.ndimage.label(classes == number)
        small = np.bincount(parts.ravel(), minlength=count + 1) < ISLAND
        small[0] = False
        lost |= small[parts]
    near = scipy.ndimage.distance_transform_edt(
        lost | (classes == 0), return_distances=False, return_indices=True
    )
    return np.where(lost, classes[tuple(near)], classes)


def _put_white_matter(
    names: Labels, classes: Labels, cortex: Mask, white: Mask, lobes: Labels
) -> None:
    """Give white matter the lobe of its nearest cortex, and its depth."""
    of_lobe = np.array([0, 1, 2, 3, 4, 0, 1, 2], dtype=np.uint8)[lobes]
    _, near = scipy.ndimage.distance_transform_edt(~(cortex & (of_lobe > 0)), return_indices=True)
    lobe = of_lobe[tuple(near)]
    to_cortex = scipy.ndimage.distance_transform_edt(~cortex)
    to_fluid = scipy.ndimage.distance_transform_edt(~_is(classes, "lateral ventricle"))
    depth = np.where(to_fluid <= VENTRICLE_MM, 2, np.where(to_cortex <= CORTEX_MM, 0, 1))
    for n, name in enumerate(atlas_names.LOBES, start=1):
        for d, said in enumerate(DEPTHS):
            names[white & (lobe == n) & (depth == d)] = _own(f"{name} white matter, {said}")


def _put_callosum(names: Labels, white: Mask, affine: NDArray[np.float64]) -> None:
    """Give white matter along the arch near the midline to the corpus callosum."""
    where = np.argwhere(white)
    points = where @ affine[:3, :3].T + affine[:3, 3]
    near = np.abs(points[:, 0]) <= ARCH_REACH_MM
    where, points = where[near], points[near]
    plane = np.stack([points[:, 1], points[:, 2] - ARCH_RISE * np.abs(points[:, 0])], axis=1)
    arch = np.array(ARCH, dtype=np.float64)
    steps = np.linspace(0, 1, 20)[:, None]
    fine = np.concatenate([a * (1 - steps) + b * steps for a, b in itertools.pairwise(arch)])
    inside = np.min([np.hypot(*(plane - p).T) for p in fine], axis=0) <= ARCH_MM
    where, y = where[inside], points[inside, 1]
    part = np.where(y > GENU_MM, 0, np.where(y < SPLENIUM_MM, 2, 1))
    numbers = [_own(f"corpus callosum, {name}") for name in ("genu", "body", "splenium")]
    names[tuple(where.T)] = np.array(numbers, dtype=np.uint8)[part]


def _put_capsules(names: Labels, classes: Labels, white: Mask, insula: Mask) -> None:
    """Give white matter between two walls of grey matter to the capsule between them."""
    medial = _is(classes, "thalamus", "caudate", "ventral diencephalon")
    lentiform = _is(classes, "putamen", "pallidum")
    free = white & ~np.isin(names, [_own(n) for n in PAIRED if n.startswith("corpus")])
    names[free & _between(lentiform, insula, OUTER_MM)] = _own("external capsule")
    names[free & _between(medial, lentiform, INNER_MM)] = _own("internal capsule")


def _between(first: Mask, second: Mask, reach_mm: float) -> Mask:
    """Return the voxels (of 1 mm) that see the nearest points of two walls on opposite sides."""
    here = np.indices(first.shape, dtype=np.float32)
    found = []
    for wall in (first, second):
        near = scipy.ndimage.distance_transform_edt(
            ~wall, return_distances=False, return_indices=True
        )
        found.append(near.astype(np.float32) - here)
    lengths = [np.linalg.norm(way, axis=0) for way in found]
    cosine = (found[0] * found[1]).sum(axis=0) / np.maximum(lengths[0] * lengths[1], 1e-3)
    return (cosine < BETWEEN) & (lengths[0] + lengths[1] <= reach_mm)


def _put_brainstem(names: Labels, classes: Labels, affine: NDArray[np.float64]) -> None:
    """Divide the brainstem by planes across its axis.

    The ends of the pons, below; above, from the mammillary bodies to the posterior commissure: what
    the label maps call ventral diencephalon holds peduncles, red nucleus and substantia nigra.
    """
    stem = _is(classes, "brainstem")
    where = np.argwhere(stem | _is(classes, "ventral diencephalon"))
    points = where @ affine[:3, :3].T + affine[:3, 3]
    stem, y, z = stem[tuple(where.T)], points[:, 1], points[:, 2]
    upper = z > -21.0 - 0.27 * (y + 14.0)
    lower = z < -48.0 - 0.33 * (y + 24.0)
    part = np.where(upper, _own("midbrain"), np.where(lower, _own("medulla"), _own("pons")))
    above = ~stem & (z > -13.0 - 0.76 * (y + 10.0))
    names[tuple(where[~above].T)] = part[~above]


def _territories(
    regions: Labels, where: NDArray[np.intp], points: NDArray[np.float64], x: NDArray[np.float32]
) -> Labels:
    """Return the label of each voxel's arterial territory; fluid has none."""
    own = np.zeros(regions.shape, dtype=np.uint8)
    own[tuple(where.T)] = nearest_part(points, TERRITORY_BORDERS, TERRITORY_POINTS, TERRITORIES)
    order = [n.name for n in territory_names().values()][::2]
    by_name = {
        "perforating arteries": (
            "caudate", "putamen", "accumbens", "pallidum", "internal capsule", "external capsule",
        ),
        "posterior cerebral artery": ("thalamus", "ventral diencephalon"),
        "vertebrobasilar arteries": (
            "midbrain", "pons", "medulla", "cerebellar cortex", "cerebellar white matter",
        ),
    }  # fmt: skip
    for territory, rows in by_name.items():
        for name in rows:
            own[np.isin(regions, _both(name))] = order.index(territory) + 1
    # Their branches go on into the corona radiata beside and above the nuclei.
    crown = [_both(n) for n in PAIRED if n.startswith(("frontal white", "parietal white"))]
    source = np.isin(regions, [*_both("caudate"), *_both("putamen"), *_both("internal capsule")])
    near = scipy.ndimage.distance_transform_edt(~source) <= CROWN_MM
    own[near & np.isin(regions, crown)] = order.index("perforating arteries") + 1
    dry = (regions > 0) & (regions <= 2 * len(PAIRED))
    dry &= ~np.isin(regions, _both("lateral ventricle"))
    return np.where(dry, 2 * own - 1 + (x > 0), 0).astype(np.uint8)


def _is(classes: Labels, *names: str) -> Mask:
    return np.isin(classes, [CLASSES.index(name) for name in names])


def _own(name: str) -> int:
    """Return the number, from 1, of a paired region."""
    return PAIRED.index(name) + 1


def _both(name: str) -> tuple[int, int]:
    return 2 * _own(name) - 1, 2 * _own(name)
