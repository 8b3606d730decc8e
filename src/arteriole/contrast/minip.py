"""Sliding minimum-intensity projection (mIP) on the grid of its input."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

Size3 = tuple[float, float, float]


def minimum_intensity_projection(
    swi: NDArray[Any],
    *,
    thickness_mm: float = 14.0,
    spacing_mm: float,
    axis: int,
    mask: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Take the darkest signal of a slab centred on each slice, so that veins join up.

    Parameters
    ----------
    swi : ndarray, (x, y, z)
        Susceptibility-weighted signal, any unit.
    thickness_mm : float
        Thickness of the slab; the nearest odd number of slices is taken, at least one.
    spacing_mm : float
        Distance of neighbouring slices along ``axis``, mm.
    axis : int
        Voxel axis to project along (see `projection_axis`).
    mask : ndarray of bool, (x, y, z), optional
        Voxels that count; without it, those that are not exactly 0.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Same grid as the input. At the ends of the volume the slab is cut, not mirrored. Voxels
        outside the mask are 0 and never darken those inside.

    Raises
    ------
    ValueError
        If the volume is not 3-D, shapes differ, or a length is not positive.
    """
    if swi.ndim != 3 or axis not in (0, 1, 2):
        raise ValueError(f"a 3-D volume and axis 0, 1 or 2, not shape {swi.shape}, axis {axis}")
    if not (thickness_mm > 0 and spacing_mm > 0):
        raise ValueError(f"lengths must be positive: {thickness_mm} mm, {spacing_mm} mm")
    inside = swi != 0 if mask is None else mask
    if inside.shape != swi.shape:
        raise ValueError(f"mask has shape {inside.shape}, expected {swi.shape}")
    signal = np.where(inside, swi, np.inf).astype(np.float32)
    # Repeating the end slice adds nothing to a minimum: the slab is cut at the ends.
    darkest = scipy.ndimage.minimum_filter1d(
        signal, slices_of(thickness_mm, spacing_mm), axis=axis, mode="nearest"
    )
    return np.where(inside, darkest, 0).astype(np.float32)


def slices_of(thickness_mm: float, spacing_mm: float) -> int:
    """Return the odd number of slices nearest to a thickness (a tie takes the thicker slab)."""
    return 2 * int(np.floor(thickness_mm / spacing_mm / 2)) + 1


def projection_axis(voxel_size_mm: Size3, *, head_foot: int = 2) -> int:
    """Return the slice axis: the one of the thickest voxels; the head-foot axis in a tie."""
    thickest = max(voxel_size_mm)
    # A per cent of difference is rounding of the header, not a choice of slices.
    ties = [a for a in range(3) if voxel_size_mm[a] > 0.99 * thickest]
    return head_foot if head_foot in ties else ties[-1]
