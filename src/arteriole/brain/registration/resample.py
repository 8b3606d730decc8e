"""Bring an image onto another grid through any number of transforms, with one interpolation."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.brain.registration.interpolate import along_affine, at_places
from arteriole.brain.registration.transforms import (
    Transforms,
    Warp,
    as_chain,
    compose,
    transform_points,
)
from arteriole.grid import Grid

NEAREST, LINEAR, CUBIC = 0, 1, 3
_POINTS_AT_ONCE = 2_000_000


def resample(
    image: NDArray[Any],
    grid: Grid,
    *,
    onto: Grid,
    transforms: Transforms | None = None,
    order: int = LINEAR,
    outside: float = 0.0,
) -> NDArray[Any]:
    """Return a moving image on the fixed image's grid.

    Parameters
    ----------
    image : ndarray, (x, y, z)
        The moving image; labels and masks go with order 0.
    grid : Grid
        Where its voxels are.
    onto : Grid
        Where values are wanted, in the fixed image's world.
    transforms : ndarray (4, 4), Warp, or several of them, optional
        From the fixed to the moving world, the one that is applied first in front. They are
        followed point by point: the image is interpolated once. None: both share one world.
    order : {0, 1, 3}
        0 takes the nearest voxel (the type is kept), 1 is linear, 3 a cubic spline (both float32).
    outside : float
        Value where the moving image has none: farther than half a voxel from its outer centres.

    Returns
    -------
    out : ndarray, shape of ``onto``
        Float32, or the image's own type for order 0.

    Raises
    ------
    ValueError
        If the image does not fit its grid, or the order is another.

    Notes
    -----
    Nothing is averaged: onto voxels much larger than the image's own, smooth the image first. A
    cubic spline overshoots at sharp edges by some percent of the step.
    """
    if image.shape != grid.shape:
        raise ValueError(f"the image has shape {image.shape}, its grid {grid.shape}")
    if order not in (NEAREST, LINEAR, CUBIC):
        raise ValueError(f"order is 0 (nearest), 1 (linear) or 3 (cubic), not {order}")
    chain = as_chain(np.eye(4) if transforms is None else transforms)
    if order == LINEAR and not any(isinstance(one, Warp) for one in chain):
        matrix = np.linalg.inv(grid.affine) @ np.asarray(compose(*chain)) @ onto.affine
        out = np.empty(onto.shape, np.float32)
        along_affine(np.ascontiguousarray(image, np.float32), matrix, outside, out)
        return out
    source: NDArray[Any] = np.ascontiguousarray(image)
    if order != NEAREST:
        source = source.astype(np.float32, copy=False)
    if order == CUBIC:
        source = scipy.ndimage.spline_filter(source, order=3, output=np.float32, mode="nearest")
    out = np.empty(onto.shape, source.dtype)
    thick = max(1, _POINTS_AT_ONCE // (onto.shape[1] * onto.shape[2]))
    for start in range(0, onto.shape[0], thick):
        slab = slice(start, min(start + thick, onto.shape[0]))
        places = _places(onto, slab, grid, chain)
        out[slab] = _values(source, places, order, outside)
    return out


def _places(onto: Grid, slab: slice, grid: Grid, chain: Any) -> NDArray[np.float64]:
    """Return the moving voxel places of the planes of a slab, (planes, y, z, 3)."""
    axes = [np.arange(slab.start, slab.stop), *[np.arange(n) for n in onto.shape[1:]]]
    voxels = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    return grid.to_voxel(transform_points(chain, onto.to_world(voxels)))


def _values(
    source: NDArray[Any], places: NDArray[np.float64], order: int, outside: float
) -> NDArray[Any]:
    """Return the source at voxel places, by nearest, linear or filtered cubic interpolation."""
    if order == LINEAR:
        out = np.empty(places.shape[:3], np.float32)
        at_places(source, places, outside, out)
        return out
    last = np.array(source.shape) - 1
    within = ((places >= -0.5) & (places <= last + 0.5)).all(axis=-1)
    if order == NEAREST:
        i, j, k = np.moveaxis(np.clip(np.rint(places), 0, last).astype(np.int64), -1, 0)
        return np.where(within, source[i, j, k], np.asarray(outside, source.dtype))
    places = np.moveaxis(np.clip(places, 0, last), -1, 0)
    cubic = scipy.ndimage.map_coordinates(source, places, order=3, prefilter=False, mode="nearest")
    return np.where(within, cubic, np.float32(outside))
