"""Room for lesions: points of a solid that is seen there, deep enough and apart from others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.structure import Size3
from arteriole.phantom.lesions.lesion import LesionKind, LesionTruth
from arteriole.phantom.lesions.regions import REGIONS, ZONES, Place, Regions

Fits = Callable[[NDArray[np.float64]], NDArray[np.bool_]]

GAP_MM = 4.0
"""Between the surfaces of two lesions, where there is room."""

_TRIES, _POINTS = 12, 256
_STEPS = np.array([s for s in product((-1.0, 0.0, 1.0), repeat=3) if any(s)])
_DIRECTIONS = _STEPS / np.linalg.norm(_STEPS, axis=1)[:, None]
_IN_BRAIN = np.array([ZONES[name] != "" for name in REGIONS])


@dataclass(frozen=True, eq=False)
class Ground:
    """A head in which lesions are laid one after the other.

    Parameters
    ----------
    regions : Regions
        The head and its regions.
    taken : list of (centre, radius)
        What lies there already, mm; grows with every point drawn.
    """

    regions: Regions
    taken: list[tuple[NDArray[np.float64], float]] = field(default_factory=list)
    _cells: dict[tuple[str, float], NDArray[np.int64]] = field(default_factory=dict)

    @property
    def anatomy(self) -> Anatomy:
        """The head."""
        return self.regions.anatomy

    def take(self, centre_mm: NDArray[Any], radius_mm: float) -> None:
        """Remember that something lies there."""
        self.taken.append((np.asarray(centre_mm, dtype=np.float64), radius_mm))

    def draw(
        self,
        rng: np.random.Generator,
        solid: str,
        *,
        depth_mm: float,
        radius_mm: float,
        fits: Fits | None = None,
        in_tissue: bool = False,
    ) -> NDArray[np.float64]:
        """Draw the middle of a lesion where a solid is seen, and take it.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        solid : str
            Name of the solid.
        depth_mm : float
            How deep inside what is seen of it, at least.
        radius_mm : float
            The lesion's; others keep `GAP_MM` away if there is room, and never overlap.
        fits : callable, optional
            Tells which points (n, 3) will do.
        in_tissue : bool
            Whether half of what is 1 mm around the lesion must be brain (Greenberg 2009).

        Returns
        -------
        ndarray, (3,)
            World position, mm.

        Raises
        ------
        ValueError
            If there is no room.
        """
        second: NDArray[np.float64] | None = None
        for _ in range(_TRIES):
            points = self._points(rng, solid, depth_mm)
            points = points[self.anatomy.visible_depth(solid, points) >= depth_mm]
            if fits is not None and len(points):
                points = points[fits(points)]
            gap = self._gap(points, radius_mm)
            for point in points[gap > GAP_MM][:16]:
                around = radius_mm + 1.0
                if in_tissue and parenchyma_share(self.regions, point, around)[0] < 0.5:
                    continue
                self.take(point, radius_mm)
                return point
            if second is None and (gap > 0).any():
                second = points[int(np.argmax(gap))]
        if second is None:
            raise ValueError(
                f"no room for a lesion of {2 * radius_mm:.1f} mm at least {depth_mm:.1f} mm inside "
                f"the {solid}: ask for fewer or smaller ones"
            )
        self.take(second, radius_mm)
        return second

    def _points(self, rng: np.random.Generator, name: str, depth_mm: float) -> NDArray[np.float64]:
        """Draw points of a solid, its later replacements not yet looked at."""
        solid = self.anatomy[name]
        key = (name, depth_mm)
        if key not in self._cells:
            self._cells[key] = np.flatnonzero(solid.level > depth_mm)
        cells = self._cells[key]
        if not len(cells):
            return np.empty((0, 3))
        some = cells[rng.integers(len(cells), size=_POINTS)]
        at = np.stack(np.unravel_index(some, solid.level.shape), axis=1)
        near = at + rng.uniform(-0.5, 0.5, at.shape)
        return np.asarray(solid.origin_mm + near * solid.spacing_mm)

    def _gap(self, points: NDArray[np.float64], radius_mm: float) -> NDArray[np.float64]:
        """Return the distance (mm) between a lesion at each point and the nearest that is there."""
        gap = np.full(len(points), np.inf)
        for centre, radius in self.taken:
            gap = np.minimum(gap, np.linalg.norm(points - centre, axis=1) - radius - radius_mm)
        return gap

    def place(self, centre_mm: NDArray[Any] | Size3) -> Place:
        """Return the place of one point."""
        return self.regions.where(np.asarray(centre_mm)[None])[0]


def parenchyma_share(
    regions: Regions, centres_mm: NDArray[Any], radius_mm: float
) -> NDArray[np.float64]:
    """Return the share of the sphere around each centre (n, 3) that lies in the brain's tissue."""
    centres = np.atleast_2d(np.asarray(centres_mm, dtype=np.float64))
    around = centres[:, None] + radius_mm * _DIRECTIONS
    inside = _IN_BRAIN[regions.codes(around.reshape(-1, 3))]
    return np.asarray(inside.reshape(len(centres), -1).mean(axis=1))


def row(
    kind: LesionKind,
    place: Place,
    centre_mm: NDArray[Any] | Size3,
    *,
    volume_mm3: float,
    moment_ppm_mm3: float,
    form: str = "",
    extent_mm: Size3 | None = None,
) -> LesionTruth:
    """Return a row of the truth table whose volume and moment are the given ones."""
    x, y, z = (round(float(c), 3) for c in centre_mm)
    diameter = round(float(np.cbrt(6.0 * volume_mm3 / np.pi)), 4)
    size = (diameter,) * 3 if extent_mm is None else tuple(sorted(extent_mm, reverse=True))
    return LesionTruth(
        kind,
        (x, y, z),
        diameter,
        round(moment_ppm_mm3 / volume_mm3, 5),
        place.region,
        place.side,
        place.zone,
        form,
        (round(size[0], 3), round(size[1], 3), round(size[2], 3)),
    )


def sphere_volume_mm3(diameter_mm: float) -> float:
    """Return the volume of a sphere."""
    return float(np.pi / 6.0 * diameter_mm**3)
