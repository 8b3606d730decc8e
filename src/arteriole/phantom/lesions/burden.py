"""How much disease a head is given."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

import numpy as np

Pattern = Literal["mixed", "lobar", "deep"]


@dataclass(frozen=True)
class Burden:
    """Number or severity of each finding.

    Parameters
    ----------
    microbleeds, calcifications : int
        Punctate lesions in brain tissue.
    pattern : {"mixed", "lobar", "deep"}
        Where microbleeds and haemorrhages lie: as in public cohorts, as in amyloid angiopathy, or
        as in hypertension.
    physiological : bool
        Calcified pineal gland, choroid plexus, and with age pallidum and falx, as often as people
        of that age have them.
    flow_voids, cavernomas, haemorrhages, siderosis_sulci : int
        Mimics and larger bleeds; sulci with superficial siderosis.
    vein_sections : int
        Rows that describe veins, which are there anyway, as mimics.
    hyperintensity : float
        Severity of white matter hyperintensities, 0 (none) to 3 (large confluent areas).
    lacunes, subcortical_infarcts, cortical_infarcts : int
        Small cavities, recent small infarcts, old infarcts of the cortex.
    perivascular_basal, perivascular_centrum : int
        Perivascular spaces in the basal ganglia and the centrum semiovale, both sides together.

    Raises
    ------
    ValueError
        For negative numbers, a severity outside 0 to 3, or an unknown pattern.
    """

    microbleeds: int = 0
    calcifications: int = 0
    pattern: Pattern = "mixed"
    physiological: bool = True
    flow_voids: int = 0
    cavernomas: int = 0
    haemorrhages: int = 0
    siderosis_sulci: int = 0
    vein_sections: int = 0
    hyperintensity: float = 0.0
    lacunes: int = 0
    subcortical_infarcts: int = 0
    cortical_infarcts: int = 0
    perivascular_basal: int = 0
    perivascular_centrum: int = 0

    def __post_init__(self) -> None:
        if self.pattern not in get_args(Pattern):
            raise ValueError(f"pattern is one of {get_args(Pattern)}, not {self.pattern!r}")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name != "pattern" and value < 0:
                raise ValueError(f"{field.name} counts from zero, not {value}")
        if self.hyperintensity > 3:
            raise ValueError(f"hyperintensity lies in [0, 3], not {self.hyperintensity}")


def draw_burden(rng: np.random.Generator, *, age_y: float, severity: float | None = None) -> Burden:
    """Draw how much disease a person of an age has, the findings correlated.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    age_y : float
        Age, years, 18 to 110.
    severity : float, optional
        Severity of small vessel disease, 0 (none) to 3 (severe); drawn with age unless given.

    Returns
    -------
    Burden
        At severity 0 no microbleeds, lacunes, infarcts or hyperintensities.

    Raises
    ------
    ValueError
        For an age or severity out of range.

    Notes
    -----
    The share with any microbleed rises from 6.5 % at 45-50 years to 35.7 % at 80 and more (Poels
    2010, Stroke 41:S103) at the severity that is usual at that age; of those, 56 % have one and
    24 % five or more, as 84 people of the Rotterdam study had (Vernooij's first sample of 491).
    How severity shifts these, and all other counts, are our own estimates.
    """
    if not 18.0 <= age_y <= 110.0:
        raise ValueError(f"age lies in [18, 110] years, not {age_y}")
    if severity is not None and not 0.0 <= severity <= 3.0:
        raise ValueError(f"severity lies in [0, 3], not {severity}")
    usual = float(np.clip(0.9 + 0.035 * (age_y - 65.0), 0.05, 2.5))
    drawn = float(np.clip(rng.normal(usual, 0.6), 0.0, 3.0))
    s = drawn if severity is None else severity
    ill = s > 0
    pattern: Pattern = ("lobar", "deep", "mixed")[int(rng.choice(3, p=_patterns(s)))]
    count = _microbleeds(rng, age_y, s, usual) if ill else 0
    amyloid = pattern == "lobar" and count >= 2
    white = float(np.clip(s + rng.normal(0.0, 0.3), 0.0, 3.0)) if ill else 0.0
    return Burden(
        microbleeds=count,
        pattern=pattern,
        calcifications=int(rng.poisson(0.3)),
        flow_voids=int(rng.poisson(2.0)),
        cavernomas=int(rng.random() < 0.005),
        haemorrhages=int(rng.random() < (0.02 * s + 0.10 * amyloid) * ill),
        siderosis_sulci=int(rng.geometric(0.35)) if amyloid and rng.random() < 0.2 else 0,
        vein_sections=int(rng.poisson(6.0)),
        hyperintensity=round(white, 2),
        lacunes=int(rng.poisson(0.25 * s**2)),
        subcortical_infarcts=int(rng.random() < 0.02 * s),
        cortical_infarcts=int(rng.random() < 0.015 * s),
        perivascular_basal=int(rng.poisson(4.0 + 6.0 * s)),
        perivascular_centrum=int(rng.poisson(8.0 + 8.0 * s + 10.0 * amyloid)),
    )


def _patterns(severity: float) -> list[float]:
    """Return how often microbleeds are lobar, deep, mixed: mixed when disease is severe."""
    mixed = 0.15 + 0.15 * severity
    return [0.65 * (1.0 - mixed), 0.35 * (1.0 - mixed), mixed]


def _microbleeds(rng: np.random.Generator, age_y: float, severity: float, usual: float) -> int:
    """Draw a count: none, one, a few, or many with a long tail."""
    odds = -2.82 + 0.0585 * (age_y - 47.5) + 1.5 * (severity - usual)
    if rng.random() > 1.0 / (1.0 + np.exp(-odds)):
        return 0
    share = rng.random()
    if share < 0.56:
        return 1
    if share < 0.76:
        return int(rng.integers(2, 5))
    return int(min(5 + rng.geometric(0.15) - 1, 60))
