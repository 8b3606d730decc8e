"""All vessels of one person: which blood, and where it runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.vessels.arteries import arteries, cortical_arteries, perforators
from arteriole.phantom.vessels.courses import COURSES
from arteriole.phantom.vessels.deep_veins import deep_veins
from arteriole.phantom.vessels.growth import pieces_of
from arteriole.phantom.vessels.medullary import medullary_veins
from arteriole.phantom.vessels.oxygenation import Blood, chi_of_blood, draw_blood
from arteriole.phantom.vessels.pial import (
    Surface,
    brain_surface,
    intracortical_veins,
    pial_veins,
)
from arteriole.phantom.vessels.sinuses import sinuses
from arteriole.phantom.vessels.tubes import Pieces, Tubes

MOST_RADIUS_MM = 1.3
"""Veins on the brain are not wider than this."""


def vessels(
    anatomy: Anatomy, rng: np.random.Generator, *, age_y: float, fast: tuple[str, ...] = ()
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
    fast : tuple of str
        Names of arteries (of `COURSES`, such as "ICA") that have no signal: flow voids.

    Returns
    -------
    tuple of Tubes
        Veins, arteries, and those without signal if there are any.
    Blood
        The person's haematocrit and oxygenation.

    Raises
    ------
    ValueError
        For an age or a name that does not exist.
    """
    if not 0.0 < age_y < 120.0:
        raise ValueError(f"age lies within (0, 120) years, not {age_y}")
    if unknown := set(fast) - set(COURSES):
        raise ValueError(f"no arteries {sorted(unknown)}: there are {sorted(COURSES)}")
    blood = draw_blood(rng, age_y=age_y)
    surface = brain_surface(anatomy, rng)
    venous = _venous(anatomy, surface, blood, rng)
    named = arteries(anatomy, surface, rng, age_y=age_y)
    bright = Pieces.joined(
        *(Pieces.along(a.path, a.radius_mm) for a in named if a.name not in fast),
        perforators(anatomy, named, rng),
        pieces_of(cortical_arteries(surface, named, rng), most_radius_mm=0.8),
    )
    out = [venous, _arterial(bright, tissue.ARTERY, blood)]
    if fast:
        void = Pieces.joined(*(Pieces.along(a.path, a.radius_mm) for a in named if a.name in fast))
        out.append(_arterial(void, tissue.FLOW_VOID, blood))
    return tuple(out), blood


def _arterial(pieces: Pieces, row: int, blood: Blood) -> Tubes:
    """Fill arteries with blood of one saturation."""
    saturation = np.full(int(pieces.vessel.max()) + 1, blood.arterial_oxygenation)
    return pieces.filled(row, chi_of_blood(saturation, haematocrit=blood.haematocrit))


def _venous(anatomy: Anatomy, surface: Surface, blood: Blood, rng: np.random.Generator) -> Tubes:
    """Grow all veins and fill them."""
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
    return venous.filled(tissue.VEIN, chi)


def _venous_chi(
    rng: np.random.Generator, blood: Blood, count: int, sinuses: int
) -> NDArray[np.float64]:
    """Return each vein's susceptibility: veins differ by 0.03 in oxygenation, sinuses by 0.01."""
    scatter = np.where(np.arange(count) < sinuses, 0.01, 0.03)
    off = scatter * np.clip(rng.normal(size=count), -2.0, 2.0)
    oxygenation = np.clip(blood.oxygenation + off, 0.0, 1.0)
    return chi_of_blood(oxygenation, haematocrit=blood.haematocrit)
