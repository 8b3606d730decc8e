"""Superficial siderosis: haemosiderin on the surface of the cortex along sulci.

A ribbon 0.5 to 1.2 mm wide on the person's own cortical surface, around one stretch of a sulcus:
focal up to three sulci, disseminated from four (Charidimou's definition, as STRIVE-2 has it).
Susceptibility, 0.2 to 0.6 ppm, is our own estimate.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.lesions.calcifications import extent_of
from arteriole.phantom.lesions.ground import Ground, row
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.solids import painted_volume_mm3

SPACING_MM, EDGE_MM = 0.5, 0.4


def siderosis(ground: Ground, rng: np.random.Generator, sulci: int) -> list[Lesion]:
    """Draw the siderosis of some sulci, one lesion each; form "focal" or "disseminated"."""
    form = "focal" if sulci <= 3 else "disseminated"
    made = []
    for _ in range(sulci):
        reach = float(rng.uniform(7.0, 16.0))
        seed = ground.draw(
            rng,
            "csf",
            depth_mm=0.05,
            radius_mm=0.6 * reach,
            fits=lambda points: _deep_in_sulcus(ground, points),
        )
        width, chi = float(rng.uniform(0.5, 1.2)), float(rng.uniform(0.2, 0.6))
        made.append(ribbon(ground, seed, reach_mm=reach, width_mm=width, chi_ppm=chi, form=form))
    return made


def ribbon(
    ground: Ground,
    seed_mm: NDArray[np.float64],
    *,
    reach_mm: float,
    width_mm: float,
    chi_ppm: float,
    form: str,
) -> Lesion:
    """Return the stain on both banks of the sulcus that a point lies in.

    Parameters
    ----------
    ground : Ground
        The head.
    seed_mm : ndarray, (3,)
        A point of the sulcus.
    reach_mm : float
        Half the stain's length.
    width_mm : float
        Its thickness across the cortical surface.
    chi_ppm : float
        Susceptibility.
    form : str
        "focal" or "disseminated".

    Notes
    -----
    The sulcus is the fluid connected to the seed within reach and at least 1.5 mm inside the
    brain's outer form; what is stained lies within 1.5 mm of it.
    """
    n = int(np.ceil((reach_mm + 2.0) / SPACING_MM))
    along = SPACING_MM * np.arange(-n, n + 1)
    x, y, z = np.meshgrid(along, along, along, indexing="ij")
    points = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1) + seed_mm
    cortex = ground.anatomy["cortex"].depth(points).reshape(x.shape)
    inner = ground.anatomy.brain.depth(points).reshape(x.shape)
    reach = reach_mm - np.sqrt(x**2 + y**2 + z**2)
    fluid = (cortex < 0.25) & (inner > 1.5) & (reach > 0)
    parts, _ = scipy.ndimage.label(fluid, np.ones((3, 3, 3)))
    own = parts == max(int(parts[n, n, n]), 1)
    away = scipy.ndimage.distance_transform_edt(~own, sampling=SPACING_MM)
    level = np.minimum(0.5 * width_mm - np.abs(cortex), np.minimum(reach, 1.5 - away))
    low = seed_mm + along[0]
    solid = Structure(
        "siderosis",
        tissue.HAEMOSIDERIN,
        np.ascontiguousarray(level, dtype=np.float32),
        (float(low[0]), float(low[1]), float(low[2])),
        SPACING_MM,
        chi_ppm=chi_ppm,
        edge_mm=EDGE_MM,
    ).cropped()
    centre = _on_cortex(ground, solid, seed_mm)
    volume = painted_volume_mm3(solid)
    truth = row(
        "siderosis",
        ground.place(centre),
        centre,
        volume_mm3=volume,
        moment_ppm_mm3=chi_ppm * volume,
        form=form,
        extent_mm=extent_of((solid,)),
    )
    return Lesion(truth, (solid,))


def _on_cortex(ground: Ground, solid: Structure, seed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the stained point of the cortex that is nearest to the seed, or the seed."""
    cells = np.argwhere(solid.level > 0)
    points = np.asarray(solid.origin_mm) + cells * solid.spacing_mm
    points = points[ground.anatomy.visible_depth("cortex", points) > 0]
    if not len(points):
        return seed
    return np.asarray(points[int(np.argmin(np.linalg.norm(points - seed, axis=1)))])


def _deep_in_sulcus(ground: Ground, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points lie well inside the brain's outer form with cortex beside them."""
    inner = ground.anatomy.brain.depth(points)
    beside = ground.anatomy["cortex"].depth(points) > -1.5
    convex = ground.regions.template(points)[:, 2] > 0.0
    return (inner > 4.0) & (inner < 14.0) & beside & convex
