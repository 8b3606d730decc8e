"""Sums over volumes that come out the same for any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange


def inner(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Return the sum of products of two equal 3-D volumes, added up plane by plane in float64."""
    planes = np.empty(first.shape[0])
    _inner_by_plane(first, second, planes)
    return float(planes.sum())


@kernel(parallel=True)
def _inner_by_plane(first: NDArray[Any], second: NDArray[Any], planes: NDArray[np.float64]) -> None:
    nx, ny, nz = first.shape
    for i in prange(nx):
        total = 0.0
        for j in range(ny):
            for k in range(nz):
                total += np.float64(first[i, j, k]) * np.float64(second[i, j, k])
        planes[i] = total
