"""What one person's tissues are made of: iron and myelin by age, and the scatter between people."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.tissue import TISSUES, Tissue

REFERENCE_AGE_Y = 60.0
"""Age that the rows of `TISSUES` stand for."""

YOUNGEST_Y, OLDEST_Y = 18.0, 100.0

CHI_PPM_PER_IRON = 0.008
"""ppm per mg iron in 100 g of wet tissue: ferritin's 0.0127 at most, 0.0055 to 0.011 in vivo."""

R2_HZ_PER_IRON, R2STAR_HZ_PER_IRON = 0.62, 1.08
"""1/s per mg/100 g: what Gelman's pallidum has above iron-free tissue (25.8 - 12.7, and 12.0 - 2.2
more), over Hallgren's 21.3 mg/100 g."""

MYELIN_LOSS_PER_Y = 0.004
"""Share of its myelin that white matter loses each year; our own estimate."""

MYELIN_CHI_PPM, MYELIN_R2_HZ, MYELIN_R2STAR_HZ = -0.064, 5.0, 8.0
"""What the myelin of white matter adds; our own estimate."""

SCATTER_ALL, SCATTER_ONE, SCATTER_MYELIN = 0.10, 0.08, 0.04
"""Relative standard deviations between people: of all iron, of one tissue's iron, of myelin."""


@dataclass(frozen=True)
class Iron:
    """Iron of one tissue over life: ``plateau (1 - exp(-rate age)) + birth``, then a decline.

    Parameters
    ----------
    plateau, birth : float
        mg of non-haem iron in 100 g of wet tissue.
    rate_per_y : float
        How fast the plateau is reached.
    decline : float
        mg/100 g lost each year after the age of 40.
    """

    plateau: float
    rate_per_y: float
    birth: float = 0.3
    decline: float = 0.0

    def at(self, age_y: float) -> float:
        """Return mg/100 g at an age."""
        grown = self.plateau * (1.0 - math.exp(-self.rate_per_y * age_y)) + self.birth
        return grown - self.decline * max(age_y - 40.0, 0.0)


CORTEX = Iron(3.6, 0.07)
FRONTAL_WHITE = Iron(3.95, 0.10, 0.31)

IRON: dict[int, Iron] = {
    tissue.PALLIDUM: Iron(21.41, 0.09, 0.37),
    tissue.PUTAMEN: Iron(14.62, 0.04, 0.46),
    tissue.CAUDATE: Iron(9.66, 0.05, 0.33),
    tissue.ACCUMBENS: Iron(9.0, 0.04),
    tissue.RED_NUCLEUS: Iron(19.5, 0.05),
    tissue.NIGRA: Iron(18.5, 0.05),
    tissue.DENTATE: Iron(10.4, 0.03),
    tissue.THALAMUS: Iron(5.0, 0.09, decline=0.02),
    tissue.GREY: CORTEX,
    tissue.CEREBELLAR_GREY: CORTEX,
    tissue.HIPPOCAMPUS: CORTEX,
    tissue.AMYGDALA: CORTEX,
    tissue.WHITE: FRONTAL_WHITE,
    tissue.CEREBELLAR_WHITE: FRONTAL_WHITE,
}
"""Pallidum, putamen, caudate and frontal white matter as Hallgren & Sourander fitted them; the
others reach their means of adults at rates of our own."""

MYELIN: dict[int, float] = {
    tissue.WHITE: 1.0,
    tissue.CEREBELLAR_WHITE: 1.0,
    tissue.CALLOSUM: 1.0,
    tissue.CAPSULE: 1.0,
    tissue.RADIATION: 1.2,
    tissue.BRAINSTEM: 0.6,
}
"""How much myelin tissues have against white matter."""


def person_tissues(age_y: float, rng: np.random.Generator) -> tuple[Tissue, ...]:
    """Return what a person's tissues are made of: rows of `TISSUES`, moved by iron and myelin.

    Parameters
    ----------
    age_y : float
        Age, years, from 18 to 100.
    rng : numpy.random.Generator
        Decides how this person differs from others of the age.

    Returns
    -------
    tuple of Tissue
        As many rows as `TISSUES`, in its order.

    Raises
    ------
    ValueError
        For an age out of range.

    Notes
    -----
    Iron moves chi, R2 and R2* together; myelin lost with age makes white matter less diamagnetic,
    its R2* lower, its T1 longer and its water more. Vessels and lesions do not change. Scatter is
    narrower than Hallgren's (16 to 47 % of the mean), much of which is of the laboratory.

    References
    ----------
    Hallgren & Sourander 1958, doi:10.1111/j.1471-4159.1958.tb12607.x (iron by age);
    Langkammer 2012, doi:10.1016/j.neuroimage.2012.05.049 (chi is linear in iron);
    Gelman 1999, doi:10.1148/radiology.210.3.r99fe41759 (R2, R2' and iron);
    Treit 2021, doi:10.1002/hbm.25569 (thalamus declines after 40; scatter grows with age);
    Li 2014, doi:10.1002/hbm.22360 (white matter less diamagnetic in age).
    """
    if not YOUNGEST_Y <= age_y <= OLDEST_Y:
        raise ValueError(f"iron is known from {YOUNGEST_Y:g} to {OLDEST_Y:g} years, not {age_y}")
    rusty = 1.0 + SCATTER_ALL * rng.standard_normal()
    coated = 1.0 + SCATTER_MYELIN * rng.standard_normal()
    coated -= MYELIN_LOSS_PER_Y * (age_y - REFERENCE_AGE_Y)
    rows = list(TISSUES)
    for row, curve in IRON.items():
        own = max(rusty + SCATTER_ONE * rng.standard_normal(), 0.3)
        more = own * curve.at(age_y) - curve.at(REFERENCE_AGE_Y)
        rows[row] = _with_iron(rows[row], more)
    for row, share in MYELIN.items():
        rows[row] = _with_myelin(rows[row], share * (coated - 1.0))
    return tuple(rows)


def _with_iron(row: Tissue, more: float) -> Tissue:
    """Return a tissue with more iron, mg/100 g."""
    r2 = max(row.r2_hz + R2_HZ_PER_IRON * more, 9.0)
    r2star = max(row.r2star_hz + R2STAR_HZ_PER_IRON * more, r2 + 1.0)
    return replace(row, chi_ppm=row.chi_ppm + CHI_PPM_PER_IRON * more, r2_hz=r2, r2star_hz=r2star)


def _with_myelin(row: Tissue, more: float) -> Tissue:
    """Return a tissue with more myelin, as a share of white matter's."""
    return replace(
        row,
        chi_ppm=row.chi_ppm + MYELIN_CHI_PPM * more,
        r2_hz=row.r2_hz + MYELIN_R2_HZ * more,
        r2star_hz=row.r2star_hz + MYELIN_R2STAR_HZ * more,
        t1_s=row.t1_s * (1.0 - 0.3 * more),
        density=row.density * (1.0 - 0.1 * more),
    )


def draw_atrophy(rng: np.random.Generator, age_y: float) -> float:
    """Draw how much a brain has shrunk, from 0 to 1: more with age, and differently in each.

    Notes
    -----
    A beta distribution whose mean rises from 0.1 at 40 years to 0.5 at 85, our own estimate.
    """
    mean = float(np.clip(0.1 + 0.4 * (age_y - 40.0) / 45.0, 0.05, 0.7))
    return float(rng.beta(5.0 * mean, 5.0 * (1.0 - mean)))
