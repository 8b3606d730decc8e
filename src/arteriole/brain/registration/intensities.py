"""Intensities of one head made like another's of the same contrast."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def matched_intensities(
    image: NDArray[Any],
    mask: Mask,
    reference: NDArray[Any],
    reference_mask: Mask,
    *,
    quantiles: int = 64,
) -> NDArray[np.float32]:
    """Return an image whose brain has the distribution of intensities of a reference brain.

    Parameters
    ----------
    image, reference : ndarray, (x, y, z)
        Same contrast, without bias fields.
    mask, reference_mask : ndarray of bool
        Brain of each.
    quantiles : int
        Points of the distribution that are brought to their place; straight lines between.

    Returns
    -------
    matched : ndarray, float32, (x, y, z)
        0 outside the mask, 1 at the reference's 99th percentile.

    Raises
    ------
    ValueError
        If shapes differ, a mask is empty, or a brain is constant.

    References
    ----------
    Nyul 2000, doi:10.1109/42.836373.
    """
    shares = np.linspace(0.01, 0.99, quantiles)
    tables = []
    for volume, inner in ((image, mask), (reference, reference_mask)):
        if volume.shape != inner.shape:
            raise ValueError(f"image {volume.shape} and mask {inner.shape} must share a shape")
        if not inner.any():
            raise ValueError("the mask is empty")
        tables.append(np.quantile(volume[inner], shares))
        if not tables[-1][-1] > tables[-1][0]:
            raise ValueError(f"the brain is {tables[-1][0]} nearly everywhere")
    own, wanted = tables
    # Quantiles that coincide would make the way back ambiguous.
    own = own + np.linspace(0, 1e-6 * (own[-1] - own[0]), quantiles)
    out = np.zeros(image.shape, np.float32)
    out[mask] = np.interp(image[mask], own, wanted) / wanted[-1]
    return out
