"""Headers of DICOM images, one record a slice: classic files and multi-frame ones look the same."""

from __future__ import annotations

import logging
import os
import struct
import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pydicom
from pydicom.errors import BytesLengthException, InvalidDicomError

MR_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.4": "MR image",
    "1.2.840.10008.5.1.4.1.1.4.1": "enhanced MR image",
    "1.2.840.10008.5.1.4.1.1.4.4": "converted enhanced MR image",
}
CT_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT image",
    "1.2.840.10008.5.1.4.1.1.2.1": "enhanced CT image",
    "1.2.840.10008.5.1.4.1.1.2.2": "converted enhanced CT image",
}
_DIRECTORY_CLASS = "1.2.840.10008.1.3.10"

_IDENTITY = (
    "PatientID", "PatientName", "PatientBirthDate", "IssuerOfPatientID", "StudyInstanceUID",
    "StudyDate", "AcquisitionDate", "SeriesDate", "SeriesInstanceUID", "SeriesNumber",
    "SOPInstanceUID", "SOPClassUID", "InstanceNumber",
)  # fmt: skip
_GEOMETRY = (
    "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns",
    "NumberOfFrames", "SliceThickness", "SpacingBetweenSlices", "GantryDetectorTilt",
)  # fmt: skip
_PIXELS = (
    "BitsAllocated", "BitsStored", "PixelRepresentation", "SamplesPerPixel", "RescaleSlope",
    "RescaleIntercept", "RescaleType", "BurnedInAnnotation", "RecognizableVisualFeatures",
)  # fmt: skip
_PHYSICS = (
    "Modality", "Manufacturer", "ManufacturerModelName", "SoftwareVersions", "ImageType",
    "FrameType", "ComplexImageComponent", "MagneticFieldStrength", "ImagingFrequency",
    "TransmitterFrequency", "EchoTime", "EffectiveEchoTime", "EchoNumbers", "EchoTrainLength",
    "RepetitionTime", "InversionTime", "InversionTimes", "InversionRecovery", "FlipAngle",
    "MRAcquisitionType", "ScanningSequence", "SequenceVariant", "ScanOptions", "AngioFlag",
    "EchoPulseSequence", "EchoPlanarPulseSequence", "TimeOfFlightContrast", "PhaseContrast",
    "SteadyStatePulseSequence", "PixelBandwidth", "NumberOfAverages",
    "InPlanePhaseEncodingDirection", "ParallelReductionFactorInPlane",
    "PatientPosition", "BodyPartExamined", "ContrastBolusAgent",
    "KVP", "ConvolutionKernel", "XRayTubeCurrent", "ExposureTime", "Exposure",
    "AcquisitionNumber", "AcquisitionTime", "FrameAcquisitionDateTime",
    "TemporalPositionIdentifier", "TemporalPositionIndex",
)  # fmt: skip
_NAMES = ("SeriesDescription", "ProtocolName", "SequenceName", "PulseSequenceName")
_PRIVATE = {
    (0x0043, 0x102F): "GePart",
    (0x0021, 0x104F): "GeLocations",
    (0x2001, 0x1018): "PhilipsSlices",
    (0x2001, 0x1060): "PhilipsStacks",
}
_WANTED = (*_IDENTITY, *_GEOMETRY, *_PIXELS, *_PHYSICS, *_NAMES)
_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
BROKEN = (
    InvalidDicomError, BytesLengthException, OSError, EOFError, ValueError, LookupError, TypeError,
    AttributeError, NotImplementedError, ArithmeticError, AssertionError, RecursionError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip
"""What pydicom and the code around it raise for damaged files."""
_MAX_FRAMES = 100_000


@dataclass(frozen=True)
class Frame:
    """One slice: where it is stored and what its header says.

    ``facts`` holds DICOM keywords with plain values. Some of them identify a person: they are for
    sorting only, and nothing writes them.
    """

    file: Path
    index: int
    facts: Mapping[str, Any]

    def text(self, keyword: str) -> str:
        """Return a value as stripped text, empty if absent."""
        value = self.facts.get(keyword)
        return "" if value is None else str(value).strip()

    def words(self, keyword: str) -> tuple[str, ...]:
        """Return a value of several code words in upper case, empty if absent."""
        value = self.facts.get(keyword)
        several = value if isinstance(value, (list, tuple)) else [value]
        return tuple(str(v).strip().upper() for v in several if v not in (None, ""))

    def number(self, keyword: str) -> float | None:
        """Return the first number of a value, or None if absent."""
        value = self.facts.get(keyword)
        first = value[0] if isinstance(value, (list, tuple)) and value else value
        return float(first) if isinstance(first, (int, float)) else None

    def vector(self, keyword: str) -> tuple[float, ...]:
        """Return all numbers of a value, empty if absent."""
        value = self.facts.get(keyword)
        return tuple(float(v) for v in value) if isinstance(value, (list, tuple)) else ()


@dataclass
class Headers:
    """All that was found below a folder."""

    frames: list[Frame] = field(default_factory=list)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    """DICOM files that are damaged, with what is wrong."""
    other_objects: list[tuple[Path, str]] = field(default_factory=list)
    """DICOM files that are not MR or CT images, with what they are."""
    copies: list[Path] = field(default_factory=list)
    """Files that hold an image that was found already."""
    not_dicom: int = 0

    @property
    def any_dicom(self) -> bool:
        """Whether the folder holds any DICOM at all."""
        return bool(self.frames or self.unreadable or self.other_objects)


def read_headers(folder: Path) -> Headers:
    """Read the headers of all DICOM files below a folder; pixels are not touched."""
    headers = Headers()
    seen: set[str] = set()
    for path in _files(folder):
        try:
            with quietly():
                _sort_in(headers, path, _read_dataset(path), seen)
        except BROKEN as error:
            headers.unreadable.append((path, _reason(error)))
    return headers


@contextmanager
def quietly() -> Iterator[None]:
    """Keep pydicom from telling of odd values, by warning or log: they may name a person."""
    log = logging.getLogger("pydicom")
    before, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = before


def _files(folder: Path) -> Iterator[Path]:
    """Walk a tree in a fixed order, without following links to folders."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            if path.is_file():
                yield path


def _sort_in(headers: Headers, path: Path, data: Any, seen: set[str]) -> None:
    """Put a file's frames, or the reason why it has none, where they belong."""
    if data is None:
        headers.not_dicom += 1
        return
    kind = str(data.get("SOPClassUID", ""))
    if kind == _DIRECTORY_CLASS or str(data.file_meta.get("MediaStorageSOPClassUID", "")) == (
        _DIRECTORY_CLASS
    ):
        headers.other_objects.append((path, "a DICOMDIR (index of a medium)"))
        return
    if kind not in MR_CLASSES and kind not in CT_CLASSES:
        name = pydicom.uid.UID(kind).name if kind else "an object without a SOP class"
        headers.other_objects.append((path, f"not an MR or CT image, but: {name[:64]}"))
        return
    uid = str(data.get("SOPInstanceUID", "")) or str(path)
    if uid in seen:
        headers.copies.append(path)
        return
    headers.frames.extend(_frames(path, data))
    seen.add(uid)


def _read_dataset(path: Path) -> Any:
    """Read a header up to the pixels; None if the file is not DICOM at all.

    Raises one of ``BROKEN`` for a file that starts as DICOM but is damaged or cut short.
    """
    with path.open("rb") as file:
        start = file.read(132)
        has_preamble = start[128:132] == b"DICM"
        # Files of before 1995 lack the preamble and start with group 0008 at once.
        if not has_preamble and not (start[:2] == b"\x08\x00" and start[3:4] == b"\x00"):
            return None
        file.seek(0)
        tags = [*_WANTED, *_PRIVATE, *_GROUPS]
        data = pydicom.dcmread(file, stop_before_pixels=True, force=True, specific_tags=tags)
        if not has_preamble and "SOPClassUID" not in data:
            return None
        _check_length(file, data)
        return data


def _check_length(file: BinaryIO, data: Any) -> None:
    """Refuse a file that ends before its pixels do."""
    syntax = data.file_meta.get("TransferSyntaxUID")
    if "Rows" not in data or (syntax is not None and (syntax.is_compressed or syntax.is_deflated)):
        return
    frames = int(data.get("NumberOfFrames") or 1)
    samples = int(data.get("SamplesPerPixel") or 1)
    voxels = int(data.Rows) * int(data.Columns) * frames * samples
    needed = voxels * (int(data.get("BitsAllocated") or 16) // 8)
    element = 12 if syntax is not None and not syntax.is_implicit_VR else 8
    left = max(0, os.fstat(file.fileno()).st_size - file.tell() - element)
    if left < needed:
        raise EOFError(f"the file is cut short: {left} of {needed} bytes of pixels are there")


def _frames(path: Path, data: Any) -> list[Frame]:
    """Flatten a file: one record a frame, its own values before shared ones before the file's."""
    file_facts = _collect(data)
    groups = data.get("PerFrameFunctionalGroupsSequence")
    if not groups:
        if int(data.get("NumberOfFrames") or 1) > 1:
            raise ValueError("several frames without their positions")
        return [Frame(path, 0, file_facts)]
    if len(groups) > _MAX_FRAMES or len(groups) != int(data.get("NumberOfFrames") or 0):
        raise ValueError(f"{data.get('NumberOfFrames')} frames, {len(groups)} frame headers")
    for item in data.get("SharedFunctionalGroupsSequence") or []:
        file_facts |= _collect_groups(item)
    return [
        Frame(path, index, _unified(file_facts | _collect_groups(item)))
        for index, item in enumerate(groups)
    ]


def _collect_groups(item: Any) -> dict[str, Any]:
    """Gather wanted values of the functional groups of one frame, or of the shared ones."""
    facts: dict[str, Any] = {}
    for element in item:
        # Private groups repeat positions in another frame of reference: leave them alone.
        if element.VR == "SQ" and not element.tag.is_private and element.value:
            facts |= _collect(element.value[0])
    return facts


def _collect(data: Any) -> dict[str, Any]:
    """Gather the wanted values of one level as plain numbers, texts and lists."""
    facts = {}
    for keyword in _WANTED:
        if keyword in data:
            facts[keyword] = _plain(data[keyword])
    for tag, name in _PRIVATE.items():
        if tag in data:
            facts[name] = _plain(data[tag])
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def _plain(element: Any) -> Any:
    """Turn an element's value into plain Python."""
    value = element.value
    if isinstance(value, bytes):
        # Private numbers come as bytes where the file does not say their type.
        return int.from_bytes(value[:4], "little", signed=True) if len(value) in (2, 4) else None
    if element.VM > 1:
        return [_plain_one(element.VR, v) for v in value]
    return None if value is None else _plain_one(element.VR, value)


def _plain_one(vr: str, value: Any) -> Any:
    if vr in ("DS", "FD", "FL"):
        return float(value)
    if vr in ("IS", "US", "SS", "UL", "SL"):
        return int(value)
    return str(value)


def _unified(facts: dict[str, Any]) -> dict[str, Any]:
    """Give the multi-frame names of a value the classic name."""
    renamed = {
        "FrameType": "ImageType", "EffectiveEchoTime": "EchoTime",
        "InversionTimes": "InversionTime", "TransmitterFrequency": "ImagingFrequency",
        "TemporalPositionIndex": "TemporalPositionIdentifier",
    }  # fmt: skip
    for new, classic in renamed.items():
        if new in facts:
            facts[classic] = facts.pop(new)
    return facts


def _reason(error: BaseException) -> str:
    """Say what is wrong with a file in one line, without values out of its header."""
    if isinstance(error, EOFError) and "cut short" in str(error):
        return str(error)
    return f"the header cannot be read ({type(error).__name__})"
