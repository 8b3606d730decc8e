"""Paramagnetic and diamagnetic sources in one voxel, in closed form: an estimate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

R2_RISE_PER_TESLA = 0.145
"""Relative rise of R2 per T above 3 T: T2 of cortex 87, 76, 47 ms at 1.5, 3, 7 T (Cox 2010)."""


def separate_chi(
    chi_ppm: Float32,
    r2prime_hz: Float32,
    mask: Mask,
    *,
    b0_tesla: float,
    relaxation_hz_per_ppm: float = 137.0,
) -> tuple[Float32, Float32]:
    """Estimate paramagnetic and diamagnetic susceptibility from chi and R2', voxel by voxel.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility, ppm; relative to fluid, so that its zero is that of both sources.
    r2prime_hz : ndarray, float32, (x, y, z)
        Relaxation by static sources, ``R2* - R2``, 1/s, not negative.
    mask : ndarray, bool, (x, y, z)
        Where both hold; the results are 0 elsewhere.
    b0_tesla : float
        Field strength, T.
    relaxation_hz_per_ppm : float
        R2' that 1 ppm of sources of either sign makes at 3 T, 1/s; taken to grow with the field.

    Returns
    -------
    para_ppm, dia_ppm : ndarray, float32, (x, y, z)
        Paramagnetic (0 or more) and diamagnetic (0 or less) susceptibility, ppm. Their sum is
        ``chi_ppm``.

    Raises
    ------
    ValueError
        If shapes differ, R2' is negative in the mask, or the field or the constant is not positive.

    Notes
    -----
    ``chi = chi_p + chi_d`` and ``R2' = D (chi_p - chi_d)`` have the solution
    ``chi_p = (R2'/D + chi) / 2``, ``chi_d = (chi - R2'/D) / 2``. Where R2' is too small for chi,
    ``R2' < D |chi|``, one source is 0 and the other is chi: nothing is taken from chi.

    The constant is of 3 T, of subcortical nuclei, the same for both signs; it is none of a tissue's
    true microstructure. Where the field varies over a voxel (near air, beside veins) R2' is too
    large, and so are both sources.

    References
    ----------
    Shin HG, Lee J, Yun YH, et al. NeuroImage 2021;240:118371 (the model, 137 Hz/ppm),
    doi:10.1016/j.neuroimage.2021.118371.
    """
    if not chi_ppm.shape == r2prime_hz.shape == mask.shape:
        shapes = f"chi {chi_ppm.shape}, R2' {r2prime_hz.shape} and mask {mask.shape}"
        raise ValueError(f"{shapes} must share one shape")
    if not (b0_tesla > 0 and relaxation_hz_per_ppm > 0):
        raise ValueError(f"field {b0_tesla} T and constant {relaxation_hz_per_ppm} are positive")
    if (r2prime_hz[mask] < 0).any():
        raise ValueError(f"R2' is not negative, as {float(r2prime_hz[mask].min()):g} 1/s is")
    per_ppm = np.float32(relaxation_hz_per_ppm * b0_tesla / 3.0)
    total = np.maximum(r2prime_hz / per_ppm, np.abs(chi_ppm))
    nothing = np.float32(0)
    para = np.where(mask, (total + chi_ppm) / 2, nothing).astype(np.float32, copy=False)
    dia = np.where(mask, chi_ppm - para, nothing).astype(np.float32, copy=False)
    return para, np.minimum(dia, nothing)


def estimate_r2prime(
    r2star_hz: Float32, r2_hz: Float32 | float, *, b0_tesla: float = 3.0
) -> Float32:
    """Estimate R2' as R2* less R2, 0 where that is negative.

    Parameters
    ----------
    r2star_hz : ndarray, float32, (x, y, z)
        Effective transverse relaxation, 1/s.
    r2_hz : ndarray, float32, (x, y, z), or float
        R2 measured by a spin echo, 1/s; or one number for all tissue at 3 T, which then follows the
        field.
    b0_tesla : float
        Field strength, T; counts for one number only.

    Returns
    -------
    ndarray, float32, (x, y, z)
        R2', 1/s.

    Raises
    ------
    ValueError
        If a map of R2 has another shape, or the number is negative.

    Notes
    -----
    With one number this is what methods that know gradient echoes only assume: R2 is about the
    same everywhere. It is not: 14.4 in cortex, 18 in white matter, 25.8 1/s in the pallidum
    (Gelman 1999), so that iron-rich nuclei get some 10 1/s, 0.08 ppm of sources at 3 T, too many.

    References
    ----------
    Dimov AV, Nguyen TD, Gillen KM, et al. J Neuroimaging 2022;32:852-859 (sources from gradient
    echoes alone), doi:10.1111/jon.13014; Gelman N, Gorell JM, Barker PB, et al. Radiology
    1999;210:759-767, doi:10.1148/radiology.210.3.r99fe41759; Cox EF, Gowland PA. Magn Reson Med
    2010;64:1440-1445 (R2 and field), doi:10.1002/mrm.22411.
    """
    if isinstance(r2_hz, np.ndarray):
        if r2_hz.shape != r2star_hz.shape:
            raise ValueError(f"R2 {r2_hz.shape} and R2* {r2star_hz.shape} must share one shape")
        return np.maximum(r2star_hz - r2_hz, np.float32(0))
    if not r2_hz >= 0:
        raise ValueError(f"R2 is 0 or more, not {r2_hz}")
    here = r2_hz * (1.0 + R2_RISE_PER_TESLA * (b0_tesla - 3.0))
    return np.maximum(r2star_hz - np.float32(here), np.float32(0))
