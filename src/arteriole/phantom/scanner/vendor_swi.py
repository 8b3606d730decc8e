"""What scanners make of a gradient echo by themselves: filtered phase, SWI and its projection."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.threads import threads


def vendor_highpass(
    magnitude: NDArray[Any],
    phase: NDArray[Any],
    *,
    lines: int = 64,
    slice_axis: int | None = 2,
) -> NDArray[np.float32]:
    """Return the high-pass filtered phase (rad) that a scanner exports as its SWI phase.

    Parameters
    ----------
    magnitude, phase : ndarray, (x, y, z)
        Signal, any unit, and wrapped phase, rad.
    lines : int
        Width of the Hann window in k-space, in samples along each filtered axis, at least 2.
    slice_axis : {0, 1, 2} or None
        The filter works in the plane across this axis; None filters all three.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Phase in [-pi, pi], in the sign of ``phase``.

    Raises
    ------
    ValueError
        If shapes differ or ``lines`` is too small.

    Notes
    -----
    ``angle(S conj(L))`` with ``L`` the image seen through ``(1 + cos(2 pi k / lines)) / 2``,
    ``|k| < lines / 2``. A field map cannot be had back from it: what varies slower than the
    window is gone.

    References
    ----------
    Noll 1991, doi:10.1109/42.79473; Haacke 2004, doi:10.1002/mrm.20198.
    """
    if magnitude.shape != phase.shape or magnitude.ndim != 3:
        raise ValueError(f"magnitude {magnitude.shape} and phase {phase.shape} are one volume")
    if lines < 2:
        raise ValueError(f"a window has two lines or more, not {lines}")
    image = (magnitude * np.exp(1j * phase)).astype(np.complex64)
    axes = [a for a in range(3) if a != slice_axis]
    low = scipy.fft.fftn(image, axes=axes, workers=threads())
    for axis in axes:
        shape = [1, 1, 1]
        shape[axis] = image.shape[axis]
        low *= _hann(image.shape[axis], lines).reshape(shape)
    low = scipy.fft.ifftn(low, axes=axes, workers=threads(), overwrite_x=True)
    return np.asarray(np.angle(image * low.conj()), dtype=np.float32)


def vendor_swi(
    magnitude: NDArray[Any],
    phase: NDArray[Any],
    *,
    paramagnetic_sign: Literal[1, -1] = 1,
    lines: int = 64,
    power: int = 4,
    slice_axis: int | None = 2,
) -> NDArray[np.float32]:
    """Return a scanner's susceptibility-weighted image, in the unit of the magnitude.

    Parameters
    ----------
    magnitude, phase : ndarray, (x, y, z)
        One echo; phase in the vendor's own sign.
    paramagnetic_sign : {1, -1}
        Sign that the vendor's phase has where the field is above B0; that side is darkened.
    lines, slice_axis
        See `vendor_highpass`.
    power : int
        How often the mask is multiplied.

    Notes
    -----
    ``magnitude (1 - p / pi)^power`` for ``p > 0``, with ``p`` the filtered phase times the sign.
    """
    if paramagnetic_sign not in (1, -1) or power < 1:
        raise ValueError(f"sign 1 or -1 and power >= 1, not {paramagnetic_sign}, {power}")
    local = vendor_highpass(magnitude, phase, lines=lines, slice_axis=slice_axis)
    return np.asarray(magnitude * phase_mask(paramagnetic_sign * local, power), dtype=np.float32)


def phase_mask(phase: NDArray[Any], power: int = 4) -> NDArray[np.float32]:
    """Return ``(1 - phase / pi)^power`` where phase (rad) is positive, else 1."""
    return np.asarray((1.0 - np.clip(phase, 0.0, np.pi) / np.pi) ** power, dtype=np.float32)


def sliding_minip(
    volume: NDArray[np.float32], *, slices: int = 8, slice_axis: int = 2
) -> NDArray[np.float32]:
    """Return the minimum over ``slices`` consecutive slices round each slice, fewer at the ends."""
    if slices < 1 or volume.ndim != 3:
        raise ValueError(f"a volume and at least one slice, not {volume.shape} and {slices}")
    return np.asarray(
        scipy.ndimage.minimum_filter1d(volume, slices, axis=slice_axis, mode="nearest")
    )


def _hann(size: int, lines: int) -> NDArray[np.float32]:
    """Return the window along one axis in the order of the transform."""
    k = np.fft.fftfreq(size) * size
    window = 0.5 + 0.5 * np.cos(2.0 * np.pi * k / lines)
    return np.where(np.abs(k) < lines / 2.0, window, 0.0).astype(np.float32)
