"""Where veins run through an image's slices, so that they look round like microbleeds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.vessels.tubes import Tubes


class Section(NamedTuple):
    """A place where a vessel stands upright on the slices."""

    centre_mm: tuple[float, float, float]
    direction: tuple[float, float, float]
    diameter_mm: float


def upright_sections(
    tubes: Tubes,
    *,
    normal: tuple[float, float, float] = (0.0, 0.0, 1.0),
    most_tilt_deg: float = 25.0,
    least_diameter_mm: float = 0.6,
) -> list[Section]:
    """Return the pieces that run within an angle of a direction, widest first.

    Parameters
    ----------
    tubes : Tubes
        Vessels.
    normal : tuple of 3 float
        Direction across the slices in the world; along the field for axial ones.
    most_tilt_deg : float
        Largest angle between piece and normal, in (0, 90).
    least_diameter_mm : float
        Thinner pieces are left out.

    Raises
    ------
    ValueError
        For an angle out of range or a normal without length.
    """
    if not 0.0 < most_tilt_deg < 90.0:
        raise ValueError(f"the largest tilt lies within (0, 90) degrees, not {most_tilt_deg}")
    along = np.asarray(normal, dtype=np.float64)
    if not np.linalg.norm(along) > 0:
        raise ValueError(f"a normal has a length, not {normal}")
    way = (tubes.end_mm - tubes.start_mm).astype(np.float64)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    wide = 2.0 * tubes.radius_mm.mean(axis=1)
    upright = np.abs(way @ along) / np.linalg.norm(along) > np.cos(np.radians(most_tilt_deg))
    middle = 0.5 * (tubes.start_mm + tubes.end_mm)
    found = np.flatnonzero(upright & (wide >= least_diameter_mm))
    found = found[np.argsort(-wide[found], kind="stable")]
    return [Section(_three(middle[n]), _three(way[n]), float(wide[n])) for n in found]


def _three(values: NDArray[Any]) -> tuple[float, float, float]:
    return (float(values[0]), float(values[1]), float(values[2]))
