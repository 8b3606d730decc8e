"""A head that moves while k-space is filled: ghosts and blur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.threads import threads


@dataclass(frozen=True)
class Motion:
    """Sudden small moves of the whole head, with rest between them.

    Parameters
    ----------
    moves : int
        How many moves, at random times.
    translation_mm, rotation_deg : float
        Standard deviation of each move along and about each world axis.

    Raises
    ------
    ValueError
        For negative values.
    """

    moves: int = 4
    translation_mm: float = 0.8
    rotation_deg: float = 0.8

    def __post_init__(self) -> None:
        if min(self.moves, self.translation_mm, self.rotation_deg) < 0:
            raise ValueError(f"motion cannot be negative, not {self}")


@dataclass(frozen=True)
class Pose:
    """Where the head is during a stretch of k-space lines, against its place at the middle one.

    Parameters
    ----------
    first, last : int
        Lines ``first <= line < last`` in the order of acquisition, from one edge to the other.
    shift_mm : tuple of 3 float
        Translation in the world.
    turn_rad : tuple of 3 float
        Rotation vector in the world, about the middle of the scan.
    """

    first: int
    last: int
    shift_mm: tuple[float, float, float]
    turn_rad: tuple[float, float, float]


def draw_poses(motion: Motion, lines: int, rng: np.random.Generator) -> tuple[Pose, ...]:
    """Draw a walk of poses over ``lines`` lines; the pose at the middle of k-space is no move."""
    cuts = np.sort(
        rng.choice(np.arange(1, lines), size=min(motion.moves, lines - 1), replace=False)
    )
    edges = [0, *(int(c) for c in cuts), lines]
    steps = rng.standard_normal((len(edges) - 2, 6))
    steps[:, :3] *= motion.translation_mm
    steps[:, 3:] *= np.radians(motion.rotation_deg)
    walk = np.concatenate([np.zeros((1, 6)), np.cumsum(steps, axis=0)])
    walk -= walk[np.searchsorted(edges, lines // 2, side="right") - 1]
    return tuple(
        Pose(a, b, (w[0], w[1], w[2]), (w[3], w[4], w[5]))
        for a, b, w in zip(edges[:-1], edges[1:], walk.tolist(), strict=True)
    )


def move(
    space: NDArray[np.complex64],
    poses: tuple[Pose, ...],
    grid: Grid,
    *,
    axis: int,
    flat: bool = False,
) -> NDArray[np.complex64]:
    """Fill k-space from a head that changes its pose.

    Parameters
    ----------
    space : ndarray, complex64, (x, y, z)
        k-space of the resting head in the order of `numpy.fft`.
    poses : tuple of Pose
        Poses over the lines along ``axis``.
    grid : Grid
        Where the voxels are.
    axis : int
        The slow phase-encoding axis.
    flat : bool
        The last axis of ``space`` counts 2-D slices and is no k-space.

    Returns
    -------
    ndarray, complex64, (x, y, z)
        k-space with every line from the pose at its time.

    Notes
    -----
    Translations are exact phase ramps; rotations resample the complex image with cubic splines.
    The field is taken to move with the head, though B0 does not: right for small rotations.
    Thick 2-D slices are moved as if they were samples of something smooth, which rings across them.
    """
    if flat:
        whole = scipy.fft.fft(space, axis=2, workers=threads())
        moved = move(whole, poses, grid, axis=axis)
        return np.asarray(scipy.fft.ifft(moved, axis=2, workers=threads()), dtype=np.complex64)
    out = space.copy()
    image: NDArray[Any] | None = None
    count = space.shape[axis]
    line = np.arange(count) - count // 2
    for pose in poses:
        if not any((*pose.shift_mm, *pose.turn_rad)):
            continue
        here: list[Any] = [slice(None)] * 3
        here[axis] = line[pose.first : pose.last] % count
        there = space
        if any(pose.turn_rad):
            image = scipy.fft.ifftn(space, workers=threads()) if image is None else image
            there = scipy.fft.fftn(_turned(image, pose.turn_rad, grid), workers=threads())
        out[tuple(here)] = (there * _ramp(space.shape, pose.shift_mm, grid))[tuple(here)]
    return out


def _ramp(
    shape: tuple[int, ...], shift_mm: tuple[float, float, float], grid: Grid
) -> NDArray[np.complex64]:
    """Return the phase over k-space that moves an image by a world vector."""
    cells = np.linalg.solve(grid.affine[:3, :3], np.asarray(shift_mm))
    ramps = [np.exp(-2j * np.pi * np.fft.fftfreq(n) * c) for n, c in zip(shape, cells, strict=True)]
    whole = ramps[0][:, None, None] * ramps[1][None, :, None] * ramps[2][None, None, :]
    return np.asarray(whole, dtype=np.complex64)


def _turned(
    image: NDArray[Any], turn_rad: tuple[float, float, float], grid: Grid
) -> NDArray[np.complex64]:
    """Return a complex image turned about the middle of its grid."""
    x, y, z = (-a for a in turn_rad)
    angle = float(np.linalg.norm(turn_rad))
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]]) / angle
    back = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    axes = grid.affine[:3, :3]
    matrix = np.linalg.solve(axes, back @ axes)
    middle = (np.asarray(image.shape) - 1) / 2.0
    offset = middle - matrix @ middle
    parts = [
        scipy.ndimage.affine_transform(part, matrix, offset, order=3, output=np.float32)
        for part in (image.real, image.imag)
    ]
    return np.asarray(parts[0] + 1j * parts[1], dtype=np.complex64)
