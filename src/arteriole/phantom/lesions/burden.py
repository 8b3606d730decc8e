"""How much disease a head is given."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Burden:
    """Number or severity of each finding.

    Parameters
    ----------
    microbleeds, calcifications : int
        Punctate lesions in brain tissue.
    physiological : bool
        Calcified pineal gland, choroid plexus, and with age pallidum and falx.
    flow_voids, cavernomas, haemorrhages, siderosis_sulci : int
        Mimics and larger bleeds; sulci with superficial siderosis.
    hyperintensity : float
        Severity of white matter hyperintensities, 0 (none) to 3 (large confluent areas).
    lacunes, subcortical_infarcts, cortical_infarcts : int
        Small cavities, recent small infarcts, old infarcts of the cortex.
    perivascular_basal, perivascular_centrum : int
        Perivascular spaces in the basal ganglia and the centrum semiovale, both sides together.

    Raises
    ------
    ValueError
        For negative numbers, or a severity outside 0 to 3.
    """

    microbleeds: int = 0
    calcifications: int = 0
    physiological: bool = True
    flow_voids: int = 0
    cavernomas: int = 0
    haemorrhages: int = 0
    siderosis_sulci: int = 0
    hyperintensity: float = 0.0
    lacunes: int = 0
    subcortical_infarcts: int = 0
    cortical_infarcts: int = 0
    perivascular_basal: int = 0
    perivascular_centrum: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value < 0:
                raise ValueError(f"{field.name} counts from zero, not {value}")
        if self.hyperintensity > 3:
            raise ValueError(f"hyperintensity lies in [0, 3], not {self.hyperintensity}")
