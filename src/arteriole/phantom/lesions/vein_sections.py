"""Veins in section: the commonest mimic of microbleeds, as rows of the truth table.

They are painted with the vessels; the rows tell a detector's scores what it was deceived by.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.lesions.ground import Ground, row
from arteriole.phantom.lesions.lesion import Lesion
from arteriole.phantom.vessels.tubes import Tubes

LEAST_RADIUS_MM = 0.3
"""Thinner veins are not seen in section."""


def vein_sections(
    ground: Ground, vessels: Sequence[Tubes], rng: np.random.Generator, count: int
) -> list[Lesion]:
    """Choose pieces of veins in or beside the brain and describe each as a row.

    Parameters
    ----------
    ground : Ground
        The head.
    vessels : sequence of Tubes
        Its vessels; those of venous blood are looked at.
    rng : numpy.random.Generator
        Source of randomness.
    count : int
        How many, or as many as there are.

    Returns
    -------
    list of Lesion
        Without solids or tubes: nothing is painted. A row's extent is length and calibre, its
        source diameter that of the sphere of the piece's volume.
    """
    found: list[Lesion] = []
    for tubes in vessels:
        if tubes.tissue != tissue.VEIN:
            continue
        middle = 0.5 * (tubes.start_mm + tubes.end_mm)
        radius = tubes.radius_mm.mean(axis=1)
        length = np.linalg.norm(tubes.end_mm - tubes.start_mm, axis=1)
        inside = ground.anatomy.brain.depth(middle) > 1.0
        wide = np.flatnonzero(inside & (radius >= LEAST_RADIUS_MM) & (radius < 2.0))
        for piece in rng.permutation(wide)[: count - len(found)]:
            r, span = float(radius[piece]), float(length[piece])
            volume = float(np.pi * r**2 * max(span, 2 * r))
            truth = row(
                "vein",
                ground.place(middle[piece]),
                middle[piece],
                volume_mm3=volume,
                moment_ppm_mm3=float(tubes.chi_ppm[piece]) * volume,
                form="section",
                extent_mm=(span, 2 * r, 2 * r),
            )
            found.append(Lesion(truth))
    return found
