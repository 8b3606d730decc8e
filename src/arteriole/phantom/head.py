"""A digital head: known anatomy, tissue, vessels and lesions, before any scanner sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.generated import generated_anatomy
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.placement import place_lesions
from arteriole.phantom.person import draw_atrophy, person_tissues
from arteriole.phantom.streams import stream
from arteriole.phantom.texture import Texture, draw_texture
from arteriole.phantom.tissue import Tissue
from arteriole.phantom.vessels.oxygenation import Blood
from arteriole.phantom.vessels.tubes import Tubes
from arteriole.phantom.vessels.vessels import vessels


@dataclass(frozen=True, eq=False)
class Head:
    """Everything that is known of one person's head, in world mm (RAS+).

    Parameters
    ----------
    anatomy : Anatomy
        Solids, and the way to the template's coordinates.
    vessels : tuple of Tubes
        Veins and arteries, painted over the solids.
    lesions : tuple of Lesion
        Painted last, in this order.
    texture : Texture
        Irregularity within tissues.
    tissues : tuple of Tissue
        What this person's tissues are made of: rows of `TISSUES`, changed by age.
    age_y : float
        Age, years.
    seed : int
        What the head was made from.
    blood : Blood
        Haematocrit and oxygenation that the veins' susceptibility comes from.
    """

    anatomy: Anatomy
    vessels: tuple[Tubes, ...]
    lesions: tuple[Lesion, ...]
    texture: Texture
    tissues: tuple[Tissue, ...]
    age_y: float
    seed: int
    blood: Blood

    def with_lesions(self, *lesions: Lesion) -> Head:
        """Return the same head with exactly these lesions."""
        return replace(self, lesions=lesions)


def make_head(
    *,
    seed: int,
    anatomy: Anatomy | None = None,
    age_y: float | None = None,
    atrophy: float | None = None,
    burden: Burden | None = None,
    spacing_mm: float = 1.0,
) -> Head:
    """Make a head with its vessels and its disease; the same arguments give the same head.

    Parameters
    ----------
    seed : int
        Decides everything that is random.
    anatomy : Anatomy, optional
        Solids from a label map; generated from the seed unless given.
    age_y : float, optional
        Age, years, which iron, myelin and vessels follow; drawn from the seed unless given.
    atrophy : float, optional
        Of a generated anatomy, from 0 (young) to 1 (wide sulci and ventricles); drawn with
        age unless given.
    burden : Burden, optional
        Which lesions it has; a few microbleeds and calcifications unless given.
    spacing_mm : float
        See `generated_anatomy`.

    Returns
    -------
    Head
        Independent of any scan; `acquire` samples it.

    Raises
    ------
    ValueError
        For values out of range.
    """
    draw = stream(seed, "person")
    age = round(float(draw.uniform(50.0, 85.0)), 1) if age_y is None else age_y
    shrunk = draw_atrophy(draw, age) if atrophy is None else atrophy
    if anatomy is None:
        anatomy = generated_anatomy(seed=seed, atrophy=shrunk, spacing_mm=spacing_mm)
    tubes, blood = vessels(anatomy, stream(seed, "vessels"), age_y=age)
    given = Burden(microbleeds=6, calcifications=2) if burden is None else burden
    lesions = place_lesions(anatomy, tubes, given, stream(seed, "lesions"), age_y=age)
    texture = draw_texture(stream(seed, "texture"), anatomy.frame)
    tissues = person_tissues(age, stream(seed, "tissues"))
    return Head(anatomy, tubes, lesions, texture, tissues, age, seed, blood)
