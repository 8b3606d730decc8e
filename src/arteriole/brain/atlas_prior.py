"""Where the parts of a head may be, in an image of any contrast, by the atlas laid on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.atlas.priors import tissue_priors
from arteriole.brain.atlas.surroundings import surroundings
from arteriole.brain.registration.channels import channel_points, checked_channels, fit_channels
from arteriole.brain.registration.deformable import register_deformable
from arteriole.brain.registration.interpolate import corner
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.resample import resample
from arteriole.brain.registration.rigid import register_rigid
from arteriole.brain.registration.transforms import Transform, transform_points, voxel_points
from arteriole.brain.registration.views import blocked
from arteriole.brain.tissue import part_posteriors
from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.smooth import gaussian

Image = NDArray[np.float32]

CHANNELS = (
    (c.CORTEX, c.CEREBELLAR_CORTEX, c.HIPPOCAMPUS, c.AMYGDALA),
    (c.WHITE, c.CEREBELLAR_WHITE),
    (c.LATERAL, c.THIRD, c.FOURTH),
    (c.THALAMUS, c.CAUDATE, c.PUTAMEN, c.ACCUMBENS, c.PALLIDUM),
    (c.BRAINSTEM, c.VENTRAL),
    (c.SULCAL,),
)
"""Parts that are matched together."""
AIR = (len(c.CLASSES),)
"""Matched too while the affine is rough: the outline of the head, which every contrast shows."""
COARSE_MM = 4.0
"""Size of the cubes that the affine is found on."""
ROUNDS = (
    (6.0, 8.0, 7, (AIR,)), (5.0, 8.0, 7, (AIR,)), (4.0, 4.0, 12, (AIR,)), (4.0, 4.0, 12, (AIR,)),
    (3.0, 4.0, 12, ()), (3.0, 4.0, 12, ()),
)  # fmt: skip
"""While the affine is found: blur of the prior and size of the blocks that are compared (mm), and
degrees of freedom (rigid with one scale at first), and what is matched beside the brain's parts."""
LOOKS = (0.0, 0.1, 0.7, 0.2, 0.6, 1.0)
"""Air, bone, soft tissue, fluid, grey and white matter in the image that is looked for first."""
BOX_MM = 12.0
"""The prior goes on so far around the brain."""


@dataclass(frozen=True, eq=False)
class AtlasPrior:
    """The atlas on an image.

    Parameters
    ----------
    prior : ndarray, float32, (22, p, q, r)
        Probability of each part, of `arteriole.brain.classes.CLASSES` and of those around it.
    work : Grid
        Where it is, in the image's world.
    to_template : Registration
        From the image's world to MNI152.
    """

    prior: Image
    work: Grid
    to_template: Registration


def lay_atlas(blocks: Image, work: Grid, *, deform: bool = True) -> AtlasPrior:
    """Lay the atlas on an image of any contrast.

    Parameters
    ----------
    blocks : ndarray, float32, (x, y, z)
        The image in cubes of about 2 mm; any contrast, with or without skull.
    work : Grid
        Where they are.
    deform : bool
        Bend the atlas after the affine.

    Returns
    -------
    AtlasPrior
        The prior on the image, and the way to the template.

    Raises
    ------
    ValueError
        If the image holds no head.

    Notes
    -----
    1. A rigid motion by mutual information with a painting of the average head, from many starts.
    2. Three times: a Gaussian mixture under the blurred atlas divides the image into parts, and an
       affine brings the atlas' parts to them (least squares over five channels).
    3. The same with demons; then the atlas is interpolated once.

    No contrast is assumed: each tissue's intensity is fitted (Ashburner 2005). What is outside the
    brain is air, bone, and two kinds of soft tissue.

    References
    ----------
    Ashburner & Friston 2005, doi:10.1016/j.neuroimage.2005.02.018.
    """
    stripped = is_stripped(blocks)
    parts, grid = head_parts(stripped=stripped)
    way = _first_pose(blocks, work, parts, grid)
    small, few, _ = blocked(blocks, work, COARSE_MM)
    for blur, size, freedom, more in ROUNDS:
        found = part_posteriors(small, few, laid(_blurred(blur, stripped), grid, few, way))
        ours = checked_channels(_channels(found, *more), few, size_mm=COARSE_MM).on_blocks(size)
        theirs = checked_channels(_channels(parts, *more), grid, size_mm=2.0).on_blocks(size)
        way, _ = fit_channels(channel_points(ours), theirs, way, freedom=freedom)
    found = part_posteriors(blocks, work, laid(_blurred(2.0, stripped), grid, work, way))
    told = register_deformable(_channels(found), work, _channels(parts), grid, affine=way)
    final: Transform = told.transform if deform else way
    return AtlasPrior(laid(parts, grid, work, final), work, told)


