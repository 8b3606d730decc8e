"""What label maps lack: layers of the scalp, fat of the orbit, lenses, and iron-rich nuclei."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom import tissue
from arteriole.phantom.anatomy.anatomy import Frame
from arteriole.phantom.anatomy.shapes import Level, ellipsoid, intersection, tube, union
from arteriole.phantom.anatomy.structure import Structure
from arteriole.phantom.random_field import gaussian_field

SKIN_MM = 1.8
"""Thickness of the skin; labels give its rim three to four."""

SCALP_MM, FACE_MM = 7.5, 2.5
"""Depth of fat under the skin over the vault, where it reaches the bone, and over face and neck."""


def layers(head: Structure, frame: Frame, rng: np.random.Generator) -> list[Structure]:
    """Return skin, fat, muscle and sheets of fat between muscles.

    Parameters
    ----------
    head : Structure
        All of the head; coarse is enough.
    frame : Frame
        Tells the vault from the face.
    rng : numpy.random.Generator
        Source of randomness.

    Notes
    -----
    Labels mark all that lies between skin and bone alike. Over the vault it is taken for fat, on
    the face and neck for muscle with sheets of fat, drawn at random.
    """
    points = head.points()
    _, y, z = frame.to_template(*points)
    ripple = gaussian_field(rng, 14.0, bandwidth=0.5, size=48).at(*points)
    sheet = gaussian_field(rng, 28.0, bandwidth=0.4, size=32).at(*points)
    vault = np.clip((z + 0.55 * y + 20.0) / 20.0, 0.0, 1.0).astype(np.float32)
    fat = SKIN_MM + FACE_MM + (SCALP_MM - FACE_MM) * vault - ripple
    skin = head.level
    return [
        replace(head, name="skin", tissue=tissue.SKIN),
        _as(head, "subcutaneous fat", tissue.FAT, skin - np.float32(SKIN_MM)),
        _as(head, "muscle", tissue.MUSCLE, skin - fat),
        _as(head, "fat planes", tissue.FAT, _least(0.9 - 5.0 * np.abs(sheet), skin - 4.0)),
    ]


def orbits(eyes: Structure | None, frame: Frame) -> tuple[list[Structure], list[Structure]]:
    """Return the fat behind the globes, painted under them, and their lenses, painted over."""
    if eyes is None:
        return [], []
    inside = np.argwhere(eyes.level > 0) * eyes.spacing_mm + np.asarray(eyes.origin_mm)
    ahead, middle = _forward(frame, inside.mean(axis=0))
    fat: list[Structure] = []
    lenses: list[Structure] = []
    for side in (-1.0, 1.0):
        globe = inside[(inside[:, 0] - middle) * side > 0]
        if len(globe) * eyes.spacing_mm**3 < 1000.0:
            continue
        centre = globe.mean(axis=0)
        apex = centre - 40.0 * ahead - np.array([15.0 * side, 0.0, -2.0])
        fat.append(_cone(centre, apex, eyes.spacing_mm))
        lenses.append(_lens(centre, ahead, eyes))
    return fat, lenses


def _forward(frame: Frame, eyes: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the direction of gaze, and x of the midline at the eyes."""
    at = np.stack(frame.to_template(*eyes[:, None].astype(np.float32)), axis=1)
    near = frame.to_world(np.concatenate([at * [0, 1, 1], at * [0, 1, 1] + [0, 10, 0]]))
    ahead = near[1] - near[0]
    return ahead / np.linalg.norm(ahead), float(near[0, 0])


def _cone(centre: NDArray[np.float64], apex: NDArray[np.float64], spacing: float) -> Structure:
    low = spacing * np.floor((np.minimum(centre, apex) - 21.0) / spacing)
    shape = np.ceil((np.maximum(centre, apex) + 21.0 - low) / spacing).astype(int) + 1
    blank = Structure(
        "orbital fat",
        tissue.FAT,
        np.zeros(tuple(shape), dtype=np.float32),
        (float(low[0]), float(low[1]), float(low[2])),
        spacing,
    )
    x, y, z = np.broadcast_arrays(*blank.points())
    ends = [(float(p[0]), float(p[1]), float(p[2])) for p in (centre, apex)]
    return _as(blank, "orbital fat", tissue.FAT, tube(x, y, z, ends, [17.0, 6.0]))


