"""Find one head in another image: many starts on coarse blocks, the best ones refined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.ascent import Score, climb
from arteriole.brain.registration.information import Points, information
from arteriole.brain.registration.motion import apart_mm, inverse, rigid, rigid_basis
from arteriole.brain.registration.views import Level, View, level_of, points_of

Affine = NDArray[np.float64]

FINEST_MM = 0.8
LEVELS_MM = (8.0, 4.0, 2.0)
COUNTS = (3_000, 10_000, 25_000, 50_000)
KEPT = (12, 4, 2)
APART_MM = (8.0, 4.0, 2.0)
TURN_STEP_RAD, TURN_REACH_RAD = np.deg2rad(16.0), np.deg2rad(40.0)
OFFSETS_MM = (-50.0, -25.0, 0.0, 25.0, 50.0)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A pose that was climbed to, and how much the images tell of each other there."""

    matrix: Affine
    value: float


@dataclass(frozen=True, eq=False)
class Found:
    """What a search came to on a level.

    Parameters
    ----------
    poses : list of Candidate
        Distinct poses, the best in front.
    rivals : list of Candidate
        Distinct poses on blocks of 4 mm, the best in front.
    points, level : Points, Level
        For what else is asked of the pose.
    head_mm : ndarray, (n, 3)
        Places in the fixed head over which distances between poses are measured.
    """

    poses: list[Candidate]
    rivals: list[Candidate]
    points: Points
    level: Level
    head_mm: NDArray[np.float64]

    @property
    def best(self) -> Candidate:
        """The best pose."""
        return self.poses[0]


def find_pose(fixed: View, moving: View, *, seed: int) -> Found:
    """Return the rigid motion from the fixed world to the moving one that matches best.

    Parameters
    ----------
    fixed, moving : View
        Points are of the fixed view; the moving one is interpolated.
    seed : int
        Of the choice of points.
    """
    rng = np.random.default_rng([seed, 77])
    sizes = _block_sizes(max(fixed.finest_mm, moving.finest_mm, FINEST_MM))
    found = None
    for number, size in enumerate(sizes):
        last = number == len(sizes) - 1
        level = level_of(moving, size)
        points = points_of(
            level_of(fixed, size),
            fixed.centre_mm,
            count=COUNTS[-1] if last else COUNTS[number],
            other_mm=min(level.grid.voxel_size_mm),
            rng=rng,
        )
        if found is None:
            head = points.places_mm[:: max(1, len(points.places_mm) // 500)]
            poses, rivals = _starts(points, level, fixed, moving), []
        else:
            poses, rivals, head = found.poses, found.rivals, found.head_mm
        poses = _climbed(poses[: 1 if last else KEPT[number]], points, level, size)
        poses = distinct(poses, head, APART_MM[min(number, 2)])
        if number <= 1 and not last:
            rivals = poses
        found = Found(poses, rivals, points, level, head)
    assert found is not None
    return found


def _block_sizes(finest: float) -> list[float]:
    """Return the blocks to work on, mm, from coarse to the voxels."""
    coarse = [s for s in LEVELS_MM if s > 1.3 * finest]
    return [*(coarse or LEVELS_MM[-1:]), finest]


def _climbed(
    starts: Sequence[Candidate], points: Points, level: Level, size: float
) -> list[Candidate]:
    """Return where each start leads to."""
    score = scorer(points, level)
    found = []
    for start in starts:
        top = climb(
            score,
            start.matrix,
            basis=rigid_basis(),
            centre_mm=points.centre_mm,
            first_mm=size if size == LEVELS_MM[0] else size / 2,
            until_mm=0.02 * size,
            iterations=25,
        )
        found.append(Candidate(*top))
    return found


def scorer(points: Points, level: Level) -> Score:
    """Return the function that values a pose."""
    to_voxel = inverse(level.grid.affine)

    def score(matrix: Affine) -> tuple[float, NDArray[np.float64]]:
        value, slope, _ = information(points, level.classes, to_voxel, matrix)
        return value, slope

    return score


def distinct(
    poses: Sequence[Candidate], head_mm: NDArray[np.float64], apart: float
) -> list[Candidate]:
    """Return poses from the best down, without those close to a better one."""
    kept: list[Candidate] = []
    for pose in sorted(poses, key=lambda p: -p.value):
        if all(apart_mm(pose.matrix, one.matrix, head_mm).mean() > apart for one in kept):
            kept.append(pose)
    return kept


def _starts(points: Points, level: Level, fixed: View, moving: View) -> list[Candidate]:
    """Return the header's own pose, then others from the best down: turns about the centres."""
    score = scorer(points, level)
    centre = fixed.centre_mm
    to_centre = moving.centre_mm - centre
    shifts = [np.zeros(3), *[to_centre + np.array([0, 0, z]) for z in OFFSETS_MM]]
    found = []
    for turn in _turns():
        about_centre = rigid(turn, np.zeros(3), centre_mm=centre)
        for shift in shifts:
            matrix = about_centre.copy()
            matrix[:3, 3] += shift
            found.append(Candidate(matrix, score(matrix)[0]))
    ordered = distinct(sorted(found, key=lambda p: -p.value)[:60], points.places_mm[::37], 12.0)
    # The header is climbed from, whatever its score.
    return [Candidate(np.eye(4), score(np.eye(4))[0]), *ordered]


def _turns() -> list[NDArray[np.float64]]:
    """Return rotation vectors on a lattice inside a ball."""
    reach = int(TURN_REACH_RAD / TURN_STEP_RAD)
    steps = np.arange(-reach, reach + 1) * TURN_STEP_RAD
    turns = [np.array(t) for t in product(steps, repeat=3)]
    return [t for t in turns if float(np.linalg.norm(t)) <= TURN_REACH_RAD]