@lru_cache(maxsize=2)
def head_parts(*, stripped: bool = False) -> tuple[Image, Grid]:
    """Return the atlas (22, x, y, z) of the brain's parts and of what is around them, 2 mm.

    With ``stripped`` all that is around the brain is air. The last two channels, soft tissue that
    is dark and that is bright, share one probability. The grid is the template's, wider by 24 mm.
    """
    _, inner, grid = tissue_priors()
    rim = 12
    wide_shape = tuple(n + 2 * rim for n in grid.shape)
    affine = grid.affine.copy()
    affine[:3, 3] = grid.to_world((-rim, -rim, -rim))
    wide = Grid((wide_shape[0], wide_shape[1], wide_shape[2]), affine)
    out = np.zeros((len(c.CLASSES) + 4, *wide.shape), np.float32)
    within = (slice(rim, -rim),) * 3
    out[(slice(1, len(c.CLASSES)), *within)] = inner[1:]
    outside = 1 - out[1 : len(c.CLASSES)].sum(axis=0)
    shares, coarse = surroundings()
    around = np.stack([resample(one, coarse, onto=wide) for one in shares])
    around[0] += 1 - np.stack([resample(np.ones_like(shares[0]), coarse, onto=wide)])[0]
    if stripped:
        around[0], around[1:] = 1.0, 0.0
    around += 1e-3
    around *= outside / around.sum(axis=0)
    first = len(c.CLASSES)
    out[first], out[first + 1] = around[0], around[1]
    out[first + 2] = out[first + 3] = around[2] / 2
    out.setflags(write=False)
    return out, wide


@lru_cache(maxsize=4)
def _blurred(sigma_mm: float, stripped: bool) -> Image:
    parts, grid = head_parts(stripped=stripped)
    return np.stack([gaussian(p, sigma_mm, voxel_size_mm=grid.voxel_size_mm) for p in parts])


def _channels(parts: Image, *more: tuple[int, ...]) -> Image:
    return np.stack([parts[list(group)].sum(axis=0) for group in (*CHANNELS, *more)])


def _first_pose(blocks: Image, work: Grid, parts: Image, grid: Grid) -> NDArray[np.float64]:
    """Return a rigid motion from the image's world to the template's."""
    first = len(c.CLASSES)
    shares = (
        parts[first],
        parts[first + 1],
        parts[first + 2] + parts[first + 3],
        parts[list(c.FLUID)].sum(axis=0),
        parts[list(c.GREY)].sum(axis=0),
        parts[list(c.WHITE_MATTER)].sum(axis=0),
    )
    painted = sum(level * share for level, share in zip(LOOKS, shares, strict=True))
    pose = register_rigid(blocks, work, np.asarray(painted, np.float32), grid).transform
    return np.asarray(pose, np.float64)


def is_stripped(blocks: Image) -> bool:
    """Tell whether what is around the brain was set to one value before.

    A scan's air has noise; where more than a third of the image has exactly one value, and what
    has another is no larger than a brain, the skull is gone.
    """
    background = float(blocks[0, 0, 0])
    shown = np.abs(blocks - background) > 1e-6 * float(np.ptp(blocks))
    return bool(shown.mean() < 0.6 and shown.sum() * 0.008 < 2200)


def laid(parts: Image, grid: Grid, work: Grid, way: Transform) -> Image:
    """Return the atlas on the work grid through a transform, with one interpolation.

    What lies beyond the atlas is air.
    """
    places = np.ascontiguousarray(grid.to_voxel(transform_points(way, voxel_points(work))))
    out = np.zeros((len(parts), *work.shape), np.float32)
    _gather(parts, places, len(c.CLASSES), out)
    return out


@kernel(parallel=True)
def _gather(parts: Any, places: Any, air: int, out: Any) -> None:
    count, nx, ny, nz = out.shape
    sx, sy, sz = parts.shape[1], parts.shape[2], parts.shape[3]
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                x, y, z = places[i, j, k, 0], places[i, j, k, 1], places[i, j, k, 2]
                if not (0 <= x <= sx - 1 and 0 <= y <= sy - 1 and 0 <= z <= sz - 1):
                    out[air, i, j, k] = 1
                    continue
                x0, x1, a = corner(x, sx)
                y0, y1, b = corner(y, sy)
                z0, z1, d = corner(z, sz)
                for n in range(count):
                    low = (1 - b) * (
                        (1 - d) * parts[n, x0, y0, z0] + d * parts[n, x0, y0, z1]
                    ) + b * ((1 - d) * parts[n, x0, y1, z0] + d * parts[n, x0, y1, z1])
                    high = (1 - b) * (
                        (1 - d) * parts[n, x1, y0, z0] + d * parts[n, x1, y0, z1]
                    ) + b * ((1 - d) * parts[n, x1, y1, z0] + d * parts[n, x1, y1, z1])
                    out[n, i, j, k] = (1 - a) * low + a * high
