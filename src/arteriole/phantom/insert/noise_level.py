"""How noisy a magnitude image is, by what differs across the diagonals of small squares."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.insert.kspace_support import FULL, Support


def noise_level(magnitude: NDArray[Any], support: Support = FULL) -> float:
    """Estimate the standard deviation of the noise per channel where there is signal.

    Parameters
    ----------
    magnitude : ndarray, (x, y, z)
        Signal, any unit, not negative.
    support : Support
        How much of its k-space was sampled, and how it was tapered.

    Returns
    -------
    float
        In the magnitude's unit; 0 for an image without noise or signal.

    Notes
    -----
    Median of ``|m00 - m01 - m10 + m11| / 2`` over 0.6745, the smallest of the three pairs of axes,
    over squares brighter than a fifth of the 98th percentile. The corners of a square are as many
    voxels apart as noise takes to forget itself, and what it remembers is divided out by
    ``sqrt((1 - c1) (1 - c2))``, ``c`` its correlation along an axis. Fine texture makes the figure
    too large, the more so the further the corners are apart.

    References
    ----------
    Immerkaer 1996, doi:10.1006/cviu.1996.0060.
    """
    values = np.nan_to_num(np.asarray(magnitude, dtype=np.float32), posinf=0.0, neginf=0.0)
    if values.ndim != 3:
        raise ValueError(f"one volume is needed, not {values.shape}")
    positive = values[values > 0]
    if not positive.size:
        return 0.0
    least = 0.2 * float(np.percentile(positive, 98.0))
    found = []
    lags = [max(1, round(1.0 / share)) for share in support.share]
    lost = [1.0 - support.correlation(lag, axis) for axis, lag in enumerate(lags)]
    for axis in range(3):
        one, two = (other for other in range(3) if other != axis)
        plane = np.moveaxis(values, axis, 0)
        p, q = lags[one], lags[two]
        if plane.shape[1] <= p or plane.shape[2] <= q:
            continue
        corners = (plane[:, :-p, :-q], plane[:, p:, :-q], plane[:, :-p, q:], plane[:, p:, q:])
        bright = np.minimum.reduce(corners) > least
        a, b, c, d = corners
        if bright.sum() >= 100:
            typical = float(np.median(np.abs(a - b - c + d)[bright])) / 2.0 / 0.6745
            found.append(typical / math.sqrt(lost[one] * lost[two]))
    return min(found, default=0.0)
