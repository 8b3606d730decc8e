"""Classic DICOM files of simulated MR: one file a slice, the same bytes every time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from arteriole.errors import OutputError
from arteriole.grid import Grid
from arteriole.version import __version__

_MR_IMAGE = UID("1.2.840.10008.5.1.4.1.1.4")
_IMPLEMENTATION = UID("2.25.213950372316391034271158290125163524409")
_DATE = "20000101"
"""Date of every simulated study: DICOM asks for one, and nobody was scanned."""


@dataclass(frozen=True, eq=False)
class DicomVolume:
    """One volume as a scanner stores it.

    Parameters
    ----------
    voxels : ndarray, int16 or uint16, (x, y, z)
        Stored numbers; x, y and z are the axes of the grid.
    series : int
        Number of the series it belongs to.
    echo : int
        Number of the echo, from 1.
    te_s : float
        Echo time, s.
    tags : mapping
        DICOM keywords and values: image type, rescale, bits, and so on.
    private : mapping
        ``(group, creator, element, VR)`` and values.
    """

    voxels: NDArray[Any]
    series: int
    echo: int
    te_s: float
    tags: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[tuple[int, str, int, str], Any] = field(default_factory=dict)


def write_mr_study(
    folder: Path,
    volumes: Sequence[DicomVolume],
    grid: Grid,
    *,
    patient: str,
    study: str,
    common: Mapping[str, Any],
) -> list[Path]:
    """Write volumes of one study as classic MR images.

    Parameters
    ----------
    folder : Path
        Made here; files are numbered across the study, as an export is.
    volumes : sequence of DicomVolume
        Of one grid.
    grid : Grid
        Where the voxels are, RAS+ mm.
    patient, study : str
        Patient ID, and what else the identifiers are made from: the same words give the same UIDs.
    common : mapping
        DICOM keywords of every file: maker, model, field strength, times, angles.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OutputError
        If the folder holds anything already.

    Notes
    -----
    Columns run with the grid's first axis, rows with its second, both turned where that brings
    them nearer to the patient's left and back, as scanners do; slices follow the third axis. UIDs
    are hashes under the root 2.25 (PS3.5, annex B.2).
    """
    if folder.exists() and any(folder.iterdir()):
        raise OutputError(
            "exists already", file=folder, remedy="Name a new folder, or remove this one."
        )
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for volume in volumes:
        if volume.voxels.shape != grid.shape:
            raise ValueError(f"voxels {volume.voxels.shape} do not fit the grid {grid.shape}")
        planes, axes, places = _as_slices(volume.voxels, grid)
        for k, (plane, place) in enumerate(zip(planes, places, strict=True)):
            path = folder / f"IM{len(paths) + 1:05d}.dcm"
            one = _slice(volume, plane, k, patient=patient, study=study, common=common)
            size = grid.voxel_size_mm
            one.ImageOrientationPatient = [_decimal(v) for v in axes]
            one.ImagePositionPatient = [_decimal(v) for v in place]
            one.PixelSpacing = [_decimal(size[1]), _decimal(size[0])]
            if "SliceThickness" not in one:
                one.SliceThickness = _decimal(size[2])
            one.SpacingBetweenSlices = _decimal(size[2])
            _save(one, path)
            paths.append(path)
    return paths


def _as_slices(
    voxels: NDArray[Any], grid: Grid
) -> tuple[list[NDArray[Any]], list[float], list[NDArray[np.float64]]]:
    """Return planes (row, column), row and column direction, and place of each first pixel: LPS."""
    lps = np.diag([-1.0, -1.0, 1.0]) @ np.asarray(grid.affine[:3])
    origin = lps[:, 3].copy()
    steps = [lps[:, axis].copy() for axis in range(3)]
    for axis in (0, 1):
        if steps[axis][axis] < 0:
            origin += steps[axis] * (voxels.shape[axis] - 1)
            steps[axis] = -steps[axis]
            voxels = np.flip(voxels, axis)
    directions = [s / np.linalg.norm(s) for s in steps[:2]]
    planes = [np.ascontiguousarray(voxels[:, :, k].T) for k in range(voxels.shape[2])]
    places = [origin + k * steps[2] for k in range(voxels.shape[2])]
    return planes, [float(v) for d in directions for v in d], places


def _slice(
    volume: DicomVolume,
    plane: NDArray[Any],
    index: int,
    *,
    patient: str,
    study: str,
    common: Mapping[str, Any],
) -> Dataset:
    """Return one slice without its place."""
    one = Dataset()
    one.SOPClassUID = _MR_IMAGE
    one.SOPInstanceUID = _uid(study, volume.series, volume.echo, index)
    one.StudyInstanceUID = _uid(study)
    one.SeriesInstanceUID = _uid(study, volume.series)
    one.FrameOfReferenceUID = _uid(study, "frame")
    one.PatientID, one.PatientName = patient, f"simulated^{patient}"
    one.StudyDate = one.SeriesDate = one.AcquisitionDate = _DATE
    one.StudyTime, one.AcquisitionTime = "120000", f"1200{volume.series % 60:02d}"
    one.Modality, one.PatientPosition, one.BodyPartExamined = "MR", "HFS", "HEAD"
    one.SoftwareVersions = f"arteriole {__version__}"
    one.ImageComments = "simulated: no person was scanned"
    one.SeriesNumber, one.InstanceNumber = volume.series, index + 1
    one.AcquisitionNumber, one.EchoNumbers = 1, volume.echo
    one.EchoTime = _decimal(1000 * volume.te_s)
    for keyword, value in {**common, **volume.tags}.items():
        setattr(one, keyword, list(value) if isinstance(value, tuple) else value)
    for (group, creator, element, vr), value in volume.private.items():
        one.private_block(group, creator, create=True).add_new(element, vr, value)
    _pixels(one, plane)
    return one


def _pixels(one: Dataset, plane: NDArray[Any]) -> None:
    """Store the plane's numbers in 16 bits, or in the 12 that its tags ask for."""
    signed = plane.dtype.kind == "i"
    bits = int(one.get("BitsStored", 16))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    if plane.min() < low or plane.max() > high:
        raise ValueError(f"{plane.min()} to {plane.max()} does not fit {bits} bits")
    one.Rows, one.Columns = plane.shape
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.BitsAllocated, one.BitsStored, one.HighBit = 16, bits, bits - 1
    one.PixelRepresentation = int(signed)
    one.PixelData = plane.astype("<i2" if signed else "<u2").tobytes()


def _save(one: Dataset, path: Path) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = one.SOPClassUID
    meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = _IMPLEMENTATION
    out = FileDataset(str(path), one, file_meta=meta, preamble=bytes(128))
    out.save_as(path, enforce_file_format=True)


def _uid(*words: object) -> UID:
    """Return an identifier that the words decide."""
    digest = hashlib.sha256("/".join(map(str, words)).encode()).digest()[:16]
    return UID(f"2.25.{int.from_bytes(digest, 'big')}")


def _decimal(value: float) -> float:
    """Round to what a decimal string of 16 characters holds."""
    return float(f"{value:.9g}")
