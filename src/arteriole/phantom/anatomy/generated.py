"""Anatomy grown from a seed: nothing is read, so that it works on a fresh machine."""

from __future__ import annotations

import numpy as np

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.cerebrum import cerebrum
from arteriole.phantom.anatomy.cranium import cranium
from arteriole.phantom.anatomy.deep import deep
from arteriole.phantom.anatomy.fissures import draw_fissures
from arteriole.phantom.anatomy.hindbrain import brainstem, cerebellum
from arteriole.phantom.anatomy.hull import brain_hull
from arteriole.phantom.anatomy.lattice import Lattice, draw_warp, lattice
from arteriole.phantom.anatomy.membranes import membranes
from arteriole.phantom.anatomy.shapes import Level
from arteriole.phantom.anatomy.tracts import tracts
from arteriole.phantom.anatomy.trunk import trunk
from arteriole.phantom.streams import stream


def generated_anatomy(*, seed: int, atrophy: float, spacing_mm: float = 1.0) -> Anatomy:
    """Grow the solids of a head from a seed: the same seed gives the same head.

    Parameters
    ----------
    seed : int
        Decides everything that is random.
    atrophy : float
        From 0 (young) to 1 (wide sulci and ventricles).
    spacing_mm : float
        Distance between the points at which surfaces are known; fold shapes depend on it, so
        that heads of different spacing differ in detail.

    Returns
    -------
    Anatomy
        Independent of any scan.

    Raises
    ------
    ValueError
        For atrophy or spacing out of range.

    Notes
    -----
    The anatomy is procedural: written as smooth solids near MNI152, warped at random, with gyri
    from a band-limited random field. The great sulci lie where the template has them; no gyrus
    has a name.
    """
    if not 0.0 <= atrophy <= 1.0:
        raise ValueError(f"atrophy lies in [0, 1], not {atrophy}")
    if not 0.5 <= spacing_mm <= 3.0:
        raise ValueError(f"surfaces are known every 0.5 to 3 mm, not {spacing_mm}")
    warp = draw_warp(stream(seed, "warp"))
    whole = lattice(warp, (-98, -128, -150), (98, 122, 104), 2.0 * spacing_mm)
    inner = lattice(warp, (-72, -108, -70), (72, 74, 80), spacing_mm)
    fissures = draw_fissures(inner, stream(seed, "fissures"))
    cortex, white = cerebrum(inner, fissures, stream(seed, "cerebrum"), atrophy=atrophy)
    structures = (
        *cranium(whole, stream(seed, "cranium")),
        *membranes(inner, fissures),
        cortex,
        white,
        *tracts(warp, white),
        *cerebellum(inner, stream(seed, "cerebellum"), atrophy=atrophy),
        *brainstem(whole),
        *deep(inner, stream(seed, "deep"), atrophy=atrophy),
    )
    brain = whole.structure("brain", 0, _brain(whole))
    return Anatomy(tuple(s.cropped() for s in structures), brain, trunk(), warp)


def _brain(space: Lattice) -> Level:
    """Return what a good brain mask covers: the brain's outer form down to the medulla."""
    x, y, z = space.x, space.y, space.z
    return np.minimum(brain_hull(x, y, z, gap_mm=0.4), z + 62.0).astype(np.float32)
