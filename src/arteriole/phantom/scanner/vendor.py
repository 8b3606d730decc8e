"""How vendors store complex images: whole numbers, signs, and what their headers say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.scanner.sequence import Vendor

_MAKER = {"siemens": "SIEMENS", "philips": "Philips Medical Systems", "ge": "GE MEDICAL SYSTEMS"}
_GE_PART = (0x0043, "GEMS_PARM_01", 0x2F, "SS")
_MILLIRADIANS = 3142
"""Whole number that Philips and GE store for pi."""


@dataclass(frozen=True, eq=False)
class Stored:
    """Stored whole numbers of one image, and the header elements that tell what they mean.

    Parameters
    ----------
    values : ndarray, int16 or uint16
        As in the file.
    tags : mapping
        DICOM keywords and values. Where there is a rescale, ``values * RescaleSlope +
        RescaleIntercept`` is in the vendor's unit.
    private : mapping
        ``(group, creator, element, VR)`` and values.
    """

    values: NDArray[Any]
    tags: Mapping[str, Any]
    private: Mapping[tuple[int, str, int, str], Any] = field(default_factory=dict)


def store_phase(phase_rad: NDArray[np.floating[Any]], vendor: Vendor) -> Stored:
    """Return phase (rad, growing with the field) as a vendor stores it.

    Parameters
    ----------
    phase_rad : ndarray, (..., x, y, z)
        Wrapped phase in [-pi, pi], in the convention of `arteriole.units`.
    vendor : {"siemens", "philips", "ge"}
        Siemens: 0 to 4095, rescaled to -4096 to 4094 where 8192 is a turn. Philips: 0 to 4095,
        rescaled to -3142 to 3142 milliradians. GE: -3142 to 3142 with the sign turned round, and
        no rescale.

    Raises
    ------
    ValueError
        For phase beyond pi, or a vendor that is not known.
    """
    _check_vendor(vendor)
    phase = np.asarray(phase_rad, dtype=np.float64)
    if phase.size and not np.abs(phase).max() <= np.pi * 1.0001:
        raise ValueError(f"phase reaches {np.abs(phase).max():.3f} rad, beyond pi")
    if vendor == "ge":
        return _ge(-phase * (_MILLIRADIANS / np.pi), 1)
    turns = phase / (2.0 * np.pi) + 0.5
    kind: tuple[str, ...]
    if vendor == "siemens":
        kind, steps = ("P", "ND"), 4096
        rescale: dict[str, Any] = {"RescaleSlope": 2.0, "RescaleIntercept": -4096.0}
    else:
        kind, steps = ("PHASE MAP", "P", "FFE"), 4095
        slope = 2.0 * _MILLIRADIANS / 4095.0
        rescale = {"RescaleSlope": slope, "RescaleIntercept": -float(_MILLIRADIANS)}
        rescale["RescaleType"] = "milliradials"
    return Stored(_twelve_bits(turns * steps), _tags(vendor, kind) | rescale)


def store_magnitude(magnitude: NDArray[np.floating[Any]], vendor: Vendor) -> Stored:
    """Return magnitude as whole numbers up to 4095 (GE: 16383), with the vendor's header.

    Parameters
    ----------
    magnitude : ndarray, (..., x, y, z)
        Not negative, any unit; all echoes at once, so that they keep one scale.
    vendor : {"siemens", "philips", "ge"}
        Philips gives the slope back to the original unit, the others do not.

    Raises
    ------
    ValueError
        For negative values, or a vendor that is not known.
    """
    _check_vendor(vendor)
    data = np.asarray(magnitude, dtype=np.float64)
    if data.size and not data.min() >= 0:
        raise ValueError(f"magnitude cannot be negative: {data.min()}")
    top = max(float(data.max(initial=0.0)), 1e-12)
    if vendor == "ge":
        return _ge(data * (16383.0 / top), 0)
    values = _twelve_bits(data * (4095.0 / top))
    if vendor == "siemens":
        return Stored(values, _tags(vendor, ("M", "ND", "NORM")))
    rescale = {"RescaleSlope": top / 4095.0, "RescaleIntercept": 0.0, "RescaleType": "normalized"}
    return Stored(values, _tags(vendor, ("M_FFE", "M", "FFE")) | rescale)


def store_complex_ge(
    magnitude: NDArray[np.floating[Any]], phase_rad: NDArray[np.floating[Any]]
) -> tuple[Stored, Stored]:
    """Return real and imaginary parts as GE stores them: every second slice with the other sign.

    Parameters
    ----------
    magnitude, phase_rad : ndarray, (..., x, y, z)
        Magnitude of any unit, and phase in the convention of `arteriole.units`.

    Notes
    -----
    GE's 3-D reconstruction leaves ``(-1)^z`` of the last Fourier transform's shift in the parts;
    its sign of phase is turned round too.
    """
    data = np.asarray(magnitude) * np.exp(-1j * np.asarray(phase_rad, dtype=np.float64))
    data[..., 1::2] *= -1.0
    data *= 16383.0 / max(float(np.abs(data).max(initial=0.0)), 1e-12)
    return _ge(data.real, 2), _ge(data.imag, 3)


def _check_vendor(vendor: str) -> None:
    """Refuse a vendor that is not known."""
    if vendor not in _MAKER:
        raise ValueError(f"no convention known of {vendor!r}: siemens, philips or ge")


def _tags(vendor: Vendor, kind: tuple[str, ...]) -> dict[str, Any]:
    """Return maker, image type and bits of a 12-bit image."""
    image_type = ("ORIGINAL", "PRIMARY", *kind)
    return {"Manufacturer": _MAKER[vendor], "ImageType": image_type, "BitsStored": 12}


def _twelve_bits(values: NDArray[np.float64]) -> NDArray[np.uint16]:
    """Round to whole numbers of 12 bits."""
    return np.clip(np.round(values), 0, 4095).astype(np.uint16)


def _ge(values: NDArray[np.float64], part: int) -> Stored:
    """Round to GE's signed 16 bits; ``part`` counts magnitude, phase, real, imaginary from 0."""
    tags = {
        "Manufacturer": _MAKER["ge"],
        "ImageType": ("ORIGINAL", "PRIMARY", "OTHER"),
        "BitsStored": 16,
    }
    return Stored(np.round(values).astype(np.int16), tags, {_GE_PART: part})
