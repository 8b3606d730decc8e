"""XSIM: structural similarity of susceptibility maps."""

from __future__ import annotations

import numpy as np
import scipy.ndimage


def xsim(found_ppm, truth_ppm, mask, *, window=5, k1=0.01, k2=0.001, data_range=1.0):
    """Return the mean structural similarity in the mask, with the constants made for ppm maps.

    Parameters
    ----------
    found_ppm, truth_ppm : ndarray, float, (x, y, z)
        Susceptibility about the same reference, ppm.
    mask : ndarray, bool, (x, y, z)
        Where the index is averaged; both maps count as 0 outside.
    window : int
        Side of the cube of each comparison, voxels.
    k1, k2, data_range : float
        Constants of the index: range 1 ppm, and 0.01 and 0.001 of it.

    Returns
    -------
    float
        1 for equal maps, near 0 for unrelated ones.

    References
    ----------
    Milovic 2025, doi:10.1002/mrm.30271; SSIM: Wang 2004, doi:10.1109/TIP.2003.819861.
    """
    found, truth = (np.where(mask, v, 0).astype(np.float64) for v in (found_ppm, truth_ppm))

    def mean(volume):
        return scipy.ndimage.uniform_filter(volume, window, mode="nearest")

    n = window**3
    a, b = mean(found), mean(truth)
    bias = n / (n - 1.0)
    va, vb = bias * (mean(found * found) - a * a), bias * (mean(truth * truth) - b * b)
    cov = bias * (mean(found * truth) - a * b)
    c1, c2 = (k1 * data_range) ** 2, (k2 * data_range) ** 2
    index = (2 * a * b + c1) * (2 * cov + c2) / ((a * a + b * b + c1) * (va + vb + c2))
    return float(index[mask].mean())
