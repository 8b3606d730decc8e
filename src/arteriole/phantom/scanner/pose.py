"""Where a head lies in the scanner: a rigid move of its world."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arteriole.grid import Grid

CENTRE_MM = (0.0, -16.0, 0.0)
"""What a head turns about."""


def rigid_pose(
    *,
    turn_deg: tuple[float, float, float] = (0.0, 0.0, 0.0),
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> NDArray[np.float64]:
    """Return the matrix (4, 4) that takes a head's world to the scanner's.

    Parameters
    ----------
    turn_deg : tuple of 3 float
        Turns about the world's x, then y, then z axis through the middle of the head, degrees.
    shift_mm : tuple of 3 float
        Shift after that, mm.
    """
    turn = np.eye(3)
    for axis, degrees in enumerate(turn_deg):
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        a, b = (axis + 1) % 3, (axis + 2) % 3
        one = np.eye(3)
        one[a, a], one[a, b], one[b, a], one[b, b] = c, -s, s, c
        turn = one @ turn
    pose = np.eye(4)
    pose[:3, :3] = turn
    pose[:3, 3] = np.asarray(CENTRE_MM) - turn @ CENTRE_MM + np.asarray(shift_mm)
    return pose


def in_head(grid: Grid, pose: NDArray[np.float64]) -> Grid:
    """Return a scan's grid in the world of the head that lies there with a pose."""
    return Grid(grid.shape, np.linalg.inv(pose) @ grid.affine)


def checked_pose(pose: ArrayLike | None) -> NDArray[np.float64]:
    """Return a pose, no move unless given.

    Raises
    ------
    ValueError
        If it is not a rotation and a shift.
    """
    if pose is None:
        return np.eye(4)
    matrix = np.array(pose, dtype=np.float64)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise ValueError(f"a pose is a finite (4, 4) matrix, not of shape {matrix.shape}")
    turn = matrix[:3, :3]
    off = float(np.abs(turn @ turn.T - np.eye(3)).max())
    if off > 1e-6 or np.linalg.det(turn) < 0 or not np.allclose(matrix[3], (0, 0, 0, 1)):
        raise ValueError(f"a pose turns and shifts only; this one is off a rotation by {off:.2g}")
    return matrix
