"""iSMV: background field removal by repeated spherical means with the mask's edge held fixed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.fft import good_shape, irfft, rfft
from arteriole.numerics.morphology import bounding_box
from arteriole.numerics.spheres import room_for_sphere, sphere_fits, sphere_spectrum
from arteriole.numerics.steps import add_scaled, turn
from arteriole.numerics.sums import inner

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


def remove_background_ismv(
    field: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    radius_mm: float = 5.0,
    tolerance: float = 1e-3,
    iterations: int = 100,
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
    radius_mm : float
        Radius of the ball, mm, positive.
    tolerance : float
        The end is when the residual has fallen to this share of its first value, (0, 1).
    iterations : int
        Most steps.

    Returns
    -------
    local : ndarray, float32, (x, y, z)
        Local field, unit of ``field``, zero outside the new mask.
    mask : ndarray, bool, (x, y, z)
        Voxels whose ball lies inside the given mask.

    Raises
    ------
    ValueError
        If shapes differ, the field is not finite, the radius, number of steps or tolerance is
        impossible, or no ball fits in the mask.

    Notes
    -----
    As published, ``b <- S b`` is repeated where the ball S fits, while the total field is kept at
    the edge of the mask, until the background ``b`` is its own spherical mean. The local field
    ``f - b`` is thus zero at the edge; what sources inside add there is carried inwards like a
    background. That fixed point is found here by conjugate gradients: the map from the local
    field ``u`` (zero at the edge) to ``u - S u`` is symmetric and positive definite.

    References
    ----------
    Wen 2014, doi:10.1002/mrm.24998.
    """
    check_field(field, mask, voxel_size_mm)
    if not radius_mm > 0 or iterations < 1 or not 0 < tolerance < 1:
        raise ValueError(
            "radius and steps are positive and the tolerance lies between 0 and 1, "
            f"not {radius_mm} mm, {iterations} and {tolerance}"
        )
    box = bounding_box(mask)
    local, kept = np.zeros(mask.shape, np.float32), np.zeros(mask.shape, bool)
    # A constant is harmonic, and large next to what float32 must keep.
    centre = field[mask].mean(dtype=np.float64)
    centred = np.where(mask[box], field[box] - centre, 0).astype(np.float32)
    local[box], kept[box] = _fixed_point(
        centred, mask[box], voxel_size_mm, radius_mm, tolerance, iterations
    )
    return local, kept


def _fixed_point(
    field: Float32,
    mask: Mask,
    voxel_size_mm: Size3,
    radius_mm: float,
    tolerance: float,
    iterations: int,
) -> tuple[Float32, Mask]:
    """Find the local field that is zero where no ball fits and less its mean is the field's."""
    room = room_for_sphere(radius_mm, mask.shape, voxel_size_mm=voxel_size_mm)
    shape = good_shape(mask.shape, room)
    fits = sphere_fits(
        rfft(mask.astype(np.float32), shape),
        radius_mm,
        shape,
        voxel_size_mm=voxel_size_mm,
        crop=mask.shape,
    )
    if not fits.any():
        raise ValueError(f"no ball of {radius_mm} mm fits in the mask")
    ball = sphere_spectrum(radius_mm, shape, voxel_size_mm=voxel_size_mm)

    def less_mean(volume: Float32) -> Float32:
        mean = irfft(rfft(volume, shape) * ball, shape, mask.shape)
        return np.where(fits, volume - mean, np.float32(0))

    residual = less_mean(field)
    local = np.zeros_like(residual)
    search = residual.copy()
    energy = first = inner(residual, residual)
    for _ in range(iterations):
        if energy <= tolerance**2 * first:
            break
        # step
        product = less_mean(search)
        step = np.float32(energy / inner(search, product))
        add_scaled(local, step, search)
        add_scaled(residual, -step, product)
        # next direction
        before, energy = energy, inner(residual, residual)
        turn(search, np.float32(energy / before), residual)
    return local, fits
