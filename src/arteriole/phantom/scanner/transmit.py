"""Uneven flip angles: the transmit field at high field strength."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.scanner.shim import SCALE_MM, TERMS, polynomial_at
from arteriole.phantom.scanner.signal import steady_state

_STEPS = 64
_LOWEST, _HIGHEST = 0.2, 2.0


def draw_transmit(amount: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a relative flip angle over the head, high in the middle, as a polynomial (10,).

    Parameters
    ----------
    amount : float
        Drop from the middle to 80 mm away from it; 0 gives 1 everywhere.
    rng : numpy.random.Generator
        For its lopsidedness.

    Notes
    -----
    A parabola with a slope stands for the bright middle and the dark sides of a head at 7 T (Van
    de Moortele 2005, doi:10.1002/mrm.20708); its size is our own estimate.
    """
    coefficients = np.zeros(TERMS)
    coefficients[0] = 1.0 + 0.5 * amount
    coefficients[7:] = -amount
    coefficients[1:4] = rng.normal(0.0, 0.15, 3) * amount
    return coefficients


def apply_transmit(
    signal: NDArray[np.float32],
    label: NDArray[np.uint8],
    grid: Grid,
    *,
    relative_flip: NDArray[np.float64],
    t1_s: NDArray[np.float64],
    tr_s: float,
    flip_deg: float,
) -> None:
    """Scale the signal of fine cells by what the local flip angle makes of it, in place.

    Parameters
    ----------
    signal : ndarray, float32, (x, y, z)
        Signal at echo time zero for the nominal flip angle.
    label : ndarray, uint8, (x, y, z)
        Row of the tissue that fills most of each cell: it decides T1.
    grid : Grid
        Where the cells are.
    relative_flip : ndarray, (10,)
        Polynomial of the world position, see `draw_transmit`; held within 0.2 and 2.
    t1_s : ndarray, (tissues,)
        Longitudinal relaxation time of each row of ``label``, s.
    tr_s, flip_deg : float
        Of the protocol.
    """
    steps = np.linspace(_LOWEST, _HIGHEST, _STEPS)
    nominal = steady_state(1.0, t1_s, tr_s=tr_s, flip_deg=flip_deg)
    table = np.stack(
        [steady_state(1.0, t1_s, tr_s=tr_s, flip_deg=flip_deg * s) / nominal for s in steps], axis=1
    ).astype(np.float32)
    matrix = (np.array(grid.affine[:3]) / SCALE_MM).astype(np.float32)
    _scale(signal, label, table, relative_flip.astype(np.float32), matrix)


@kernel(parallel=True)
def _scale(
    signal: NDArray[np.float32],
    label: NDArray[np.uint8],
    table: NDArray[np.float32],
    c: NDArray[np.float32],
    m: NDArray[np.float32],
) -> None:
    """Multiply by a table of tissue and relative flip angle."""
    per_step = np.float32((_STEPS - 1) / (_HIGHEST - _LOWEST))
    lowest, last = np.float32(_LOWEST), np.float32(_STEPS - 1.001)
    for i in prange(signal.shape[0]):
        for j in range(signal.shape[1]):
            for k in range(signal.shape[2]):
                if signal[i, j, k] == 0:
                    continue
                at = (polynomial_at(c, m, i, j, k) - lowest) * per_step
                at = min(max(at, np.float32(0.0)), last)
                low = int(at)
                t = at - np.float32(low)
                row = label[i, j, k]
                signal[i, j, k] *= table[row, low] * (np.float32(1.0) - t) + table[row, low + 1] * t
