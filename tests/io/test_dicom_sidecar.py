from __future__ import annotations

import numpy as np
import pytest

from arteriole.io.dicom_geometry import Placed
from arteriole.io.dicom_phase import PhaseScale
from arteriole.io.dicom_sidecar import ct_sidecar, field_tesla, gradient_echo_sidecar, mr_sidecar
from synthetic_frames import frame, volume


def test_times_are_in_seconds_and_field_in_tesla():
    content = mr_sidecar(volume(MagneticFieldStrength=3.0, EchoTime=2.3, InversionTime=900.0))
    assert content["EchoTime"] == 0.0023
    assert content["RepetitionTime"] == 0.03
    assert content["InversionTime"] == 0.9
    assert content["MagneticFieldStrength"] == 3.0
    assert content["Manufacturer"] == "Siemens"


@pytest.mark.parametrize(
    ("facts", "tesla"),
    [
        ({"MagneticFieldStrength": 1.5}, 1.5),
        ({"MagneticFieldStrength": 15000.0}, 1.5),
        ({"ImagingFrequency": 123.25}, 2.8947),
        ({}, None),
    ],
)
def test_field_strength_comes_from_tesla_gauss_or_frequency(facts, tesla):
    assert field_tesla(frame(**facts)) == tesla


def test_phase_says_its_unit_and_why():
    phase = volume(ImageType=["ORIGINAL", "PRIMARY", "P"])
    known = gradient_echo_sidecar(phase, 2, PhaseScale(1.0, 0.0, "because"))
    assert (known["Units"], known["PhaseScaling"], known["EchoNumber"]) == ("rad", "because", 2)
    unknown = gradient_echo_sidecar(phase, 1, None)
    assert unknown["Units"] == "arbitrary"
    assert "Units" not in gradient_echo_sidecar(volume(), 1, None)


def test_nothing_about_the_person_passes():
    planted = {
        "PatientName": "Doe", "SeriesDescription": "Doe", "ProtocolName": "Doe",
        "StudyDate": "19470313", "AcquisitionTime": "101010", "StudyInstanceUID": "1.9.9",
        "ScanOptions": ["FC", "DOE"], "BodyPartExamined": "DOE",
        "ManufacturerModelName": "Doe", "Manufacturer": "Doe", "SoftwareVersions": "Doe",
    }  # fmt: skip
    text = str(mr_sidecar(volume(**planted)))
    assert not any(word in text.upper() for word in ("DOE", "1947", "1010", "1.9.9"))


def test_ct_has_the_place_of_every_slice():
    head = volume(np.array([0.0, 4.0, 11.0]), KVP=120.0, ConvolutionKernel="STD+")
    origins = np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 4.0], [1.0, 2.0, 11.0]])
    content = ct_sidecar(head, Placed(np.eye(4), origins))
    assert content["SliceOriginsMm"] == origins.tolist()
    assert (content["KVP"], content["ConvolutionKernel"], content["Units"]) == (120.0, "STD+", "HU")
