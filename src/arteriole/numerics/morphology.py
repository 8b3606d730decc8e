"""Shapes of masks in millimetres: ball erosion and dilation, holes, components."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.nearness import within

Mask = NDArray[np.bool_]
Size3 = tuple[float, float, float]


def distance_inside(mask: Mask, *, voxel_size_mm: Size3) -> NDArray[np.float32]:
    """Return for each voxel of the mask its distance (mm) to the nearest voxel outside.

    What lies beyond the volume counts as outside.
    """
    rim = np.pad(mask, 1)
    distance = scipy.ndimage.distance_transform_edt(rim, sampling=voxel_size_mm)
    return np.ascontiguousarray(distance[1:-1, 1:-1, 1:-1], dtype=np.float32)


def erode(mask: Mask, radius_mm: float, *, voxel_size_mm: Size3) -> Mask:
    """Keep the voxels whose ball of ``radius_mm`` lies inside the mask and the volume."""
    outside = np.pad(~mask, 1, constant_values=True)
    near = within(outside, radius_mm, voxel_size_mm=voxel_size_mm)
    return np.ascontiguousarray(~near[1:-1, 1:-1, 1:-1])


def dilate(mask: Mask, radius_mm: float, *, voxel_size_mm: Size3) -> Mask:
    """Add the voxels within ``radius_mm`` of the mask."""
    return within(np.ascontiguousarray(mask), radius_mm, voxel_size_mm=voxel_size_mm)


def opened(mask: Mask, radius_mm: float, *, voxel_size_mm: Size3) -> Mask:
    """Erode, then dilate: what is thinner than the ball goes."""
    core = erode(mask, radius_mm, voxel_size_mm=voxel_size_mm)
    return dilate(core, radius_mm, voxel_size_mm=voxel_size_mm) & mask


def closed(mask: Mask, radius_mm: float, *, voxel_size_mm: Size3) -> Mask:
    """Dilate, then erode: gaps narrower than the ball fill."""
    pad = [int(np.ceil(radius_mm / d)) + 1 for d in voxel_size_mm]
    wide = dilate(np.pad(mask, [(p, p) for p in pad]), radius_mm, voxel_size_mm=voxel_size_mm)
    back = erode(wide, radius_mm, voxel_size_mm=voxel_size_mm)
    inner = tuple(slice(p, p + n) for p, n in zip(pad, mask.shape, strict=True))
    return np.ascontiguousarray(back[inner]) | mask


def fill_holes(mask: Mask) -> Mask:
    """Fill what the mask encloses in 3-D."""
    return np.asarray(scipy.ndimage.binary_fill_holes(mask))


def largest_component(mask: Mask) -> Mask:
    """Keep the largest 6-connected component; an empty mask stays empty."""
    labels, count = scipy.ndimage.label(mask)
    if count == 0:
        return mask.copy()
    sizes: NDArray[Any] = np.bincount(labels.ravel())
    sizes[0] = 0
    return np.asarray(labels == sizes.argmax())


def bounding_box(mask: Mask) -> tuple[slice, slice, slice]:
    """Return the smallest box that holds the mask, as slices.

    Raises
    ------
    ValueError
        If the mask is empty.
    """
    if not mask.any():
        raise ValueError("the mask is empty")
    sides = []
    for axis in range(3):
        other = tuple(a for a in range(3) if a != axis)
        places = np.flatnonzero(mask.any(axis=other))
        sides.append(slice(int(places[0]), int(places[-1]) + 1))
    return (sides[0], sides[1], sides[2])
