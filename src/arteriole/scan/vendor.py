"""Which way the scanner counts phase, and what GE does to alternate slices."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray


def phase_sign(
    manufacturer: str | None, setting: Literal["auto", "keep", "flip"] = "auto"
) -> tuple[int, str]:
    """Return the factor (1 or -1) that makes phase grow where the field is above B0, and why.

    Parameters
    ----------
    manufacturer : str or None
        Maker of the scanner as its header has it.
    setting : {"auto", "keep", "flip"}
        By maker, or as the user says.

    Notes
    -----
    GE counts phase the other way round than Siemens and Philips; the example pipelines of the
    consensus on QSM invert GE phase. Known failure: a converter that already turned the sign;
    veins then look diamagnetic, and "keep" is right.

    References
    ----------
    Bilgic 2024 (consensus), doi:10.1002/mrm.30006, example pipelines.
    """
    if setting == "keep":
        return 1, "sign kept (settings)"
    if setting == "flip":
        return -1, "sign flipped (settings)"
    if (manufacturer or "").lower().startswith("ge"):
        return -1, "sign flipped (GE counts the other way)"
    maker = manufacturer or "maker unknown, taken as Siemens or Philips"
    return 1, f"sign kept ({maker})"


def undo_slice_polarity(signal: NDArray[np.complex64]) -> tuple[NDArray[np.complex64], bool]:
    """Turn every other slice by pi where a complex image alternates from slice to slice.

    Parameters
    ----------
    signal : ndarray, complex64, (x, y, z)
        One echo, made of its real and imaginary parts.

    Returns
    -------
    signal : ndarray
        The signal; the same array if it does not alternate.
    alternates : bool
        Whether it did.

    Notes
    -----
    GE's 3-D reconstruction leaves the sign of the last Fourier transform's shift, (-1)^z, in the
    real and imaginary images. Neighbouring slices then point opposite ways: the sign of
    ``Re sum conj(s_z) s_{z+1}`` tells, slice pair by slice pair.
    """
    if signal.shape[2] < 3:
        return signal, False
    along: NDArray[Any] = np.sum(np.conj(signal[:, :, :-1]) * signal[:, :, 1:], axis=(0, 1))
    alternates = bool(np.median(along.real / np.maximum(np.abs(along), 1e-30)) < -0.5)
    if alternates:
        signal = signal.copy()
        signal[:, :, 1::2] *= -1
    return signal, alternates
