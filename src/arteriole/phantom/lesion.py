"""What was put into a head, and what was measured of it: the rows of the truth table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LesionKind = Literal["microbleed", "calcification"]


@dataclass(frozen=True)
class LesionTruth:
    """A sphere of foreign susceptibility.

    Parameters
    ----------
    kind : {"microbleed", "calcification"}
        Paramagnetic blood product, or diamagnetic calcium.
    centre_mm : tuple of 3 float
        World position, RAS+ mm.
    source_diameter_mm : float
        Diameter of the source itself; what a scan shows is larger.
    chi_ppm : float
        Susceptibility against water.
    region : str
        Where it lies, from the head's own tissue: "lobar white matter", "thalamus", ...
    side : {"left", "right", "midline"}
        Side of the head.
    """

    kind: LesionKind
    centre_mm: tuple[float, float, float]
    source_diameter_mm: float
    chi_ppm: float
    region: str
    side: Literal["left", "right", "midline"]

    @property
    def moment_ppm_mm3(self) -> float:
        """Susceptibility times volume, ppm mm3: what fixes the field far away."""
        return self.chi_ppm * 3.141592653589793 / 6.0 * self.source_diameter_mm**3
