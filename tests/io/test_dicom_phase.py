from __future__ import annotations

import math

import numpy as np
import pytest

from arteriole.io.dicom_phase import phase_scale
from synthetic_frames import frame

TWELVE = {"BitsStored": 12, "PixelRepresentation": 0}


def ends(scale, low, high):
    return [scale.slope * low + scale.intercept, scale.slope * high + scale.intercept]


def test_philips_milliradians_fill_exactly_one_turn():
    rescale = {"RescaleSlope": 1.53455433455433, "RescaleIntercept": -3142.0}
    scale = phase_scale(frame(Manufacturer="Philips", **rescale, **TWELVE))
    assert ends(scale, 0, 4095) == pytest.approx([-math.pi, math.pi], abs=1e-9)


def test_siemens_rescaled_period_is_8192_not_its_largest_value():
    scale = phase_scale(frame(RescaleSlope=2.0, RescaleIntercept=-4096.0, **TWELVE))
    assert ends(scale, 0, 4095) == pytest.approx([-math.pi, math.pi * 4094 / 4096], abs=1e-12)


def test_siemens_without_rescale_starts_at_minus_pi():
    scale = phase_scale(frame(**TWELVE))
    assert ends(scale, 0, 2048) == pytest.approx([-math.pi, 0.0], abs=1e-12)


def test_ge_milliradians_stay_inside_pi():
    scale = phase_scale(
        frame(Manufacturer="GE MEDICAL SYSTEMS", BitsStored=16, PixelRepresentation=1)
    )
    assert ends(scale, -3142, 3142) == pytest.approx([-math.pi, math.pi], abs=1e-12)
    assert scale.slope == pytest.approx(1e-3, rel=1.4e-4)


@pytest.mark.parametrize(("unit", "factor"), [("mrad", math.pi / 3142), ("rad", 1.0)])
def test_unit_in_the_header_serves_for_any_vendor(unit, factor):
    header = frame(
        Manufacturer="Unknown", RescaleSlope=0.5, RescaleIntercept=-1.0, RescaleType=unit, **TWELVE
    )
    scale = phase_scale(header)
    assert (scale.slope, scale.intercept) == pytest.approx((0.5 * factor, -factor))


@pytest.mark.parametrize(
    "facts",
    [
        {"Manufacturer": "Canon", **TWELVE},
        {"Manufacturer": None, **TWELVE},
        {"RescaleSlope": 1.5, "RescaleIntercept": -4096.0, **TWELVE},
        {"RescaleSlope": -2.0, "RescaleIntercept": 4096.0, **TWELVE},
        {"RescaleSlope": 2.0, "RescaleIntercept": -4096.0, "BitsStored": 16},
        {"Manufacturer": "GE", "BitsStored": 16, "PixelRepresentation": 0},
    ],
)
def test_what_the_header_does_not_settle_stays_unknown(facts):
    assert phase_scale(frame(**facts)) is None


def test_a_narrow_image_is_not_stretched():
    """The rule sees no voxels: two images of one scanner have one scale, whatever they hold."""
    header = frame(RescaleSlope=2.0, RescaleIntercept=-4096.0, **TWELVE)
    narrow = np.array([2000, 2100])
    scale = phase_scale(header)
    assert np.ptp(narrow * scale.slope) == pytest.approx(100 * 2 * math.pi / 4096)
