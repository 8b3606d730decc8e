"""What every fit of the effective transverse relaxation returns, and what they check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

R2STAR_MAX_HZ = 1000.0
"""Upper bound of every fit, 1/s: T2* of 1 ms, below what echoes of some ms can tell."""


@dataclass(frozen=True, eq=False)
class R2star:
    """Effective transverse relaxation of a multi-echo scan.

    Parameters
    ----------
    r2star_hz : ndarray, float32, (x, y, z)
        Relaxation rate in 1/s, in [0, 1000]; 0 outside the mask.
    t2star_s : ndarray, float32, (x, y, z)
        Relaxation time ``1 / r2star_hz`` in seconds; 0 where the rate is 0.
    s0 : ndarray, float32, (x, y, z)
        Signal at TE = 0, in the unit of the magnitude; 0 outside the mask.
    """

    r2star_hz: NDArray[np.float32]
    t2star_s: NDArray[np.float32]
    s0: NDArray[np.float32]


def from_rate(
    rate_hz: NDArray[np.float32], s0: NDArray[np.float32], mask: NDArray[np.bool_]
) -> R2star:
    """Spread the values of the mask's voxels over the volume and add the times."""
    maps = np.zeros((3, *mask.shape), dtype=np.float32)
    maps[0][mask] = rate_hz
    maps[2][mask] = s0
    np.divide(1.0, maps[0], out=maps[1], where=maps[0] > 0)
    return R2star(r2star_hz=maps[0], t2star_s=maps[1], s0=maps[2])


def signals_inside(
    magnitude: NDArray[Any], te_s: Sequence[float], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the signals (voxel, echo) inside the mask and the echo times, after checks."""
    times = np.asarray(te_s, dtype=np.float64)
    if magnitude.ndim != 4 or magnitude.shape[0] != len(times):
        raise ValueError(
            f"magnitude has shape {magnitude.shape}, expected ({len(times)}, x, y, z) for "
            f"{len(times)} echo times"
        )
    if len(times) < 2:
        raise ValueError(f"R2* needs at least two echoes, not {len(times)}")
    if not (times[0] > 0 and (np.diff(times) > 0).all()):
        raise ValueError(f"echo times must be positive and increase, not {tuple(te_s)}")
    if mask.shape != magnitude.shape[1:]:
        raise ValueError(f"mask has shape {mask.shape}, expected {magnitude.shape[1:]}")
    signals = np.ascontiguousarray(magnitude[:, mask].T, dtype=np.float32)
    return np.nan_to_num(signals, nan=0.0, posinf=0.0, neginf=0.0), times
