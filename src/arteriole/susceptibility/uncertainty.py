"""How far chi may be from the truth, voxel by voxel: noise, misfit, method, detail."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import good_shape, irfft, padded, rfft
from arteriole.numerics.gradients import gradient_power
from arteriole.numerics.morphology import bounding_box
from arteriole.numerics.smooth import gaussian_inside
from arteriole.susceptibility.data_weights import estimated_noise
from arteriole.susceptibility.l2 import invert_l2
from arteriole.susceptibility.tkd import invert_tkd

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

L2_WEIGHT, TKD_THRESHOLD = 0.05, 0.2
"""Weight (mm2) and threshold of the two plain inversions that chi is compared with."""
NEAR_MM, AROUND_MM, WIDE_MM = 2.0, 4.0, 6.0
"""Gaussians (mm) over which detail, misfit and spread are looked at."""
_PAD_MM = 20.0


class Parts(NamedTuple):
    """What makes chi uncertain, each as ppm of chi, 0 outside the mask."""

    noise: Float32
    misfit: Float32
    spread: Float32
    detail: Float32
    floor: Float32


@dataclass(frozen=True)
class Shares:
    """How much each part counts; fitted, see `chi_uncertainty`."""

    noise: float = 2.4
    misfit: float = 1.6
    spread: float = 0.4
    detail: float = 0.32
    floor: float = 0.36


FITTED = Shares()


def chi_uncertainty(
    chi_ppm: Float32,
    field_ppm: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    error_ppm: Float32 | None = None,
    shares: Shares = Shares(),
) -> Float32:
    """Return the standard deviation (ppm) of chi about the truth, both about their means.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility by any inversion, ppm, whatever its zero.
    field_ppm : ndarray, float32, (x, y, z)
        Local field that it was made from, ppm of B0.
    mask : ndarray, bool, (x, y, z)
        Where both are valid.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.
    error_ppm : ndarray, float32, (x, y, z), optional
        Standard deviation of the field, ppm, as by `arteriole.phase.field_error.field_error`. One
        number, estimated from differences between neighbours, unless given.
    shares : Shares
        How much each part counts.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Standard deviation, ppm, positive in the mask, 0 outside.

    Raises
    ------
    ValueError
        If shapes differ, chi, field or error are not finite in the mask, or the mask is empty.

    Notes
    -----
    ``sigma^2 = sum (share part)^2`` over five parts:

    - noise: the error map through a closed-form inversion (gradient L2, 0.05 mm2), its variance
      convolved with the square of the point-spread function;
    - misfit: RMS under a Gaussian of 4 mm of ``D chi - f`` less its mean over 4 mm;
    - spread: RMS under 6 mm of what L2 (0.05 mm2) and TKD (0.2) differ from chi;
    - detail: ``|chi - mean under 2 mm|``, as veins, bleeds and their borders err most;
    - floor: 1.4826 times the median absolute deviation of chi over the mask, for the smooth error
      that nothing in the data shows.

    All scale with the data. The shares were fitted to ``smv-tv`` on simulated heads of seed 101
    (1 x 1 x 2 and 0.8 x 0.8 x 3 mm, 3 T; from raw phase, and from the true local field with noise),
    by the likelihood of Student's t with 3 degrees of freedom, then scaled so that 95 % of voxels
    lie within 2 sigma; for ``tv`` after PDF they held without a change. Errors have longer tails
    than a normal distribution's. Accuracy on other heads: ``benchmarks/uncertainty.csv``.

    Known failures: sigma says how large errors are as a whole, and hardly which voxel has them
    (rank correlation with their size 0.09 to 0.2): most of the error is smooth, left by background
    removal and by what no field shows along the magic angle, and no part sees it. A part that grew
    towards the rim got a share of 0.02 and was left out. After L2 or TKD the spread is too small,
    as chi is then one of those that it is compared with.

    References
    ----------
    Bilgic 2014 (L2), doi:10.1002/mrm.25029; Shmueli 2009 (TKD), doi:10.1002/mrm.22135.
    """
    parts = uncertainty_parts(
        chi_ppm,
        field_ppm,
        mask,
        voxel_size_mm=voxel_size_mm,
        b0_direction=b0_direction,
        error_ppm=error_ppm,
    )
    return combined(parts, shares)


def combined(parts: Parts, shares: Shares) -> Float32:
    """Return the root of the sum of squares of the parts, each times its share."""
    total = np.zeros(parts.floor.shape, np.float32)
    for name, part in parts._asdict().items():
        total += np.float32(getattr(shares, name) ** 2) * np.square(part)
    return np.asarray(np.sqrt(total))


def uncertainty_parts(
    chi_ppm: Float32,
    field_ppm: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    error_ppm: Float32 | None = None,
) -> Parts:
    """Return the parts of `chi_uncertainty`, each before its share."""
    check_field(field_ppm, mask, voxel_size_mm)
    if chi_ppm.shape != mask.shape or not np.isfinite(chi_ppm[mask]).all():
        raise ValueError(f"chi {chi_ppm.shape} is finite in the mask {mask.shape} and of its shape")
    error = _checked_error(error_ppm, field_ppm, mask)
    box = bounding_box(mask)
    inside = np.ascontiguousarray(mask[box])
    around = _Around(inside, voxel_size_mm, b0_direction)
    chi = np.where(inside, chi_ppm[box] - chi_ppm[mask].mean(dtype=np.float64), 0)
    chi = chi.astype(np.float32)
    field = np.where(inside, field_ppm[box], 0).astype(np.float32)
    scale = 1.4826 * float(np.median(np.abs(chi[inside] - np.median(chi[inside]))))
    found = Parts(
        noise=around.through_inverse(error[box]),
        misfit=around.misfit(chi, field),
        spread=around.spread(chi, field),
        detail=np.abs(chi - around.mean(chi, NEAR_MM)),
        floor=np.full(inside.shape, scale, np.float32),
    )
    return Parts(*(_placed(part, mask, box) for part in found))


def _checked_error(error_ppm: Float32 | None, field_ppm: Float32, mask: Mask) -> Float32:
    """Return the given error of the field; one number, from the field, where none is given."""
    if error_ppm is None:
        return np.where(mask, np.float32(estimated_noise(field_ppm, mask)), np.float32(0))
    if error_ppm.shape != mask.shape:
        raise ValueError(f"error {error_ppm.shape} and mask {mask.shape} must share one shape")
    inside = error_ppm[mask]
    if not np.isfinite(inside).all() or inside.min() < 0:
        raise ValueError("the field's error is finite and not negative everywhere in the mask")
    return np.where(mask, error_ppm, np.float32(0)).astype(np.float32)


def _placed(part: Float32, mask: Mask, box: tuple[slice, slice, slice]) -> Float32:
    """Return a part in the whole volume, 0 outside the mask."""
    out = np.zeros(mask.shape, np.float32)
    out[box] = np.where(mask[box], part, np.float32(0))
    return out


class _Around:
    """The mask's box with its dipole kernel, and means over what lies around a voxel."""

    def __init__(self, mask: Mask, voxel_size_mm: Size3, b0_direction: Size3) -> None:
        self.mask, self.voxel_size_mm, self.b0_direction = mask, voxel_size_mm, b0_direction
        pad = [int(np.ceil(_PAD_MM / d)) for d in voxel_size_mm]
        self.shape = good_shape(mask.shape, (pad[0], pad[1], pad[2]))
        self.dipole = dipole_kernel(
            self.shape, voxel_size_mm=voxel_size_mm, b0_direction=b0_direction
        )

    def mean(self, volume: Float32, sigma_mm: float) -> Float32:
        """Return the mean over the mask under a Gaussian."""
        size = self.voxel_size_mm
        return np.asarray(gaussian_inside(volume, self.mask, sigma_mm, voxel_size_mm=size))

    def root_mean_square(self, volume: Float32, sigma_mm: float) -> Float32:
        """Return the root of the mean square over the mask under a Gaussian."""
        return np.asarray(np.sqrt(np.maximum(self.mean(np.square(volume), sigma_mm), 0)))

    def through_inverse(self, error: Float32) -> Float32:
        """Return what independent errors of the field become in the plain L2 inversion."""
        power = gradient_power(self.shape, voxel_size_mm=self.voxel_size_mm)
        power *= np.float32(L2_WEIGHT)
        power += self.dipole**2
        power[0, 0, 0] = 1.0
        response = irfft((self.dipole / power).astype(np.complex64), self.shape)
        spectrum = rfft(padded(np.square(error), self.shape)) * rfft(np.square(response))
        return np.asarray(np.sqrt(np.maximum(irfft(spectrum, self.shape, self.mask.shape), 0)))

    def misfit(self, chi: Float32, field: Float32) -> Float32:
        """Return how far chi's own field is from the field, what is smooth left out."""
        made = irfft(rfft(padded(chi, self.shape)) * self.dipole, self.shape, self.mask.shape)
        rest = np.where(self.mask, made - field, np.float32(0))
        rest -= self.mean(rest, AROUND_MM)
        return self.root_mean_square(rest, AROUND_MM)

    def spread(self, chi: Float32, field: Float32) -> Float32:
        """Return how far two plain inversions are from chi, over a wide neighbourhood."""
        total = np.zeros(chi.shape, np.float32)
        for invert in (
            partial(invert_l2, weight=L2_WEIGHT),
            partial(invert_tkd, threshold=TKD_THRESHOLD),
        ):
            other = invert(
                field, self.mask, voxel_size_mm=self.voxel_size_mm, b0_direction=self.b0_direction
            )
            apart = np.where(self.mask, other - chi, np.float32(0))
            apart[self.mask] -= apart[self.mask].mean(dtype=np.float64)
            total += np.square(apart) / 2
        return np.asarray(np.sqrt(np.maximum(self.mean(total, WIDE_MM), 0)))
