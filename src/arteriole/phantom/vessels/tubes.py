"""Vessels as chains of straight tapering pieces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Tubes:
    """Straight pieces of vessel, round in section.

    Parameters
    ----------
    tissue : int
        Row of `TISSUES` that fills them.
    start_mm, end_mm : ndarray, float32, (n, 3)
        World positions of the ends.
    radius_mm : ndarray, float32, (n, 2)
        Radius at start and end.
    chi_ppm : ndarray, float32, (n,)
        Susceptibility of what fills them, against water.
    vessel : ndarray, int32, (n,)
        Number of the vessel that a piece belongs to.
    """

    tissue: int
    start_mm: NDArray[np.float32]
    end_mm: NDArray[np.float32]
    radius_mm: NDArray[np.float32]
    chi_ppm: NDArray[np.float32]
    vessel: NDArray[np.int32]
