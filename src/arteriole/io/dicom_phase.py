"""From a scanner's numbers for phase to radians, by what the header says."""

from __future__ import annotations

import math
from dataclasses import dataclass

from arteriole.io.dicom_headers import Frame
from arteriole.io.dicom_vendor import vendor_of


@dataclass(frozen=True)
class PhaseScale:
    """Stored numbers to radians: ``phase = slope * stored + intercept``; and how that is known."""

    slope: float
    intercept: float
    source: str


def phase_scale(frame: Frame) -> PhaseScale | None:
    """Return what takes the stored numbers of a phase image to radians, or None if unknown.

    Nothing is assumed about the numbers that occur in the image: only the header's rescale, the
    number of bits and the vendor decide.

    Notes
    -----
    - A rescale that ends at +-3142 counts milliradians, rounded: +-3142 is +-pi (Philips). pi/3142
      instead of 1/1000 keeps phase inside [-pi, pi]; the two differ by 1.3e-4 of the value.
    - Siemens rescales 12 bits to -4096 ... 4094, where 8192 is a turn; without a rescale 0 ... 4095
      are a turn that starts at -pi.
    - GE stores milliradians, -3142 ... 3142, without a rescale.
    - Any vendor may name the unit (mrad, rad) in Rescale Type.
    """
    slope = frame.number("RescaleSlope")
    intercept = frame.number("RescaleIntercept")
    has_rescale = slope is not None and intercept is not None and (slope, intercept) != (1.0, 0.0)
    slope, intercept = (slope, intercept) if has_rescale else (1.0, 0.0)
    if slope is None or intercept is None or slope <= 0:
        return None
    radians = _radians_per_unit(frame, slope, intercept, has_rescale=has_rescale)
    if radians is not None:
        factor, source = radians
        return PhaseScale(slope * factor, intercept * factor, source)
    if not has_rescale and _is_unsigned_12_bit(frame):
        return _whole_turn(frame)
    return None


def _radians_per_unit(
    frame: Frame, slope: float, intercept: float, *, has_rescale: bool
) -> tuple[float, str] | None:
    """Return radians per unit of the rescaled numbers, with the reason."""
    vendor = vendor_of(frame)
    levels = 2 ** int(frame.number("BitsStored") or 16)
    if has_rescale and abs(intercept + 3142) <= 1 and abs(slope * (levels - 1) - 6284) <= 8:
        return math.pi / 3142, "rescaled to -3142..3142 milliradians, +-3142 taken as +-pi"
    if vendor == "Siemens" and has_rescale and intercept == -4096 and slope * levels == 8192:
        return math.pi / 4096, "Siemens rescale to -4096..4094, 8192 is a turn"
    if vendor == "GE" and not has_rescale and frame.number("PixelRepresentation") == 1:
        return math.pi / 3142, "GE milliradians, +-3142 taken as +-pi"
    unit = frame.text("RescaleType").lower()
    if unit in ("mrad", "milliradian", "milliradians", "milliradials"):
        return math.pi / 3142, "unit in the header: milliradians, +-3142 taken as +-pi"
    if unit in ("rad", "radian", "radians"):
        return 1.0, "unit in the header: radians"
    return None


def _is_unsigned_12_bit(frame: Frame) -> bool:
    return frame.number("BitsStored") == 12 and frame.number("PixelRepresentation") == 0


def _whole_turn(frame: Frame) -> PhaseScale | None:
    """Read 12 bits without a rescale, where the vendor is known to use all of them for a turn."""
    vendor = vendor_of(frame)
    if vendor == "Siemens":
        return PhaseScale(math.pi / 2048, -math.pi, "Siemens 12 bits without rescale, 4096 a turn")
    if vendor == "Philips":
        step = 2 * math.pi / 4095
        return PhaseScale(step, -math.pi, "Philips 12 bits without rescale, 0..4095 is -pi..pi")
    return None
