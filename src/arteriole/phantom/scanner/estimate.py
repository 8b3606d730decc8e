"""How much memory a weighted image or a CT wants, told before it starts."""

from __future__ import annotations

import numpy as np

from arteriole.phantom.scanner.acquire_ct import AT_ONCE_MM
from arteriole.phantom.scanner.acquire_weighted import ROWS
from arteriole.phantom.scanner.ct_protocol import CtProtocol
from arteriole.phantom.scanner.refine import subdivide
from arteriole.phantom.scanner.weighted_sequence import WeightedProtocol

_BASE_MIB = 690.0
"""As for `estimate_memory_mib`: a generated head of 1 mm with lesions, and the kernels."""

_MIB = 2.0**20


def estimate_weighted_mib(protocol: WeightedProtocol, cell_mm: float | None = None) -> float:
    """Return the peak resident memory (MiB) that `acquire_weighted` will want, an upper bound.

    Notes
    -----
    A slab of cells with its transform, the k-space that is whole along two axes, and image, noise
    and truth of the voxels.
    """
    fine, _ = subdivide(protocol.grid, protocol.cell_mm if cell_mm is None else cell_mm)
    nx, ny, nz = (float(n) for n in protocol.shape)
    slab = 21.0 * min(ROWS, fine.shape[0]) * fine.shape[1] * fine.shape[2]
    between = 18.0 * fine.shape[0] * ny * nz
    return _BASE_MIB + (slab + between + 46.0 * nx * ny * nz) / _MIB


def estimate_ct_mib(protocol: CtProtocol, cell_mm: float | None = None) -> float:
    """Return the peak resident memory (MiB) that `acquire_ct` will want, an upper bound."""
    cells, factor = subdivide(
        protocol.grid, protocol.cell_mm if cell_mm is None else cell_mm, least=1
    )
    height = AT_ONCE_MM + protocol.spacing_mm + protocol.slice_mm + 2.0
    slab = height / protocol.spacing_mm * factor[2] * cells.shape[0] * cells.shape[1]
    voxels = float(np.prod(protocol.shape, dtype=np.float64))
    return _BASE_MIB + (24.0 * slab + 12.0 * voxels) / _MIB
