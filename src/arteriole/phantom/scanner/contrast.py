"""Signal equations of weighted images: spin echo, inversion recovery, magnetisation-prepared."""

from __future__ import annotations

from typing import Any

import numpy as np


def spin_echo(
    density: Any, t1_s: Any, t2_s: Any, *, tr_s: float, te_s: float, train_s: float = 0.0
) -> Any:
    """Return the signal of a (turbo) spin echo at its effective echo time.

    Parameters
    ----------
    density : array_like
        Proton density.
    t1_s, t2_s : array_like
        Relaxation times, s.
    tr_s, te_s : float
        Repetition time and effective echo time, s.
    train_s : float
        Length of the echo train, s: nothing recovers while it lasts.

    Notes
    -----
    ``M0 (1 - exp(-(TR - T_train) / T1)) exp(-TE / T2)``: the refocusing pulses keep the
    longitudinal magnetisation at zero until the train ends (Hennig 1986,
    doi:10.1002/mrm.1910030602). Stimulated echoes, which lengthen the apparent T2, and
    magnetisation transfer are left out.
    """
    t1, t2 = (np.asarray(t, dtype=np.float64) for t in (t1_s, t2_s))
    return density * (1.0 - np.exp(-(tr_s - train_s) / t1)) * np.exp(-te_s / t2)


def inversion_spin_echo(
    density: Any,
    t1_s: Any,
    t2_s: Any,
    *,
    tr_s: float,
    te_s: float,
    ti_s: float,
    train_s: float = 0.0,
    efficiency: float = 1.0,
) -> Any:
    """Return the magnitude of an inversion-recovery (turbo) spin echo, such as FLAIR.

    Parameters
    ----------
    density, t1_s, t2_s, tr_s, te_s, train_s
        As for `spin_echo`.
    ti_s : float
        Inversion time, s.
    efficiency : float
        Of the inversion, 0 to 1.

    Notes
    -----
    ``M0 |1 - (1 + e Mz) exp(-TI / T1)| exp(-TE / T2)`` with ``Mz = 1 - exp(-(TR - TI - T_train) /
    T1)`` before the inversion (Hajnal 1992, doi:10.1097/00004728-199211000-00001). With
    ``T_train = 0`` and ``e = 1`` this is ``1 - 2 exp(-TI / T1) + exp(-TR / T1)``.
    """
    t1, t2 = (np.asarray(t, dtype=np.float64) for t in (t1_s, t2_s))
    before = 1.0 - np.exp(-(tr_s - ti_s - train_s) / t1)
    along = 1.0 - (1.0 + efficiency * before) * np.exp(-ti_s / t1)
    return density * np.abs(along) * np.exp(-te_s / t2)


def prepared_gradient_echo(
    density: Any,
    t1_s: Any,
    r2star_hz: Any,
    *,
    tr_s: float,
    te_s: float,
    ti_s: float,
    flip_deg: float,
    pulses: int,
    spacing_s: float,
    efficiency: float = 1.0,
) -> Any:
    """Return the magnitude of a magnetisation-prepared rapid gradient echo (MPRAGE).

    Parameters
    ----------
    density, t1_s, r2star_hz : array_like
        Proton density, T1 (s) and R2* (1/s).
    tr_s, ti_s : float
        From one inversion to the next, and from the inversion to the middle of the train, s.
    te_s : float
        Echo time, s.
    flip_deg : float
        Flip angle, degrees.
    pulses : int
        Excitations in a train.
    spacing_s : float
        Between them, s.
    efficiency : float
        Of the inversion, 0 to 1.

    Notes
    -----
    The steady state of inversion, recovery, ``pulses`` spoiled excitations and recovery, read in
    the middle of the train (Mugler & Brookeman 1990, doi:10.1002/mrm.1910150117; Marques 2010,
    doi:10.1016/j.neuroimage.2009.10.002, eqs. 1-2). What T1 does to the lines away from the
    middle of k-space is left out.
    """
    t1 = np.asarray(t1_s, dtype=np.float64)
    flip = np.radians(flip_deg)
    half = pulses / 2.0
    ahead, behind = ti_s - half * spacing_s, tr_s - ti_s - half * spacing_s
    before, after, between = (np.exp(-t / t1) for t in (ahead, behind, spacing_s))
    kept = np.cos(flip) * between
    gained = (1.0 - between) / (1.0 - kept)
    # Mz = a + b m, with m the magnetisation before the inversion, along the cycle
    a, b = 1.0 - before, -efficiency * before
    middle = (a * kept**half + gained * (1.0 - kept**half), b * kept**half)
    end = (a * kept**pulses + gained * (1.0 - kept**pulses), b * kept**pulses)
    steady = (1.0 - after + after * end[0]) / (1.0 - after * end[1])
    along = middle[0] + middle[1] * steady
    return density * np.sin(flip) * np.abs(along) * np.exp(-te_s * np.asarray(r2star_hz))
