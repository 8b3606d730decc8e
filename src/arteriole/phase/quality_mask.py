"""Where phase can be relied upon: the mask less its unreliable rim, without holes inside."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.morphology import closed, largest_component, opened

Mask = NDArray[np.bool_]


def phase_quality_mask(
    quality: NDArray[np.float32],
    *,
    mask: Mask,
    voxel_size_mm: tuple[float, float, float],
    reliable: Mask | None = None,
    threshold: float = 0.4,
    closing_mm: float = 3.0,
    opening_mm: float = 2.0,
    hole_ml: float = 10.0,
    spot_ml: float = 0.2,
) -> Mask:
    """Return the part of the mask whose phase is good enough for background removal.

    Parameters
    ----------
    quality : ndarray, float32, (x, y, z)
        Phase quality, [0, 1], as by `romeo_quality`.
    mask : ndarray, bool, (x, y, z)
        The brain.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    reliable : ndarray, bool, (x, y, z), optional
        Voxels whose echoes agree (`FieldFit.reliable`); others count as bad.
    threshold : float
        The least quality of a good voxel.
    closing_mm : float
        Bad gaps narrower than twice this are kept in the mask: veins and bleeds at the surface.
    opening_mm : float
        Good parts thinner than twice this that stick out are cut off.
    hole_ml : float
        Bad regions up to this volume that good voxels enclose are kept: lesions, deep veins.
    spot_ml : float
        Bad regions up to this volume are kept at the surface, too: cortical microbleeds.

    Returns
    -------
    ndarray, bool, (x, y, z)
        One connected part of ``mask``; empty if no voxel is good.

    Raises
    ------
    ValueError
        If shapes do not fit.

    Notes
    -----
    A hole in the mask does more harm to background removal than the few wrong voxels in it, while
    a rim of noise leaks everywhere; so bad voxels go only where they reach the outside.
    """
    for name, other in (("mask", mask), ("reliable", reliable)):
        if other is not None and other.shape != quality.shape:
            raise ValueError(f"{name} has shape {other.shape}, quality {quality.shape}")
    good = mask & (quality >= threshold)
    if reliable is not None:
        good &= reliable
    if not good.any():
        return good
    per_ml = 1000 / float(np.prod(voxel_size_mm))
    most = hole_ml * per_ml
    good |= _small_parts(mask & ~good, spot_ml * per_ml)
    kept = closed(good, closing_mm, voxel_size_mm=voxel_size_mm) & mask
    kept = _cut_thin_parts(_fill_small_holes(kept, most), opening_mm, voxel_size_mm)
    return _fill_small_holes(largest_component(kept), most) & mask


def _cut_thin_parts(
    mask: Mask, radius_mm: float, voxel_size_mm: tuple[float, float, float]
) -> Mask:
    """Open the mask, going on past the faces of the volume; a mask that is all thin stays."""
    pads = [int(np.ceil(radius_mm / d)) + 1 for d in voxel_size_mm]
    wide = np.pad(mask, [(p, p) for p in pads], mode="edge")
    inner = tuple(slice(p, p + n) for p, n in zip(pads, mask.shape, strict=True))
    core = opened(wide, radius_mm, voxel_size_mm=voxel_size_mm)[inner]
    return core if core.any() else mask


def _fill_small_holes(mask: Mask, voxels: float) -> Mask:
    """Fill the holes of at most so many voxels that the mask encloses."""
    return mask | _small_parts(~mask, voxels, enclosed=True)


def _small_parts(mask: Mask, voxels: float, *, enclosed: bool = False) -> Mask:
    """Return the components of at most so many voxels, off the faces of the volume if enclosed."""
    labels, count = scipy.ndimage.label(mask)
    small = np.bincount(labels.ravel(), minlength=count + 1) <= voxels
    small[0] = False
    if enclosed:
        small[_labels_on_faces(labels)] = False
    return np.asarray(small[labels])


def _labels_on_faces(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Labels that touch a face of the volume, and so are open to the outside."""
    faces = [np.moveaxis(labels, axis, 0)[side].ravel() for axis in range(3) for side in (0, -1)]
    return np.unique(np.concatenate(faces))
