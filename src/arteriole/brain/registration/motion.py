"""Rigid and affine motions about a centre, their small steps, and how far apart two are in mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

RADIUS_MM = 60.0
"""Rotations and strains are counted by what they move at this distance, so that steps are in mm."""

Affine = NDArray[np.float64]


def rigid(
    rotation_rad: ArrayLike, shift_mm: ArrayLike, *, centre_mm: ArrayLike = (0.0, 0.0, 0.0)
) -> Affine:
    """Return the motion that turns about a centre by a rotation vector, then shifts."""
    turn = Rotation.from_rotvec(np.asarray(rotation_rad, dtype=np.float64)).as_matrix()
    centre = np.asarray(centre_mm, dtype=np.float64)
    out = np.eye(4)
    out[:3, :3] = turn
    out[:3, 3] = centre + np.asarray(shift_mm, dtype=np.float64) - turn @ centre
    return out


def inverse(matrix: Affine) -> Affine:
    """Return the affine back."""
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def rigid_basis() -> NDArray[np.float64]:
    """Return the six small rigid motions of one mm as matrices [rotation | shift], (6, 3, 4)."""
    out = np.zeros((6, 3, 4))
    for axis, (low, high) in enumerate(((1, 2), (2, 0), (0, 1))):
        out[axis, high, low] = 1 / RADIUS_MM
        out[axis, low, high] = -1 / RADIUS_MM
        out[3 + axis, axis, 3] = 1
    return out


def affine_basis() -> NDArray[np.float64]:
    """Return the twelve small affine motions: rigid ones, stretches, then shears, (12, 3, 4)."""
    out = np.zeros((12, 3, 4))
    out[:6] = rigid_basis()
    for axis, (low, high) in enumerate(((1, 2), (2, 0), (0, 1))):
        out[6 + axis, axis, axis] = 1 / RADIUS_MM
        out[9 + axis, low, high] = out[9 + axis, high, low] = 1 / RADIUS_MM
    return out


def stepped(
    matrix: Affine, step_mm: NDArray[np.float64], basis: NDArray[np.float64], centre_mm: ArrayLike
) -> Affine:
    """Return ``matrix`` followed by a step in the basis about the moved centre.

    The rotation of a step is exact, so that a rigid matrix stays rigid.
    """
    centre = matrix[:3, :3] @ np.asarray(centre_mm) + matrix[:3, 3]
    out = rigid(step_mm[:3] / RADIUS_MM, step_mm[3:6], centre_mm=centre) @ matrix
    if step_mm.size > 6:
        strain = np.eye(4)
        strain[:3, :3] += np.tensordot(step_mm[6:], basis[6:, :, :3], axes=1)
        moved = centre + step_mm[3:6]
        strain[:3, 3] = moved - strain[:3, :3] @ moved
        out = strain @ out
    return np.asarray(out)


def apart_mm(first: Affine, second: Affine, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far apart (mm) two affines bring each of the points (n, 3)."""
    difference = first - second
    return np.asarray(np.linalg.norm(points_mm @ difference[:3, :3].T + difference[:3, 3], axis=-1))


def between(first: Affine, second: Affine, *, part: float = 0.5) -> Affine:
    """Return the rigid motion a part of the way from one rigid motion to another."""
    turn = Rotation.from_matrix(second[:3, :3] @ first[:3, :3].T).as_rotvec()
    out = np.eye(4)
    out[:3, :3] = Rotation.from_rotvec(part * turn).as_matrix() @ first[:3, :3]
    # The shift is parted at the world's origin: callers bring the head's centre there first.
    out[:3, 3] = (1 - part) * first[:3, 3] + part * second[:3, 3]
    return out


def shifted(matrix: Affine, origin_mm: NDArray[np.float64]) -> Affine:
    """Return a motion as it is written when the fixed world's origin lies at minus ``origin_mm``.

    Only points before the motion are counted anew: ``out @ (p + origin) = matrix @ p``.
    """
    out = matrix.copy()
    out[:3, 3] = matrix[:3, 3] - matrix[:3, :3] @ origin_mm
    return out
