"""Skin, fat, muscle, skull with diploe, air cells, eyes: all that surrounds the brain."""

from __future__ import annotations

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.hull import brain_hull, cisterns
from arteriole.phantom.anatomy.lattice import Lattice
from arteriole.phantom.anatomy.shapes import (
    Level,
    Point,
    ellipsoid,
    intersection,
    smoothstep,
    tube,
    union,
)
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.random_field import gaussian_field


def cranium(space: Lattice, rng: np.random.Generator) -> list[Structure]:
    """Return the head without its brain, in the order in which tissues replace each other."""
    x, y, z = space.x, space.y, space.z
    bumps = gaussian_field(rng, 45.0, bandwidth=0.5, size=32).at(x, y, z)
    ripple = gaussian_field(rng, 14.0, bandwidth=0.5, size=48).at(x, y, z)
    case = union(brain_hull(x, y, z, gap_mm=2.2), cisterns(x, y, z), 3.0)
    inner = case + 0.4 * bumps
    thickness = 6.0 + 0.7 * bumps + 0.25 * ripple
    vault = union(inner + thickness, _skull_base(x, y, z), 8.0)
    face = _face(x, y, z)
    temple = _temple(x, y, z)
    scalp = 6.0 - 0.8 * bumps - 0.3 * ripple + 5.0 * temple
    round_head = ellipsoid(x, y, z, (0, -14, -12), (78, 97, 88))
    skin = union(union(vault + scalp, round_head, 8.0), union(face, _neck(x, y, z), 25.0), 14.0)
    bone = union(vault, intersection(_facial_bone(x, y, z) + ripple, skin - 9.0), 2.0)
    table = 1.5 + 0.2 * bumps
    low = np.clip((-z - 25.0) / 20.0, 0.0, 1.0)
    diploe = np.minimum(bone - table, inner + thickness - table) - 2.5 * low - 0.4 * ripple
    within = skin - 3.0
    return [
        space.structure("skin", tissue.SKIN, skin),
        space.structure("subcutaneous fat", tissue.FAT, skin - 1.8),
        space.structure(
            "muscle", tissue.MUSCLE, skin - 4.3 - 5.0 * _scalp(y, z) * (1.0 - temple) + ripple
        ),
        _fat_planes(space, skin, rng),
        *_orbits(space, within),
        space.structure("skull", tissue.BONE, bone),
        space.structure("diploe", tissue.MARROW, diploe),
        space.structure("inner table", tissue.BONE, inner + 1.5 + 0.3 * ripple),
        *_air(space, within, inner, rng),
        space.structure("dura", tissue.DURA, inner + 0.3),
        space.structure("csf", tissue.CSF, inner - 0.5),
    ]


def _scalp(y: Level, z: Level) -> Level:
    """Return 1 over the vault, where fat lies on bone, and 0 on the face and neck."""
    return np.clip((z + 0.55 * y + 20.0) / 20.0, 0.0, 1.0).astype(np.float32)


def _temple(x: Level, y: Level, z: Level) -> Level:
    """Return 1 where the temporal muscle is thickest and 0 where there is none."""
    near = 1.0 - ((y - 12.0) / 38.0) ** 2 - ((z + 14.0) / 42.0) ** 2
    return smoothstep(np.minimum(near, (np.abs(x) - 44.0) / 24.0), 0.0, 0.8)


def _fat_planes(space: Lattice, skin: Level, rng: np.random.Generator) -> Structure:
    """Return sheets of fat between muscles, on the face and neck."""
    x, y, z = space.x, space.y, space.z
    sheet = gaussian_field(rng, 28.0, bandwidth=0.4, size=32).at(x, y, 0.3 * z)
    level = np.minimum(0.9 - 5.0 * np.abs(sheet), skin - 4.0)
    return space.structure("fat planes", tissue.FAT, level)


def _face(x: Level, y: Level, z: Level) -> Level:
    face = ellipsoid(x, y, z, (0, 42, -62), (60, 52, 78))
    nose = tube(x, y, z, [(0, 88, -20), (0, 106, -52), (0, 92, -60)], [8.0, 11.0, 13.0])
    return union(face, nose, 12.0)


def _neck(x: Level, y: Level, z: Level) -> Level:
    return tube(x, y, z, [(0, -28, -60), (0, -38, -240)], [60.0, 56.0])


