"""What a simulated scan should give back, on the scan's own grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.lesions.lesion import LesionTruth


@dataclass(frozen=True, eq=False)
class Truth:
    """The known answer to a scan.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Mean susceptibility against water of what lies in the brain; 0 outside the brain.
    r2star_hz : ndarray, float32, (x, y, z)
        Signal-weighted mean R2* of the voxel's tissues, 1/s, without the dephasing that field
        gradients add.
    total_field_hz : ndarray, float32, (x, y, z)
        Mean field after shimming, Hz.
    local_field_hz : ndarray, float32, (x, y, z)
        Mean field of the brain's sources alone, Hz.
    brain_mask : ndarray, bool, (x, y, z)
        Brain with the fluid in its sulci.
    labels : ndarray, uint8, (x, y, z)
        Row of `arteriole.phantom.tissue.TISSUES` in the middle of the voxel.
    lesions : tuple of LesionTruth
        Lesions with their middle inside the scanned slab.

    Notes
    -----
    Maps are means over voxels, not crops of k-space: the ringing that a crop leaves round a small
    strong source is nothing that an inversion should be asked to reproduce.
    """

    chi_ppm: NDArray[np.float32]
    r2star_hz: NDArray[np.float32]
    total_field_hz: NDArray[np.float32]
    local_field_hz: NDArray[np.float32]
    brain_mask: NDArray[np.bool_]
    labels: NDArray[np.uint8]
    lesions: tuple[LesionTruth, ...]
