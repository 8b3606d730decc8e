"""What chi is measured against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Reference:
    """The region whose mean chi is zero, as the consensus report asks for it.

    Parameters
    ----------
    region : str
        "whole brain", "none", or the name given for a region.
    mean_ppm, std_ppm : float
        Mean and standard deviation of chi over the region before referencing, ppm.
    """

    region: str
    mean_ppm: float
    std_ppm: float


def reference_chi(
    chi_ppm: Float32, mask: Mask, *, region: Mask | None = None, name: str = "whole brain"
) -> tuple[Float32, Reference]:
    """Return susceptibility relative to the mean of a region, and what that mean was.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility, ppm; its zero is arbitrary, as the dipole kernel has no constant part.
    mask : ndarray, bool, (x, y, z)
        Where chi is valid; the rest becomes 0.
    region : ndarray, bool, (x, y, z), optional
        The reference region; the whole mask unless given. Only its part in the mask counts.
    name : str
        What the region is called; "none" leaves chi as it is.

    Returns
    -------
    chi_ppm : ndarray, float32, (x, y, z)
        Referenced susceptibility, ppm, 0 outside the mask.
    reference : Reference
        The region with its mean and standard deviation before referencing.

    Raises
    ------
    ValueError
        If shapes differ, chi is not finite in the mask, or the region has no voxel in the mask.

    References
    ----------
    Bilgic 2024 (consensus), doi:10.1002/mrm.30006, table 5.
    """
    if chi_ppm.shape != mask.shape or (region is not None and region.shape != mask.shape):
        raise ValueError(f"chi {chi_ppm.shape}, mask {mask.shape} and region must share one shape")
    inside = mask if region is None else mask & region
    values = chi_ppm[inside].astype(np.float64)
    if values.size == 0:
        raise ValueError(f"the reference region '{name}' has no voxel in the mask")
    if not np.isfinite(chi_ppm[mask]).all():
        raise ValueError("chi is not finite everywhere in the mask")
    reference = Reference(name, float(values.mean()), float(values.std()))
    shift = 0.0 if name == "none" else reference.mean_ppm
    return np.where(mask, chi_ppm - np.float32(shift), np.float32(0)), reference