def _skull_base(x: Level, y: Level, z: Level) -> Level:
    clivus = tube(x, y, z, [(0, 30, -26), (0, 0, -40), (0, -22, -62)], [14.0, 14.0, 8.0])
    side = np.abs(x)
    petrous = tube(side, y, z, [(16, -8, -40), (64, -34, -44)], [10.0, 15.0])
    mastoid = tube(side, y, z, [(60, -36, -44), (58, -38, -66)], [15.0, 9.0])
    spine = tube(x, y, z, [(0, -22, -78), (0, -30, -240)], [13.0, 12.0])
    return union(union(union(clivus, petrous, 5.0), mastoid, 5.0), spine)


def _facial_bone(x: Level, y: Level, z: Level) -> Level:
    side = np.abs(x)
    cheek = tube(side, y, z, [(22, 66, -52), (48, 46, -44), (62, 10, -38)], [15.0, 7.0, 4.0])
    brow = tube(side, y, z, [(0, 76, -14), (36, 64, -12), (52, 48, -22)], [10.0, 6.0, 5.0])
    jaw = tube(side, y, z, [(4, 78, -112), (44, 26, -98), (50, 8, -52)], [11.0, 8.0, 6.0])
    palate = tube(side, y, z, [(4, 66, -78), (20, 42, -76)], [12.0, 9.0])
    return union(union(cheek, brow, 4.0), union(jaw, palate, 4.0))


def _orbits(space: Lattice, within: Level) -> list[Structure]:
    x, y, z = np.abs(space.x), space.y, space.z
    cone = tube(x, y, z, [(32, 68, -28), (16, 30, -26)], [19.0, 6.0])
    globe = ellipsoid(x, y, z, (32, 68, -28), (12.3, 12.3, 12.3))
    lens = ellipsoid(x, y, z, (32.5, 77, -28), (4.8, 2.2, 4.8))
    nerve = tube(x, y, z, [(31, 57, -28), (18, 32, -26), (8, 14, -20)], [2.2, 2.2, 2.2])
    muscles = np.abs(tube(x, y, z, [(32, 62, -28), (16, 30, -26)], [12.5, 3.0]))
    return [
        space.structure("orbital fat", tissue.FAT, np.minimum(cone, within)),
        space.structure("eye muscles", tissue.MUSCLE, np.minimum(1.6 - muscles, 64.0 - y)),
        space.structure("optic nerve", tissue.OPTIC_NERVE, nerve),
        space.structure("eyes", tissue.EYE, globe),
        space.structure("lenses", tissue.LENS, lens),
    ]


def _air(space: Lattice, within: Level, inner: Level, rng: np.random.Generator) -> list[Structure]:
    """Return the sinuses and air cells, kept out of the braincase and under the skin."""
    x, y, z = space.x, space.y, space.z
    side = np.abs(x)
    cells = gaussian_field(rng, 9.0, bandwidth=0.4, size=32).at(x, y, z)
    lean = float(rng.normal(0.0, 3.0))
    size = rng.uniform(0.75, 1.2, 4)

    def sinus(at: Point, radii: Point, by: float) -> Level:
        return ellipsoid(x, y, z, at, (radii[0] * by, radii[1] * by, radii[2] * by))

    frontal = union(
        sinus((11 + lean, 75, -8), (13, 6, 11), size[0]),
        sinus((-12 + lean, 75, -6), (14, 6, 12), size[1]),
    )
    sphenoid = ellipsoid(x, y, z, (lean, 14, -38), (14 * size[2], 12 * size[2], 10))
    ethmoid = np.minimum(ellipsoid(side, y, z, (9, 46, -34), (8, 22, 11)), 2.0 + 2.5 * cells)
    maxillary = ellipsoid(side, y, z, (30, 46, -58), (14 * size[3], 17, 16))
    nasal = np.minimum(ellipsoid(side, y, z, (7, 52, -56), (8, 34, 17)), 1.5 + 2.0 * cells)
    throat = tube(x, y, z, [(0, 12, -60), (0, 4, -84), (0, 2, -240)], [9.0, 9.0, 8.0])
    mouth = ellipsoid(x, y, z, (0, 50, -92), (20, 24, 3.5))
    mastoid = np.minimum(
        ellipsoid(side, y, z, (57, -36, -48), (10, 15, 17)) - 1.0, 1.2 + 2.2 * cells
    )
    canal = tube(side, y, z, [(42, -18, -40), (58, -20, -42), (105, -24, -42)], [3.5, 3.0, 4.0])
    closed = union(union(frontal, sphenoid), union(np.maximum(ethmoid, nasal), maxillary))
    closed = np.minimum(union(closed, union(throat, mouth)), within - 4.0)
    air = np.maximum(np.maximum(closed, np.minimum(mastoid, within - 4.0)), canal)
    return [space.structure("air", tissue.AIR, np.minimum(air, -inner - 1.6))]
