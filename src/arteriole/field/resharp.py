"""RESHARP: background field removal by spherical means, undone by regularised least squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.fft import Shape3, good_shape, irfft, rfft
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.morphology import bounding_box
from arteriole.numerics.near_means import NearMeans
from arteriole.numerics.spheres import (
    room_for_sphere,
    sphere_fits,
    sphere_kernel,
    sphere_spectrum,
)
from arteriole.numerics.steps import add_scaled, turn
from arteriole.numerics.sums import inner

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

_PRODUCTS_OF_A_TRANSFORM = 2.0
"""Products a voxel of the volume that take about as long as a transform."""


def remove_background_resharp(
    field: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    radius_mm: float = 6.0,
    smallest_mm: float | None = None,
    tikhonov: float = 1e-4,
    keep_rim: bool = False,
    tolerance: float = 1e-3,
    iterations: int = 30,
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
        Radius of the ball, mm.
    smallest_mm : float, optional
        Where the ball does not fit, it is halved down to this radius, mm, so that the mask loses
        less. One radius, as published, unless given.
    tikhonov : float
        Weight of the local field's energy, dimensionless, not negative.
    keep_rim : bool
        Give the least-squares solution also where no ball fits. There it is what makes the means
        around it right, not a measurement: for inversions that look at means only
        (`invert_smv_tv`).
    tolerance : float
        Conjugate gradients end when the residual falls to this share of its first value.
    iterations : int
        Most steps of conjugate gradients.

    Returns
    -------
    local : ndarray, float32, (x, y, z)
        Local field, unit of ``field``, zero outside the new mask.
    mask : ndarray, bool, (x, y, z)
        Voxels whose (smallest) ball lies inside the given mask; with ``keep_rim`` all of it.

    Raises
    ------
    ValueError
        If shapes differ, the field is not finite, a radius or weight is impossible, or no ball
        fits in the mask.

    Notes
    -----
    Minimises ``|x - S x - (f - S f)|^2 + tikhonov |x|^2`` over x, the first norm over voxels
    whose ball S lies in the mask. The part of the local field that is harmonic in the mask cannot
    be told from background and is lost; an inversion that lets sources outside the mask explain
    it (``invert_tv``) gets it back in part. With several radii each voxel has the largest ball
    that fits, as in V-SHARP, but the means are undone each by its own ball.

    References
    ----------
    Sun & Wilman 2014, doi:10.1002/mrm.24765.
    """
    check_field(field, mask, voxel_size_mm)
    if not radius_mm > 0 or not tikhonov >= 0:
        raise ValueError(f"radius and weight must be positive, not {radius_mm} mm and {tikhonov}")
    if smallest_mm is not None and not 0 < smallest_mm <= radius_mm:
        raise ValueError(f"the smallest radius lies in (0, {radius_mm}] mm, not at {smallest_mm}")
    radii = _halved(radius_mm, smallest_mm or radius_mm)
    box = bounding_box(mask)
    local, kept = np.zeros(mask.shape, np.float32), np.zeros(mask.shape, bool)
    means = _Means(mask[box], voxel_size_mm, radii)
    inner_mask = mask[box]
    # A constant is harmonic, and large next to what float32 must keep.
    centre = field[mask].mean(dtype=np.float64)
    centred = np.where(inner_mask, field[box] - centre, 0).astype(np.float32)
    kept[box] = inner_mask if keep_rim else means.kept
    solution = _least_squares(means, centred, tikhonov, tolerance, iterations)
    local[box] = np.where(kept[box], solution, np.float32(0))
    return local, kept


def _halved(largest: float, smallest: float) -> list[float]:
    """Return radii from large to small, each half of the one before."""
    radii = [largest]
    while radii[-1] > smallest:
        radii.append(max(radii[-1] / 2, smallest))
    return radii


class _Means:
    """The linear map ``x -> x - S x`` with each voxel's own ball, and its adjoint."""

    def __init__(self, mask: Mask, voxel_size_mm: Size3, radii: list[float]) -> None:
        room = room_for_sphere(radii[0], mask.shape, voxel_size_mm=voxel_size_mm)
        self.shape = good_shape(mask.shape, room)
        self.size: Shape3 = mask.shape
        self.kept = np.zeros(mask.shape, bool)
        self.balls: list[tuple[Float32, Mask]] = []
        self.near: list[NearMeans] = []
        most = _PRODUCTS_OF_A_TRANSFORM * float(np.prod(self.shape))
        spectrum = rfft(mask.astype(np.float32), self.shape)
        for radius in radii:
            new = ~self.kept & sphere_fits(
                spectrum, radius, self.shape, voxel_size_mm=voxel_size_mm, crop=self.size
            )
            self.kept |= new
            weights = sphere_kernel(radius, voxel_size_mm=voxel_size_mm)
            if NearMeans.work(weights, new) > most:
                ball = sphere_spectrum(radius, self.shape, voxel_size_mm=voxel_size_mm)
                self.balls.append((ball, new))
            elif new.any():
                self.near.append(NearMeans(weights, new))
        if not self.kept.any():
            raise ValueError(f"no ball of {radii[-1]} mm fits in the mask")

    def forward(self, x: Float32) -> Float32:
        """Return x less its mean over each voxel's ball, 0 where no ball fits."""
        out = np.where(self.kept, x, np.float32(0))
        if self.balls:
            spectrum = rfft(x, self.shape)
        for ball, where in self.balls:
            _subtract_where(irfft(spectrum * ball, self.shape), where, out)
        for few in self.near:
            few.subtract(x, out)
        return out

    def adjoint(self, y: Float32) -> Float32:
        """Return the adjoint of `forward` of a volume that is 0 where no ball fits."""
        out = y.copy()
        total = None
        part = np.zeros(self.shape, np.float32)
        for ball, where in self.balls:
            _put_where(y, where, part)
            spectrum = rfft(part)
            spectrum *= ball
            total = spectrum if total is None else np.add(total, spectrum, out=total)
        if total is not None:
            _subtract_where(irfft(total, self.shape), np.ones(self.size, bool), out)
        for few in self.near:
            few.subtract_adjoint(y, out)
        return out


def _least_squares(
    means: _Means, field: Float32, tikhonov: float, tolerance: float, iterations: int
) -> Float32:
    """Solve the normal equations by conjugate gradients."""
    residual = means.adjoint(means.forward(field))
    local = np.zeros_like(residual)
    search = residual.copy()
    energy = first = inner(residual, residual)
    for _ in range(iterations):
        if energy <= tolerance**2 * first:
            break
        # product with the normal matrix
        product = means.adjoint(means.forward(search))
        add_scaled(product, np.float32(tikhonov), search)
        # step
        step = np.float32(energy / inner(search, product))
        add_scaled(local, step, search)
        add_scaled(residual, -step, product)
        # next direction
        before, energy = energy, inner(residual, residual)
        turn(search, np.float32(energy / before), residual)
    return local


@kernel(parallel=True)
def _subtract_where(mean: Float32, where: Mask, out: Float32) -> None:
    """Subtract the low corner of the means from ``out`` at some voxels."""
    nx, ny, nz = out.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                if where[i, j, k]:
                    out[i, j, k] -= mean[i, j, k]


@kernel(parallel=True)
def _put_where(values: Float32, where: Mask, out: Float32) -> None:
    """Write the values at some voxels, and 0 at others, to the low corner of ``out``."""
    nx, ny, nz = values.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                out[i, j, k] = values[i, j, k] if where[i, j, k] else np.float32(0)
