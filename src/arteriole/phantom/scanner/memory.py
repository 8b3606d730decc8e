"""How much memory a simulated scan wants, told before it starts."""

from __future__ import annotations

import numpy as np

from arteriole.phantom.scanner.refine import refine
from arteriole.phantom.scanner.sequence import Protocol

_BASE_MIB = 690.0
"""A generated head of 1 mm with lesions of every kind, and the kernels."""

_FIELD_BYTES, _SIGNAL_BYTES = 20.5, 16.0
"""Resident bytes a fine cell while the field is computed, and while echoes are read."""

_MIB = 2.0**20


def estimate_memory_mib(protocol: Protocol, cell_mm: float | None = None) -> float:
    """Return the peak resident memory (MiB) that `acquire` will want.

    Parameters
    ----------
    protocol : Protocol
        The scan.
    cell_mm : float, optional
        As for `acquire`.

    Notes
    -----
    The larger of two: values and fields on the fine cells, or the values, the half-sampled k-space
    of an echo and all echoes. Fitted to measured peaks (`benchmarks/speed_phantom.py`); what
    a head has in solids beyond those of a generated one comes on top.
    """
    box = refine(protocol.grid, protocol.cell_mm if cell_mm is None else cell_mm)
    cells = float(np.prod(box.grid.shape, dtype=np.float64))
    voxels = float(np.prod(protocol.shape, dtype=np.float64))
    images = len(protocol.te_s) + 2.0 + (5.0 if protocol.motion is not None else 0.0)
    slow = 1 if protocol.readout == 0 else 0
    field = _FIELD_BYTES * cells
    signal = _SIGNAL_BYTES * cells + 8.0 * voxels * (images + 2.0 * box.factor[slow])
    return _BASE_MIB + max(field, signal) / _MIB


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
