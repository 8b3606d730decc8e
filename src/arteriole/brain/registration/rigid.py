"""Rigid registration of two images of one head, of any contrast and slice thickness."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.confidence import RigidMeasures, judged
from arteriole.brain.registration.motion import (
    RADIUS_MM,
    apart_mm,
    between,
    inverse,
    rigid,
    shifted,
)
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.search import Found, find_pose, scorer
from arteriole.brain.registration.views import View, view_of
from arteriole.grid import Grid

Mask = NDArray[np.bool_]
Affine = NDArray[np.float64]

AGREE_MM = 1.0
PROBE_MM = 4.0


def register_rigid(
    fixed: NDArray[Any],
    fixed_grid: Grid,
    moving: NDArray[Any],
    moving_grid: Grid,
    *,
    fixed_mask: Mask | None = None,
    moving_mask: Mask | None = None,
    least_confidence: float = 0.9,
    seed: int = 0,
) -> Registration:
    """Return the rigid motion from the fixed image's world to the moving image's.

    Parameters
    ----------
    fixed, moving : ndarray, (x, y, z)
        Images of one head: T1, T2, FLAIR, gradient echo, SWI magnitude or CT (HU), with or
        without skull.
    fixed_grid, moving_grid : Grid
        Where their voxels are.
    fixed_mask, moving_mask : ndarray of bool, optional
        The brain or the head; without one, the head is where there is signal.
    least_confidence : float
        Below it the result is "not assessable".
    seed : int
        Of the choice of points.

    Returns
    -------
    Registration
        With a (4, 4) rigid transform. The measures are listed in `RigidMeasures`.

    Raises
    ------
    ValueError
        If shapes differ, an image is constant, a mask is empty, or the confidence asked for is no
        probability.

    Notes
    -----
    Maximises the normalised mutual information over points of one image, the thicker or the
    stripped one; thick slices see the other image's mean over their thickness. It begins on
    blocks of 8 mm from the header's own place and from lattices of turns up to 40 degrees round
    the heads' centres, shifted along the body by up to 50 mm; the best distinct poses go on to 4,
    2 mm and to the voxels. Then all is done with the roles exchanged. The confidence is a
    logistic function of how far the two results lie apart and how sharp and how alone their
    optimum is, fitted on simulated pairs (`benchmarks/registration_confidence.py`).

    Turns of more than 45 degrees are not found unless the header tells of them. Distortion, and a
    jaw or neck that moved, are no rigid motion. Results are bitwise the same for any number of
    threads.

    References
    ----------
    Mattes 2003, doi:10.1109/TMI.2003.809072; Studholme 1999, doi:10.1016/S0031-3203(98)00091-0;
    Jenkinson 2001, doi:10.1016/S1361-8415(01)00036-6 (many starts).
    """
    if not 0 <= least_confidence <= 1:
        raise ValueError(f"a confidence lies in [0, 1], not {least_confidence}")
    ours = view_of(fixed, fixed_grid, fixed_mask)
    theirs = view_of(moving, moving_grid, moving_mask)
    there = find_pose(ours, theirs, seed=seed)
    back = find_pose(theirs, ours, seed=seed + 1)
    pose = _joined(there, back, _preferred(ours, theirs), ours.centre_mm)
    return judged(pose, _measures(there, back, pose), least_confidence)


def _preferred(ours: View, theirs: View) -> int:
    """Return 1 where points serve better in the fixed image, -1 in the moving one, 0 if alike."""
    if ours.stripped != theirs.stripped:
        return 1 if ours.stripped else -1
    if ours.thickest_mm > 1.3 * theirs.thickest_mm:
        return 1
    return -1 if theirs.thickest_mm > 1.3 * ours.thickest_mm else 0


def _joined(there: Found, back: Found, preferred: int, centre_mm: NDArray[np.float64]) -> Affine:
    """Return the pose of the better role, or the one half way where roles are alike and agree."""
    first, second = there.best.matrix, inverse(back.best.matrix)
    if preferred:
        return first if preferred > 0 else second
    if apart_mm(first, second, there.head_mm).max() < AGREE_MM:
        return shifted(between(shifted(first, -centre_mm), shifted(second, -centre_mm)), centre_mm)
    return first if there.best.value >= back.best.value else second


def _measures(there: Found, back: Found, pose: Affine) -> RigidMeasures:
    """Return what tells how good a pose is."""
    first, second = there.best.matrix, inverse(back.best.matrix)
    return RigidMeasures(
        apart_mm=float(apart_mm(first, second, there.head_mm).max()),
        information=max(min(there.best.value, back.best.value) - 1, 0.0),
        sharpness=min(_sharpness(there), _sharpness(back)),
        margin=min(_margin(there), _margin(back)),
        moved_mm=float(apart_mm(pose, np.eye(4), there.head_mm).mean()),
    )


def _sharpness(found: Found) -> float:
    """Return the share of the information that is lost by moves of 4 mm, the least of twelve."""
    score = scorer(found.points, found.level)
    here = found.best.value - 1
    if here <= 0:
        return 0.0
    centre = found.points.centre_mm
    lost = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            move = np.zeros(3)
            move[axis] = sign * PROBE_MM
            for turn, shift in ((move / RADIUS_MM, np.zeros(3)), (np.zeros(3), move)):
                matrix = found.best.matrix @ rigid(turn, shift, centre_mm=centre)
                lost.append(here - (score(matrix)[0] - 1))
    return min(lost) / here


def _margin(found: Found) -> float:
    """Return by how much of its information the best pose at 4 mm surpasses its next rival."""
    best = max(found.rivals[0].value - 1, 1e-9)
    if len(found.rivals) < 2:
        return 1.0
    return (found.rivals[0].value - found.rivals[1].value) / best
