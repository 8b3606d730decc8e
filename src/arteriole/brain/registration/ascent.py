"""Climb to the best pose nearby: quasi-Newton steps on rigid or affine motions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.motion import stepped

Vector = NDArray[np.float64]
Affine = NDArray[np.float64]
Score = Callable[[Affine], tuple[float, NDArray[np.float64]]]
"""Gives the value of a pose and its slope (3, 4), [about the moved centre | shift]."""


def climb(
    score: Score,
    start: Affine,
    *,
    basis: NDArray[np.float64],
    centre_mm: Vector,
    first_mm: float,
    until_mm: float,
    iterations: int = 40,
) -> tuple[Affine, float]:
    """Return the pose at the top of the slope from ``start``, and its value.

    Parameters
    ----------
    score : callable
        Value and slope of a pose.
    start : ndarray, (4, 4)
        Where to begin.
    basis : ndarray, (n, 3, 4)
        Motions that are free.
    centre_mm : ndarray, (3,)
        The fixed world's point that motions turn about.
    first_mm : float
        Length of the first step, and most a later one may have.
    until_mm : float
        Steps shorter than this end the climb.
    iterations : int
        Most steps.

    Notes
    -----
    BFGS with steps that multiply from the left; the curvature is carried along unchanged, which
    is right for small steps. A step that gains nothing is cut by a third up to six times.
    """
    pose = start
    value, raw = score(pose)
    slope = _in_basis(raw, basis)
    inverse: NDArray[np.float64] | None = None
    for _ in range(iterations):
        steep = float(np.linalg.norm(slope))
        if steep == 0:
            break
        direction = slope * (first_mm / steep) if inverse is None else inverse @ slope
        if float(direction @ slope) <= 0:
            inverse, direction = None, slope * (first_mm / steep)
        length = float(np.linalg.norm(direction))
        direction = direction * min(1.0, first_mm / length)
        found = _search(score, pose, value, direction, basis, centre_mm, until_mm)
        if found is None:
            if inverse is None:
                break
            inverse = None
            first_mm = max(first_mm / 3, until_mm)
            continue
        step, pose, new, raw = found
        new_slope = _in_basis(raw, basis)
        inverse = _updated(inverse, step, slope - new_slope)
        value, slope = new, new_slope
        if float(np.linalg.norm(step)) < until_mm:
            break
    return pose, value


def _in_basis(raw: NDArray[np.float64], basis: NDArray[np.float64]) -> Vector:
    """Return the slope along each free motion."""
    return np.asarray(np.tensordot(basis, raw, axes=((1, 2), (0, 1))))


def _search(
    score: Score,
    pose: Affine,
    value: float,
    direction: Vector,
    basis: NDArray[np.float64],
    centre_mm: Vector,
    until_mm: float,
) -> tuple[Vector, Affine, float, NDArray[np.float64]] | None:
    """Return the first of ever shorter steps that gains, or None."""
    for _ in range(6):
        there = stepped(pose, direction, basis, centre_mm)
        new, raw = score(there)
        if new > value:
            return direction, there, new, raw
        if float(np.linalg.norm(direction)) < until_mm:
            return None
        direction = direction / 3
    return None


def _updated(
    inverse: NDArray[np.float64] | None, step: Vector, bend: Vector
) -> NDArray[np.float64] | None:
    """Return the inverse curvature after a step, over which the slope fell by ``bend``."""
    product = float(step @ bend)
    if product <= 1e-12 * float(np.linalg.norm(step)) * float(np.linalg.norm(bend)):
        return inverse
    if inverse is None:
        inverse = np.eye(step.size) * product / float(bend @ bend)
    left = np.eye(step.size) - np.outer(step, bend) / product
    return np.asarray(left @ inverse @ left.T + np.outer(step, step) / product)
