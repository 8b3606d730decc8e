"""Sidecars of imported images: physics and sequence by an allow-list, nothing about the person."""

from __future__ import annotations

from typing import Any

import numpy as np

from arteriole.io.dicom_geometry import Placed
from arteriole.io.dicom_groups import Volume
from arteriole.io.dicom_headers import Frame
from arteriole.io.dicom_phase import PhaseScale
from arteriole.io.dicom_privacy import code_words, safe_kernel, safe_model, safe_software
from arteriole.io.dicom_vendor import vendor_of
from arteriole.units import GAMMA_HZ_PER_TESLA

_NUMBERS = {
    "ImagingFrequency": "ImagingFrequency", "FlipAngle": "FlipAngle",
    "SliceThickness": "SliceThickness", "SpacingBetweenSlices": "SpacingBetweenSlices",
    "EchoTrainLength": "EchoTrainLength", "PixelBandwidth": "PixelBandwidth",
    "NumberOfAverages": "NumberOfAverages",
    "ParallelReductionFactorInPlane": "ParallelReductionFactorInPlane",
}  # fmt: skip
_MS_TO_S = {"EchoTime": "EchoTime", "RepetitionTime": "RepetitionTime"}
_CODES = {
    "ScanningSequence": "ScanningSequence", "SequenceVariant": "SequenceVariant",
    "ScanOptions": "ScanOptions", "MRAcquisitionType": "MRAcquisitionType",
    "PatientPosition": "PatientPosition", "BodyPartExamined": "BodyPart",
    "InPlanePhaseEncodingDirection": "InPlanePhaseEncodingDirectionDICOM",
}  # fmt: skip
_CT_NUMBERS = {
    "KVP": "KVP", "XRayTubeCurrent": "XRayTubeCurrent", "Exposure": "Exposure",
    "ExposureTime": "ExposureTime", "SliceThickness": "SliceThickness",
    "GantryDetectorTilt": "GantryDetectorTilt",
}  # fmt: skip


def mr_sidecar(volume: Volume) -> dict[str, Any]:
    """Return the sidecar of an MR image: times in seconds, field in tesla, the rest as in BIDS."""
    frame = volume.first
    content: dict[str, Any] = {"Modality": "MR"} | _scanner(frame)
    content |= _some("MagneticFieldStrength", field_tesla(frame))
    for keyword, key in _NUMBERS.items():
        content |= _some(key, frame.number(keyword))
    for keyword, key in _MS_TO_S.items():
        content |= _some(key, _seconds(frame.number(keyword)))
    inversion = frame.number("InversionTime")
    content |= _some("InversionTime", _seconds(inversion) if inversion else None)
    content |= _coded(frame)
    if vendor_of(frame) == "Philips":
        content |= _some("PhilipsRescaleSlope", frame.number("RescaleSlope"))
        content |= _some("PhilipsRescaleIntercept", frame.number("RescaleIntercept"))
    return content


def gradient_echo_sidecar(
    volume: Volume, echo_number: int, scale: PhaseScale | None
) -> dict[str, Any]:
    """Return the sidecar of one part of one echo; phase says its unit and where that comes from."""
    content = mr_sidecar(volume) | {"EchoNumber": echo_number}
    if volume.part == "phase" and scale is not None:
        content |= {"Units": "rad", "PhaseScaling": scale.source}
    elif volume.part == "phase":
        content |= {"Units": "arbitrary", "PhaseScaling": "the header does not say"}
    return content


def ct_sidecar(volume: Volume, placed: Placed) -> dict[str, Any]:
    """Return the sidecar of a CT: with the place of every slice, since they may be uneven."""
    frame = volume.first
    content: dict[str, Any] = {"Modality": "CT", "Units": "HU"} | _scanner(frame)
    for keyword, key in _CT_NUMBERS.items():
        content |= _some(key, frame.number(keyword))
    content |= _some("ConvolutionKernel", safe_kernel(frame)) | _coded(frame)
    origins = np.round(placed.slice_origins_mm, 4) + 0.0
    thickness = sorted({f.number("SliceThickness") for f in volume.frames} - {None}, key=_as_float)
    if len(thickness) > 1:
        content["SliceThickness"] = thickness
    return content | {"SliceOriginsMm": origins.tolist()}


def field_tesla(frame: Frame) -> float | None:
    """Return the field strength, T; from gauss, or from the frequency, where need be."""
    field = frame.number("MagneticFieldStrength")
    frequency_mhz = frame.number("ImagingFrequency")
    if field is not None and field > 100:
        return field / 1e4
    if field:
        return field
    return round(frequency_mhz * 1e6 / GAMMA_HZ_PER_TESLA, 4) if frequency_mhz else None


def _scanner(frame: Frame) -> dict[str, Any]:
    """Return what is known of the scanner, as far as it cannot be someone's name."""
    return (
        _some("Manufacturer", vendor_of(frame))
        | _some("ManufacturersModelName", safe_model(frame))
        | _some("SoftwareVersions", safe_software(frame))
    )


def _coded(frame: Frame) -> dict[str, Any]:
    content: dict[str, Any] = _some("ImageType", code_words(frame, "ImageType") or None)
    for keyword, key in _CODES.items():
        words = code_words(frame, keyword)
        content |= _some(key, "\\".join(words) or None)
    return content


def _some(key: str, value: Any) -> dict[str, Any]:
    return {} if value is None else {key: value}


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / 1000, 9)


def _as_float(value: float | None) -> float:
    return value or 0.0
