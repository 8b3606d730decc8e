"""The field of a susceptibility distribution, and the closed forms it is checked against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.numerics.fft import Shape3, frequencies, good_shape
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.threads import threads

Size3 = tuple[float, float, float]
Box = tuple[slice, slice, slice]

_EDGE_CELLS = 3.0
"""Softness of the free-space kernel's cut-off, which lies four times this beyond all distances."""


def periodic_field(
    chi: NDArray[np.float32], *, cell_mm: Size3, b0_direction: Size3
) -> NDArray[np.float32]:
    """Return the field (unit of ``chi``) of a susceptibility that repeats beyond its box.

    Parameters
    ----------
    chi : ndarray, float32, (x, y, z)
        Susceptibility.
    cell_mm : tuple of 3 float
        Cell size, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in cell axes.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Lorentz-corrected field along B0, of zero mean.

    Notes
    -----
    Chi is taken to run linearly from one cell's middle to the next. Its spectrum then goes on
    beyond the grid's band, and the field at the cells' middles is the sum of both sides of the
    band's edge: ``sum_m D(k + m) sinc^2(k + m)`` over the two nearest bands of each axis. The plain
    kernel ``D(k)``, which breaks off there, is 3 % wrong two cells from a sphere when B0 is
    oblique; this sum is within 0.6 % (`tests/phantom/scanner/test_dipole_field.py`).

    References
    ----------
    Marques & Bowtell 2005, doi:10.1002/cmr.b.20034; on the limits of the plain kernel:
    Cheng 2009, doi:10.1088/0031-9155/54/5/005.
    """
    return _convolved(chi, cell_mm, b0_direction)


