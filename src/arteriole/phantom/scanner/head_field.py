"""Total and local field of a painted head: fine cells, and all that lies around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom.head import Head
from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.painting.paint import cover
from arteriole.phantom.painting.paint_tubes import sphere_cover
from arteriole.phantom.scanner.dipole_field import free_field, periodic_field, sphere_field
from arteriole.phantom.scanner.kspace import block_mean
from arteriole.phantom.scanner.refine import Box, FineBox, add_upsampled, surroundings
from arteriole.phantom.tissue import CHI_AIR_PPM
from arteriole.units import hz_per_ppm


@dataclass(frozen=True, eq=False)
class HeadField:
    """The field on the fine cells of a slab, and the sources in its brain on the scan's grid.

    Parameters
    ----------
    total_hz : ndarray, float32, (x, y, z) of fine cells
        Field of head, trunk and the air in and around them, Hz.
    local_hz : ndarray, float32, (x, y, z) of voxels
        Mean field of ``chi_ppm`` alone, Hz.
    chi_ppm : ndarray, float32, (x, y, z) of voxels
        Mean susceptibility against water of what lies in the brain, 0 elsewhere.
    brain : ndarray, float32, (x, y, z) of voxels
        Fraction of each voxel in the brain.
    """

    total_hz: NDArray[np.float32]
    local_hz: NDArray[np.float32]
    chi_ppm: NDArray[np.float32]
    brain: NDArray[np.float32]


def head_field(
    head: Head,
    chi: NDArray[np.float32],
    small: tuple[LesionTruth, ...],
    box: FineBox,
    values: NDArray[np.float32],
    *,
    b0_tesla: float,
) -> HeadField:
    """Return the fields of a painted head.

    Parameters
    ----------
    head : Head
        For what lies outside the fine box.
    chi : ndarray, float32, (x, y, z)
        Susceptibility of the painted fine box against air; overwritten.
    small : tuple of LesionTruth
        Lesions that are not painted into ``chi``.
    box : FineBox
        Fine and coarse cells.
    values : ndarray, (tissues, 4)
        See `tissue_values`.
    b0_tesla : float
        Main field.

    Notes
    -----
    The Fourier field of the fine box repeats beyond it. What the repeats add, and what the rest of
    the body adds, is the difference of two coarse fields: of everything in free space, and of the
    box repeated. It is smooth inside the box, so that coarse cells are enough.

    References
    ----------
    Bouwman & Bakker 2012 (alias subtraction), doi:10.1002/mrm.24343.
    """
    around, at = surroundings(head, box, values)
    total = _field(chi, box, around, at)
    brain = cover(box.grid, head.anatomy.brain)
    _keep_inside(brain, box)
    chi += np.float32(CHI_AIR_PPM)
    chi *= brain
    inside = block_mean(brain[box.inner], box.factor)
    del brain, around
    local = _field(chi, box)
    for lesion in small:
        _add_small(total, local, chi, lesion, box.grid)
    total *= np.float32(hz_per_ppm(b0_tesla))
    return HeadField(
        total[box.inner],
        block_mean(local[box.inner], box.factor) * np.float32(hz_per_ppm(b0_tesla)),
        block_mean(chi[box.inner], box.factor),
        inside,
    )


def _field(
    chi: NDArray[np.float32],
    box: FineBox,
    around: NDArray[np.float32] | None = None,
    at: Box | None = None,
) -> NDArray[np.float32]:
    """Return the field of the fine box, alone or within its coarse surroundings, in free space."""
    b0 = box.grid.b0_direction
    field = periodic_field(chi, cell_mm=box.grid.voxel_size_mm, b0_direction=b0)
    own = block_mean(chi, box.block)
    if around is not None and at is not None:
        around[at] = own
    wide = own if around is None else around
    far = free_field(wide, cell_mm=box.coarse_mm, b0_direction=b0, keep=at)
    far -= periodic_field(own, cell_mm=box.coarse_mm, b0_direction=b0)
    add_upsampled(field, far, box.block)
    return field


def _keep_inside(fraction: NDArray[np.float32], box: FineBox) -> None:
    """Set what lies in the margin to zero, in place."""
    for axis, kept in enumerate(box.inner):
        before: list[slice] = [slice(None)] * 3
        after: list[slice] = [slice(None)] * 3
        before[axis], after[axis] = slice(0, kept.start), slice(kept.stop, None)
        fraction[tuple(before)] = 0
        fraction[tuple(after)] = 0


def _add_small(
    total: NDArray[np.float32],
    local: NDArray[np.float32],
    chi: NDArray[np.float32],
    lesion: LesionTruth,
    grid: Grid,
) -> None:
    """Add the closed-form field, and the chi, of a lesion too small for the cells."""
    covered = sphere_cover(grid, lesion.centre_mm, lesion.source_diameter_mm)
    if covered is None:
        return
    at = grid.to_voxel(lesion.centre_mm)
    middle = tuple(np.clip(np.round(at).astype(int), 0, np.subtract(grid.shape, 1)))
    contrast = lesion.chi_ppm - float(chi[middle])
    reach = 12.0 * lesion.source_diameter_mm / np.asarray(grid.voxel_size_mm)
    low = np.maximum(np.floor(at - reach).astype(int), 0)
    high = np.minimum(np.ceil(at + reach).astype(int) + 1, grid.shape)
    near = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    axes = [
        (np.arange(a, b) - c) * d
        for a, b, c, d in zip(low, high, at, grid.voxel_size_mm, strict=True)
    ]
    offset = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    field = sphere_field(
        offset,
        radius_mm=lesion.source_diameter_mm / 2.0,
        chi_ppm=contrast,
        b0_direction=grid.b0_direction,
    )
    total[near] += field
    local[near] += field
    where, f = covered
    chi[where] += f * np.float32(contrast)
