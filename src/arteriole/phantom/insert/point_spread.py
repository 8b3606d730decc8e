"""From fine cells to voxels along one axis: the crop of k-space, or the mean of a box."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

PointSpread = Literal["sinc", "box"]

_STEPS = 512
"""Frequencies that the point spread is summed over: it repeats after as many voxels."""


def sampling_matrix(
    voxels: range,
    cells: range,
    factor: int,
    point_spread: PointSpread,
    *,
    share: float = 1.0,
    edge: float = 1.0,
) -> NDArray[np.float32]:
    """Return the share of each cell's mean in each voxel, (cells, voxels).

    Parameters
    ----------
    voxels, cells : range
        Which voxels and cells; cell ``factor * v`` is the first of voxel ``v``.
    factor : int
        Cells in a voxel.
    point_spread : {"sinc", "box"}
        What a scanner does that samples the middle of k-space, or the mean over the voxel.
    share, edge : float
        Of k-space, see `Support`; no matter for a box.

    Notes
    -----
    ``h(u) = 1/n int W(k) cos(2 pi k u / n) / sinc(k / n) dk`` over ``|k| < share / 2`` at a
    distance of ``u`` cells, ``n`` to a voxel: the low-pass, with the averaging over the cell undone
    within its band.
    """
    middle = factor * np.arange(voxels.start, voxels.stop) + (factor - 1) / 2.0
    apart = middle[None, :] - np.arange(cells.start, cells.stop)[:, None]
    if point_spread == "box":
        return np.asarray(np.abs(apart) < factor / 2.0, dtype=np.float32) / np.float32(factor)
    reach = int(np.ceil(np.abs(apart).max())) + 1
    table = _sinc_table(factor, -(-reach // 64) * 64, share, edge)
    return np.ascontiguousarray(table[np.rint(2 * np.abs(apart)).astype(int)])


@lru_cache(maxsize=64)
def _sinc_table(factor: int, reach: int, share: float, edge: float) -> NDArray[np.float32]:
    """Return the share at every half cell up to ``reach`` cells."""
    part = (np.arange(_STEPS) + 0.5) / _STEPS * 2.0 - 1.0
    k = 0.5 * share * part
    u = np.arange(2 * reach + 1) / (2.0 * factor)
    weight = edge + (1.0 - edge) * np.cos(np.pi / 2.0 * part) ** 2
    waves = np.cos(2.0 * np.pi * u[:, None] * k[None, :]) * (weight / np.sinc(k / factor))
    return np.asarray(share * waves.mean(axis=1) / factor, dtype=np.float32)
