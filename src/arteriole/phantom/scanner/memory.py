"""How much memory a simulated scan wants, told before it starts."""

from __future__ import annotations

import numpy as np

from arteriole.phantom.scanner.refine import refine
from arteriole.phantom.scanner.sequence import Protocol

_BASE_MIB = 330.0
_BYTES_PER_CELL = 21.0
_MIB = 2.0**20


def estimate_memory_mib(protocol: Protocol, cell_mm: float | None = None) -> float:
    """Return the peak resident memory (MiB) that `acquire` will want.

    Parameters
    ----------
    protocol : Protocol
        The scan.
    cell_mm : float, optional
        As for `acquire`.
    """
    box = refine(protocol.grid, protocol.cell_mm if cell_mm is None else cell_mm)
    cells = float(np.prod(box.grid.shape, dtype=np.float64))
    return _BASE_MIB + _BYTES_PER_CELL * cells / _MIB


def check_memory(
    protocol: Protocol, cell_mm: float | None = None, *, limit_mib: float | None
) -> None:
    """Refuse a scan that would want more memory than allowed.

    Raises
    ------
    MemoryError
        With what is needed and what would fit.
    """
    if limit_mib is None:
        return
    needed = estimate_memory_mib(protocol, cell_mm)
    if needed <= limit_mib:
        return
    fits = [
        (mm, estimate_memory_mib(protocol, mm))
        for mm in (0.5, 0.7, 1.0, 1.4, 2.0)
        if mm > (protocol.cell_mm if cell_mm is None else cell_mm)
    ]
    found = [f"cells of {mm} mm would take {mib:.0f} MiB" for mm, mib in fits if mib <= limit_mib]
    advice = found[0] if found else "take fewer or larger voxels"
    raise MemoryError(
        f"{protocol.name!r} with {protocol.shape} voxels needs about {needed:.0f} MiB, "
        f"{limit_mib:.0f} MiB are allowed; {advice}"
    )
