"""How large a solid truly is: volume, middle, and extent along its own axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.anatomy.structure import Size3, Structure, level_at
from arteriole.phantom.lesions.lesion import Lesion, LesionKind, LesionTruth
from arteriole.phantom.lesions.regions import Regions
from arteriole.phantom.tissue import TISSUES


@dataclass(frozen=True)
class Extent:
    """Size of a solid.

    Parameters
    ----------
    volume_mm3 : float
        Volume where its depth is positive.
    centre_mm : tuple of 3 float
        The point inside it that lies nearest to its centre of mass: world mm.
    axes_mm : tuple of 3 float
        Length, width and height along its principal axes, longest first.
    """

    volume_mm3: float
    centre_mm: Size3
    axes_mm: Size3

    @property
    def diameter_mm(self) -> float:
        """Diameter of the sphere of the same volume."""
        return float((6.0 * self.volume_mm3 / np.pi) ** (1.0 / 3.0))


def extent(solid: Structure) -> Extent:
    """Measure a solid on its own lattice.

    Parameters
    ----------
    solid : Structure
        Its depth is positive somewhere.

    Returns
    -------
    Extent
        The volume of the trilinear solid (each cell cut in 4^3), and its axes from lattice points.

    Raises
    ------
    ValueError
        If no lattice point lies inside.
    """
    cells = np.argwhere(solid.level > 0)
    if not len(cells):
        raise ValueError(f"no lattice point lies inside the {solid.name}")
    points = np.asarray(solid.origin_mm) + solid.spacing_mm * cells
    volume = float(_volume(solid.level).sum(dtype=np.float64)) * solid.spacing_mm**3
    mean = points.mean(axis=0)
    nearest = points[int(np.argmin(((points - mean) ** 2).sum(axis=1)))]
    _, axes = np.linalg.eigh(np.cov((points - mean).T) if len(points) > 1 else np.eye(3))
    spans = sorted(np.ptp((points - mean) @ axes, axis=0) + solid.spacing_mm, reverse=True)
    return Extent(volume, _three(nearest), _three(spans))


def lesions_of(
    kind: LesionKind,
    shapes: list[tuple[str, tuple[Structure, ...]]],
    regions: Regions,
    *,
    measured: int = -1,
) -> list[Lesion]:
    """Return lesions of one kind with their rows of the truth table.

    Parameters
    ----------
    kind : str
        What they are.
    shapes : list of tuple
        Per lesion, its form and its parts in the order of painting.
    regions : Regions
        Tells where they lie.
    measured : int
        Which part has the lesion's size and susceptibility.

    Returns
    -------
    list of Lesion
        In the same order.
    """
    if not shapes:
        return []
    sizes = [extent(solids[measured]) for _, solids in shapes]
    places = regions.where(np.array([s.centre_mm for s in sizes]))
    made = []
    for (form, solids), size, place in zip(shapes, sizes, places, strict=True):
        solid = solids[measured]
        truth = LesionTruth(
            kind,
            size.centre_mm,
            round(size.diameter_mm, 4),
            TISSUES[solid.tissue].chi_ppm if solid.chi_ppm is None else solid.chi_ppm,
            place.region,
            place.side,
            place.zone,
            form,
            size.axes_mm,
        )
        made.append(Lesion(truth, solids))
    return made


def axial_diameter(inside: NDArray[np.bool_], spacing_mm: float) -> float:
    """Return the largest distance (mm) within one axial slice of a mask (x, y, z)."""
    angles = np.radians(np.arange(0.0, 180.0, 7.5))
    ways = np.stack([np.cos(angles), np.sin(angles)])
    largest = 0.0
    for k in np.flatnonzero(inside.any(axis=(0, 1))):
        along = np.argwhere(inside[:, :, k]) @ ways
        largest = max(largest, float(np.ptp(along, axis=0).max()) + 1.0)
    return largest * spacing_mm


@kernel(parallel=True)
def _volume(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the volume inside, in cells, of each sheet of cells along the first axis."""
    parts = 4
    share = np.float32(1.0 / parts**3)
    out = np.zeros(level.shape[0], dtype=np.float32)
    for i in prange(level.shape[0] - 1):
        total = np.float32(0.0)
        for j in range(level.shape[1] - 1):
            for k in range(level.shape[2] - 1):
                low, high = level[i, j, k], level[i, j, k]
                for c in range(1, 8):
                    v = level[i + c // 4, j + c // 2 % 2, k + c % 2]
                    low, high = min(low, v), max(high, v)
                if low > 0:
                    total += np.float32(1.0)
                elif high > 0:
                    for s in range(parts**3):
                        u = np.float32(i + (s // 16 + 0.5) / parts)
                        v = np.float32(j + (s // 4 % 4 + 0.5) / parts)
                        w = np.float32(k + (s % 4 + 0.5) / parts)
                        if level_at(level, u, v, w) > 0:
                            total += share
        out[i] = total
    return out


def _three(values: NDArray[np.float64] | list[float]) -> Size3:
    """Round to a thousandth of a millimetre."""
    a, b, c = (round(float(v), 3) for v in values)
    return a, b, c
