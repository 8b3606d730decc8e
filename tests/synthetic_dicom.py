"""DICOM files made up for the tests: any vendor's habits, known voxels, known places."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

MR = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
VENDORS = {
    "Siemens": {"Manufacturer": "SIEMENS", "ManufacturerModelName": "Skyra"},
    "GE": {"Manufacturer": "GE MEDICAL SYSTEMS", "ManufacturerModelName": "DISCOVERY MR750"},
    "Philips": {"Manufacturer": "Philips Medical Systems", "ManufacturerModelName": "Achieva"},
}
GE_PART = {"mag": 0, "phase": 1, "real": 2, "imag": 3}
LETTER = {"mag": "M", "phase": "P", "real": "R", "imag": "I"}


def oblique(degrees: float = 20.0) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Rows and columns turned about x and then z."""
    a, b = np.deg2rad([degrees, degrees / 2])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_z = np.array([[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]])
    turned = about_z @ about_x
    return tuple(turned[:, 0]), tuple(turned[:, 1])


def mr_volume(
    voxels: NDArray[Any],
    *,
    vendor: str = "Siemens",
    part: str = "mag",
    te_ms: float = 5.0,
    echo: int = 1,
    series: int = 3,
    axes: Sequence[Sequence[float]] = AXIAL,
    spacing_mm: tuple[float, float, float] = (2.0, 2.0, 3.0),
    rescale: tuple[float, float] | None = None,
    start: int = 1,
    time_s: float = 36000.0,
    **tags: Any,
) -> list[Dataset]:
    """Return classic slices of ``voxels[slice, row, column]``; spacing is (row, column, slice)."""
    normal = np.cross(*axes)
    slices = []
    for k, plane in enumerate(voxels):
        ds = _common(MR, vendor, series)
        ds.ImageType = ["ORIGINAL", "PRIMARY", LETTER[part]]
        ds.ScanningSequence, ds.SequenceVariant, ds.MRAcquisitionType = "GR", "SP", "3D"
        ds.MagneticFieldStrength, ds.ImagingFrequency = 3.0, 127.75
        ds.RepetitionTime, ds.FlipAngle, ds.EchoTime, ds.EchoNumbers = 30.0, 15.0, te_ms, echo
        ds.ImageOrientationPatient = [round(float(v), 10) for v in (*axes[0], *axes[1])]
        place = np.array([-20.0, -18.0, -10.0]) + normal * spacing_mm[2] * k
        ds.ImagePositionPatient = [round(float(v), 6) for v in place]
        ds.PixelSpacing, ds.SliceThickness = list(spacing_mm[:2]), spacing_mm[2]
        ds.SpacingBetweenSlices = spacing_mm[2]
        ds.InstanceNumber, ds.AcquisitionNumber = start + k, 1
        ds.AcquisitionTime = _time(time_s)
        if rescale is not None:
            ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = *rescale, "US"
        if vendor == "GE":
            ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
            ds.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x2F, "SS", GE_PART[part])
        _pixels(ds, plane)
        for keyword, value in tags.items():
            setattr(ds, keyword, value)
        slices.append(ds)
    return slices


def ct_volume(voxels: NDArray[Any], z_mm: Sequence[float], **tags: Any) -> list[Dataset]:
    """Return CT slices at the given places along z; stored values are HU + 1024."""
    slices = []
    for k, (plane, z) in enumerate(zip(voxels, z_mm, strict=True)):
        ds = _common(CT, "GE", tags.pop("series", 2) if k == 0 else slices[0].SeriesNumber)
        if slices:
            ds.SeriesInstanceUID = slices[0].SeriesInstanceUID
        ds.Modality, ds.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.KVP, ds.ConvolutionKernel, ds.GantryDetectorTilt = 120, "STANDARD", 0
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.ImagePositionPatient = [-20.0, -18.0, float(z)]
        ds.PixelSpacing, ds.SliceThickness, ds.InstanceNumber = [0.5, 0.5], 5.0, k + 1
        ds.RescaleSlope, ds.RescaleIntercept = 1, -1024
        _pixels(ds, plane)
        for keyword, value in tags.items():
            setattr(ds, keyword, value)
        slices.append(ds)
    return slices


