"""What a reader should say of a head's white matter: grades from its lesions' true geometry.

Thresholds after Fazekas 1987 (doi:10.2214/ajr.149.2.351) as automatic rules put them, and Potter
2015 (doi:10.1159/000375153). They are applied to the solids themselves; nothing here is shared
with code that segments or grades images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.extent import axial_diameter
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.regions import Regions

TOUCH_MM = 3.0
"""A hyperintensity that comes this near to a lateral ventricle is periventricular."""

DEEP_MM = 13.0
"""The part of it beyond this distance counts as deep."""


@dataclass(frozen=True)
class Grades:
    """Grades and counts of one head.

    Parameters
    ----------
    fazekas_periventricular, fazekas_deep : int
        0 to 3.
    wmh_volume_ml : float
        Volume of all hyperintensities.
    periventricular_reach_mm : float
        95th percentile of the distance from the ventricle within what is periventricular, worse
        hemisphere.
    deep_diameter_mm : float
        Largest diameter in an axial slice of anything deep.
    pvs_basal_ganglia, pvs_centrum_semiovale : int
        Potter's grade, 0 to 4.
    pvs_basal_count, pvs_centrum_count : int
        Perivascular spaces in the slice with most, worse side.
    lacunes : int
        How many.
    """

    fazekas_periventricular: int
    fazekas_deep: int
    wmh_volume_ml: float
    periventricular_reach_mm: float
    deep_diameter_mm: float
    pvs_basal_ganglia: int
    pvs_centrum_semiovale: int
    pvs_basal_count: int
    pvs_centrum_count: int
    lacunes: int


def true_grades(
    regions: Regions,
    lesions: Sequence[Lesion],
    *,
    slice_mm: float = 3.0,
    normal: tuple[float, float, float] = (0.0, 0.0, 1.0),
) -> Grades:
    """Grade a head by the geometry of what was put into it.

    Parameters
    ----------
    regions : Regions
        The head's regions, for the distance from its ventricles.
    lesions : sequence of Lesion
        All of its lesions; each hyperintensity is one connected component.
    slice_mm : float
        Thickness of the slices in which perivascular spaces are counted.
    normal : tuple of 3 float
        Normal of those slices in world axes.

    Returns
    -------
    Grades
        See there.

    Raises
    ------
    ValueError
        If the slice thickness is not positive.

    Notes
    -----
    Periventricular: 0 below 0.05 mL; 1 while the reach is below 5 mm; 2 below 10 mm; 3 from there,
    or if any part lies beyond 13 mm. Deep: what is not periventricular, and the part of what is
    that lies beyond 13 mm; 0 while all axial diameters are below 3 mm, 1 below 10 mm, 2 below
    20 mm, else 3. Contours, and foci joined by a neck, are not looked at.
    """
    if not slice_mm > 0:
        raise ValueError(f"slices have a positive thickness, not {slice_mm} mm")
    shown = [x for x in lesions if x.truth.kind == "hyperintensity"]
    near, reach, farthest, widths = 0.0, 0.0, 0.0, [0.0]
    sides: dict[bool, list[NDArray[np.float32]]] = {False: [], True: []}
    for lesion in shown:
        solid = lesion.solids[0]
        points = _points(solid)
        distance = regions.ventricle_distance_mm(points)
        if distance.min() > TOUCH_MM:
            widths.append(axial_diameter(solid.level > 0, solid.spacing_mm))
            continue
        near += lesion.truth.volume_mm3
        farthest = max(farthest, float(distance.max()))
        beyond = np.zeros(solid.level.shape, dtype=bool)
        beyond[solid.level > 0] = distance > DEEP_MM
        label, count = scipy.ndimage.label(beyond)
        widths += [axial_diameter(label == n + 1, solid.spacing_mm) for n in range(count)]
        right = regions.template(points)[:, 0] > 0
        for side, parts in sides.items():
            parts.append(distance[right == side])
    for parts in sides.values():
        every = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
        if every.size:
            reach = max(reach, float(np.percentile(every, 95)))
    around = 0 if near < 50.0 else int(np.searchsorted((5.0, 10.0), reach, side="right")) + 1
    basal = slice_count(regions, lesions, "basal ganglia", slice_mm=slice_mm, normal=normal)
    centrum = slice_count(regions, lesions, "centrum semiovale", slice_mm=slice_mm, normal=normal)
    return Grades(
        fazekas_periventricular=3 if farthest > DEEP_MM else around,
        fazekas_deep=int(np.searchsorted((3.0, 10.0, 20.0), max(widths), side="right")),
        wmh_volume_ml=sum(x.truth.volume_mm3 for x in shown) / 1000.0,
        periventricular_reach_mm=reach,
        deep_diameter_mm=max(widths),
        pvs_basal_ganglia=potter_grade(basal),
        pvs_centrum_semiovale=potter_grade(centrum),
        pvs_basal_count=basal,
        pvs_centrum_count=centrum,
        lacunes=sum(x.truth.kind == "lacune" for x in lesions),
    )


def potter_grade(count: int) -> int:
    """Return Potter's grade of a number of perivascular spaces: 0, 1-10, 11-20, 21-40, more."""
    if count < 0:
        raise ValueError(f"perivascular spaces count from zero, not {count}")
    return int(np.searchsorted((1, 11, 21, 41), count, side="right"))


def slice_count(
    regions: Regions,
    lesions: Sequence[Lesion],
    group: str,
    *,
    slice_mm: float = 3.0,
    normal: tuple[float, float, float] = (0.0, 0.0, 1.0),
) -> int:
    """Return the number of perivascular spaces of a group in the slice with most, worse side.

    Parameters
    ----------
    regions, lesions, slice_mm, normal
        As for `true_grades`; slices are tried a millimetre apart.
    group : str
        "basal ganglia" or "centrum semiovale".
    """
    way = np.asarray(normal) / np.linalg.norm(normal)
    most = 0
    spans: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    for lesion in lesions:
        if lesion.tubes is None or lesion.truth.form != group:
            continue
        ends = np.concatenate([lesion.tubes.start_mm, lesion.tubes.end_mm]) @ way
        right = bool(regions.template(np.array([lesion.truth.centre_mm]))[0, 0] > 0)
        spans[right].append((float(ends.min()), float(ends.max())))
    for side in spans.values():
        if side:
            low, high = np.array(side).T
            at = np.arange(low.min(), high.max() + 1.0)[:, None]
            cut = (low <= at + slice_mm / 2.0) & (high >= at - slice_mm / 2.0)
            most = max(most, int(cut.sum(axis=1).max()))
    return most


def _points(solid: Structure) -> NDArray[np.float64]:
    """Return the lattice points inside a solid."""
    return np.asarray(solid.origin_mm) + solid.spacing_mm * np.argwhere(solid.level > 0)
