"""Oxygenation of venous blood from its susceptibility, given the haematocrit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.morphology import distance_inside
from arteriole.regions.veins import Veins

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Size3 = tuple[float, float, float]

CHI_DEOXY_PPM = 4.0 * np.pi * 0.273
"""Fully deoxygenated against fully oxygenated red cells, SI."""

CHI_OXY_PPM = 4.0 * np.pi * -0.008
"""Oxygenated red cells against water, SI."""


def oxygenation_of(chi_ppm: float, *, haematocrit: float = 0.42) -> float:
    """Return the saturation of haemoglobin of blood with this susceptibility.

    Parameters
    ----------
    chi_ppm : float
        Volume susceptibility of blood against water or tissue, SI, ppm.
    haematocrit : float
        Share of red cells in blood, in (0, 1).

    Returns
    -------
    float
        Share of oxygenated haemoglobin; outside [0, 1] where chi does not fit the haematocrit.

    Raises
    ------
    ValueError
        For a haematocrit out of range.

    Notes
    -----
    ``chi = Hct (4 pi 0.273 (1 - Y) - 4 pi 0.008)`` ppm, solved for ``Y``. An error of 0.02 in the
    haematocrit moves ``Y`` by 0.015 at ``Y = 0.65``; 0.01 ppm of chi by 0.007. Tissue beside the
    vein stands for water: it is within 0.03 ppm of it.

    References
    ----------
    Jain V, Abdulmalik O, Propert KJ, Wehrli FW. Magn Reson Med 2012;68:863-867,
    doi:10.1002/mrm.23282; Weisskoff RM, Kiihne S. Magn Reson Med 1992;24:375-383,
    doi:10.1002/mrm.1910240219.

    Examples
    --------
    >>> round(oxygenation_of(0.42 * 4 * np.pi * (0.273 * 0.35 - 0.008)), 6)
    0.65
    """
    if not 0.0 < haematocrit < 1.0:
        raise ValueError(f"haematocrit lies within (0, 1), not {haematocrit}")
    return float(1.0 - (chi_ppm / haematocrit - CHI_OXY_PPM) / CHI_DEOXY_PPM)


@dataclass(frozen=True)
class BloodChi:
    """Susceptibility of blood in the widest veins, ppm, from so many voxels; None with why."""

    chi_ppm: float | None
    voxels: int
    why: str = ""


def blood_chi(
    chi_ppm: Float32,
    veins: Veins,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    depth_mm: float = 5.0,
    percentile: float = 95.0,
    most_voxel_mm: float = 2.0,
    least_voxels: int = 200,
) -> BloodChi:
    """Estimate the susceptibility of venous blood where veins fill voxels.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility, ppm.
    veins : Veins
        As `find_veins` gives them.
    mask : ndarray, bool, (x, y, z)
        Where chi is valid.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    depth_mm : float
        Only veins at least this far inside the mask count, mm.
    percentile : float
        Percentile of chi over their voxels that stands for voxels full of blood.
    most_voxel_mm : float
        No side of a voxel may be longer: veins inside the brain are 2 to 3 mm wide.
    least_voxels : int
        Fewer voxels of veins than this are not enough.

    Returns
    -------
    BloodChi
        Susceptibility of blood, or why there is none.

    Raises
    ------
    ValueError
        If shapes differ.

    Notes
    -----
    Most voxels of a vein hold tissue too, and the mean over them is far too low: two thirds of
    blood's chi where veins are two voxels wide. The upper tail is that of the widest veins
    (internal cerebral, thalamostriate, basal), which fill some voxels. Noise raises it, partial
    volume lowers it. Measured figures are in the documentation (concepts, regions).

    References
    ----------
    Fan AP, Bilgic B, Gagnon L, et al. Magn Reson Med 2014;72:149-159 (oxygenation from maps of
    susceptibility), doi:10.1002/mrm.24918.
    """
    if not chi_ppm.shape == veins.mask.shape == mask.shape:
        shapes = f"chi {chi_ppm.shape}, veins {veins.mask.shape} and mask {mask.shape}"
        raise ValueError(f"{shapes} must share one shape")
    longest = max(voxel_size_mm)
    if longest > most_voxel_mm:
        why = f"voxels of {longest:.3g} mm are too long: no vein inside the brain fills them"
        return BloodChi(None, 0, why)
    deep = veins.mask & (distance_inside(mask, voxel_size_mm=voxel_size_mm) >= depth_mm)
    count = int(deep.sum())
    if count < least_voxels:
        return BloodChi(None, count, f"{count} voxels of veins inside the brain are too few")
    return BloodChi(float(np.percentile(chi_ppm[deep].astype(np.float64), percentile)), count)
