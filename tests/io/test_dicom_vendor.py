from __future__ import annotations

import pytest

from arteriole.io.dicom_vendor import vendor_of
from synthetic_frames import frame


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("SIEMENS", "Siemens"),
        ("Siemens Healthineers", "Siemens"),
        ("GE MEDICAL SYSTEMS", "GE"),
        ("GE", "GE"),
        ("Philips Medical Systems", "Philips"),
        ("TOSHIBA_MEC", "Canon"),
        ("Germanium Imaging", None),
        ("", None),
    ],
)
def test_many_names_one_vendor(name, vendor):
    assert vendor_of(frame(Manufacturer=name)) == vendor
