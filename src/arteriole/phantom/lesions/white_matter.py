"""All findings of small vessel disease that are not bleeds, in the order they are painted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.lesions.hyperintensity import hyperintensities
from arteriole.phantom.lesions.infarct import cortical_infarct, subcortical_infarct
from arteriole.phantom.lesions.lacune import lacune
from arteriole.phantom.lesions.lesion import Lesion, LesionTruth
from arteriole.phantom.lesions.perivascular import perivascular_spaces
from arteriole.phantom.lesions.regions import Regions
from arteriole.phantom.lesions.terrain import survey


def place_white_matter_lesions(
    anatomy: Anatomy,
    regions: Regions,
    burden: Burden,
    rng: np.random.Generator,
    taken: Sequence[LesionTruth] = (),
) -> list[Lesion]:
    """Place hyperintensities, infarcts, lacunes and perivascular spaces.

    Parameters
    ----------
    anatomy : Anatomy
        The head.
    regions : Regions
        What its places are called.
    burden : Burden
        How much of each.
    rng : numpy.random.Generator
        Source of randomness; each kind gets a stream of its own from it, so that more of one
        changes no other but by the room it takes.
    taken : sequence of LesionTruth
        Lesions that infarcts and lacunes keep away from.

    Returns
    -------
    list of Lesion
        In the order of painting: hyperintensities, infarcts, lacunes, perivascular spaces.

    Raises
    ------
    ValueError
        If one of them finds no room.
    """
    streams = rng.spawn(6)
    findings = (
        burden.hyperintensity,
        burden.lacunes,
        burden.subcortical_infarcts,
        burden.cortical_infarcts,
        burden.perivascular_basal,
        burden.perivascular_centrum,
    )
    if not any(findings):
        return []
    terrain = survey(anatomy)
    made = hyperintensities(terrain, regions, burden.hyperintensity, streams[0])
    kept = list(taken)
    for draw, count, source in (
        (cortical_infarct, burden.cortical_infarcts, streams[1]),
        (subcortical_infarct, burden.subcortical_infarcts, streams[2]),
        (lacune, burden.lacunes, streams[3]),
    ):
        for _ in range(count):
            lesion = draw(terrain, regions, source, kept)
            kept.append(lesion.truth)
            made.append(lesion)
    made += perivascular_spaces(
        terrain, regions, "basal ganglia", burden.perivascular_basal, streams[4]
    )
    made += perivascular_spaces(
        terrain, regions, "centrum semiovale", burden.perivascular_centrum, streams[5]
    )
    return made
