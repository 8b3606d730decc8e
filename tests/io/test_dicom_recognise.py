from __future__ import annotations

import pytest

from arteriole.io.dicom_recognise import recognise
from synthetic_frames import volume

SPIN = {"ScanningSequence": "SE"}


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({}, "gre"),
        ({"ScanningSequence": None, "EchoPulseSequence": "GRADIENT"}, "gre"),
        ({"InversionTime": 900.0, "EchoTime": 3.0}, "T1w"),
        ({"ScanningSequence": ["GR", "IR"], "EchoTime": 3.0}, "T1w"),
        ({"ScanningSequence": ["SE", "IR"], "InversionTime": 2500.0, "EchoTime": 110.0}, "FLAIR"),
        ({**SPIN, "EchoTime": 90.0, "RepetitionTime": 9000.0}, "T2w"),
        ({**SPIN, "EchoTime": 12.0, "RepetitionTime": 500.0}, "T1w"),
        ({**SPIN, "EchoTime": 25.0, "RepetitionTime": 2000.0, "InversionTime": 860.0}, "T1w"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, "ct"),
    ],
)
def test_sequence_parameters_tell_the_contrast(facts, kind):
    assert recognise(volume(**facts)).kind == kind


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "SWI"]}, "SWI made by the scanner"),
        ({"ImageType": ["DERIVED", "PRIMARY", "M", "MNIP"]}, "minimum-intensity projection"),
        ({"ImageType": ["DERIVED", "SECONDARY", "AXIAL"]}, "derived from other images"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "a localizer"),
        ({"ScanningSequence": ["EP", "GR"]}, "echo-planar"),
        ({"EchoPlanarPulseSequence": "YES"}, "echo-planar"),
        ({"AngioFlag": "Y"}, "time-of-flight"),
        ({"PhaseContrast": "YES"}, "phase-contrast"),
        ({"SteadyStatePulseSequence": "FREE_PRECESSION"}, "balanced"),
        ({"EchoTime": None}, "no echo time"),
        ({**SPIN, "EchoTime": 30.0, "RepetitionTime": 3000.0}, "no known contrast (TE 30, TR 3000"),
        ({**SPIN, "EchoTime": 60.0, "RepetitionTime": 3000.0, "InversionTime": 150.0}, "TI 150 ms"),
    ],
)
def test_what_is_not_used_has_its_reason(facts, reason):
    found = recognise(volume(**facts))
    assert found.kind is None
    assert reason in found.reason


def test_few_slices_are_a_localizer():
    assert "only 3 slices" in recognise(volume((0.0, 3.0, 6.0))).reason


def test_derived_by_ge_s_complex_output_is_a_source():
    header = {"ImageType": ["DERIVED", "SECONDARY", "OTHER"], "GePart": 2, "Manufacturer": "GE"}
    assert recognise(volume(**header)).kind == "gre"
