"""Falx and tentorium: sheets of dura between the hemispheres and over the cerebellum."""

from __future__ import annotations

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.fissures import Fissures
from arteriole.phantom.anatomy.hull import brain_hull, tent_height
from arteriole.phantom.anatomy.lattice import Lattice
from arteriole.phantom.anatomy.structure import Structure

HALF_MM = 0.55
"""Half the thickness of a sheet."""


def membranes(space: Lattice, fissures: Fissures) -> list[Structure]:
    """Return falx and tentorium, to be painted before the brain, which covers their sides.

    Parameters
    ----------
    space : Lattice
        Where the sheets are known.
    fissures : Fissures
        The falx lies in the middle of the fissure between the hemispheres.

    Notes
    -----
    Free edges are ellipses of our own: the falx's around the callosum, nearest to it behind; the
    tentorium's around the midbrain.
    """
    x, y, z = space.x, space.y, space.z
    side = np.abs(x)
    case = brain_hull(x, y, z, gap_mm=3.0)
    tent = tent_height(side, y)
    edge = np.sqrt(((y + 2.0) / 52.0) ** 2 + ((z - 2.0) / 43.0) ** 2) * 43.0 - 43.0
    ahead = np.minimum(z - np.where(y > 0.0, np.float32(-16.0), tent), case)
    falx = np.minimum(np.float32(HALF_MM) - fissures.between, np.minimum(edge, ahead))
    notch = np.sqrt((x / 18.0) ** 2 + ((y + 22.0) / 29.0) ** 2) * 18.0 - 18.0
    ridge = -6.0 - 0.55 * side - y
    sheet = np.float32(HALF_MM) - np.abs(z - tent - 0.1)
    tentorium = np.minimum(np.minimum(sheet, case), np.minimum(notch, ridge))
    return [
        space.structure("falx", tissue.DURA, falx),
        space.structure("tentorium", tissue.DURA, tentorium),
    ]
