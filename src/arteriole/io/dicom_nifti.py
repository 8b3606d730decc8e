"""A scanner's own integers as NIfTI: nothing is rounded, the scale is in the header."""

from __future__ import annotations

import gzip
import math
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from arteriole.errors import ImageError, PhaseError
from arteriole.io.atomic import atomic_open
from arteriole.io.dcm2niix import Converted
from arteriole.io.dicom_groups import Volume
from arteriole.io.dicom_phase import PhaseScale, phase_scale


def scale_of(volume: Volume, image: Converted) -> tuple[float, float, PhaseScale | None]:
    """Return slope and intercept for a header: radians for phase, the scanner's unit otherwise.

    Raises
    ------
    ImageError
        If dcm2niix did not keep the scanner's integers of a phase image.
    PhaseError
        If phase has values beyond the period that its header gives it.
    """
    if volume.part != "phase":
        return image.slope, image.intercept, None
    scale = phase_scale(volume.first)
    if scale is None:
        return image.slope, image.intercept, None
    if image.stored.dtype.kind not in "iu":
        raise ImageError("dcm2niix changed the scanner's numbers of a phase image")
    ends = [scale.slope * float(v) + scale.intercept for v in _ends(image.stored)]
    if max(abs(v) for v in ends) > 1.001 * math.pi:
        raise PhaseError(
            f"phase goes from {ends[0]:.2f} to {ends[1]:.2f} rad, beyond -pi to pi ({scale.source})"
        )
    return scale.slope, scale.intercept, scale


def is_filled(image: Converted) -> bool:
    """Tell whether an image holds more than one value."""
    low, high = _ends(image.stored)
    return low != high


def write_stored(
    path: Path,
    stored: NDArray[Any],
    affine: NDArray[np.float64],
    *,
    slope: float,
    intercept: float,
) -> None:
    """Write numbers as they are with a scale: value = slope * stored + intercept.

    No name, time, description or other text goes into the file; the same voxels give the same
    bytes. The sform holds the affine; the qform is left out where the affine leans (tilted CT).
    """
    header = nib.Nifti1Header()
    header.set_data_dtype(stored.dtype)
    header.set_data_shape(stored.shape)
    header.set_sform(affine, code=1)
    header.set_qform(affine, code=0 if _leans(affine) else 1)
    header.set_xyzt_units("mm", "sec")
    header["vox_offset"] = 352
    header["scl_slope"], header["scl_inter"] = slope, intercept
    with atomic_open(path) as file, gzip.GzipFile("", "wb", 1, file, mtime=0) as packed:
        packed.write(header.binaryblock + bytes(4))
        packed.write(stored.tobytes(order="F"))


def _leans(affine: NDArray[np.float64]) -> bool:
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    return bool(np.abs(axes.T @ axes - np.eye(3)).max() > 1e-4)


def _ends(stored: NDArray[Any]) -> tuple[float, float]:
    return float(stored.min()), float(stored.max())
