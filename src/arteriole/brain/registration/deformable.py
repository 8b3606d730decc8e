"""Affine and deformable registration of two heads by their tissue maps or matched intensities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.registration.channels import (
    BASE_MM,
    ChannelMaps,
    channel_points,
    checked_channels,
    find_affine,
)
from arteriole.brain.registration.confidence import judged_heads
from arteriole.brain.registration.demons import Demons, match_by_demons
from arteriole.brain.registration.motion import apart_mm, inverse
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.resample import resample
from arteriole.brain.registration.transforms import Warp, checked_affine, jacobian_determinant
from arteriole.grid import Grid

Float32 = NDArray[np.float32]
Affine = NDArray[np.float64]

MARGIN_MM = 12.0
DEMONS = Demons()


def register_affine(
    fixed: NDArray[Any],
    fixed_grid: Grid,
    moving: NDArray[Any],
    moving_grid: Grid,
    *,
    freedom: int = 12,
    starts: Sequence[Affine] = (),
    least_confidence: float = 0.8,
) -> Registration:
    """Return the affine from the fixed head's world to the moving head's, by their channels.

    Parameters
    ----------
    fixed, moving : ndarray, (c, x, y, z)
        The same channels of both, 0 outside the head: tissue probabilities (of any contrast), or
        intensities made alike.
    fixed_grid, moving_grid : Grid
        Where the voxels are.
    freedom : {6, 7, 12}
        Rigid, rigid and one scale, or affine.
    starts : sequence of ndarray (4, 4)
        Further places to begin from.
    least_confidence : float
        Below it the result is "not assessable".

    Returns
    -------
    Registration
        With a (4, 4) transform.

    Raises
    ------
    ValueError
        If channels and grids do not fit, are not finite or constant, or the freedom is another.

    Notes
    -----
    Least squares over the channels by damped Gauss-Newton steps, on blocks of 8, 4 and 2 mm, from
    the headers and the eight best of 135 turns (to 30 degrees) and shifts about the centres. It is
    done both ways; the distance between the two results is a part of the confidence.
    """
    ours, theirs = checked_pair(fixed, fixed_grid, moving, moving_grid, BASE_MM)
    if freedom not in (6, 7, 12):
        raise ValueError(f"an affine has 6, 7 or 12 degrees of freedom, not {freedom}")
    there, measures = _affine(ours, theirs, freedom, starts)
    return judged_heads(there, measures, least_confidence)


def register_deformable(
    fixed: NDArray[Any],
    fixed_grid: Grid,
    moving: NDArray[Any],
    moving_grid: Grid,
    *,
    affine: Affine | None = None,
    step_mm: float = 2.0,
    how: Demons = DEMONS,
    least_confidence: float = 0.8,
) -> Registration:
    """Return the warp from the fixed head's world to the moving head's, by their channels.

    Parameters
    ----------
    fixed, moving : ndarray, (c, x, y, z)
        The same channels of both, as for `register_affine`.
    fixed_grid, moving_grid : Grid
        Where the voxels are.
    affine : ndarray (4, 4), optional
        Known beforehand; without it `register_affine` comes first.
    step_mm : float
        Voxels of the warp, mm.
    how : Demons
        Steps and smoothing.
    least_confidence : float
        Below it the result is "not assessable".

    Returns
    -------
    Registration
        With a `Warp`. What lies outside either field of view moves with its surroundings.

    Raises
    ------
    ValueError
        As `register_affine`, and if a voxel is no positive length.

    Notes
    -----
    Demons with the summed forces of all channels (`match_by_demons`) on a grid of equal voxels
    along the fixed axes. ``folded`` among the measures is the share of voxels whose volume
    turned over: 0 unless the smoothing is made weak. A cortex is matched as a band, not fold by
    fold: gyri of two people are not the same.
    """
    if not step_mm > 0:
        raise ValueError(f"the warp's voxels have a positive size, not {step_mm} mm")
    ours, theirs = checked_pair(fixed, fixed_grid, moving, moving_grid, step_mm)
    if affine is None:
        start, measures = _affine(ours, theirs, 12, ())
    else:
        start, measures = checked_affine(affine), {}
    grid = _working_grid(ours, step_mm)
    there, back, weight = _on_one_grid(ours, theirs, start, grid)
    moved, misfits = match_by_demons(there, back, weight, how=how)
    warp = Warp(grid, moved @ grid.affine[:3, :3].T.astype(np.float32), start)
    volume = jacobian_determinant(warp) / np.linalg.det(start[:3, :3])
    inner = np.abs(there).sum(axis=0) > 0.05
    measures |= {
        "misfit_before": misfits[0],
        "misfit": misfits[-1],
        "likeness": likeness(ours, theirs, warp),
        "least_volume_ratio": float(volume[inner].min()),
        "folded": float((volume <= 0).mean()),
        "moved_mm": float(np.linalg.norm(warp.displacement_mm[inner], axis=-1).mean()),
    }
    return judged_heads(warp, measures, least_confidence)


def _affine(
    ours: ChannelMaps, theirs: ChannelMaps, freedom: int, starts: Sequence[Affine]
) -> tuple[Affine, dict[str, float]]:
    """Return the affine from one head to the other, and what speaks for it."""
    there, values = find_affine(ours, theirs, freedom=freedom, starts=starts)
    back, _ = find_affine(theirs, ours, freedom=freedom, starts=[inverse(s) for s in starts])
    apart = apart_mm(there, inverse(back), channel_points(ours.on_blocks(8.0)).places_mm)
    return there, {
        "apart_mm": float(apart.mean()),
        "likeness": likeness(ours, theirs, there),
        "misfit": values[0],
    }


def checked_pair(
    fixed: NDArray[Any],
    fixed_grid: Grid,
    moving: NDArray[Any],
    moving_grid: Grid,
    size_mm: float,
) -> tuple[ChannelMaps, ChannelMaps]:
    """Return both sets of channels on blocks; raise ValueError unless they fit."""
    ours = checked_channels(fixed, fixed_grid, size_mm=size_mm)
    theirs = checked_channels(moving, moving_grid, size_mm=size_mm)
    if len(ours.maps) != len(theirs.maps):
        count = (len(ours.maps), len(theirs.maps))
        raise ValueError(f"both heads need the same channels, not {count[0]} and {count[1]}")
    return ours, theirs


def likeness(fixed: ChannelMaps, moving: ChannelMaps, transform: Affine | Warp) -> float:
    """Return the overlap of channels under a transform: twice the common part over the sum.

    Over the part of the fixed grid that the moving one covers; 1 where all channels are the same,
    0 without anything in common.
    """
    ones = np.ones(moving.grid.shape, np.float32)
    seen = resample(ones, moving.grid, onto=fixed.grid, transforms=transform)
    common, total = 0.0, 0.0
    for ours, one in zip(fixed.maps, moving.maps, strict=True):
        theirs = resample(one, moving.grid, onto=fixed.grid, transforms=transform)
        common += float((np.minimum(ours, theirs) * seen).sum(dtype=np.float64))
        total += float(((ours + theirs) * seen).sum(dtype=np.float64))
    return 2 * common / max(total, 1e-9)


def _working_grid(channels: ChannelMaps, step_mm: float) -> Grid:
    """Return a grid of equal voxels along the fixed axes around what the channels hold."""
    mass = np.abs(channels.maps).sum(axis=0)
    voxels = np.argwhere(mass > 0.05 * float(mass.max()))
    size = np.array(channels.grid.voxel_size_mm)
    # On whole voxels: channels that already have this size are taken over as they are.
    low = voxels.min(axis=0) - np.ceil(MARGIN_MM / size)
    high = voxels.max(axis=0) + np.ceil(MARGIN_MM / size)
    shape = np.maximum(np.ceil((high - low) * size / step_mm) + 1, 4).astype(int)
    affine = channels.grid.affine.copy()
    affine[:3, :3] = channels.grid.affine[:3, :3] * (step_mm / size)
    affine[:3, 3] = channels.grid.to_world(low)
    return Grid((int(shape[0]), int(shape[1]), int(shape[2])), affine)


def _on_one_grid(
    fixed: ChannelMaps, moving: ChannelMaps, affine: Affine, grid: Grid
) -> tuple[Float32, Float32, Float32]:
    """Return both sets of channels on the working grid, and where both are known."""
    weight = np.ones(grid.shape, np.float32)
    out = []
    for one, way in ((fixed, np.eye(4)), (moving, affine)):
        parts = [resample(part, one.grid, onto=grid, transforms=way) for part in one.maps]
        out.append(np.stack(parts))
        ones = np.ones(one.grid.shape, np.float32)
        weight *= resample(ones, one.grid, onto=grid, transforms=way)
    return out[0], out[1], weight
