"""What chi is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Reference:
    """What chi is relative to, as the consensus report asks for it.

    Parameters
    ----------
    region : str
        "brain": the mean over the mask is zero; "none": chi is as inverted.
    mean_ppm, std_ppm : float
        Mean and standard deviation of chi over the mask before referencing, ppm.
    """

    region: Literal["brain", "none"]
    mean_ppm: float
    std_ppm: float


def reference_chi(
    chi_ppm: Float32, mask: Mask, *, region: Literal["brain", "none"] = "brain"
) -> tuple[Float32, Reference]:
    """Return susceptibility relative to the whole brain, and what its mean was.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility, ppm; its zero is arbitrary, as the dipole kernel has no constant part.
    mask : ndarray, bool, (x, y, z)
        Where chi is valid; the rest becomes 0.
    region : {"brain", "none"}
        What has a mean of zero: the whole mask, or nothing (chi stays as it was inverted).

    Returns
    -------
    chi_ppm : ndarray, float32, (x, y, z)
        Referenced susceptibility, ppm, 0 outside the mask.
    reference : Reference
        The region, with mean and standard deviation of the mask before referencing.

    Raises
    ------
    ValueError
        If shapes differ, the mask is empty, chi is not finite in it, or the region is unknown.

    Notes
    -----
    The whole brain is the consensus' common reference. A large bleed shifts its mean: 10 ml of
    1 ppm in 1200 ml of brain shift it by 0.008 ppm.

    References
    ----------
    Bilgic 2024 (consensus), doi:10.1002/mrm.30006, table 5.
    """
    if chi_ppm.shape != mask.shape:
        raise ValueError(f"chi {chi_ppm.shape} and mask {mask.shape} must share one shape")
    if region not in ("brain", "none"):
        raise ValueError(f"the reference is 'brain' or 'none', not '{region}'")
    values = chi_ppm[mask].astype(np.float64)
    if values.size == 0:
        raise ValueError("the mask is empty")
    if not np.isfinite(values).all():
        raise ValueError("chi is not finite everywhere in the mask")
    reference = Reference(region, float(values.mean()), float(values.std()))
    shift = np.float32(reference.mean_ppm if region == "brain" else 0.0)
    return np.where(mask, chi_ppm - shift, np.float32(0)).astype(np.float32), reference
