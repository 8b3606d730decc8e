"""Bundles of the white matter that have susceptibility and relaxation of their own."""

from __future__ import annotations

from itertools import product

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.anatomy import Frame
from arteriole.phantom.anatomy.shapes import Level, Point, tube, union
from arteriole.phantom.anatomy.structure import Structure

EDGE_MM = 2.0
"""Width over which a bundle fades into the white matter around it."""

Box = tuple[Point, Point]


def tracts(frame: Frame, white: Structure) -> list[Structure]:
    """Return corpus callosum, internal capsule and optic radiation as parts of the white matter.

    Parameters
    ----------
    frame : Frame
        Way from the head's world to the template in which the bundles are written.
    white : Structure
        White matter of the cerebrum.

    Returns
    -------
    list of Structure
        To be painted right after the white matter, under the nuclei and ventricles.

    Notes
    -----
    Courses follow MNI152 (positions as in the ICBM-DTI-81 labels, Mori 2008,
    doi:10.1016/j.neuroimage.2007.12.035); a bundle ends where the white matter does.
    """
    rows = (
        ("corpus callosum", tissue.CALLOSUM, _callosum, ((-34, -92, -16), (34, 58, 44))),
        ("internal capsule", tissue.CAPSULE, _capsule, ((-44, -44, -16), (44, 34, 34))),
        ("optic radiation", tissue.RADIATION, _radiation, ((-50, -96, -30), (50, 2, 22))),
    )
    made = []
    for name, which, shape, box in rows:
        part = _within(white, frame, box)
        x, y, z = frame.to_template(*part.points())
        level = np.minimum(shape(x, y, z), part.level - np.float32(EDGE_MM / 2.0))
        made.append(
            Structure(
                name,
                which,
                np.ascontiguousarray(level, dtype=np.float32),
                part.origin_mm,
                part.spacing_mm,
                edge_mm=EDGE_MM,
            )
        )
    return made


def _within(white: Structure, frame: Frame, box: Box) -> Structure:
    """Return the white matter on the part of its lattice that covers a box of the template."""
    corners = frame.to_world(np.array(list(product(*zip(*box, strict=True))), dtype=np.float64))
    at = (corners - white.origin_mm) / white.spacing_mm
    low = np.clip(np.floor(at.min(axis=0)).astype(int), 0, np.subtract(white.level.shape, 2))
    high = np.clip(np.ceil(at.max(axis=0)).astype(int) + 1, low + 2, white.level.shape)
    cut = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    o = [a + white.spacing_mm * int(b) for a, b in zip(white.origin_mm, low, strict=True)]
    level = np.ascontiguousarray(white.level[cut])
    return Structure(white.name, white.tissue, level, (o[0], o[1], o[2]), white.spacing_mm)


def _callosum(x: Level, y: Level, z: Level) -> Level:
    """Return the arch from rostrum to splenium, and both forceps."""
    side = np.abs(x)
    beyond = np.maximum(side - 10.0, 0.0).astype(np.float32)
    risen = (z - 0.014 * side**2).astype(np.float32)
    arch = tube(
        beyond,
        y,
        risen,
        [(0, 20, -6), (0, 29, 5), (0, 22, 18), (0, 2, 25), (0, -22, 24), (0, -40, 14)],
        [2.5, 6.0, 4.5, 4.0, 4.0, 6.5],
        blend=2.0,
    )
    minor = tube(side, y, z, [(8, 31, 6), (16, 40, 6), (20, 50, 4)], [6.0, 5.0, 3.0])
    major = tube(side, y, z, [(9, -43, 14), (20, -54, 13), (22, -80, 8)], [5.5, 4.5, 2.5])
    return union(arch, union(minor, major), 3.0)


def _capsule(x: Level, y: Level, z: Level) -> Level:
    """Return the sheet between lentiform nucleus, caudate and thalamus, both limbs."""
    side = (np.abs(x) - 0.18 * (z - 6.0)).astype(np.float32)
    beyond = (z - np.clip(z, -6.0, 20.0)).astype(np.float32)
    course: list[Point] = [(15, 22, 0), (18, 8, 0), (18.5, -1, 0), (23, -14, 0), (29, -30, 0)]
    return tube(side, y, beyond, course, [3.0, 4.0, 4.0, 4.5, 4.0], blend=2.0)


def _radiation(x: Level, y: Level, z: Level) -> Level:
    """Return the band from the geniculate round the ventricle's side to the calcarine cortex."""
    side = np.abs(x)
    band = tube(
        side,
        y,
        (0.7 * (z - 2.0)).astype(np.float32),
        [(25, -27, -3), (36, -33, -1), (37, -46, 1), (31, -64, 2), (18, -84, 1)],
        [3.0, 4.0, 4.5, 4.5, 3.5],
        blend=2.0,
    )
    loop = tube(side, y, z, [(25, -25, -4), (35, -12, -13), (38, -26, -9), (37, -44, 0)], [3.0] * 4)
    return union(band, loop, 2.0)
