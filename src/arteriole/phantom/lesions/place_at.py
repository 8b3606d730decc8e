"""One lesion where the user wants it, refused where it cannot be."""

from __future__ import annotations

import numpy as np

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.structure import Size3
from arteriole.phantom.lesions.ground import parenchyma_share, row, sphere_volume_mm3
from arteriole.phantom.lesions.lesion import SPHERE_TISSUE, Lesion, LesionKind
from arteriole.phantom.lesions.regions import REGIONS, Place, Regions

CHI_PPM: dict[LesionKind, float] = {"microbleed": 1.0, "calcification": -1.5, "flow void": -0.01}
"""Susceptibility unless one is given."""


def place_at(
    anatomy: Anatomy,
    kind: LesionKind,
    centre_mm: Size3,
    *,
    diameter_mm: float,
    chi_ppm: float | None = None,
    region: str | None = None,
    regions: Regions | None = None,
) -> Lesion:
    """Put one round lesion at a given place.

    Parameters
    ----------
    anatomy : Anatomy
        The head.
    kind : {"microbleed", "calcification", "flow void"}
        What it is.
    centre_mm : tuple of 3 float
        World position, RAS+ mm.
    diameter_mm : float
        Of the source, 0.5 to 10 mm.
    chi_ppm : float, optional
        Susceptibility against water; `CHI_PPM` of its kind unless given.
    region : str, optional
        Where it is meant to lie, one of `REGIONS`; any that fits its kind unless given.
    regions : Regions, optional
        Regions of this head if they are there already.

    Returns
    -------
    Lesion
        A sphere with its row.

    Raises
    ------
    ValueError
        If it would lie outside its region or where no such lesion lies (a microbleed with less
        than half of its surround in brain tissue, a flow void outside fluid), or for another
        kind, an unknown region, or a size or susceptibility out of range.

    Examples
    --------
    >>> place_at(anatomy, "microbleed", (24.0, 2.0, 1.0), diameter_mm=2.0)  # doctest: +SKIP
    """
    known = Regions(anatomy) if regions is None else regions
    chi = CHI_PPM.get(kind, 0.0) if chi_ppm is None else chi_ppm
    _refuse_values(kind, diameter_mm, chi, region)
    place = known.where(np.array([centre_mm]))[0]
    _refuse_place(known, kind, centre_mm, diameter_mm, place, region)
    volume = sphere_volume_mm3(diameter_mm)
    truth = row(
        kind, place, centre_mm, volume_mm3=volume, moment_ppm_mm3=chi * volume, form="round"
    )
    return Lesion(truth)


def _refuse_values(kind: LesionKind, diameter_mm: float, chi: float, region: str | None) -> None:
    """Refuse what is impossible anywhere."""
    if kind not in SPHERE_TISSUE:
        raise ValueError(f"one of {', '.join(SPHERE_TISSUE)} can be put at a place, not {kind!r}")
    if not 0.5 <= diameter_mm <= 10.0:
        raise ValueError(f"a {kind} is 0.5 to 10 mm wide, not {diameter_mm}")
    if (kind == "microbleed" and chi <= 0) or (kind == "calcification" and chi >= 0):
        sign = "above" if kind == "microbleed" else "below"
        raise ValueError(f"the susceptibility of a {kind} lies {sign} 0, not {chi} ppm")
    if region is not None and region not in REGIONS:
        raise ValueError(f"no region is called {region!r}; there are {', '.join(REGIONS)}")


def _refuse_place(
    regions: Regions,
    kind: LesionKind,
    centre_mm: Size3,
    diameter_mm: float,
    place: Place,
    region: str | None,
) -> None:
    """Refuse what cannot be here: what, where, what is there instead, what to do."""
    x, y, z = (round(float(c), 1) for c in centre_mm)
    found = f"{place.side} {place.region}" if place.side != "midline" else place.region
    what = f"a {kind} of {diameter_mm:g} mm at ({x}, {y}, {z}) mm"
    if region is not None and place.region != region:
        raise ValueError(
            f"{what} lies outside the {region}: the {found} is there; move it into the {region}, "
            "or do not name a region"
        )
    if kind == "flow void" and place.region not in ("csf", "ventricle"):
        raise ValueError(
            f"{what} lies outside fluid: the {found} is there; move it into a sulcus or cistern"
        )
    if kind == "calcification" and place.region == "outside":
        raise ValueError(f"{what} lies outside the skull; move it inside")
    if kind == "microbleed":
        share = float(parenchyma_share(regions, np.array(centre_mm), 0.5 * diameter_mm)[0])
        if place.zone == "" or share < 0.5:
            raise ValueError(
                f"{what} lies outside brain tissue: the {found} is there, and {100 * share:.0f} % "
                "of its surface is in tissue; move it so that half of it is"
            )
