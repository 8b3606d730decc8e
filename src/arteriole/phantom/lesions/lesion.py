"""What was put into a head: its truth, a row of a table, and its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.structure import Size3, Structure
from arteriole.phantom.vessels.tubes import Tubes

LesionKind = Literal[
    "microbleed",
    "calcification",
    "flow void",
    "cavernoma",
    "siderosis",
    "haemorrhage",
    "hyperintensity",
    "lacune",
    "perivascular space",
    "subcortical infarct",
    "cortical infarct",
    "vein",
]
Side = Literal["left", "right", "midline"]

SPHERE_TISSUE: dict[LesionKind, int] = {
    "microbleed": tissue.MICROBLEED,
    "calcification": tissue.CALCIFICATION,
    "flow void": tissue.FLOW_VOID,
}
"""What fills a lesion that is a plain sphere."""


@dataclass(frozen=True)
class LesionTruth:
    """One lesion, or one of its mimics, as it truly is: a row of the truth table.

    Parameters
    ----------
    kind : str
        One of `LesionKind`; "vein" marks a vessel seen in section, not a lesion.
    centre_mm : tuple of 3 float
        World position, RAS+ mm.
    source_diameter_mm : float
        Diameter of the sphere of the source's volume; what a scan shows may be larger.
    chi_ppm : float
        Susceptibility against water.
    region : str
        Where it lies, from the head's own tissue: "frontal lobe", "thalamus", ...
    side : {"left", "right", "midline"}
        Side of the head.
    zone : str
        "lobar", "deep" or "infratentorial"; empty outside the brain.
    form : str
        The kind's own word: "cap", "band", "punctate", "confluent", "acute", "choroid plexus", ...
    extent_mm : tuple of 3 float
        Length, width and height along its own axes, longest first.
    apparent_diameter_mm : float, optional
        Diameter at half depth in the longest echo of one scan, known once it has been scanned.
    """

    kind: LesionKind
    centre_mm: Size3
    source_diameter_mm: float
    chi_ppm: float
    region: str
    side: Side
    zone: str = ""
    form: str = ""
    extent_mm: Size3 = (0.0, 0.0, 0.0)
    apparent_diameter_mm: float | None = None

    @property
    def volume_mm3(self) -> float:
        """Volume of the source."""
        return 3.141592653589793 / 6.0 * self.source_diameter_mm**3

    @property
    def moment_ppm_mm3(self) -> float:
        """Susceptibility times volume, ppm mm3: what fixes the field far away."""
        return self.chi_ppm * self.volume_mm3


@dataclass(frozen=True, eq=False)
class Lesion:
    """A lesion with its shape: a plain sphere unless it has solids or tubes.

    Parameters
    ----------
    truth : LesionTruth
        Its row of the table.
    solids : tuple of Structure
        Its parts, in the order in which they replace each other.
    tubes : Tubes, optional
        Its parts that are long and thin.
    """

    truth: LesionTruth
    solids: tuple[Structure, ...] = ()
    tubes: Tubes | None = None

    @property
    def is_sphere(self) -> bool:
        """Whether its truth says all of its shape."""
        return not self.solids and self.tubes is None and self.truth.kind in SPHERE_TISSUE
