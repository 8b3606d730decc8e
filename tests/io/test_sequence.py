from __future__ import annotations

from pathlib import Path

from arteriole.io.sequence import sequence_facts
from arteriole.io.sidecar import Sidecar


def sidecar(**values) -> Sidecar:
    return Sidecar(values, Path("image.nii.gz"))


def test_facts_come_under_our_names_and_units():
    told = sequence_facts(
        [
            sidecar(
                RepetitionTime=0.03,
                FlipAngle=15,
                PixelBandwidth=240.0,
                ParallelReductionFactorInPlane=2,
                PartialFourier=1,
                SoftwareVersions="syngo MR E11",
                ReceiveCoilName="Head_32",
                MRAcquisitionType="3D",
                ScanningSequence="GR",
                PatientName="never told",
            )
        ]
    )
    assert told == {
        "repetition_time_s": 0.03,
        "flip_angle_deg": 15.0,
        "pixel_bandwidth_hz": 240.0,
        "acceleration": 2.0,
        "partial_fourier": 1.0,
        "software": "syngo MR E11",
        "coil": "Head_32",
        "dimensions": "3D",
        "sequence": "GR",
    }


def test_the_first_sidecar_that_knows_is_taken():
    told = sequence_facts([sidecar(), sidecar(FlipAngle=10), sidecar(FlipAngle=20)])
    assert told == {"flip_angle_deg": 10.0}


def test_values_of_the_wrong_kind_are_left_out():
    odd = {"RepetitionTime": "fast", "FlipAngle": True, "PixelBandwidth": float("nan")}
    assert sequence_facts([sidecar(**odd, SoftwareVersions=5, ReceiveCoilName=" ")]) == {}


def test_several_words_are_joined():
    assert sequence_facts([sidecar(ScanningSequence=["GR", "SE", 3])]) == {"sequence": "GR/SE"}
