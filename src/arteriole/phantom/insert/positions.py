"""Places for inserted lesions: drawn in a mask, away from what is dark already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom.lesions.lesion import LesionKind, LesionTruth, Side

CLUSTER = "inserted cluster"
"""The form of a lesion that is not put in as one sphere but as several of the same volume."""

DARK, AROUND_MM, CLEAR_MM, DEEP_MM = 0.7, 6.0, 3.0, 3.0
"""No voxel within 3 mm is darker than 0.7 of the mean around (6 mm); 3 mm inside the mask."""


def free_places(magnitude: NDArray[Any], mask: NDArray[np.bool_], grid: Grid) -> NDArray[np.bool_]:
    """Return the voxels (x, y, z) where a small lesion would be seen for what it is.

    Parameters
    ----------
    magnitude : ndarray, (x, y, z)
        The last echo, where veins are dark.
    mask : ndarray of bool, (x, y, z)
        Brain.
    grid : Grid
        Where the voxels are.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    if magnitude.shape != grid.shape or mask.shape != grid.shape:
        raise ValueError(f"{magnitude.shape}, {mask.shape} and {grid.shape} are not one image")
    size = np.asarray(grid.voxel_size_mm)
    values = np.where(mask, np.nan_to_num(magnitude), 0).astype(np.float32)
    share = scipy.ndimage.gaussian_filter(mask.astype(np.float32), AROUND_MM / size)
    level = scipy.ndimage.gaussian_filter(values, AROUND_MM / size)
    level /= np.maximum(share, 1e-3)
    dark = mask & (values < DARK * level)
    deep = scipy.ndimage.distance_transform_edt(mask, sampling=size) > DEEP_MM
    clear = scipy.ndimage.distance_transform_edt(~dark, sampling=size) > CLEAR_MM
    return np.asarray(mask & deep & clear)


def draw_lesions(
    free: NDArray[np.bool_],
    grid: Grid,
    rng: np.random.Generator,
    *,
    microbleeds: int = 0,
    calcifications: int = 0,
    others: tuple[LesionTruth, ...] = (),
    apart_mm: float = 12.0,
    irregular: float = 0.0,
) -> tuple[LesionTruth, ...]:
    """Draw lesions at free places, apart from each other.

    Parameters
    ----------
    free : ndarray of bool, (x, y, z)
        See `free_places`.
    grid : Grid
        Where the voxels are.
    rng : numpy.random.Generator
        Draws places, diameters (1 to 5 mm) and susceptibilities (0.6 to 2.5 ppm either way).
    microbleeds, calcifications : int
        How many.
    others : tuple of LesionTruth
        Lesions that are there already.
    apart_mm : float
        Least distance between middles.
    irregular : float
        Share of the microbleeds that are clusters of spheres, not balls.

    Raises
    ------
    ValueError
        If there is no room.
    """
    voxels = np.argwhere(free)
    middle = grid.to_world(voxels.mean(axis=0)) if len(voxels) else np.zeros(3)
    made = list(others)
    for n in range(microbleeds + calcifications):
        kind: LesionKind = "microbleed" if n < microbleeds else "calcification"
        if not len(voxels):
            raise ValueError(f"no free place for a {kind}: the mask is too small or too dark")
        tries = voxels[rng.integers(len(voxels), size=200)] + rng.uniform(-0.5, 0.5, (200, 3))
        points = grid.to_world(tries)
        for other in made:
            points = points[np.linalg.norm(points - other.centre_mm, axis=1) >= apart_mm]
        if not len(points):
            raise ValueError(f"no room for a {kind} {apart_mm:g} mm from the {len(made)} others")
        diameter = float(np.exp(rng.uniform(np.log(1.0), np.log(5.0))))
        chi = float(np.exp(rng.uniform(np.log(0.6), np.log(2.5))))
        chi = chi if kind == "microbleed" else -chi
        cluster = kind == "microbleed" and rng.uniform() < irregular
        truth = sphere_truth(kind, points[0], diameter, chi, float(middle[0]))
        made.append(replace(truth, form=CLUSTER) if cluster else truth)
    return tuple(made[len(others) :])


def sphere_truth(
    kind: LesionKind,
    centre_mm: NDArray[np.float64],
    diameter_mm: float,
    chi_ppm: float,
    midline_mm: float,
) -> LesionTruth:
    """Return the row of an inserted sphere; side by the mask's middle, the region is not known."""
    x, y, z = (round(float(c), 3) for c in centre_mm)
    size = round(diameter_mm, 3)
    off = x - midline_mm
    side: Side = "midline" if abs(off) < 2.5 else "right" if off > 0 else "left"
    return LesionTruth(
        kind, (x, y, z), size, round(chi_ppm, 4), "", side, form="inserted",
        extent_mm=(size, size, size),
    )  # fmt: skip
