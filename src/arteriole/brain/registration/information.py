"""Normalised mutual information of two images over points, and its slope with an affine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.interpolate import inside, linear_with_slope
from arteriole.numerics.jit import kernel

BINS = 32
"""Classes of intensity along each axis of the joint histogram, two of each side are margin."""

LEAST_OVERLAP = 0.25
"""Below this share of points inside the moving image a pose counts as no match."""


@dataclass(frozen=True, eq=False)
class Points:
    """Places of one image and the image's classes there.

    Parameters
    ----------
    places_mm : ndarray, float64, (n, 3)
        World places, mm.
    classes : ndarray, int32, (n,)
        Class of the image at each, 0 to BINS - 1.
    spread_mm : ndarray, float64, (k, 3)
        Offsets over which the other image is averaged: a thick slice sees the mean over its
        thickness.
    centre_mm : ndarray, (3,)
        Motions turn about this point.
    """

    places_mm: NDArray[np.float64]
    classes: NDArray[np.int32]
    spread_mm: NDArray[np.float64]
    centre_mm: NDArray[np.float64]


def information(
    points: Points,
    moving: NDArray[np.float32],
    to_voxel: NDArray[np.float64],
    matrix: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64], float]:
    """Return how much two images tell of each other.

    Parameters
    ----------
    points : Points
        Samples of the fixed image.
    moving : ndarray, float32, (x, y, z)
        Moving image in class units, 0 to BINS - 1.
    to_voxel : ndarray, (4, 4)
        From the moving world (mm) to its voxels.
    matrix : ndarray, (4, 4)
        From the fixed world to the moving one.

    Returns
    -------
    value : float
        (H(fixed) + H(moving)) / H(both) over the points inside the moving image, 1 (nothing in
        common) to 2 (one from the other); 0 where fewer than a quarter of the points are inside.
    slope : ndarray, (3, 4)
        How the value changes a mm that a point moves: first with the place (relative to the moved
        centre), then with a shift.
    overlap : float
        Share of the points inside the moving image.

    Notes
    -----
    Cubic B-spline windows on the moving image, none on the fixed one. Sums run over points in
    one order on one thread. The slope leaves out that the spread turns along with the pose: a
    share of (half a slice / distance from the centre) squared.

    References
    ----------
    Mattes 2003, doi:10.1109/TMI.2003.809072; Studholme 1999, doi:10.1016/S0031-3203(98)00091-0.
    """
    whole = to_voxel @ matrix
    n = points.classes.size
    values = np.empty((n, 4), np.float32)
    joint = np.zeros((BINS, BINS + 4))
    spread = points.spread_mm @ whole[:3, :3].T
    used = _histogram(
        moving, points.places_mm, points.classes, whole, spread, to_voxel[:3, :3], values, joint
    )
    overlap = used / n
    if overlap < LEAST_OVERLAP:
        return 0.0, np.zeros((3, 4)), overlap
    value, weights = _entropies(joint / joint.sum())
    slope = np.zeros((3, 4))
    middle = matrix[:3, :3] @ points.centre_mm + matrix[:3, 3]
    _gather(values, points.places_mm, points.classes, matrix, middle, weights, slope)
    return value, slope / used, overlap


def _entropies(joint: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Return the normalised mutual information of a joint density and its slope with each entry."""
    fixed, moving = joint.sum(axis=1), joint.sum(axis=0)
    tiny = 1e-12
    log_fixed, log_moving = np.log(fixed + tiny), np.log(moving + tiny)
    log_joint = np.log(joint + tiny)
    single = -float(fixed @ log_fixed) - float(moving @ log_moving)
    both = -float((joint * log_joint).sum())
    if not both > 1e-9:
        return 0.0, np.zeros_like(joint)
    weights = (single * log_joint - both * (log_fixed[:, None] + log_moving[None, :])) / both**2
    return single / both, weights


@kernel()
def _window(part: float) -> tuple[float, float, float, float]:
    """Return the four cubic B-spline weights for a place ``part`` past the second of four bins."""
    left = 1 - part
    return (
        left * left * left / 6,
        (4 - 6 * part * part + 3 * part * part * part) / 6,
        (4 - 6 * left * left + 3 * left * left * left) / 6,
        part * part * part / 6,
    )


@kernel()
def _histogram(
    moving: Any,
    places: Any,
    classes: Any,
    whole: Any,
    spread: Any,
    to_voxel: Any,
    values: Any,
    joint: Any,
) -> int:
    """Fill values (n, 4) with the moving class and its slope in the world; return points used."""
    used = 0
    for p in range(classes.size):
        px, py, pz = places[p, 0], places[p, 1], places[p, 2]
        x = whole[0, 0] * px + whole[0, 1] * py + whole[0, 2] * pz + whole[0, 3]
        y = whole[1, 0] * px + whole[1, 1] * py + whole[1, 2] * pz + whole[1, 3]
        z = whole[2, 0] * px + whole[2, 1] * py + whole[2, 2] * pz + whole[2, 3]
        if not inside(x, y, z, moving.shape):
            values[p, 0] = -1
            continue
        value, sx, sy, sz = 0.0, 0.0, 0.0, 0.0
        for s in range(spread.shape[0]):
            v, a, b, c = linear_with_slope(
                moving, x + spread[s, 0], y + spread[s, 1], z + spread[s, 2]
            )
            value += v
            sx += a
            sy += b
            sz += c
        share = 1.0 / spread.shape[0]
        value *= share
        values[p, 0] = value
        for d in range(3):
            values[p, 1 + d] = share * (
                sx * to_voxel[0, d] + sy * to_voxel[1, d] + sz * to_voxel[2, d]
            )
        low = int(value)
        w0, w1, w2, w3 = _window(value - low)
        row = joint[classes[p]]
        row[low] += w0
        row[low + 1] += w1
        row[low + 2] += w2
        row[low + 3] += w3
        used += 1
    return used


@kernel()
def _gather(
    values: Any, places: Any, classes: Any, matrix: Any, middle: Any, weights: Any, slope: Any
) -> None:
    """Add up the slope of the information with the affine, [about the moved centre | shift]."""
    for p in range(classes.size):
        value = values[p, 0]
        if value < 0:
            continue
        low = int(value)
        part = value - low
        left = 1 - part
        row = weights[classes[p]]
        change = (
            -0.5 * left * left * row[low]
            + (1.5 * part * part - 2 * part) * row[low + 1]
            + (2 * left - 1.5 * left * left) * row[low + 2]
            + 0.5 * part * part * row[low + 3]
        )
        px, py, pz = places[p, 0], places[p, 1], places[p, 2]
        qx = matrix[0, 0] * px + matrix[0, 1] * py + matrix[0, 2] * pz + matrix[0, 3] - middle[0]
        qy = matrix[1, 0] * px + matrix[1, 1] * py + matrix[1, 2] * pz + matrix[1, 3] - middle[1]
        qz = matrix[2, 0] * px + matrix[2, 1] * py + matrix[2, 2] * pz + matrix[2, 3] - middle[2]
        for d in range(3):
            pull = change * values[p, 1 + d]
            slope[d, 0] += pull * qx
            slope[d, 1] += pull * qy
            slope[d, 2] += pull * qz
            slope[d, 3] += pull