def enhanced(volumes: Sequence[list[Dataset]]) -> Dataset:
    """Return one multi-frame object of several classic volumes (Siemens XA manner)."""
    slices = [ds for volume in volumes for ds in volume]
    first = slices[0]
    ds = _common(ENHANCED_MR, "Siemens", first.SeriesNumber)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    ds.MagneticFieldStrength, ds.EchoPulseSequence, ds.MRAcquisitionType = 3.0, "GRADIENT", "3D"
    ds.AcquisitionNumber, ds.InstanceNumber = 1, 1
    shared = Dataset()
    shared.MRTimingAndRelatedParametersSequence = _one(RepetitionTime=30.0, FlipAngle=15.0)
    shared.PlaneOrientationSequence = _one(ImageOrientationPatient=first.ImageOrientationPatient)
    shared.PixelMeasuresSequence = _one(
        PixelSpacing=first.PixelSpacing, SliceThickness=first.SliceThickness
    )
    ds.SharedFunctionalGroupsSequence = DicomSequence([shared])
    ds.PerFrameFunctionalGroupsSequence = DicomSequence(
        [
            _frame_groups(s, number, place)
            for number, volume in enumerate(volumes, start=1)
            for place, s in enumerate(volume, start=1)
        ]
    )
    planes = np.stack([np.frombuffer(s.PixelData, np.uint16) for s in slices])
    _pixels(ds, planes.reshape(-1, first.Rows, first.Columns))
    ds.NumberOfFrames = len(slices)
    return ds


def save(
    slices: Iterable[Dataset], folder: Path, prefix: str = "im", *, syntax: UID | None = None
) -> list[Path]:
    """Write datasets as files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, ds in enumerate(slices, start=1):
        path = folder / f"{prefix}{number:04d}.dcm"
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
            ds.SOPClassUID,
            ds.SOPInstanceUID,
        )
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        out = FileDataset(str(path), ds, file_meta=meta, preamble=bytes(128))
        if syntax is not None:
            out.compress(syntax, generate_instance_uid=False)
        out.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def _common(sop_class: str, vendor: str, series: int) -> Dataset:
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, generate_uid()
    ds.PatientID, ds.PatientName, ds.PatientBirthDate = "P1", "Doe^Jane", "19470313"
    ds.StudyInstanceUID, ds.StudyDate = "1.2.3.4", "20200102"
    ds.SeriesInstanceUID, ds.SeriesNumber = f"1.2.3.4.{series}", series
    ds.Modality, ds.PatientPosition = "MR", "HFS"
    for keyword, value in VENDORS[vendor].items():
        setattr(ds, keyword, value)
    return ds


def _pixels(ds: Dataset, plane: NDArray[Any]) -> None:
    signed = plane.dtype.kind == "i"
    ds.Rows, ds.Columns = plane.shape[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = 16
    ds.BitsStored = 16 if signed else 12
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(signed)
    ds.PixelData = plane.astype("<i2" if signed else "<u2").tobytes()


def _frame_groups(ds: Dataset, volume: int, place: int) -> Dataset:
    component = {"M": "MAGNITUDE", "P": "PHASE", "R": "REAL", "I": "IMAGINARY"}[ds.ImageType[2]]
    groups = Dataset()
    groups.MRImageFrameTypeSequence = _one(
        FrameType=["ORIGINAL", "PRIMARY", ds.ImageType[2]], ComplexImageComponent=component
    )
    groups.MREchoSequence = _one(EffectiveEchoTime=float(ds.EchoTime))
    groups.PlanePositionSequence = _one(ImagePositionPatient=ds.ImagePositionPatient)
    groups.PixelValueTransformationSequence = _one(
        RescaleSlope=ds.get("RescaleSlope", 1),
        RescaleIntercept=ds.get("RescaleIntercept", 0),
        RescaleType="US",
    )
    groups.FrameContentSequence = _one(
        InStackPositionNumber=place, StackID="1", DimensionIndexValues=[1, place, volume],
        FrameAcquisitionDateTime="20200102100000",
    )  # fmt: skip
    return groups


def _one(**tags: Any) -> DicomSequence:
    item = Dataset()
    for keyword, value in tags.items():
        setattr(item, keyword, value)
    return DicomSequence([item])


def _time(seconds: float) -> str:
    moment = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)
    return (moment + datetime.timedelta(seconds=seconds)).strftime("%H%M%S.%f")