def _lens(centre: NDArray[np.float64], ahead: NDArray[np.float64], eyes: Structure) -> Structure:
    x, y, z = eyes.points()
    at = centre + 8.5 * ahead
    along = (x - at[0]) * ahead[0] + (y - at[1]) * ahead[1] + (z - at[2]) * ahead[2]
    square = (x - at[0]) ** 2 + (y - at[1]) ** 2 + (z - at[2]) ** 2
    across = np.sqrt(np.maximum(square - along**2, 0.0))
    level = ellipsoid(
        across.astype(np.float32),
        along.astype(np.float32),
        np.zeros_like(along, dtype=np.float32),
        (0.0, 0.0, 0.0),
        (4.8, 2.2, 4.8),
    )
    return _as(eyes, "lenses", tissue.LENS, intersection(level, eyes.level - 0.6)).cropped()


def iron_nuclei(
    stem: Structure | None, white: Structure | None, frame: Frame, *, nigra: bool
) -> list[Structure]:
    """Return red nucleus, substantia nigra and dentate nucleus, by their place in the template.

    Parameters
    ----------
    stem : Structure or None
        Brainstem with ventral diencephalon, which holds the first two.
    white : Structure or None
        White matter of the cerebellum, which holds the dentate.
    frame : Frame
        Where they lie in the template.
    nigra : bool
        False where the map has a substantia nigra of its own.
    """
    made: list[Structure] = []
    if stem is not None:
        x, y, z = frame.to_template(*stem.points())
        side = np.abs(x)
        red = ellipsoid(side, y, z, (5.2, -20.0, -9.0), (3.3, 3.6, 4.0))
        made.append(_within(stem, "red nucleus", tissue.RED_NUCLEUS, red, 0.5))
        if nigra:
            lean = (side + 0.75 * (y + 15.5)).astype(np.float32)
            black = ellipsoid(lean, y, z, (10.0, -15.5, -12.0), (2.9, 7.8, 5.0))
            made.append(_within(stem, "substantia nigra", tissue.NIGRA, black, 0.5))
    if white is not None:
        x, y, z = frame.to_template(*white.points())
        sac = ellipsoid(np.abs(x), y, z, (15.0, -56.0, -35.0), (8.0, 10.0, 7.0))
        ribbon = np.minimum(1.1 - np.abs(sac - 1.2), y + 64.0)
        made.append(_within(white, "dentate nucleus", tissue.DENTATE, ribbon, 0.3))
    return [solid for solid in made if (solid.level > 0).any()]


def with_iron_gradient(solids: Sequence[Structure], rng: np.random.Generator) -> list[Structure]:
    """Return solids, the nuclei among them with iron that changes along y and z."""
    nuclei = (
        "caudate", "putamen", "pallidum", "thalamus", "red nucleus", "substantia nigra",
        "dentate nucleus",
    )  # fmt: skip
    out = []
    for solid in solids:
        if solid.name not in nuclei:
            out.append(solid)
            continue
        along = rng.normal(0.0, 0.006, 2)
        inside = np.argwhere(solid.level > 0).mean(axis=0) * solid.spacing_mm + solid.origin_mm
        out.append(
            replace(
                solid,
                slope_per_mm=(0.0, float(along[0]) - 0.008, float(along[1])),
                centre_mm=(float(inside[0]), float(inside[1]), float(inside[2])),
            )
        )
    return out


def joined(solids: list[Structure]) -> list[Structure]:
    """Return solids of one name as one solid over the box that holds them all."""
    if len(solids) < 2:
        return solids
    spacing = solids[0].spacing_mm
    low = np.min([s.origin_mm for s in solids], axis=0)
    ends = [np.asarray(s.origin_mm) + spacing * np.asarray(s.level.shape) for s in solids]
    shape = np.rint((np.max(ends, axis=0) - low) / spacing).astype(int)
    level = np.full(tuple(shape), np.float32(-10.0))
    for solid in solids:
        start = np.rint((np.asarray(solid.origin_mm) - low) / spacing).astype(int)
        box = tuple(slice(a, a + n) for a, n in zip(start, solid.level.shape, strict=True))
        level[box] = union(level[box], solid.level)
    origin = (float(low[0]), float(low[1]), float(low[2]))
    return [replace(solids[0], level=level, origin_mm=origin)]


def _least(*levels: NDArray[Any]) -> Level:
    return np.asarray(np.minimum(*levels), dtype=np.float32)


def _within(around: Structure, name: str, which: int, level: Level, rim_mm: float) -> Structure:
    """Return a solid kept ``rim_mm`` inside another."""
    return _as(around, name, which, np.minimum(level, around.level - np.float32(rim_mm))).cropped()


def _as(like: Structure, name: str, which: int, level: Level) -> Structure:
    """Return a solid on the lattice of another."""
    values = np.ascontiguousarray(level, dtype=np.float32)
    return replace(like, name=name, tissue=which, level=values)
