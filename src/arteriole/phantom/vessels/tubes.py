"""Vessels as chains of straight tapering pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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

    @property
    def length_mm(self) -> NDArray[np.float32]:
        """Length of each piece (n,)."""
        return np.linalg.norm(self.end_mm - self.start_mm, axis=1)

    @property
    def volume_mm3(self) -> NDArray[np.float32]:
        """Volume of each piece (n,), that of a frustum."""
        a, b = self.radius_mm.T
        return np.asarray(np.pi / 3.0 * self.length_mm * (a * a + a * b + b * b))


@dataclass(frozen=True, eq=False)
class Pieces:
    """Shape of a set of vessels before it is known what fills them; numbered from zero.

    Parameters
    ----------
    start_mm, end_mm : ndarray, (n, 3)
        World positions of the ends.
    radius_mm : ndarray, (n, 2)
        Radius at start and end.
    vessel : ndarray, int, (n,)
        Number of the vessel that a piece belongs to.
    """

    start_mm: NDArray[np.float64]
    end_mm: NDArray[np.float64]
    radius_mm: NDArray[np.float64]
    vessel: NDArray[np.int64]

    @classmethod
    def along(cls, path: NDArray[Any], radius_mm: NDArray[Any] | float) -> Pieces:
        """Cut a path (n, 3) with a radius at each point into its straight pieces."""
        r = np.broadcast_to(np.asarray(radius_mm, dtype=np.float64), len(path))
        p = np.asarray(path, dtype=np.float64)
        vessel = np.zeros(len(p) - 1, dtype=np.int64)
        return cls(p[:-1], p[1:], np.stack([r[:-1], r[1:]], axis=1), vessel)

    @classmethod
    def joined(cls, *sets: Pieces) -> Pieces:
        """Return all pieces of several sets, their vessels numbered on."""
        first = np.cumsum([0, *(int(s.vessel.max(initial=-1)) + 1 for s in sets)])
        vessel = [s.vessel + n for s, n in zip(sets, first, strict=False)]
        start, end, radius = (
            np.concatenate([getattr(s, name) for s in sets])
            for name in ("start_mm", "end_mm", "radius_mm")
        )
        return cls(start, end, radius, np.concatenate(vessel))

    def filled(self, tissue: int, chi_ppm: NDArray[Any]) -> Tubes:
        """Return tubes of one tissue; each vessel (not piece) has its own susceptibility."""
        return Tubes(
            tissue,
            self.start_mm.astype(np.float32),
            self.end_mm.astype(np.float32),
            self.radius_mm.astype(np.float32),
            np.asarray(chi_ppm, dtype=np.float32)[self.vessel],
            self.vessel.astype(np.int32),
        )
