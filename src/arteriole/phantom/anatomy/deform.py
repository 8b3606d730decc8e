"""Smooth one-to-one changes of shape: where in the source each point of the new head lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.anatomy.structure import Size3, Structure, level_at
from arteriole.phantom.random_field import gaussian_field

Coordinates = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
Field = NDArray[np.float32]

LEAST_JACOBIAN = 0.05
"""A map of shapes whose volume ratio falls below this anywhere is refused."""


@dataclass(frozen=True, eq=False)
class Deformation:
    """Takes points (mm) of one space to another: ``A x + d(x)``.

    Parameters
    ----------
    matrix : ndarray, float64, (3, 4)
        Affine part.
    shift_mm : ndarray, float32, (3, x, y, z)
        Smooth part on a lattice, interpolated linearly, constant beyond it.
    origin_mm, spacing_mm
        World position of the lattice's first point, and the distance between points.
    """

    matrix: NDArray[np.float64]
    shift_mm: Field
    origin_mm: Size3
    spacing_mm: float

    def __call__(self, x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> Coordinates:
        """Return where points (arrays that broadcast) go."""
        spread = np.broadcast_arrays(x, y, z)
        p = np.stack([np.asarray(c, dtype=np.float32).ravel() for c in spread], axis=1)
        out = np.empty_like(p)
        _move(p, self.matrix, self.shift_mm, self._to_lattice, out)
        shape = spread[0].shape
        return out[:, 0].reshape(shape), out[:, 1].reshape(shape), out[:, 2].reshape(shape)

    def inverse(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the points (n, 3) that go to the given ones, by fixed-point iteration."""
        back = np.linalg.inv(self.matrix[:, :3])
        at = np.asarray((points - self.matrix[:, 3]) @ back.T)
        for _ in range(30):
            there = np.stack(self(*at.T), axis=1)
            step = (points - there) @ back.T
            at = at + step
            if np.abs(step).max(initial=0.0) < 1e-3:
                break
        return np.asarray(at, dtype=np.float64)

    def jacobian(self) -> NDArray[np.float64]:
        """Return the ratio of volumes at the lattice's points."""
        rows = [
            [np.gradient(self.shift_mm[c], self.spacing_mm, axis=a) for a in range(3)]
            for c in range(3)
        ]
        full = np.moveaxis(np.array(rows, dtype=np.float64), (0, 1), (-2, -1))
        return np.asarray(np.linalg.det(full + self.matrix[:, :3]))

    @property
    def _to_lattice(self) -> NDArray[np.float64]:
        return np.array([*self.origin_mm, 1.0 / self.spacing_mm])


def checked(change: Deformation) -> Deformation:
    """Return a change of shape that is one-to-one, or refuse it.

    Raises
    ------
    ValueError
        If the least ratio of volumes falls below `LEAST_JACOBIAN`.
    """
    least = float(change.jacobian().min())
    if least < LEAST_JACOBIAN:
        raise ValueError(
            f"this change of shape folds tissue: its least volume ratio is {least:.2f}; "
            "ask for less"
        )
    return change


