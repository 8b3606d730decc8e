"""R2 from several spin echoes: closed form, without the first of four or more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.contrast.r2star_arlo import fit_r2star_arlo


def fit_r2_spin_echo(
    magnitude: NDArray[Any], te_s: Sequence[float], *, mask: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Fit the transverse relaxation rate R2 (1/s) to a train of spin echoes.

    Parameters
    ----------
    magnitude : ndarray, (e, x, y, z)
        Signal magnitude of the spin echoes, any unit.
    te_s : sequence of float
        Echo times in seconds, increasing, two or more.
    mask : ndarray, bool, (x, y, z)
        Where to fit.

    Returns
    -------
    ndarray, float32, (x, y, z)
        R2, 1/s; 0 outside the mask.

    Raises
    ------
    ValueError
        For one echo, times that do not increase, or shapes that do not fit.

    Notes
    -----
    A single exponential by ARLO. Of four or more echoes the first is left out: it is low where
    refocusing pulses are not 180 degrees, as stimulated echoes add to all but the first. They
    also make later echoes decay too slowly: R2 is a few per cent low, R2' high.

    References
    ----------
    Pei 2015, doi:10.1002/mrm.25137 (ARLO); Milford D, Rosbach N, Bendszus M, Heiland S. PLoS One
    2015;10:e0145255 (leaving the first echo out), doi:10.1371/journal.pone.0145255.
    """
    first = 1 if len(te_s) >= 4 else 0
    return fit_r2star_arlo(magnitude[first:], tuple(te_s)[first:], mask=mask).r2star_hz
