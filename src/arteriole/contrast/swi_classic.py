"""Susceptibility-weighted imaging by homodyne high-pass and phase mask."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.contrast.minip import projection_axis
from arteriole.numerics.threads import threads

Size3 = tuple[float, float, float]


def swi_classic(
    magnitude: NDArray[Any],
    phase: NDArray[Any],
    te_s: Sequence[float],
    *,
    mask: NDArray[np.bool_],
    voxel_size_mm: Size3,
    echoes: Literal["last", "all"] = "last",
    highpass_mm: float = 8.0,
    power: int = 4,
    filtered_phase: bool = False,
    slice_axis: int | None = None,
) -> NDArray[np.float32]:
    """Darken the magnitude where high-passed phase speaks of paramagnetic venous blood.

    Parameters
    ----------
    magnitude, phase : ndarray, (e, x, y, z) or (x, y, z)
        Signal, any unit, not negative, and its wrapped phase, rad, which grows with time where
        the field is above B0.
    te_s : sequence of float
        Echo times, s, one an echo.
    mask : ndarray of bool, (x, y, z)
        Brain; the result is 0 outside.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    echoes : {"last", "all"}
        The last echo, or the sum over echoes of what each one gives.
    highpass_mm : float
        Wavelength, mm, where the Hann window of the low-pass reaches zero: phase that changes
        more slowly is taken out. 8 mm are the 64 x 64 points of the paper at 256 mm of view.
    power : int
        How often the mask is multiplied.
    filtered_phase : bool
        The phase was high-passed by the scanner already: use it as it is.
    slice_axis : int, optional
        The filter works in the plane across it; the axis of the thickest voxels unless given.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Susceptibility-weighted signal in the unit of the magnitude, veins dark.

    Raises
    ------
    ValueError
        If shapes do not fit or a parameter is out of its range.

    Notes
    -----
    ``swi = magnitude (1 - phi / pi)^power`` for ``phi > 0``, else ``magnitude``, with ``phi`` the
    phase of the complex image times the conjugate of its low-pass.

    With phase = +2 pi f TE, blood of excess susceptibility ``dchi`` in a long vein at an angle
    ``a`` to B0 has ``f = f0 dchi (cos(a)^2 - 1/3) / 2``: positive, so masked inside, for veins
    within 54.7 degrees of B0. A vein across B0 is negative inside (``-f0 dchi / 6``) and positive
    in the two lobes outside that face B0: the mask darkens these, and T2* the vein itself. (The
    paper's scanner counted phase the other way round and so masks the negative side.) Near
    sinuses, phase that changes by more than pi within ``highpass_mm`` leaves dark bands.

    References
    ----------
    Haacke 2004, doi:10.1002/mrm.20198.
    """
    signals, phases = _with_echo_axis(magnitude, phase, te_s, mask)
    if echoes not in ("last", "all") or not highpass_mm > 0 or power < 1:
        raise ValueError(
            f'echoes is "last" or "all", highpass_mm > 0, power >= 1; not {echoes!r}, '
            f"{highpass_mm}, {power}"
        )
    axis = projection_axis(voxel_size_mm) if slice_axis is None else slice_axis
    swi = np.zeros(mask.shape, dtype=np.float32)
    for e in range(len(signals)) if echoes == "all" else [len(signals) - 1]:
        local = (
            phases[e]
            if filtered_phase
            else highpass_homodyne(
                signals[e],
                phases[e],
                voxel_size_mm=voxel_size_mm,
                highpass_mm=highpass_mm,
                slice_axis=axis,
            )
        )
        swi += signals[e] * paramagnetic_mask(local, power=power)
    return np.where(mask, swi, 0).astype(np.float32)


def paramagnetic_mask(phase: NDArray[Any], *, power: int = 4) -> NDArray[np.float32]:
    """Return weights in [0, 1]: ``(1 - phase / pi)^power`` for positive phase (rad), else 1."""
    linear = 1.0 - np.clip(phase, 0.0, math.pi) * np.float32(1.0 / math.pi)
    return np.asarray(linear**power, dtype=np.float32)


def highpass_homodyne(
    magnitude: NDArray[Any],
    phase: NDArray[Any],
    *,
    voxel_size_mm: Size3,
    highpass_mm: float = 8.0,
    slice_axis: int = 2,
) -> NDArray[np.float32]:
    """Return phase (rad, in [-pi, pi]) less that of the low-passed complex image, slice by slice.

    The image is mirrored past its edges by ``highpass_mm``, so that a brain that fills the volume
    meets no step there.
    """
    planes = [a for a in range(3) if a != slice_axis]
    image = np.moveaxis(magnitude * np.exp(1j * phase), slice_axis, 0).astype(np.complex64)
    pads = [min(math.ceil(highpass_mm / voxel_size_mm[a]), magnitude.shape[a]) for a in planes]
    wide = np.pad(image, [(0, 0)] + [(p, p) for p in pads], mode="symmetric")
    windows = [
        _hann(n, voxel_size_mm[a] / highpass_mm)
        for n, a in zip(wide.shape[1:], planes, strict=True)
    ]
    spectrum = scipy.fft.fft2(wide, workers=threads()) * np.multiply.outer(*windows)
    low = scipy.fft.ifft2(spectrum, workers=threads(), overwrite_x=True)
    inner = tuple(slice(p, -p) for p in pads)
    local = np.angle(image * low[(slice(None), *inner)].conj())
    return np.ascontiguousarray(np.moveaxis(local, 0, slice_axis), dtype=np.float32)


def _hann(size: int, spacing: float) -> NDArray[np.float32]:
    """Return the low-pass along one axis: 1 at k = 0, 0 from one cycle a unit on."""
    k = np.minimum(np.abs(scipy.fft.fftfreq(size, spacing)), 1.0)
    return np.asarray(0.5 + 0.5 * np.cos(math.pi * k), dtype=np.float32)


def _with_echo_axis(
    magnitude: NDArray[Any], phase: NDArray[Any], te_s: Sequence[float], mask: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return signals and phases with echoes first, NaN as 0, after checks."""
    if magnitude.ndim == 3:
        magnitude = magnitude[None]
    if phase.ndim == 3:
        phase = phase[None]
    expected = (len(te_s), *mask.shape)
    if magnitude.shape != expected or phase.shape != expected:
        raise ValueError(
            f"magnitude has shape {magnitude.shape} and phase {phase.shape}, expected {expected}"
        )
    finite = np.isfinite(magnitude) & np.isfinite(phase)
    return np.where(finite, magnitude, 0), np.where(finite, phase, 0)
