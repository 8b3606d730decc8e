"""Rigid, scaled and affine registration of channel maps, such as tissue probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.interpolate import inside, linear_with_slope
from arteriole.brain.registration.motion import affine_basis, inverse, rigid, stepped
from arteriole.brain.registration.views import blocked
from arteriole.grid import Grid
from arteriole.numerics.jit import kernel

Float32 = NDArray[np.float32]
Affine = NDArray[np.float64]

BASE_MM = 2.0
LEVELS_MM = (8.0, 4.0, BASE_MM)
MOST_POINTS = 40_000
LEAST_MASS, LEAST_OVERLAP = 0.05, 0.3


@dataclass(frozen=True, eq=False)
class Misfit:
    """Mean squared difference of channels over points, and its first two derivatives.

    Parameters
    ----------
    value : float
        Mean over points and channels of the squared difference.
    slope : ndarray, (12,)
        Half its derivative with the entries of [about the moved centre | shift], row by row.
    bend : ndarray, (12, 12)
        Gauss-Newton's curvature of the same.
    """

    value: float
    slope: NDArray[np.float64]
    bend: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChannelPoints:
    """Places (n, 3), mm, the fixed channels there (n, c), and their centre (3,)."""

    places_mm: NDArray[np.float64]
    values: Float32
    centre_mm: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChannelMaps:
    """Channels (c, x, y, z) and the grid they lie on."""

    maps: Float32
    grid: Grid

    def on_blocks(self, size_mm: float) -> ChannelMaps:
        """Return them averaged over blocks of about ``size_mm``."""
        parts = [blocked(one, self.grid, size_mm) for one in self.maps]
        return ChannelMaps(np.stack([p[0] for p in parts]), parts[0][1])


def checked_channels(channels: NDArray[Any], grid: Grid, *, size_mm: float) -> ChannelMaps:
    """Return what channels (c, x, y, z) hold, on blocks of at most ``size_mm`` where voxels allow.

    Raises ValueError unless they fit the grid, are finite, and not constant.
    """
    if channels.ndim != 4 or channels.shape[1:] != grid.shape:
        raise ValueError(f"channels {channels.shape} do not lie on a grid {grid.shape}")
    parts = [blocked(one, grid, size_mm) for one in channels]
    maps = np.stack([p[0] for p in parts])
    if not np.isfinite(maps).all():
        raise ValueError("the channels are not finite everywhere")
    if not float(maps.max()) > float(maps.min()):
        raise ValueError("the channels are constant: there is nothing to match")
    return ChannelMaps(maps, parts[0][1])


def channel_points(channels: ChannelMaps) -> ChannelPoints:
    """Return voxels with any channel above nothing, evenly chosen, and their weighted centre."""
    mass = np.abs(channels.maps).sum(axis=0)
    seen = np.flatnonzero(mass > LEAST_MASS * float(mass.max()))
    # An odd stride does not fall in with the lines of the grid.
    seen = seen[:: 2 * (seen.size // MOST_POINTS // 2) + 1]
    voxels = np.stack(np.unravel_index(seen, mass.shape), axis=-1)
    places = channels.grid.to_world(voxels)
    centre = np.average(places, axis=0, weights=mass.reshape(-1)[seen])
    values = channels.maps.reshape(len(channels.maps), -1)[:, seen].T
    return ChannelPoints(places, np.ascontiguousarray(values), centre)


def misfit(points: ChannelPoints, moving: Float32, to_voxel: Affine, matrix: Affine) -> Misfit:
    """Return how far the moving channels are from the fixed ones under an affine.

    Points outside the moving grid do not count; where fewer than 30 % are inside, the value is
    infinite.
    """
    slope, bend = np.zeros(12), np.zeros((12, 12))
    middle = matrix[:3, :3] @ points.centre_mm + matrix[:3, 3]
    total, used = _gather(
        moving, points.places_mm, points.values, matrix, middle, to_voxel, slope, bend
    )
    if used < LEAST_OVERLAP * len(points.places_mm):
        return Misfit(np.inf, slope, bend)
    count = used * moving.shape[0]
    return Misfit(total / count, slope / count, (bend + np.tril(bend, -1).T) / count)


@kernel()
def _gather(
    moving: Any,
    places: Any,
    values: Any,
    matrix: Any,
    middle: Any,
    to_voxel: Any,
    slope: Any,
    bend: Any,
) -> tuple[float, int]:
    """Add up squared differences, slope and (lower) curvature; return the sum and points used."""
    total, used = 0.0, 0
    row = np.empty(12)
    shape = moving.shape[1:]
    for p in range(places.shape[0]):
        px, py, pz = places[p, 0], places[p, 1], places[p, 2]
        wx = matrix[0, 0] * px + matrix[0, 1] * py + matrix[0, 2] * pz + matrix[0, 3]
        wy = matrix[1, 0] * px + matrix[1, 1] * py + matrix[1, 2] * pz + matrix[1, 3]
        wz = matrix[2, 0] * px + matrix[2, 1] * py + matrix[2, 2] * pz + matrix[2, 3]
        x = to_voxel[0, 0] * wx + to_voxel[0, 1] * wy + to_voxel[0, 2] * wz + to_voxel[0, 3]
        y = to_voxel[1, 0] * wx + to_voxel[1, 1] * wy + to_voxel[1, 2] * wz + to_voxel[1, 3]
        z = to_voxel[2, 0] * wx + to_voxel[2, 1] * wy + to_voxel[2, 2] * wz + to_voxel[2, 3]
        if not inside(x, y, z, shape):
            continue
        used += 1
        qx, qy, qz = wx - middle[0], wy - middle[1], wz - middle[2]
        for c in range(moving.shape[0]):
            value, sx, sy, sz = linear_with_slope(moving[c], x, y, z)
            left = value - values[p, c]
            total += left * left
            if sx == 0 and sy == 0 and sz == 0:
                continue
            for d in range(3):
                pull = sx * to_voxel[0, d] + sy * to_voxel[1, d] + sz * to_voxel[2, d]
                row[4 * d] = pull * qx
                row[4 * d + 1] = pull * qy
                row[4 * d + 2] = pull * qz
                row[4 * d + 3] = pull
            for a in range(12):
                slope[a] += left * row[a]
                for b in range(a + 1):
                    bend[a, b] += row[a] * row[b]
    return total, used


def fit_channels(
    points: ChannelPoints,
    moving: ChannelMaps,
    start: Affine,
    *,
    freedom: int,
    iterations: int = 15,
    until_mm: float = 0.02,
) -> tuple[Affine, float]:
    """Return the affine nearby that brings moving channels onto the fixed ones, and the misfit.

    Levenberg and Marquardt's damped steps. ``freedom`` is 6 (rigid), 7 (and one scale) or 12.
    """
    basis = _basis(freedom)
    flat = basis.reshape(len(basis), 12)
    to_voxel = inverse(moving.grid.affine)
    matrix, damping = start, 1e-3
    now = misfit(points, moving.maps, to_voxel, matrix)
    for _ in range(iterations):
        if not np.isfinite(now.value):
            break
        slope, bend = flat @ now.slope, flat @ now.bend @ flat.T
        damped = bend + damping * np.diag(np.diag(bend) + 1e-12)
        step = -np.asarray(np.linalg.solve(damped, slope), dtype=np.float64)
        step *= min(1.0, 10.0 / max(float(np.linalg.norm(step)), 1e-12))
        there = stepped(matrix, _twelve(step, freedom), affine_basis(), points.centre_mm)
        new = misfit(points, moving.maps, to_voxel, there)
        if new.value < now.value:
            matrix, now, damping = there, new, damping / 5
            if float(np.linalg.norm(step)) < until_mm:
                break
        else:
            damping *= 10
            if damping > 1e4:
                break
    return matrix, now.value


def _basis(freedom: int) -> NDArray[np.float64]:
    """Return the motions that are free."""
    whole = affine_basis()
    if freedom == 7:
        return np.concatenate([whole[:6], whole[6:9].sum(axis=0, keepdims=True)])
    return whole[:freedom]


def _twelve(step: NDArray[np.float64], freedom: int) -> NDArray[np.float64]:
    """Return a step as one of all twelve motions."""
    out = np.zeros(12)
    out[:6] = step[:6]
    if freedom == 7:
        out[6:9] = step[6]
    elif freedom == 12:
        out[6:] = step[6:]
    return out


def find_affine(
    fixed: ChannelMaps,
    moving: ChannelMaps,
    *,
    freedom: int = 12,
    starts: Sequence[Affine] = (),
) -> tuple[Affine, list[float]]:
    """Return the affine from the fixed world to the moving one, and its misfit and its rivals'.

    Starts are the header, and turns and shifts about the channels' centres on blocks of 8 mm; the
    best are made rigid fits, then one scale is freed, then all.
    """
    poses: list[tuple[Affine, float]] = []
    rivals: list[float] = []
    for number, size in enumerate(LEVELS_MM):
        points, theirs = channel_points(fixed.on_blocks(size)), moving.on_blocks(size)
        if number == 0:
            tried = _tried(points, theirs, [np.eye(4), *starts])
            near = [fit_channels(points, theirs, m, freedom=6) for m in tried]
            near = [fit_channels(points, theirs, m, freedom=min(freedom, 7)) for m, _ in near]
            poses = sorted(near, key=lambda pose: pose[1])
            rivals = [value for _, value in poses]
            poses = poses[:2]
        poses = sorted(
            (fit_channels(points, theirs, m, freedom=freedom) for m, _ in poses),
            key=lambda pose: pose[1],
        )[:1]
    return poses[0][0], [poses[0][1], *rivals]


def _tried(points: ChannelPoints, moving: ChannelMaps, starts: Sequence[Affine]) -> list[Affine]:
    """Return the given starts and the eight best of turns about the centres, shifted upwards."""
    theirs = channel_points(moving).centre_mm
    to_voxel = inverse(moving.grid.affine)
    steps = np.deg2rad((-30.0, -15.0, 0.0, 15.0, 30.0))
    found = []
    for x in steps:
        for y in steps[1:4]:
            for z in steps[1:4]:
                turn = rigid((x, y, z), np.zeros(3), centre_mm=points.centre_mm)
                for up in (-30.0, 0.0, 30.0):
                    matrix = turn.copy()
                    matrix[:3, 3] += theirs - points.centre_mm + (0, 0, up)
                    found.append((misfit(points, moving.maps, to_voxel, matrix).value, matrix))
    found.sort(key=lambda one: one[0])
    return [*starts, *[matrix for _, matrix in found[:8]]]
