"""A simulated scan as the DICOM files of a vendor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from arteriole.io.dicom_write import DicomVolume, write_mr_study
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.scanner.sequence import Vendor
from arteriole.phantom.scanner.vendor import Stored, store_magnitude, store_phase
from arteriole.scan.gradient_echo import GradientEcho
from arteriole.units import hz_per_ppm

_MAGNITUDE_SERIES, _PHASE_SERIES = 2, 3


def write_dicom(
    folder: Path,
    scan: GradientEcho,
    protocol: Protocol,
    *,
    vendor: Vendor,
    patient: str,
    visit: str,
) -> list[Path]:
    """Write magnitude and phase of all echoes as a vendor does, one series each.

    Parameters
    ----------
    folder : Path
        Made here.
    scan : GradientEcho
        With phase.
    protocol : Protocol
        What the header says of the sequence.
    vendor : {"siemens", "philips", "ge"}
        Whose scaling, sign and words the files have.
    patient, visit : str
        Labels that name the study.

    Returns
    -------
    list of Path
        The files.
    """
    if scan.phase is None:
        raise ValueError("DICOM is written of scans with phase")
    volumes = [
        DicomVolume(stored.values[e], series, e + 1, te, stored.tags, stored.private)
        for series, stored in _series(scan.magnitude, scan.phase, vendor)
        for e, te in enumerate(scan.te_s)
    ]
    return write_mr_study(
        folder,
        volumes,
        scan.grid,
        patient=patient,
        study=f"{patient}/{visit}/{protocol.name}",
        common=_sequence(protocol),
    )


def _series(magnitude: Any, phase: Any, vendor: Vendor) -> tuple[tuple[int, Stored], ...]:
    return (
        (_MAGNITUDE_SERIES, store_magnitude(magnitude, vendor)),
        (_PHASE_SERIES, store_phase(phase, vendor)),
    )


def _sequence(protocol: Protocol) -> dict[str, Any]:
    """Return what the header says of the sequence."""
    flat = protocol.slice_mm is not None
    tags: dict[str, Any] = {
        "ManufacturerModelName": "digital scanner simulated",
        "SeriesDescription": f"simulated {protocol.name}",
        "ProtocolName": f"simulated {protocol.name}",
        "MagneticFieldStrength": protocol.b0_tesla,
        "ImagingFrequency": round(hz_per_ppm(protocol.b0_tesla), 6),
        "RepetitionTime": round(1000.0 * protocol.tr_s, 6),
        "FlipAngle": protocol.flip_deg,
        "EchoTrainLength": len(protocol.te_s),
        "ScanningSequence": "GR",
        "SequenceVariant": "SP",
        "ScanOptions": "",
        "MRAcquisitionType": "2D" if flat else "3D",
        "NumberOfAverages": 1,
    }
    if protocol.bandwidth_hz is not None:
        tags["PixelBandwidth"] = protocol.bandwidth_hz
    if protocol.slice_mm is not None:
        tags["SliceThickness"] = protocol.slice_mm
    return tags
