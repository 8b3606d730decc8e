"""Bare single-frame files, where dcm2niix does not part slices as their headers do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames

from arteriole.errors import ImageError
from arteriole.io.dicom_headers import BROKEN, Frame, quietly
from arteriole.io.dicom_part import part_of

_CLASSIC = {"MR": "1.2.840.10008.5.1.4.1.1.4", "CT": "1.2.840.10008.5.1.4.1.1.2"}
_LETTER = {"mag": "M", "phase": "P", "real": "R", "imag": "I"}
_PIXEL_TAGS = (
    "SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns", "BitsAllocated",
    "BitsStored", "HighBit", "PixelRepresentation",
)  # fmt: skip
_FRAME_TAGS = (
    "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness",
    "EchoTime", "RepetitionTime", "FlipAngle", "MagneticFieldStrength", "Manufacturer",
    "RescaleSlope", "RescaleIntercept",
)  # fmt: skip


def split_frames(frames: Sequence[Frame], folder: Path) -> list[Path]:
    """Write frames as classic files of one series; pixels are not decoded.

    Only what dcm2niix needs to place and scale the pixels goes into them.

    Raises
    ------
    ImageError
        If the pixels of a frame cannot be found.
    """
    try:
        with quietly():
            return _split(frames, folder)
    except BROKEN as error:
        raise ImageError(f"its frames cannot be cut out ({type(error).__name__})") from error


def _split(frames: Sequence[Frame], folder: Path) -> list[Path]:
    paths = []
    pixels: dict[Path, list[bytes]] = {}
    heads: dict[Path, Any] = {}
    for number, frame in enumerate(frames, start=1):
        if frame.file not in pixels:
            heads[frame.file] = pydicom.dcmread(frame.file)
            pixels[frame.file] = _frame_pixels(heads[frame.file])
        if frame.index >= len(pixels[frame.file]):
            raise ImageError(f"frame {frame.index + 1} has no pixels")
        path = folder / f"{number:06d}.dcm"
        _write(path, frame, heads[frame.file], pixels[frame.file][frame.index], number)
        paths.append(path)
    return paths


def _frame_pixels(data: Any) -> list[bytes]:
    """Cut the pixels of a file into frames, as they are stored."""
    count = int(data.get("NumberOfFrames") or 1)
    if data.file_meta.TransferSyntaxUID.is_compressed:
        return list(generate_frames(data.PixelData, number_of_frames=count))
    size = data.Rows * data.Columns * data.SamplesPerPixel * data.BitsAllocated // 8
    return [data.PixelData[k * size : (k + 1) * size] for k in range(count)]


def _write(path: Path, frame: Frame, source: Any, pixels: bytes, number: int) -> None:
    data = Dataset()
    data.Modality = "CT" if frame.text("Modality") == "CT" else "MR"
    data.SOPClassUID = _CLASSIC[data.Modality]
    data.SOPInstanceUID = f"1.2.826.0.1.3680043.10.1.{number}"
    data.SeriesInstanceUID = data.StudyInstanceUID = "1.2.826.0.1.3680043.10.1"
    data.SeriesNumber, data.InstanceNumber = 1, number
    data.ImageType = ["ORIGINAL", "PRIMARY", _LETTER[part_of(frame)]]
    data.PatientPosition = "HFS"
    for keyword in _PIXEL_TAGS:
        setattr(data, keyword, source[keyword].value)
    for keyword in _FRAME_TAGS:
        if keyword in frame.facts:
            setattr(data, keyword, _shortened(frame.facts[keyword]))
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = data.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    meta.TransferSyntaxUID = source.file_meta.TransferSyntaxUID
    compressed = meta.TransferSyntaxUID.is_compressed
    data.PixelData = encapsulate([pixels]) if compressed else pixels
    data["PixelData"].VR = "OB" if compressed else "OW"
    out = FileDataset(str(path), data, file_meta=meta, preamble=bytes(128))
    out.save_as(path, enforce_file_format=True)


def _shortened(value: Any) -> Any:
    """Write numbers in the sixteen letters that DICOM's decimal strings have."""
    if isinstance(value, list):
        return [_shortened(v) for v in value]
    return f"{value:.10g}"[:16] if isinstance(value, float) else value
