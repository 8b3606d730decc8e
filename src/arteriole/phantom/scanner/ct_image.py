"""What a CT scanner makes of a slice of true CT numbers: blur, noise, darkening, a headrest."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.threads import threads
from arteriole.phantom.scanner.ct_protocol import CtKernel

Slices = NDArray[np.float32]

SOFT_PER_MM, BONE_PER_MM, BONE_EDGE_MM2 = 0.43, 0.55, 5.0
"""Where the Gaussian of each kernel falls to 1/e, 1/mm, and how the bone kernel sharpens edges."""

BONE_HU = 300.0
"""Above this a voxel darkens what lies behind it."""

CORRECTED_MM = 14.0
"""Bone that the scanner's own correction for the skull takes account of."""


def transfer(frequency_per_mm: NDArray[Any], kernel: CtKernel) -> NDArray[np.float64]:
    """Return the modulation transfer of a reconstruction kernel.

    Notes
    -----
    Soft: ``exp(-(f / 0.43)^2)``, 10 % at 0.65 per mm. Bone: ``(1 + 5 f^2) exp(-(f / 0.55)^2)``,
    which exceeds 1 at middle frequencies and falls to 13 % at 1.1 per mm. Our own round figures.
    """
    f = np.asarray(frequency_per_mm, dtype=np.float64)
    if kernel == "soft":
        return np.asarray(np.exp(-((f / SOFT_PER_MM) ** 2)))
    return np.asarray((1.0 + BONE_EDGE_MM2 * f**2) * np.exp(-((f / BONE_PER_MM) ** 2)))


def reconstruct(
    slices: Slices,
    *,
    pixel_mm: float,
    kernel: CtKernel,
    noise_hu: float,
    rng: np.random.Generator | None,
) -> Slices:
    """Blur slices as a kernel does and add its noise.

    Parameters
    ----------
    slices : ndarray, float32, (x, y, n)
        True CT numbers, HU.
    pixel_mm : float
        Width of a pixel.
    kernel : {"soft", "bone"}
        Reconstruction.
    noise_hu : float
        Standard deviation of the noise.
    rng : numpy.random.Generator or None
        None leaves the noise out.

    Notes
    -----
    The power of the noise goes with frequency times the squared transfer, as filtered back
    projection leaves it (Riederer 1978, doi:10.1088/0031-9155/23/3/006). It is the same all over
    the slice.
    """
    nx, ny, count = slices.shape
    # the edge of the picture must not meet its other edge
    size = (scipy.fft.next_fast_len(nx + 8, real=True), scipy.fft.next_fast_len(ny + 8, real=True))
    fx = scipy.fft.fftfreq(size[0], pixel_mm)[:, None]
    fy = scipy.fft.rfftfreq(size[1], pixel_mm)[None, :]
    f = np.hypot(fx, fy)
    mtf = transfer(f, kernel)
    shape = (np.sqrt(f) * mtf).astype(np.float32)
    twice = np.full(shape.shape[1], 2.0)
    twice[0] = 1.0
    if size[1] % 2 == 0:
        twice[-1] = 1.0
    power = float((shape.astype(np.float64) ** 2 * twice).sum() / (size[0] * size[1]))
    out = np.empty_like(slices)
    for n in range(count):
        wide = np.full(size, slices[0, 0, n], dtype=np.float32)
        wide[:nx, :ny] = slices[:, :, n]
        space = scipy.fft.rfft2(wide, workers=threads()) * mtf.astype(np.float32)
        if rng is not None and noise_hu > 0:
            grain = rng.standard_normal(size, dtype=np.float32)
            scale = np.float32(noise_hu / np.sqrt(power))
            space += scale * shape * scipy.fft.rfft2(grain, workers=threads())
        out[:, :, n] = scipy.fft.irfft2(space, s=size, workers=threads())[:nx, :ny]
    return out


def harden(slices: Slices, *, pixel_mm: float, hu_per_mm: float) -> None:
    """Darken what lies between thick bones on the left and right, in place.

    Parameters
    ----------
    slices : ndarray, float32, (x, y, n)
        CT numbers, HU; the first axis runs from side to side.
    pixel_mm : float
        Width of a pixel.
    hu_per_mm : float
        Darkening per mm of bone beyond what the scanner corrects.

    Notes
    -----
    ``HU -= k max(sqrt(L R) - L0, 0)`` with ``L`` and ``R`` the bone (mm, weighted by its CT
    number) to either side: the dark bar between the petrous bones and nothing else of beam
    hardening (Brooks & Di Chiro 1976, doi:10.1088/0031-9155/21/3/004). A simple stand-in, not a
    simulation of the spectrum.
    """
    if hu_per_mm == 0.0:
        return
    for n in range(slices.shape[2]):
        bone = np.maximum(slices[:, :, n] - BONE_HU, 0.0) * np.float32(pixel_mm / 1000.0)
        left = np.cumsum(bone, axis=0)
        right = left[-1:] - left
        behind = np.sqrt(np.maximum(left * right, 0.0)) - np.float32(CORRECTED_MM / 2.0)
        dark = scipy.ndimage.gaussian_filter(np.maximum(behind, 0.0), 1.5 / pixel_mm)
        inside = slices[:, :, n] > -300.0
        slices[:, :, n] -= np.float32(hu_per_mm) * dark * inside


def add_headrest(
    slices: Slices, x_mm: NDArray[Any], y_mm: NDArray[Any], *, back_mm: float, radius_mm: float
) -> None:
    """Lay a head in a hollow of foam with a hard shell, in place.

    Parameters
    ----------
    slices : ndarray, float32, (x, y, n)
        CT numbers; only air is replaced.
    x_mm, y_mm : ndarray, (x,), (y,)
        Position of the pixels from side to side and from back to front.
    back_mm : float
        Where the head ends behind.
    radius_mm : float
        Of the hollow.
    """
    up = y_mm[None, :] - (back_mm + radius_mm - 2.0)
    away = np.hypot(x_mm[:, None], up)
    below = up < -0.35 * radius_mm
    foam = below & (away > radius_mm) & (away < radius_mm + 12.0)
    shell = below & (away >= radius_mm + 12.0) & (away < radius_mm + 14.5)
    for where, hu in ((foam, -940.0), (shell, -250.0)):
        part = slices[where]
        part[part < -970.0] = hu
        slices[where] = part
