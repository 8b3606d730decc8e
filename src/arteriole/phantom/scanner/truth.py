"""What a simulated scan should give back, on the scan's own grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.scanner.motion import Pose


@dataclass(frozen=True, eq=False)
class Disturbance:
    """What the scanner adds to a scan and a later stage is to take out.

    Parameters
    ----------
    noise_sigma : float
        Standard deviation of the noise in each channel, in the magnitude's unit; 0 without noise.
    offset_rad : ndarray, float32, (x, y, z)
        Phase at echo time zero, not wrapped: the coil's, without `eddy_rad`.
    shim_hz : ndarray, (10,)
        Polynomial of the world position (see `shim.monomials`) that was taken from the field.
    eddy_rad : tuple of 2 float
        Phase of echoes read forwards against half-way to those read backwards: constant, and from
        the middle of the field of view to its end along the readout.
    poses : tuple of Pose
        Moves of the head over the lines of k-space; empty when it lay still.
    """

    noise_sigma: float
    offset_rad: NDArray[np.float32]
    shim_hz: NDArray[np.float64]
    eddy_rad: tuple[float, float]
    poses: tuple[Pose, ...]


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
    disturbance : Disturbance
        Noise, phase offset, shim and motion.

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
    disturbance: Disturbance
