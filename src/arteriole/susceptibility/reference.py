"""What chi is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
RegionName = Literal["brain", "csf", "none"]


@dataclass(frozen=True)
class Reference:
    """What chi is relative to, as the consensus report asks for it.

    Parameters
    ----------
    region : str
        "brain": the mean over the mask is zero; "csf": that over fluid of the ventricles; "none":
        chi is as inverted.
    mean_ppm, std_ppm : float
        Mean and standard deviation of chi over the region (over the mask for "none") before
        referencing, ppm.
    voxels : int
        Voxels of the region; 0 in records that do not have it.
    source : str
        Where a region of fluid comes from, in words.
    """

    region: RegionName
    mean_ppm: float
    std_ppm: float
    voxels: int = 0
    source: str = ""


def reference_chi(
    chi_ppm: Float32,
    mask: Mask,
    *,
    region: RegionName = "brain",
    fluid: Mask | None = None,
    source: str = "",
) -> tuple[Float32, Reference]:
    """Return susceptibility relative to a region, and what the region's mean was.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility, ppm; its zero is arbitrary, as the dipole kernel has no constant part.
    mask : ndarray, bool, (x, y, z)
        Where chi is valid; the rest becomes 0.
    region : {"brain", "csf", "none"}
        What has a mean of zero: the whole mask, fluid, or nothing (chi stays as it was inverted).
    fluid : ndarray, bool, (x, y, z), optional
        Voxels of fluid, for "csf"; only those in the mask count.
    source : str
        Where the fluid comes from, for the record.

    Returns
    -------
    chi_ppm : ndarray, float32, (x, y, z)
        Referenced susceptibility, ppm, 0 outside the mask.
    reference : Reference
        The region, with its mean and standard deviation before referencing.

    Raises
    ------
    ValueError
        If shapes differ, the mask or the fluid in it is empty, chi is not finite in the mask, or
        the region is unknown.

    Notes
    -----
    The whole brain is the consensus' common reference. A large bleed shifts its mean: 10 ml of
    1 ppm in 1200 ml of brain shift it by 0.008 ppm. Fluid does not change with disease, but its
    small volume makes its mean less certain, and what background removal left over in the middle
    of the brain is in it. Two visits are compared over the same voxels: give both the same mask.

    References
    ----------
    Bilgic 2024 (consensus), doi:10.1002/mrm.30006, table 5; Straub S, Schneider TM, Emmerich J, et
    al. Magn Reson Med 2017;78:204-214 (regions of reference), doi:10.1002/mrm.26353.
    """
    if chi_ppm.shape != mask.shape:
        raise ValueError(f"chi {chi_ppm.shape} and mask {mask.shape} must share one shape")
    if region not in ("brain", "csf", "none"):
        raise ValueError(f"the reference is 'brain', 'csf' or 'none', not '{region}'")
    if not mask.any():
        raise ValueError("the mask is empty")
    if not np.isfinite(chi_ppm[mask]).all():
        raise ValueError("chi is not finite everywhere in the mask")
    values = chi_ppm[_counted(mask, fluid) if region == "csf" else mask].astype(np.float64)
    mean, std = float(values.mean()), float(values.std())
    reference = Reference(region, mean, std, int(values.size), source)
    shift = np.float32(0.0 if region == "none" else mean)
    return np.where(mask, chi_ppm - shift, np.float32(0)).astype(np.float32), reference


def _counted(mask: Mask, fluid: Mask | None) -> Mask:
    """Return the fluid inside the mask."""
    if fluid is None or fluid.shape != mask.shape:
        found = "none" if fluid is None else str(fluid.shape)
        raise ValueError(f"the reference 'csf' needs a mask of fluid {mask.shape}, not {found}")
    counted = mask & fluid
    if not counted.any():
        raise ValueError("there is no fluid inside the mask")
    return counted
