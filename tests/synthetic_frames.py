"""Header records without files, for the rules that sort and judge them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from arteriole.io.dicom_groups import Volume
from arteriole.io.dicom_headers import Frame
from arteriole.io.dicom_part import part_of

GRADIENT_ECHO = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4",
    "StudyInstanceUID": "1.2",
    "SeriesInstanceUID": "1.2.3",
    "SeriesNumber": 3,
    "PatientID": "P1",
    "Manufacturer": "SIEMENS",
    "ImageType": ["ORIGINAL", "PRIMARY", "M"],
    "ScanningSequence": "GR",
    "EchoTime": 20.0,
    "RepetitionTime": 30.0,
    "FlipAngle": 15.0,
    "Rows": 8,
    "Columns": 6,
    "PixelSpacing": [2.0, 2.0],
    "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
}


def frame(z_mm: float = 0.0, **facts: Any) -> Frame:
    """One gradient-echo slice at a place along z, with facts changed (None takes one away)."""
    every = GRADIENT_ECHO | {"ImagePositionPatient": [-5.0, -6.0, z_mm]} | facts
    kept = {name: value for name, value in every.items() if value is not None}
    return Frame(Path(f"s{kept.get('SeriesNumber')}/{z_mm}.dcm"), 0, kept)


def frames(places_mm: Sequence[float] = tuple(np.arange(8) * 3.0), **facts: Any) -> list[Frame]:
    """Slices at several places."""
    return [frame(float(z), **facts) for z in places_mm]


def volume(places_mm: Sequence[float] = tuple(np.arange(8) * 3.0), **facts: Any) -> Volume:
    """A volume of slices at several places, in that order."""
    slices = frames(places_mm, **facts)
    return Volume(tuple(slices), part_of(slices[0]))
