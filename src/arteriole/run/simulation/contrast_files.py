"""Simulated T1w, T2w, FLAIR and CT images as files, with their truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.io.atomic import write_json, write_text
from arteriole.io.nifti import write_image
from arteriole.phantom.scanner.acquire_ct import CtScan
from arteriole.phantom.scanner.acquire_weighted import WeightedScan
from arteriole.phantom.scanner.ct_protocol import CtProtocol
from arteriole.phantom.scanner.head_truth import HeadTruth
from arteriole.phantom.scanner.weighted_sequence import WeightedProtocol
from arteriole.run.simulation.lesion_table import lesion_table
from arteriole.run.simulation.scan_files import DESCRIPTION
from arteriole.version import __version__

_MADE_BY: dict[str, Any] = {
    "Manufacturer": "arteriole",
    "ManufacturersModelName": "digital scanner (simulated)",
    "SoftwareVersions": __version__,
}


def write_weighted(folder: Path, name: str, scan: WeightedScan, protocol: WeightedProtocol) -> None:
    """Write one weighted image with its sidecar: ``NAME_T1w.nii.gz`` and so on."""
    _write(folder / f"{name}_{protocol.kind}", scan.data, scan.grid)
    said: dict[str, Any] = {
        **_MADE_BY,
        "MagneticFieldStrength": protocol.b0_tesla,
        "PulseSequenceType": f"simulated {protocol.sequence}",
        "MRAcquisitionType": "3D" if protocol.slice_mm is None else "2D",
        "NonlinearGradientCorrection": False,
        "SeriesDescription": f"simulated {protocol.name}",
        "ImageType": ["DERIVED", "PRIMARY", "SIMULATED", "M"],
        "RepetitionTime": protocol.tr_s,
        "EchoTime": protocol.te_s,
        "FlipAngle": protocol.flip_deg,
        "Units": "arbitrary",
    }
    if protocol.ti_s is not None:
        said["InversionTime"] = protocol.ti_s
    if protocol.slice_mm is not None:
        said["SliceThickness"] = protocol.slice_mm
    write_json(folder / f"{name}_{protocol.kind}.json", said)


def write_ct(folder: Path, name: str, scan: CtScan, protocol: CtProtocol) -> None:
    """Write one CT in Hounsfield units with its sidecar: ``NAME_ct.nii.gz``."""
    _write(folder / f"{name}_ct", scan.data_hu, scan.grid)
    said = {
        **_MADE_BY,
        "Modality": "CT",
        "SeriesDescription": f"simulated {protocol.name}",
        "ImageType": ["DERIVED", "PRIMARY", "SIMULATED"],
        "KVP": protocol.kvp,
        "SliceThickness": protocol.slice_mm,
        "SpacingBetweenSlices": protocol.spacing_mm,
        "ConvolutionKernel": protocol.kernel,
        "GantryDetectorTilt": protocol.gantry_tilt_deg,
        "Units": "HU",
    }
    write_json(folder / f"{name}_ct.json", said)


def write_head_truth(folder: Path, name: str, suffix: str, truth: HeadTruth, grid: Grid) -> None:
    """Write masks, classes and lesions of one scan, ``NAME_space-SUFFIX_...``, and its pose.

    Parameters
    ----------
    folder : Path
        Of the truth of this session.
    name : str
        Start of the files' names.
    suffix : str
        Of the image: T1w, T2w, FLAIR or ct.
    truth : HeadTruth
        What the scanner says of the head.
    grid : Grid
        Of the scan.
    """
    start = f"{name}_space-{suffix}"
    maps: dict[str, NDArray[Any]] = {
        "desc-brain_mask": truth.brain_mask,
        "desc-intracranial_mask": truth.intracranial_mask,
        "desc-class_dseg": truth.labels,
        "desc-lesions_dseg": truth.lesion_labels,
    }
    for kind, voxels in maps.items():
        write_image(folder / f"{start}_{kind}.nii.gz", voxels, grid, description=DESCRIPTION)
    write_text(folder / f"{start}_lesions.tsv", lesion_table(truth.lesions))
    pose = np.round(truth.pose, 9).tolist()
    write_json(folder / f"{start}_pose.json", {"simulated": True, "head_to_scan_mm": pose})


def _write(stem: Path, data: NDArray[np.float32], grid: Grid) -> None:
    """Write an image as whole numbers."""
    whole = np.clip(np.rint(data), -32768, 32767).astype(np.int16)
    write_image(stem.with_name(stem.name + ".nii.gz"), whole, grid, description=DESCRIPTION)
