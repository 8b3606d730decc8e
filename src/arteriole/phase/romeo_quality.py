"""How far the phase of each voxel can be trusted: the mean ROMEO weight of its edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arteriole.phase.romeo_weights import mean_weights


def romeo_quality(
    phase: NDArray[np.float32],
    *,
    magnitude: NDArray[np.float32] | None = None,
    te_s: Sequence[float] | None = None,
    mask: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Return the phase quality of each voxel, [0, 1], from wrapped phase.

    Parameters
    ----------
    phase : ndarray, float32, (x, y, z) or (e, x, y, z)
        Wrapped phase, rad. Of several echoes the first is judged, with the help of the second.
    magnitude : ndarray, float32, same shape, optional
        Signal magnitude, any unit.
    te_s : sequence of float, optional
        Echo times, s; needed for two or more echoes.
    mask : ndarray, bool, (x, y, z), optional
        Where to work it out; edges that leave the mask count as well.

    Returns
    -------
    ndarray, float32, (x, y, z)
        Mean weight of the (up to six) edges of each voxel: near 1 in even tissue, about 0.1 in
        noise, 0 outside the mask and where phase is not finite.

    Raises
    ------
    ValueError
        If shapes do not fit or echo times lack.

    References
    ----------
    Dymerska 2021, doi:10.1002/mrm.28563.
    """
    if phase.ndim not in (3, 4):
        raise ValueError(f"phase has three or four dimensions, not shape {phase.shape}")
    if magnitude is not None and magnitude.shape != phase.shape:
        raise ValueError(f"magnitude has shape {magnitude.shape}, phase {phase.shape}")
    shape = phase.shape[-3:]
    if mask is not None and mask.shape != shape:
        raise ValueError(f"mask has shape {mask.shape}, phase {shape}")
    several = phase.ndim == 4 and phase.shape[0] > 1
    if several and (te_s is None or len(te_s) != phase.shape[0]):
        raise ValueError(f"{phase.shape[0]} echoes need as many echo times, got {te_s}")
    echoes = phase.reshape(-1, *shape)
    return mean_weights(
        _echo(echoes, 0),
        where=np.ones(shape, dtype=bool) if mask is None else np.ascontiguousarray(mask),
        magnitude=None if magnitude is None else _echo(magnitude.reshape(-1, *shape), 0),
        phase2=_echo(echoes, 1) if several else None,
        te_ratio=te_s[0] / te_s[1] if several and te_s is not None else 1.0,
    )


def _echo(volumes: NDArray[np.float32], e: int) -> NDArray[np.float32]:
    return np.ascontiguousarray(volumes[e], dtype=np.float32)