def draw_affine(
    rng: np.random.Generator, *, scale: float, shear: float, centre_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Draw a change of size, of each axis' length and of angles about a fixed centre (3, 4).

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    scale, shear : float
        Standard deviation of the logarithm of size (half of it for each axis), and of shears.
    centre_mm : ndarray, (3,)
        Stays where it is.
    """
    lengths = np.exp(rng.normal(0.0, 1.0, 3) * scale * 0.5 + rng.normal(0.0, 1.0) * scale)
    upper = np.triu(rng.normal(0.0, 1.0, (3, 3)) * shear, 1)
    linear = np.diag(lengths) + upper
    return np.concatenate([linear, (centre_mm - linear @ centre_mm)[:, None]], axis=1)


def draw_elastic(
    rng: np.random.Generator, points: Coordinates, *, amplitude_mm: float, wavelength_mm: float
) -> Field:
    """Draw three smooth random shifts (3, x, y, z) of a standard deviation in mm."""
    fields = [gaussian_field(rng, wavelength_mm, bandwidth=0.3, size=32) for _ in range(3)]
    return np.stack([np.float32(amplitude_mm) * f.at(*points) for f in fields])


def deformed(solid: Structure, change: Deformation, spacing_mm: float) -> Structure:
    """Return a solid in the new shape: its level sampled where each point comes from."""
    size = np.asarray(solid.level.shape) - 1
    faces = np.stack(np.meshgrid(*[np.linspace(0, n, 5) for n in size], indexing="ij"), axis=-1)
    ends = change.inverse(faces.reshape(-1, 3) * solid.spacing_mm + np.asarray(solid.origin_mm))
    low = spacing_mm * np.floor(ends.min(axis=0) / spacing_mm - 1)
    shape = tuple(np.ceil((ends.max(axis=0) - low) / spacing_mm).astype(int) + 2)
    level = np.empty(shape, dtype=np.float32)
    _pull(
        solid.level,
        change.matrix,
        change.shift_mm,
        change._to_lattice,
        np.array([*low, spacing_mm]),
        np.array([*solid.origin_mm, 1.0 / solid.spacing_mm]),
        level,
    )
    centre = tuple(float(c) for c in change.inverse(np.array([solid.centre_mm]))[0])
    return Structure(
        solid.name,
        solid.tissue,
        level,
        (float(low[0]), float(low[1]), float(low[2])),
        spacing_mm,
        solid.slope_per_mm,
        (centre[0], centre[1], centre[2]),
        solid.chi_ppm,
        solid.edge_mm,
        solid.strength,
    )


@kernel()
def _shifted(
    shift: Field,
    matrix: NDArray[np.float64],
    where: NDArray[np.float64],
    x: float,
    y: float,
    z: float,
    c: int,
) -> float:
    """One coordinate of ``A x + d(x)``."""
    n0, n1, n2 = shift.shape[1], shift.shape[2], shift.shape[3]
    u = min(max((x - where[0]) * where[3], 0.0), n0 - 1.001)
    v = min(max((y - where[1]) * where[3], 0.0), n1 - 1.001)
    w = min(max((z - where[2]) * where[3], 0.0), n2 - 1.001)
    i, j, k = int(u), int(v), int(w)
    a, b, e = u - i, v - j, w - k
    low = (shift[c, i, j, k] * (1 - e) + shift[c, i, j, k + 1] * e) * (1 - b) + (
        shift[c, i, j + 1, k] * (1 - e) + shift[c, i, j + 1, k + 1] * e
    ) * b
    high = (shift[c, i + 1, j, k] * (1 - e) + shift[c, i + 1, j, k + 1] * e) * (1 - b) + (
        shift[c, i + 1, j + 1, k] * (1 - e) + shift[c, i + 1, j + 1, k + 1] * e
    ) * b
    moved = low * (1 - a) + high * a
    return matrix[c, 0] * x + matrix[c, 1] * y + matrix[c, 2] * z + matrix[c, 3] + moved


@kernel(parallel=True)
def _move(
    points: NDArray[np.float32],
    matrix: NDArray[np.float64],
    shift: Field,
    where: NDArray[np.float64],
    out: NDArray[np.float32],
) -> None:
    for p in prange(points.shape[0]):
        for c in range(3):
            out[p, c] = _shifted(shift, matrix, where, points[p, 0], points[p, 1], points[p, 2], c)


@kernel(parallel=True)
def _pull(
    level: NDArray[np.float32],
    matrix: NDArray[np.float64],
    shift: Field,
    where: NDArray[np.float64],
    new: NDArray[np.float64],
    old: NDArray[np.float64],
    out: NDArray[np.float32],
) -> None:
    """Sample a level where each point of a new lattice comes from."""
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                x, y, z = new[0] + new[3] * i, new[1] + new[3] * j, new[2] + new[3] * k
                u = (_shifted(shift, matrix, where, x, y, z, 0) - old[0]) * old[3]
                v = (_shifted(shift, matrix, where, x, y, z, 1) - old[1]) * old[3]
                w = (_shifted(shift, matrix, where, x, y, z, 2) - old[2]) * old[3]
                out[i, j, k] = level_at(level, np.float32(u), np.float32(v), np.float32(w))
