"""What blood does to the field: susceptibility from haematocrit and oxygenation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHI_DEOXY_PPM = 4.0 * np.pi * 0.273
"""Fully deoxygenated against fully oxygenated red cells (SI; Jain 2012)."""

CHI_OXY_PPM = 4.0 * np.pi * -0.008
"""Oxygenated blood against water (SI; Jain 2012)."""


@dataclass(frozen=True)
class Blood:
    """A person's blood.

    Parameters
    ----------
    haematocrit : float
        Share of red cells in blood, in (0, 1).
    oxygenation : float
        Mean saturation of haemoglobin in cerebral veins, in [0, 1].
    arterial_oxygenation : float
        That in arteries.
    """

    haematocrit: float
    oxygenation: float
    arterial_oxygenation: float = 0.98

    def __post_init__(self) -> None:
        if not 0.0 < self.haematocrit < 1.0:
            raise ValueError(f"haematocrit lies within (0, 1), not {self.haematocrit}")
        for share in (self.oxygenation, self.arterial_oxygenation):
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"oxygenation lies within [0, 1], not {share}")


def draw_blood(rng: np.random.Generator, *, age_y: float) -> Blood:
    """Draw a person's haematocrit and venous oxygenation, which falls a little with age.

    Notes
    -----
    Haematocrit 0.41 +- 0.03; oxygenation 0.66 +- 0.03 at 50 years, 0.001 less per year: our own
    round values, extraction a little below the 0.37 +- 0.04 of Qin 2010 (doi:10.1002/mrm.22556),
    so that veins come to the 0.3 to 0.5 ppm that maps of susceptibility show.
    """
    haematocrit = float(np.clip(rng.normal(0.41, 0.03), 0.32, 0.50))
    oxygenation = float(np.clip(rng.normal(0.66 - 0.001 * (age_y - 50.0), 0.03), 0.50, 0.78))
    return Blood(round(haematocrit, 3), round(oxygenation, 3))


def chi_of_blood(
    oxygenation: NDArray[np.float64] | float, *, haematocrit: float
) -> NDArray[np.float64]:
    """Return the volume susceptibility of blood (ppm, SI) against water.

    Parameters
    ----------
    oxygenation : ndarray or float
        Saturation of haemoglobin, in [0, 1].
    haematocrit : float
        Share of red cells, in (0, 1).

    Returns
    -------
    ndarray
        Of the shape of ``oxygenation``; about 0.45 in veins, -0.01 in arteries.

    Notes
    -----
    ``Hct (4 pi 0.273 (1 - Y) - 4 pi 0.008)`` ppm. Tissue values are against water too, so that
    nothing is to be subtracted. Whether the small second term belongs to red cells or to whole
    blood changes the result by 0.06 ppm at most.

    References
    ----------
    Weisskoff RM, Kiihne S. Magn Reson Med 24:375 (1992), doi:10.1002/mrm.1910240219.
    Jain V, Abdulmalik O, Propert KJ, Wehrli FW. Magn Reson Med 68:863 (2012),
    doi:10.1002/mrm.23282.
    """
    if not 0.0 < haematocrit < 1.0:
        raise ValueError(f"haematocrit lies within (0, 1), not {haematocrit}")
    y = np.asarray(oxygenation, dtype=np.float64)
    if y.size and not (y.min() >= 0.0 and y.max() <= 1.0):
        raise ValueError(f"oxygenation lies within [0, 1], not {y.min()} to {y.max()}")
    return np.asarray(haematocrit * (CHI_DEOXY_PPM * (1.0 - y) + CHI_OXY_PPM))
