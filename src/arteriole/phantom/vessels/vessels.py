"""All vessels of one person: which blood, and where it runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.vessels.arteries import arteries, cortical_arteries, perforators
from arteriole.phantom.vessels.deep_veins import deep_veins
from arteriole.phantom.vessels.growth import pieces_of
from arteriole.phantom.vessels.medullary import medullary_veins
from arteriole.phantom.vessels.oxygenation import Blood, chi_of_blood, draw_blood
from arteriole.phantom.vessels.pial import brain_surface, intracortical_veins, pial_veins
from arteriole.phantom.vessels.sinuses import sinuses
from arteriole.phantom.vessels.tubes import Pieces, Tubes

MOST_RADIUS_MM = 1.3
"""Veins on the brain are not wider than this."""


def vessels(
    anatomy: Anatomy, rng: np.random.Generator, *, age_y: float
) -> tuple[tuple[Tubes, ...], Blood]:
    """Grow the vessels of a head.

    Parameters
    ----------
    anatomy : Anatomy
        Generated or from a label map.
    rng : numpy.random.Generator
        Source of randomness.
    age_y : float
        Age, years: arteries wind and widen, veins carry less oxygen.

    Returns
    -------
    tuple of Tubes
        Veins, arteries.
    Blood
        The person's haematocrit and oxygenation.
    """
    if not 0.0 < age_y < 120.0:
        raise ValueError(f"age lies within (0, 120) years, not {age_y}")
    blood = draw_blood(rng, age_y=age_y)
    surface = brain_surface(anatomy, rng)
    named = arteries(anatomy, surface, rng, age_y=age_y)
    arterial = Pieces.joined(
        *(Pieces.along(a.path, a.radius_mm) for a in named),
        perforators(anatomy, named, rng),
        pieces_of(cortical_arteries(surface, named, rng), most_radius_mm=0.8),
    )
    large = sinuses(anatomy, rng)
    medullary = medullary_veins(anatomy, rng)
    surface_tree, bridges = pial_veins(anatomy, surface, large, rng)
    small = Pieces.joined(
        pieces_of(medullary, most_radius_mm=MOST_RADIUS_MM),
        deep_veins(anatomy, medullary, rng),
        pieces_of(surface_tree, most_radius_mm=MOST_RADIUS_MM),
        bridges,
        intracortical_veins(surface, surface_tree, rng),
    )
    wide = Pieces.joined(*(Pieces.along(s.path, s.radius_mm) for s in large))
    venous = Pieces.joined(wide, small)
    sinus_count = int(wide.vessel.max()) + 1
    chi = _venous_chi(rng, blood, int(venous.vessel.max()) + 1, sinus_count)
    count = int(arterial.vessel.max()) + 1
    fresh = chi_of_blood(np.full(count, blood.arterial_oxygenation), haematocrit=blood.haematocrit)
    return (venous.filled(tissue.VEIN, chi), arterial.filled(tissue.ARTERY, fresh)), blood


def _venous_chi(
    rng: np.random.Generator, blood: Blood, count: int, sinuses: int
) -> NDArray[np.float64]:
    """Return each vein's susceptibility: veins differ by 0.03 in oxygenation, sinuses by 0.01."""
    scatter = np.where(np.arange(count) < sinuses, 0.01, 0.03)
    oxygenation = np.clip(blood.oxygenation + scatter * rng.normal(size=count), 0.4, 0.85)
    return chi_of_blood(oxygenation, haematocrit=blood.haematocrit)
