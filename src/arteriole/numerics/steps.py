"""The two updates that conjugate gradients make again and again, each in one pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange

Float32 = NDArray[np.float32]


@kernel(parallel=True)
def add_scaled(total: Float32, factor: np.float32, more: Float32) -> None:
    """Add ``factor * more`` to the total."""
    nx, ny, nz = total.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                total[i, j, k] += factor * more[i, j, k]


@kernel(parallel=True)
def turn(search: Float32, factor: np.float32, ahead: Float32) -> None:
    """Turn the direction of search to ``ahead`` and a share ``factor`` of what it was."""
    nx, ny, nz = search.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                search[i, j, k] = search[i, j, k] * factor + ahead[i, j, k]
