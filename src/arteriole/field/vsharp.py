"""V-SHARP: background field removal by spherical means of varying radius."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.fft import good_shape, irfft, rfft
from arteriole.numerics.morphology import bounding_box
from arteriole.numerics.spheres import room_for_sphere, sphere_fits, sphere_spectrum

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


def remove_background_vsharp(
    field: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    radii_mm: tuple[float, float] = (12.0, 1.0),
    threshold: float = 0.05,
) -> tuple[Float32, Mask]:
    """Return the field that sources inside the mask make, and where it is valid.

    Parameters
    ----------
    field : ndarray, float, (x, y, z)
        Total field, any unit, finite inside the mask.
    mask : ndarray, bool, (x, y, z)
        Where the total field is reliable.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    radii_mm : tuple of 2 float
        Largest and smallest radius of the balls, mm. Steps are 1 mm, or the smallest voxel size
        where that is larger.
    threshold : float
        Frequencies where the largest ball's ``|1 - S|`` is below this are set to zero, (0, 1).

    Returns
    -------
    local : ndarray, float32, (x, y, z)
        Local field, unit of ``field``, zero outside the new mask.
    mask : ndarray, bool, (x, y, z)
        Voxels whose smallest ball lies inside the given mask.

    Raises
    ------
    ValueError
        If shapes differ, the field is not finite, the radii or threshold are impossible, or no
        ball fits in the mask.

    Notes
    -----
    Background fields are harmonic in the mask and equal their mean over any ball S inside it, so
    that ``f - S f`` holds the local field alone. Each voxel uses the largest ball that fits, and
    the whole is divided by ``1 - S`` of the largest ball. Near the edge of the mask, where balls
    are small, the local field is underestimated: there ``1 - S`` of the ball that was used is
    smaller than that of the largest. Wavelengths above about nine times the largest radius are
    lost.

    References
    ----------
    Wu 2012, doi:10.1002/mrm.23000; Li 2011, doi:10.1016/j.neuroimage.2010.11.088;
    Schweser 2011, doi:10.1016/j.neuroimage.2010.10.070.
    """
    check_field(field, mask, voxel_size_mm)
    radii = _radii(radii_mm, voxel_size_mm)
    if not 0 < threshold < 1:
        raise ValueError(f"the threshold lies between 0 and 1, not {threshold}")
    box = bounding_box(mask)
    local, kept = np.zeros(mask.shape, np.float32), np.zeros(mask.shape, bool)
    local[box], kept[box] = _vsharp(field[box], mask[box], voxel_size_mm, radii, threshold)
    return local, kept


def _vsharp(
    field: Float32, mask: Mask, voxel_size_mm: Size3, radii: list[float], threshold: float
) -> tuple[Float32, Mask]:
    """Filter with every ball that fits somewhere, then undo the largest one."""
    room = room_for_sphere(radii[0], mask.shape, voxel_size_mm=voxel_size_mm)
    shape = good_shape(mask.shape, room)
    # A constant is harmonic, and large next to what float32 must keep.
    centred = np.where(mask, field - field[mask].mean(dtype=np.float64), 0).astype(np.float32)
    field_spectrum = rfft(centred, shape)
    mask_spectrum = rfft(mask.astype(np.float32), shape)

    high = np.zeros(mask.shape, np.float32)
    kept = np.zeros(mask.shape, bool)
    largest = None
    for radius in radii:
        fits = sphere_fits(
            mask_spectrum, radius, shape, voxel_size_mm=voxel_size_mm, crop=mask.shape
        )
        new = fits & ~kept
        if not new.any():
            continue
        ball = sphere_spectrum(radius, shape, voxel_size_mm=voxel_size_mm)
        largest = ball if largest is None else largest
        mean = irfft(field_spectrum * ball, shape, mask.shape)
        high[new] = centred[new] - mean[new]
        kept |= new
    if largest is None:
        raise ValueError(f"no ball of {min(radii)} mm fits in the mask")

    left = 1.0 - largest
    inverse = np.where(np.abs(left) > threshold, 1.0 / np.where(left == 0, 1.0, left), 0.0)
    local = irfft(rfft(high, shape) * inverse.astype(np.float32), shape, mask.shape)
    return np.where(kept, local, np.float32(0)), kept


def _radii(radii_mm: tuple[float, float], voxel_size_mm: Size3) -> list[float]:
    """Return the radii from large to small."""
    largest, smallest = radii_mm
    if not 0 < smallest <= largest:
        raise ValueError(f"radii go from large to small and are positive, not {radii_mm} mm")
    step = max(1.0, min(voxel_size_mm))
    count = int(np.floor((largest - smallest) / step + 1e-6)) + 1
    radii = [largest - step * n for n in range(count)]
    return radii if radii[-1] - smallest < 1e-6 else [*radii, smallest]
