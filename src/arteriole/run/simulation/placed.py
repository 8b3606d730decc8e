"""Lesions at places that the user names, the same in every head of a simulated study."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arteriole.errors import CommandError
from arteriole.phantom.anatomy.structure import Size3
from arteriole.phantom.head import Head
from arteriole.phantom.lesions.lesion import SPHERE_TISSUE, LesionKind
from arteriole.phantom.lesions.place_at import place_at
from arteriole.phantom.lesions.regions import REGIONS, Regions


@dataclass(frozen=True)
class Placed:
    """One round lesion that every head gets.

    Parameters
    ----------
    kind : {"microbleed", "calcification", "flow void"}
        What it is.
    template_mm : tuple of 3 float
        Where, in the template's coordinates (MNI152, RAS+ mm); each head's own way from the
        template takes it to its anatomy.
    diameter_mm : float
        Of the source.
    chi_ppm : float, optional
        Susceptibility against water; see `place_at`.
    region : str, optional
        Where it is meant to lie; a head in which another region is there is refused.
    """

    kind: LesionKind
    template_mm: Size3
    diameter_mm: float
    chi_ppm: float | None = None
    region: str | None = None


def parse_placed(text: str) -> Placed:
    """Return the lesion that ``KIND,X,Y,Z,D[,CHI][,REGION]`` describes.

    Raises
    ------
    CommandError
        If it describes none.
    """
    kind, *rest = (word.strip() for word in text.split(","))
    numbers: list[float] = []
    while rest and len(numbers) < 5 and _is_number(rest[0]):
        numbers.append(float(rest.pop(0)))
    if kind not in SPHERE_TISSUE or len(numbers) < 4 or len(rest) > 1:
        raise CommandError(
            f"--at takes KIND,X,Y,Z,D[,CHI][,REGION] with KIND one of {', '.join(SPHERE_TISSUE)}, "
            f"not {text!r}"
        )
    x, y, z, diameter, *chi = numbers
    region = rest[0] if rest else None
    if region not in (None, *REGIONS):
        raise CommandError(f"--at {text}: no region is called {region!r}; {', '.join(REGIONS)}")
    return Placed(kind, (x, y, z), diameter, chi[0] if chi else None, region)


def with_placed(head: Head, lesions: tuple[Placed, ...]) -> Head:
    """Return a head with these lesions besides its own.

    Raises
    ------
    CommandError
        If a lesion would lie outside its region, or where no such lesion lies.
    """
    if not lesions:
        return head
    regions = Regions(head.anatomy)
    made = []
    for one in lesions:
        x, y, z = (float(c) for c in head.anatomy.frame.to_world(np.array([one.template_mm]))[0])
        try:
            made.append(
                place_at(
                    head.anatomy,
                    one.kind,
                    (x, y, z),
                    diameter_mm=one.diameter_mm,
                    chi_ppm=one.chi_ppm,
                    region=one.region,
                    regions=regions,
                )
            )
        except ValueError as error:
            raise CommandError(f"--at {_words(one)}: {error}") from None
    return head.with_lesions(*head.lesions, *made)


def _words(one: Placed) -> str:
    """Return a lesion as the command line has it."""
    numbers = (*one.template_mm, one.diameter_mm, *(() if one.chi_ppm is None else (one.chi_ppm,)))
    last = () if one.region is None else (one.region,)
    return ",".join((one.kind, *(f"{n:g}" for n in numbers), *last))


def _is_number(word: str) -> bool:
    """Tell whether a word is a finite number."""
    try:
        return bool(np.isfinite(float(word)))
    except ValueError:
        return False
