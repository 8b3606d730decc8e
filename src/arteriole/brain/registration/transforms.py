"""Transforms between worlds: affine matrices and warps, composed, inverted and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arteriole.brain.registration.interpolate import vectors_at
from arteriole.brain.registration.motion import inverse
from arteriole.grid import Grid

Affine = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Warp:
    """A deformable transform: a displacement on the fixed side, then an affine.

    A point p of the fixed image's world (RAS+ mm) goes to ``affine @ (p + u(p))`` of the moving
    image's world; u is linear between the grid's voxels, and its edge goes on outside.

    Parameters
    ----------
    grid : Grid
        Where the displacement is sampled, in the fixed image's world.
    displacement_mm : ndarray, float32, (x, y, z, 3)
        u, world components, mm.
    affine : ndarray, (4, 4)
        Takes the displaced point to the moving image's world.

    Raises
    ------
    ValueError
        If shapes do not fit or a value is not finite.
    """

    grid: Grid
    displacement_mm: NDArray[np.float32]
    affine: Affine = field(default_factory=lambda: np.eye(4))

    def __post_init__(self) -> None:
        moves = np.ascontiguousarray(self.displacement_mm, dtype=np.float32)
        if moves.shape != (*self.grid.shape, 3) or not np.isfinite(moves).all():
            raise ValueError(
                f"a displacement on a grid {self.grid.shape} is finite and of shape "
                f"{(*self.grid.shape, 3)}, not {moves.shape}"
            )
        object.__setattr__(self, "displacement_mm", moves)
        object.__setattr__(self, "affine", checked_affine(self.affine))


Transform = Affine | Warp
Transforms = Transform | Sequence[Transform]


def checked_affine(affine: ArrayLike) -> Affine:
    """Return an affine as float64; raise ValueError unless it is 4 x 4, finite and invertible."""
    matrix = np.array(affine, dtype=np.float64)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise ValueError(f"an affine is 4 x 4 and finite, not of shape {matrix.shape}")
    if abs(np.linalg.det(matrix[:3, :3])) < 1e-9 or not np.allclose(matrix[3], (0, 0, 0, 1)):
        raise ValueError("the affine has no inverse, or its last row is not 0 0 0 1")
    return matrix


def as_chain(transforms: Transforms) -> list[Transform]:
    """Return one transform or several as a list, the one that is applied first in front."""
    if isinstance(transforms, Warp):
        return [transforms]
    if isinstance(transforms, np.ndarray):
        return [checked_affine(transforms)]
    return [one if isinstance(one, Warp) else checked_affine(one) for one in transforms]


def transform_points(transforms: Transforms, points_mm: ArrayLike) -> NDArray[np.float64]:
    """Take points (..., 3), mm, of the fixed world to the moving one through transforms in turn."""
    points = np.asarray(points_mm, dtype=np.float64)
    if points.shape[-1:] != (3,):
        raise ValueError(f"points end in three coordinates, not shape {points.shape}")
    out = points.reshape(-1, 3)
    for one in as_chain(transforms):
        if isinstance(one, Warp):
            out = out + displacement_at(one, out)
            matrix = one.affine
        else:
            matrix = one
        out = out @ matrix[:3, :3].T + matrix[:3, 3]
    return out.reshape(points.shape)


def displacement_at(warp: Warp, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the displacement (n, 3), mm, of a warp at points (n, 3)."""
    moved = np.empty(points_mm.shape)
    vectors_at(warp.displacement_mm, np.ascontiguousarray(warp.grid.to_voxel(points_mm)), moved)
    return moved


def compose(first: Transform, *then: Transform) -> Transform:
    """Return one transform that does several in turn, the first one first.

    Affines after a warp join its affine exactly. What comes to a second warp is sampled on the
    first warp's grid; an affine before a warp moves the grid along with it (exactly, up to
    what the warp's edge does).

    Raises
    ------
    ValueError
        If a transform is not valid.
    """
    out = as_chain(first)[0]
    for one in then:
        out = _joined(out, as_chain(one)[0])
    return out


