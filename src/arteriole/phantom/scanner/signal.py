"""The gradient-echo signal of one fine cell, and the coil that receives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.scanner.shim import TERMS, polynomial_at


def steady_state(density: Any, t1_s: Any, *, tr_s: float, flip_deg: float) -> Any:
    """Return the signal of a spoiled gradient echo at echo time zero.

    Notes
    -----
    ``M0 sin(a) (1 - E1) / (1 - cos(a) E1)`` with ``E1 = exp(-TR / T1)`` (Ernst & Anderson 1966,
    doi:10.1063/1.1719961).
    """
    e1 = np.exp(-tr_s / np.asarray(t1_s, dtype=np.float64))
    flip = np.radians(flip_deg)
    return density * np.sin(flip) * (1.0 - e1) / (1.0 - np.cos(flip) * e1)


@dataclass(frozen=True, eq=False)
class Coil:
    """Phase and sensitivity of the combined coils, polynomials of the world position.

    Parameters
    ----------
    phase_rad : ndarray, (10,)
        Coefficients of the offset that all echoes share.
    sensitivity : ndarray, (10,)
        Coefficients of the receive sensitivity, near 1.
    """

    phase_rad: NDArray[np.float64]
    sensitivity: NDArray[np.float64]


def draw_coil(rng: np.random.Generator) -> Coil:
    """Draw a smooth offset of a few radians over the head, and a sensitivity brighter outside."""
    phase = rng.normal(0.0, [1.5, 0.7, 0.7, 0.7, 0.4, 0.4, 0.4, 0.6, 0.6, 0.6], TERMS)
    sensitivity = rng.normal(0.0, [0, 0.04, 0.04, 0.04, 0.02, 0.02, 0.02, 0.03, 0.03, 0.03], TERMS)
    sensitivity[0] += 0.92
    sensitivity[7:] += 0.10
    return Coil(phase, sensitivity)


def even_coil() -> Coil:
    """Return a coil without phase that sees all alike."""
    sensitivity = np.zeros(TERMS)
    sensitivity[0] = 1.0
    return Coil(np.zeros(TERMS), sensitivity)


@kernel(parallel=True)
def echo_signal(
    out: NDArray[np.complex64],
    signal: NDArray[np.float32],
    r2star: NDArray[np.float32],
    field_hz: NDArray[np.float32],
    label: NDArray[np.uint8],
    shift_hz: NDArray[np.float32],
    te_s: float,
    phase: NDArray[np.float32],
    sense: NDArray[np.float32],
    m: NDArray[np.float32],
    first: int,
) -> None:
    """Write the complex signal of a slab of cells at one echo time.

    ``S = A(r) M exp(-TE R2*) exp(i (phi0(r) + 2 pi TE f))``.
    """
    turn = np.float32(2.0 * np.pi * te_s)
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                s = signal[i, j, k]
                if s == 0:
                    out[i, j, k] = 0
                    continue
                size = s * np.exp(np.float32(-te_s) * r2star[i, j, k])
                size *= polynomial_at(sense, m, i + first, j, k)
                angle = polynomial_at(phase, m, i + first, j, k)
                angle += turn * (field_hz[i, j, k] + shift_hz[label[i, j, k]])
                out[i, j, k] = complex(size * np.cos(angle), size * np.sin(angle))
