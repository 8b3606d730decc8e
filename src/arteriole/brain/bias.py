"""N4: the smooth field that makes one tissue brighter in one place than in another."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.morphology import bounding_box

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEAST_VOXELS = 500


def correct_bias(
    image: NDArray[Any],
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    shrink_mm: float = 4.0,
    control_mm: float = 160.0,
    iterations: tuple[int, ...] = (50, 50, 30),
    tolerance: float = 1e-4,
    outliers: float = 0.01,
    lesions: Mask | None = None,
) -> tuple[Float32, Float32]:
    """Return the image with its bias field divided out, and the field.

    Parameters
    ----------
    image : ndarray, (x, y, z)
        Magnitude, any unit, not negative.
    mask : ndarray of bool, (x, y, z)
        The brain.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    shrink_mm : float
        The field is fitted on blocks of about this size.
    control_mm : float
        Distance of the spline's control points on the first level; each further level halves it.
    iterations : tuple of int
        Most steps a level.
    tolerance : float
        A level ends when the field changes less than this between steps (coefficient of
        variation).
    outliers : float
        Share of the brain's voxels at each end of the intensities that the fit does not see.
    lesions : ndarray of bool, optional
        Voxels that the fit does not see.

    Returns
    -------
    corrected : ndarray, float32, (x, y, z)
        Everywhere image / field.
    field : ndarray, float32, (x, y, z)
        Positive, mean 1 in the mask; outside it goes on with the nearest value of the mask.

    Raises
    ------
    ValueError
        If shapes differ, fewer than 500 voxels of the mask have signal, the image is negative
        or not finite in the mask, or a size or share is impossible.

    Notes
    -----
    N4 sharpens the histogram of the logarithm and smooths what is left by B-splines, on one
    thread. Lesions, vessels and rims are kept from drawing the field: the brightest and darkest
    hundredth are left out, and so is a rim of one block, where fluid and partial volume lie. A
    lesion larger than the control points' distance still looks like bias, in any method of
    this kind; give its mask.

    References
    ----------
    Tustison 2010, doi:10.1109/TMI.2010.2046908.
    """
    _check(image, mask, lesions, voxel_size_mm, shrink_mm, control_mm, outliers, iterations)
    signal = np.asarray(image, dtype=np.float32)
    trusted = _trusted(signal, mask, lesions, outliers)
    factors = [max(1, round(shrink_mm / d)) for d in voxel_size_mm]
    box = bounding_box(mask)
    coarse, weight = _block_means(signal[box], trusted[box], factors)
    size = [d * f for d, f in zip(voxel_size_mm, factors, strict=True)]
    log_field = _fit(coarse, weight, size, control_mm, iterations, tolerance)
    inner = np.exp(_to_voxels(log_field, factors, signal[box].shape))
    sides = [(s.start, n - s.stop) for s, n in zip(box, image.shape, strict=True)]
    wide = np.pad(inner / inner[mask[box]].mean(), sides, mode="edge")
    field: Float32 = wide.astype(np.float32)
    return (signal / field).astype(np.float32), field


def _check(
    image: NDArray[Any],
    mask: Mask,
    lesions: Mask | None,
    voxel_size_mm: Size3,
    shrink_mm: float,
    control_mm: float,
    outliers: float,
    iterations: tuple[int, ...],
) -> None:
    """Raise ValueError where the input is not what is asked for."""
    if image.ndim != 3 or mask.shape != image.shape:
        raise ValueError(f"image {image.shape} and mask {mask.shape} must share one 3-D shape")
    if lesions is not None and lesions.shape != image.shape:
        raise ValueError(f"lesions {lesions.shape} and image {image.shape} must share a shape")
    if not min(*voxel_size_mm, shrink_mm, control_mm) > 0:
        raise ValueError(f"sizes are positive, not {(*voxel_size_mm, shrink_mm, control_mm)} mm")
    if not 0 <= outliers < 0.4 or not iterations or min(iterations) < 1:
        raise ValueError(f"outliers lie in [0, 0.4), steps are positive: {outliers}, {iterations}")
    inner = image[mask]
    if inner.size and (not np.isfinite(inner).all() or float(inner.min()) < 0):
        raise ValueError("the image is negative or not finite in the mask")
    if int((inner > 0).sum()) < LEAST_VOXELS:
        raise ValueError(f"{int((inner > 0).sum())} voxels have signal, N4 needs {LEAST_VOXELS}")


def _trusted(signal: Float32, mask: Mask, lesions: Mask | None, outliers: float) -> Mask:
    """Return the voxels that the fit sees."""
    seen = mask & (signal > 0)
    if lesions is not None and (seen & ~lesions).sum() >= LEAST_VOXELS:
        seen = seen & ~lesions
    low, high = np.quantile(signal[seen], (outliers, 1 - outliers))
    return np.asarray(seen & (signal >= low) & (signal <= high))


def _block_means(signal: Float32, trusted: Mask, factors: list[int]) -> tuple[Float32, Float32]:
    """Return means over the trusted voxels of each block, and their share of the block."""
    pads = [(0, -n % f) for n, f in zip(signal.shape, factors, strict=True)]
    total = np.pad(np.where(trusted, signal, 0), pads)
    count = np.pad(trusted.astype(np.float32), pads)
    for axis, factor in enumerate(factors):
        shape = [*total.shape[:axis], -1, factor, *total.shape[axis + 1 :]]
        total = total.reshape(shape).mean(axis=axis + 1)
        count = count.reshape(shape).mean(axis=axis + 1)
    return (total / np.where(count > 0, count, 1)).astype(np.float32), count


def _fit(
    coarse: NDArray[np.float32],
    weight: NDArray[np.float32],
    size: list[float],
    control_mm: float,
    iterations: tuple[int, ...],
    tolerance: float,
) -> NDArray[np.float64]:
    """Return the logarithm of the field on the blocks, by N4."""
    import SimpleITK as Itk

    seen = weight > 0.5 if (weight > 0.5).sum() > 64 else weight > 0
    inner = scipy.ndimage.binary_erosion(seen)
    seen = inner if inner.sum() > 64 else seen
    image = Itk.GetImageFromArray(np.ascontiguousarray(np.where(seen, coarse, 1.0).T))
    inside = Itk.GetImageFromArray(np.ascontiguousarray(seen.T.astype(np.uint8)))
    for one in (image, inside):
        one.SetSpacing(size)
    field = Itk.N4BiasFieldCorrectionImageFilter()
    field.SetNumberOfThreads(1)
    field.SetMaximumNumberOfIterations(list(iterations))
    field.SetConvergenceThreshold(tolerance)
    spans = [max(1, round(n * d / control_mm)) for n, d in zip(coarse.shape, size, strict=True)]
    field.SetNumberOfControlPoints([s + 3 for s in spans])
    field.Execute(Itk.Cast(image, Itk.sitkFloat32), inside)
    log_field = Itk.GetArrayFromImage(field.GetLogBiasFieldAsImage(image)).T
    # What lies outside goes on with the nearest value: splines run wild there.
    near = scipy.ndimage.distance_transform_edt(
        ~seen, sampling=size, return_distances=False, return_indices=True
    )
    return np.asarray(log_field[tuple(near)], dtype=np.float64)


def _to_voxels(
    coarse: NDArray[np.float64], factors: list[int], shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """Return values on blocks at the voxels, linear between the blocks' centres."""
    fine = scipy.ndimage.gaussian_filter(coarse, 0.7, mode="nearest")
    for axis, (factor, n) in enumerate(zip(factors, shape, strict=True)):
        place = np.clip((np.arange(n) + 0.5) / factor - 0.5, 0, fine.shape[axis] - 1)
        low = np.minimum(place.astype(np.int64), max(fine.shape[axis] - 2, 0))
        high = np.minimum(low + 1, fine.shape[axis] - 1)
        part = (place - low).reshape([-1 if a == axis else 1 for a in range(3)])
        fine = fine.take(low, axis=axis) * (1 - part) + fine.take(high, axis=axis) * part
    return fine