def _convolved(
    chi: NDArray[np.float32],
    cell_mm: Size3,
    b0_direction: Size3,
    *,
    radius_mm: float = 0.0,
    edge_mm: float = 0.0,
) -> NDArray[np.float32]:
    """Convolve with the dipole kernel, cut off at a radius over a soft edge unless that is 0.

    All of it happens in one buffer that is two cells longer along z than ``chi``; the result is a
    view of it.
    """
    nz = chi.shape[2]
    buffer = np.empty((*chi.shape[:2], 2 * (nz // 2 + 1)), dtype=np.float32)
    field = buffer[..., :nz]
    field[...] = chi
    spectrum: NDArray[Any] = buffer.view(np.complex64)
    for part in _parts(len(buffer)):
        spectrum[part] = scipy.fft.rfft(field[part], axis=2, workers=threads())
    _in_place(scipy.fft.fft, spectrum)
    kx, ky, kz = (a.astype(np.float32).ravel() for a in frequencies(_shape(chi), cell_mm))
    bands = [_two_bands(k, d) for k, d in zip((kx, ky, kz), cell_mm, strict=True)]
    (fx, wx), (fy, wy), (fz, wz) = bands
    b = np.asarray(b0_direction, dtype=np.float32)
    _times_dipole(spectrum, fx, fy, fz, wx, wy, wz, b, radius_mm, edge_mm)
    _in_place(scipy.fft.ifft, spectrum)
    for part in _parts(len(buffer)):
        field[part] = scipy.fft.irfft(spectrum[part], n=nz, axis=2, workers=threads())
    return field


def _parts(count: int, rows: int = 16) -> list[slice]:
    """Return slices of ``rows`` that cover an axis."""
    return [slice(start, min(start + rows, count)) for start in range(0, count, rows)]


def _in_place(transform: Callable[..., NDArray[Any]], spectrum: NDArray[Any]) -> None:
    """Transform the first two axes, a few columns or rows at a time, in place."""
    for part in _parts(spectrum.shape[0]):
        spectrum[part] = transform(spectrum[part], axis=1, workers=threads(), overwrite_x=True)
    for part in _parts(spectrum.shape[1]):
        spectrum[:, part] = transform(
            spectrum[:, part], axis=0, workers=threads(), overwrite_x=True
        )


def _two_bands(
    frequency: NDArray[np.float32], cell_mm: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return frequencies (n, 2) in the own and the nearest other band, and their weights."""
    other = frequency - np.where(frequency >= 0, 1.0, -1.0) / cell_mm
    both = np.stack([frequency, other], axis=1)
    return both.astype(np.float32), (np.sinc(both * cell_mm) ** 2).astype(np.float32)


def free_field(
    chi: NDArray[np.float32], *, cell_mm: Size3, b0_direction: Size3, keep: Box | None = None
) -> NDArray[np.float32]:
    """Return the field of a susceptibility that is zero beyond its box, in free space.

    Parameters
    ----------
    chi, cell_mm, b0_direction
        As `periodic_field`.
    keep : tuple of 3 slice, optional
        Cells whose field is returned; all unless given.

    Notes
    -----
    The potential ``1 / (4 pi r)`` is cut off at a radius R beyond any distance between a source
    and a kept cell, which turns the kernel into ``1/3 - (k.b)^2/k^2 (1 - cos(2 pi k R))``; the
    cut is soft, so that it does not ring. With enough padding no repeat reaches a kept cell.
    Zero-padding alone leaves the field of the repeats, 16 Hz at 3 T in the head of
    `tests/phantom/conftest.py`: against air, a body of -9 ppm fills much of its box.

    References
    ----------
    Vico 2016, doi:10.1016/j.jcp.2016.07.028.
    """
    shape = _shape(chi)
    kept = keep or (slice(0, shape[0]), slice(0, shape[1]), slice(0, shape[2]))
    reach = [max(part.stop, n - part.start) for part, n in zip(kept, shape, strict=True)]
    radius = float(np.linalg.norm(np.multiply(reach, cell_mm))) + 4.0 * _EDGE_CELLS * max(cell_mm)
    pad = [
        r + int(np.ceil(radius / d + 4.0 * _EDGE_CELLS)) - n
        for r, d, n in zip(reach, cell_mm, shape, strict=True)
    ]
    wide = np.zeros(good_shape(shape, (pad[0], pad[1], pad[2])), dtype=np.float32)
    wide[tuple(slice(n) for n in shape)] = chi
    edge = _EDGE_CELLS * max(cell_mm)
    field = _convolved(wide, cell_mm, b0_direction, radius_mm=radius, edge_mm=edge)
    return np.ascontiguousarray(field[kept])


def _shape(chi: NDArray[np.float32]) -> Shape3:
    nx, ny, nz = chi.shape
    return nx, ny, nz


@kernel()
def _cut_off(square: np.float32, radius: float, edge: float) -> np.float32:
    """Return cos(2 pi k R) exp(-2 (pi k edge)^2): the spectrum of a cut at R with a soft edge."""
    turn = 2.0 * np.pi * np.sqrt(np.float64(square))
    fade = 0.5 * (turn * edge) ** 2
    if fade > 18.0:
        return np.float32(0.0)
    return np.float32(np.cos(turn * radius) * np.exp(-fade))


@kernel(parallel=True)
def _times_dipole(
    spectrum: NDArray[np.complex64],
    kx: NDArray[np.float32],
    ky: NDArray[np.float32],
    kz: NDArray[np.float32],
    wx: NDArray[np.float32],
    wy: NDArray[np.float32],
    wz: NDArray[np.float32],
    b: NDArray[np.float32],
    radius: float,
    edge: float,
) -> None:
    """Multiply a half spectrum by the weighted sum of 1/3 - (k.b)^2/k^2, in place."""
    third, one = np.float32(1.0 / 3.0), np.float32(1.0)
    for i in prange(spectrum.shape[0]):
        for j in range(spectrum.shape[1]):
            for k in range(spectrum.shape[2]):
                if i + j + k == 0:
                    # A repeated source has no field on average; a lone one keeps its share.
                    spectrum[0, 0, 0] *= third if radius > 0 else np.float32(0.0)
                    continue
                total = np.float32(0.0)
                for p in range(2):
                    for q in range(2):
                        across = kx[i, p] * kx[i, p] + ky[j, q] * ky[j, q]
                        along = kx[i, p] * b[0] + ky[j, q] * b[1]
                        weight = wx[i, p] * wy[j, q]
                        for r in range(2):
                            ahead = along + kz[k, r] * b[2]
                            square = across + kz[k, r] * kz[k, r]
                            part = ahead * ahead / square
                            if radius > 0 and p + q + r == 0:
                                part *= one - _cut_off(square, radius, edge)
                            total += weight * wz[k, r] * (third - part)
                spectrum[i, j, k] *= total


def sphere_field(
    offset_mm: NDArray[Any], *, radius_mm: float, chi_ppm: float, b0_direction: Size3
) -> NDArray[np.float32]:
    """Return the field (ppm) of a sphere at offsets (..., 3) mm from its centre.

    Notes
    -----
    ``chi a^3 / (3 r^3) (3 cos^2 theta - 1)`` outside, 0 inside (Lorentz sphere).
    """
    square = np.sum(np.square(offset_mm), axis=-1)
    along = sum(offset_mm[..., a] * b0_direction[a] for a in range(3))
    outside = square > radius_mm**2
    safe = np.where(outside, square, 1.0)
    field = chi_ppm * radius_mm**3 / 3.0 * (3.0 * along**2 / safe - 1.0) / safe**1.5
    return np.where(outside, field, 0.0).astype(np.float32)


def cylinder_field(
    offset_mm: NDArray[Any], *, radius_mm: float, chi_ppm: float, axis: Size3, b0_direction: Size3
) -> NDArray[np.float32]:
    """Return the field (ppm) of an endless cylinder through the origin of ``offset_mm`` (..., 3).

    Notes
    -----
    ``chi/2 sin^2(theta) a^2/rho^2 cos(2 phi)`` outside, ``chi/6 (3 cos^2(theta) - 1)`` inside,
    with theta between axis and B0 and phi between B0's part across the axis and the offset.
    """
    u = np.asarray(axis, dtype=np.float64) / np.linalg.norm(axis)
    b = np.asarray(b0_direction, dtype=np.float64)
    cosine = float(u @ b)
    across_b = b - cosine * u
    away = offset_mm - np.expand_dims(offset_mm @ u, -1) * u
    square = np.maximum(np.sum(away**2, axis=-1), 1e-12)
    projected = (away @ across_b) ** 2 / square
    outside = chi_ppm / 2.0 * radius_mm**2 / square * (2.0 * projected - across_b @ across_b)
    inside = chi_ppm / 6.0 * (3.0 * cosine**2 - 1.0)
    return np.where(square > radius_mm**2, outside, inside).astype(np.float32)
