"""Fluid of the ventricles, found from its slow decay: what chi may be measured against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.morphology import opened
from arteriole.numerics.smooth import gaussian_inside

Mask = NDArray[np.bool_]
Size3 = tuple[float, float, float]


def find_ventricular_fluid(
    magnitude: NDArray[Any],
    te_s: Sequence[float],
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    most_rate_hz: float = 5.0,
    reach_mm: float = 30.0,
    smoothing_mm: float = 0.5,
    components: int = 3,
    least_ml: float = 1.0,
) -> Mask:
    """Find fluid deep in the brain by its low R2*, as MEDI+0 does for its zero of chi.

    Parameters
    ----------
    magnitude : ndarray, (e, x, y, z)
        Signal magnitude, any unit, two or more echoes.
    te_s : sequence of float
        Echo times in seconds, increasing.
    mask : ndarray, bool, (x, y, z)
        Where chi is valid.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    most_rate_hz : float
        Fluid decays more slowly than this, 1/s.
    reach_mm : float
        Distance from the mask's centre of mass within which the ventricles lie.
    smoothing_mm : float
        Standard deviation of the Gaussian by which the magnitude is smoothed in the mask.
    components : int
        Largest connected parts that are kept.
    least_ml : float
        Volume below which it is not taken for the ventricles.

    Returns
    -------
    ndarray, bool, (x, y, z)
        The fluid; empty when there is less of it than ``least_ml``.

    Raises
    ------
    ValueError
        For one echo, times that do not increase, or shapes that do not fit.

    Notes
    -----
    The rate comes from the first and the last echo, ``log(m_1 / m_n) / (t_n - t_1)``, of the
    smoothed magnitude. Voxels shared with other tissue decay faster and stay out; what is thinner
    than two voxels is opened away. A wide cistern within reach may be among the parts kept; its
    fluid is the same.

    Young brains with slit ventricles have too little fluid, and flow voids decay fast: nothing is
    found then.

    References
    ----------
    Liu Z, Spincemaille P, Yao Y, Zhang Y, Wang Y. Magn Reson Med 2018;79:2795-2803 (MEDI+0),
    doi:10.1002/mrm.26946.
    """
    if magnitude.ndim != 4 or len(te_s) != magnitude.shape[0] or len(te_s) < 2:
        raise ValueError(f"{len(te_s)} echo times, two or more, do not fit {magnitude.shape}")
    if not te_s[-1] > te_s[0]:
        raise ValueError(f"echo times increase, unlike {tuple(te_s)}")
    if mask.shape != magnitude.shape[1:]:
        raise ValueError(f"mask {mask.shape} and magnitude {magnitude.shape} do not fit")
    if not mask.any():
        return np.zeros_like(mask)
    central = _central(mask, reach_mm, voxel_size_mm)
    box = tuple(_around(central, axis) for axis in range(3))
    part, near = mask[box], central[box]
    echoes = [magnitude[e][box].astype(np.float32) for e in (0, -1)]
    early, late = (
        gaussian_inside(echo, part, smoothing_mm, voxel_size_mm=voxel_size_mm) for echo in echoes
    )
    slow = late > early * np.float32(np.exp(-most_rate_hz * (te_s[-1] - te_s[0])))
    inner = opened(slow & part, min(voxel_size_mm), voxel_size_mm=voxel_size_mm) & near
    fluid = np.zeros_like(mask)
    fluid[box] = _largest(inner, components)
    enough = fluid.sum() * np.prod(voxel_size_mm) >= 1000.0 * least_ml
    return fluid if enough else np.zeros_like(mask)


def _central(mask: Mask, reach_mm: float, voxel_size_mm: Size3) -> Mask:
    """Return the part of a mask within a ball about its centre of mass."""
    places = [np.arange(n) * d for n, d in zip(mask.shape, voxel_size_mm, strict=True)]
    others = [tuple(a for a in range(3) if a != axis) for axis in range(3)]
    profiles = [mask.sum(axis=other) for other in others]
    centre = [float((p * at).sum() / p.sum()) for p, at in zip(profiles, places, strict=True)]
    away = [(at - c) ** 2 for at, c in zip(places, centre, strict=True)]
    x, y, z = np.ix_(*away)
    return np.asarray((x + y + z <= reach_mm**2) & mask)


def _around(mask: Mask, axis: int, margin: int = 4) -> slice:
    """Return where a mask that is not empty lies along an axis, a few voxels more."""
    at = np.flatnonzero(mask.any(axis=tuple(a for a in range(3) if a != axis)))
    return slice(max(0, int(at[0]) - margin), int(at[-1]) + 1 + margin)


def _largest(mask: Mask, count: int) -> Mask:
    """Return the largest 6-connected parts of a mask."""
    labels, found = scipy.ndimage.label(mask)
    if found == 0:
        return np.zeros_like(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    kept = np.argsort(-sizes, kind="stable")[: min(count, found)]
    return np.isin(labels, kept)
