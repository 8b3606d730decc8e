"""All lesions of one head, in the order in which they are painted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.lesions.calcifications import calcifications
from arteriole.phantom.lesions.cavernoma import cavernomas
from arteriole.phantom.lesions.flow_voids import flow_voids
from arteriole.phantom.lesions.ground import Ground
from arteriole.phantom.lesions.haemorrhage import haemorrhages
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.lesions.microbleeds import microbleeds
from arteriole.phantom.lesions.physiological import physiological
from arteriole.phantom.lesions.regions import Regions
from arteriole.phantom.lesions.siderosis import siderosis
from arteriole.phantom.lesions.vein_sections import vein_sections
from arteriole.phantom.lesions.white_matter import place_white_matter_lesions
from arteriole.phantom.vessels.tubes import Tubes


def place_lesions(
    anatomy: Anatomy,
    vessels: Sequence[Tubes],
    burden: Burden,
    rng: np.random.Generator,
    *,
    age_y: float,
) -> tuple[Lesion, ...]:
    """Draw all lesions of a head.

    Parameters
    ----------
    anatomy : Anatomy
        Where they can lie.
    vessels : sequence of Tubes
        The head's vessels, from which veins in section are taken as mimics.
    burden : Burden
        How many of each.
    rng : numpy.random.Generator
        Source of randomness; each kind has a stream of its own, so that more of one kind do not
        move those of a later one unless they need its room.
    age_y : float
        Age, years; physiological calcification follows it.

    Returns
    -------
    tuple of Lesion
        In the order of painting: hyperintensities, infarcts, lacunes and perivascular spaces,
        siderosis, haemorrhages, cavernomas, calcifications, flow voids, microbleeds; rows of
        veins, which are not painted, last.

    Raises
    ------
    ValueError
        If there is no room.
    """
    ground = Ground(Regions(anatomy))
    draws = rng.spawn(9)
    white = place_white_matter_lesions(anatomy, ground.regions, burden, draws[0])
    _take(ground, white)
    made = [
        *white,
        *siderosis(ground, draws[1], burden.siderosis_sulci),
        *haemorrhages(ground, draws[2], burden.haemorrhages, pattern=burden.pattern),
        *cavernomas(ground, draws[3], burden.cavernomas),
    ]
    if burden.physiological:
        made += physiological(ground, draws[4], age_y=age_y)
    made += calcifications(ground, draws[5], burden.calcifications)
    made += flow_voids(ground, draws[6], burden.flow_voids)
    made += microbleeds(ground, draws[7], burden.microbleeds, pattern=burden.pattern)
    made += vein_sections(ground, vessels, draws[8], burden.vein_sections)
    return tuple(made)


def _take(ground: Ground, lesions: Sequence[Lesion]) -> None:
    """Keep other lesions off infarcts and cavities; they may lie within hyperintensities."""
    for lesion in lesions:
        if lesion.truth.kind not in ("hyperintensity", "perivascular space"):
            ground.take(np.asarray(lesion.truth.centre_mm), 0.5 * lesion.truth.extent_mm[0])
