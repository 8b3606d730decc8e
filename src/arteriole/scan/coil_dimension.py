"""Volumes of one scan that are its receive coils, and not its echoes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SIGNAL = 0.25
_FACTOR = 1.5
_BLOCKS = 12


def vary_like_coils(magnitude: NDArray[np.float32]) -> bool:
    """Tell whether volumes differ from each other as coils do, and echoes do not.

    Parameters
    ----------
    magnitude : ndarray, (n, x, y, z)
        Signal magnitude, any unit.

    Returns
    -------
    bool
        False for fewer than two volumes.

    Raises
    ------
    ValueError
        If there are not four dimensions.

    Notes
    -----
    From one echo to the next signal falls, here more, there less; nowhere does it rise much. From
    one coil to the next it falls on one side of the head and rises on the other. Volumes are taken
    for coils if, for most neighbours, the later one is over 1.5 times as bright in a tenth of the
    places and under 1 / 1.5 in another tenth. Places are blocks of voxels, about 12 along each
    axis, as noise averages there and coils are smooth; those with signal in the root sum of
    squares of all volumes count. Known failure: two or three coils that lie side by side.
    """
    if magnitude.ndim != 4:
        raise ValueError(f"magnitude has four dimensions, not shape {magnitude.shape}")
    if len(magnitude) < 2:
        return False
    some = np.array([_in_blocks(volume) for volume in magnitude])
    together = np.sqrt(np.square(some).sum(axis=0))
    seen = some[:, together > _SIGNAL * np.percentile(together, 95)]
    if seen.size == 0:
        return False
    least = 1e-3 * float(seen.max())
    steps = np.diff(np.log(np.maximum(seen, least)), axis=0)
    low, high = np.quantile(steps, (0.1, 0.9), axis=1)
    both = (low < -np.log(_FACTOR)) & (high > np.log(_FACTOR))
    return bool(np.mean(both) > 0.5)


def _in_blocks(volume: NDArray[np.float32]) -> NDArray[np.float64]:
    """Average over blocks of voxels; what is no number counts as 0."""
    steps = [max(1, n // _BLOCKS) for n in volume.shape]
    counts = [n // s for n, s in zip(volume.shape, steps, strict=True)]
    whole = volume[tuple(slice(c * s) for c, s in zip(counts, steps, strict=True))]
    pairs = [size for c, s in zip(counts, steps, strict=True) for size in (c, s)]
    blocks = np.nan_to_num(whole, posinf=0, neginf=0).reshape(pairs)
    return np.asarray(blocks.mean(axis=(1, 3, 5), dtype=np.float64))
