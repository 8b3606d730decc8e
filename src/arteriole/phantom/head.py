"""A digital head: known anatomy, tissue, veins and lesions, before any scanner sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.cerebrum import cerebrum
from arteriole.phantom.cranium import cranium
from arteriole.phantom.deep import deep
from arteriole.phantom.hindbrain import brainstem, cerebellum
from arteriole.phantom.hull import brain_hull
from arteriole.phantom.lattice import Lattice, Structure, draw_warp, lattice
from arteriole.phantom.lesion import LesionTruth
from arteriole.phantom.paint import Texture
from arteriole.phantom.placement import place_lesions
from arteriole.phantom.random_field import gaussian_field
from arteriole.phantom.shapes import Level, tube, union
from arteriole.phantom.veins import Tubes, veins


@dataclass(frozen=True, eq=False)
class Head:
    """Everything that is known of one person's head, in world mm (RAS+).

    Parameters
    ----------
    structures : tuple of Structure
        Solids in the order in which they replace each other.
    brain : Structure
        What a brain mask should cover: brain with the fluid in its sulci.
    veins : Tubes
        Vessels, painted over the solids.
    lesions : tuple of LesionTruth
        Foreign spheres, painted last.
    texture : Texture
        Irregularity within tissues.
    trunk : Structure
        Neck and shoulders below the head, felt by the field only.
    seed : int
        What the head was made from.
    """

    structures: tuple[Structure, ...]
    brain: Structure
    veins: Tubes
    lesions: tuple[LesionTruth, ...]
    texture: Texture
    trunk: Structure
    seed: int

    def with_lesions(self, *lesions: LesionTruth) -> Head:
        """Return the same head with exactly these lesions."""
        return replace(self, lesions=lesions)


def make_head(
    *,
    seed: int,
    microbleeds: int = 6,
    calcifications: int = 2,
    atrophy: float | None = None,
    spacing_mm: float = 1.0,
) -> Head:
    """Grow a head from a seed: nothing is read, the same seed gives the same head.

    Parameters
    ----------
    seed : int
        Decides everything that is random.
    microbleeds, calcifications : int
        How many punctate lesions to place, beside the calcified pineal and choroid plexus.
    atrophy : float, optional
        From 0 (young) to 1 (wide sulci and ventricles); drawn from the seed unless given.
    spacing_mm : float
        Distance between the points at which surfaces are known; fold shapes depend on it, so
        that heads of different spacing differ in detail.

    Returns
    -------
    Head
        Independent of any scan; `acquire` samples it.

    Raises
    ------
    ValueError
        For negative counts, or atrophy or spacing out of range.

    Notes
    -----
    The anatomy is procedural: written as smooth solids near MNI152, warped at random, with gyri
    from a band-limited random field. Named sulci other than the Sylvian fissure do not exist.
    """
    if microbleeds < 0 or calcifications < 0:
        raise ValueError(f"lesions are counted from zero, not {microbleeds}, {calcifications}")
    if atrophy is not None and not 0.0 <= atrophy <= 1.0:
        raise ValueError(f"atrophy lies in [0, 1], not {atrophy}")
    if not 0.5 <= spacing_mm <= 3.0:
        raise ValueError(f"surfaces are known every 0.5 to 3 mm, not {spacing_mm}")
    streams = [np.random.default_rng([seed, part]) for part in range(9)]
    shrunk = float(streams[8].beta(2.0, 3.0)) if atrophy is None else atrophy
    warp = draw_warp(streams[0])
    whole = lattice(warp, (-98, -128, -150), (98, 122, 104), 2.0 * spacing_mm)
    inner = lattice(warp, (-72, -108, -70), (72, 74, 80), spacing_mm)
    folded = cerebrum(inner, streams[2], atrophy=shrunk)
    structures = (
        *cranium(whole, streams[1]),
        *(_cropped(s) for s in folded.structures),
        *(_cropped(s) for s in cerebellum(inner, streams[3], atrophy=shrunk)),
        *brainstem(whole),
        *(_cropped(s) for s in deep(inner, streams[4], atrophy=shrunk)),
    )
    vessels = veins(warp, inner, folded, streams[5])
    texture = Texture(
        gaussian_field(streams[6], 5.0, bandwidth=0.7),
        gaussian_field(streams[6], 7.0, bandwidth=0.7),
    )
    brain = whole.structure("brain", 0, _brain(whole))
    lesions = place_lesions(
        structures, warp, streams[7], microbleeds=microbleeds, calcifications=calcifications
    )
    return Head(structures, brain, vessels, lesions, texture, _trunk(), seed)


def _brain(space: Lattice) -> Level:
    """Return what a good brain mask covers: the brain's outer form down to the medulla."""
    x, y, z = space.x, space.y, space.z
    return np.minimum(brain_hull(x, y, z, gap_mm=0.4), z + 62.0).astype(np.float32)


def _cropped(structure: Structure) -> Structure:
    """Keep the part of a lattice that its solid reaches."""
    near = structure.level > -2.0 * structure.spacing_mm
    if not near.any():
        return structure
    box: list[slice[Any, Any, Any]] = []
    origin = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        there = np.flatnonzero(near.any(axis=others))
        low = max(int(there[0]) - 1, 0)
        box.append(slice(low, int(there[-1]) + 2))
        origin.append(structure.origin_mm[axis] + low * structure.spacing_mm)
    level: NDArray[np.float32] = np.ascontiguousarray(structure.level[tuple(box)])
    return replace(structure, level=level, origin_mm=(origin[0], origin[1], origin[2]))


def _trunk() -> Structure:
    """Return neck, shoulders and chest, far from the brain but felt by its field."""
    spacing = 6.0
    axes = [
        np.arange(a, b, spacing, dtype=np.float32)
        for a, b in ((-240, 241), (-170, 121), (-330, -96))
    ]
    x, y, z = np.ix_(*axes)
    side = np.abs(x)
    neck = tube(
        x + 0 * y + 0 * z,
        y + 0 * x + 0 * z,
        z + 0 * x + 0 * y,
        [(0, -34, -60), (0, -38, -240)],
        [57.0, 60.0],
    )
    chest = tube(
        side + 0 * y + 0 * z,
        y + 0 * x + 0 * z,
        z + 0 * x + 0 * y,
        [(60, -40, -300), (80, -40, -600)],
        [95.0, 100.0],
    )
    arms = tube(
        side + 0 * y + 0 * z,
        y + 0 * x + 0 * z,
        z + 0 * x + 0 * y,
        [(110, -45, -270), (180, -45, -290)],
        [50.0, 55.0],
    )
    level = union(union(neck, chest, 30.0), arms, 40.0)
    return Structure(
        "trunk", tissue.MUSCLE, np.ascontiguousarray(level), (-240.0, -170.0, -330.0), spacing
    )