def _joined(first: Transform, second: Transform) -> Transform:
    """Return the transform that does ``first``, then ``second``."""
    if not isinstance(second, Warp):
        if isinstance(first, Warp):
            return Warp(first.grid, first.displacement_mm, second @ first.affine)
        return second @ first
    if not isinstance(first, Warp):
        # A2 (A1 p + u(A1 p)) = A2 A1 (p + A1^-1 u(A1 p)): the grid is seen through A1.
        grid = Grid(second.grid.shape, np.linalg.inv(first) @ second.grid.affine)
        moves = second.displacement_mm @ np.linalg.inv(first[:3, :3]).T
        return Warp(grid, moves.astype(np.float32), second.affine @ first)
    points = voxel_points(first.grid)
    whole = second.affine @ first.affine
    goal = transform_points([first, second], points)
    back = goal @ np.linalg.inv(whole)[:3, :3].T + np.linalg.inv(whole)[:3, 3]
    return Warp(first.grid, (back - points).astype(np.float32), whole)


def voxel_points(grid: Grid) -> NDArray[np.float64]:
    """Return the world places (x, y, z, 3), mm, of all voxels of a grid."""
    i, j, k = (np.arange(n, dtype=np.float64) for n in grid.shape)
    a = grid.affine
    out = np.empty((*grid.shape, 3))
    for d in range(3):
        out[..., d] = (
            (a[d, 0] * i)[:, None, None]
            + (a[d, 1] * j)[None, :, None]
            + (a[d, 2] * k + a[d, 3])[None, None, :]
        )
    return out


def invert(
    transform: Transform, *, grid: Grid | None = None, iterations: int = 30
) -> tuple[Transform, float]:
    """Return the transform from the moving world back to the fixed one, and what it misses.

    Parameters
    ----------
    transform : ndarray (4, 4) or Warp
        From the fixed to the moving world.
    grid : Grid, optional
        Where the inverse of a warp is sampled, in the moving world; a warp needs it.
    iterations : int
        Most steps of the fixed point.

    Returns
    -------
    inverse : ndarray (4, 4) or Warp
        From the moving to the fixed world.
    residual_mm : float
        Largest distance (mm) by which a voxel of ``grid`` misses its place after there and back,
        0 for an affine.

    Raises
    ------
    ValueError
        If a warp comes without a grid, or the number of steps is below one.

    Notes
    -----
    For z in the displaced world, w with ``z + w + u(z + w) = z`` is the limit of
    ``w <- -u(z + w)``. It converges where u changes by less than one mm a mm (no folding, and not
    close to it); elsewhere the residual tells.
    """
    if not isinstance(transform, Warp):
        return inverse(checked_affine(transform)), 0.0
    if grid is None or iterations < 1:
        raise ValueError(f"a warp's inverse needs a grid and at least one step, not {iterations}")
    back = inverse(transform.affine)
    places = voxel_points(grid).reshape(-1, 3)
    start = places @ back[:3, :3].T + back[:3, 3]
    moves = np.zeros_like(start)
    for _ in range(iterations):
        new = -displacement_at(transform, start + moves)
        change = float(np.abs(new - moves).max())
        moves = new
        if change < 1e-3:
            break
    left = moves + displacement_at(transform, start + moves)
    residual = float(np.sqrt(np.square(left @ transform.affine[:3, :3].T).sum(-1).max()))
    own = (moves @ transform.affine[:3, :3].T).astype(np.float32)
    return Warp(grid, own.reshape(*grid.shape, 3), back), residual


def jacobian_determinant(warp: Warp) -> NDArray[np.float32]:
    """Return the local change of volume (x, y, z) from the fixed world to the moving one.

    Below one, what is there is smaller in the moving image; where the sign is not that of the
    affine's own determinant, the warp folds. Central differences, one-sided at the edges.
    """
    inverse = np.linalg.inv(warp.grid.affine[:3, :3])
    slopes = np.empty((*warp.grid.shape, 3, 3), dtype=np.float32)
    for axis in range(3):
        if warp.grid.shape[axis] > 1:
            slopes[..., axis] = np.gradient(warp.displacement_mm, axis=axis)
        else:
            slopes[..., axis] = 0
    slopes = slopes @ inverse.astype(np.float32)
    for d in range(3):
        slopes[..., d, d] += 1
    a, b, c = slopes[..., 0], slopes[..., 1], slopes[..., 2]
    whole = np.einsum("...i,...i->...", a, np.cross(b, c))
    return np.asarray(whole * np.linalg.det(warp.affine[:3, :3]), dtype=np.float32)
