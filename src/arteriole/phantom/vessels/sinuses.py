"""Dural sinuses, which hug this person's brain where the dura splits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.vessels.curves import Points, curve, evenly, softened
from arteriole.phantom.vessels.surfaces import PARENCHYMA, depth_in_any, on_ray, settled, taken

GALEN_MM = (0.0, -45.0, 8.0)
"""Where the great vein begins to be the straight sinus, in template mm."""

TORCULAR_MM = (0.0, -103.0, -12.0)
"""Where the sinuses meet at the inner occiput, in template mm."""

LABELLED_MM = 7.0
"""A labelled sinus is looked for this far from where one should run."""


@dataclass(frozen=True, eq=False)
class Sinus:
    """A sinus: its way (n, 3) in world mm as the blood flows, and a radius at each point."""

    name: str
    path: Points
    radius_mm: NDArray[np.float64]


def sinuses(anatomy: Anatomy, rng: np.random.Generator) -> list[Sinus]:
    """Return the sagittal, straight, transverse with sigmoid, and inferior sagittal sinus.

    Notes
    -----
    Written in template mm from anatomy, taken to the person, then moved along rays from the
    brain's middle to the brain's own surface. One transverse sinus, mostly the right, is wider.
    Where a label map marks sinuses, those that it marks run inside of them and are no wider.
    """
    brain = anatomy.brain.depth
    angle = np.radians(np.linspace(12.0, 196.0, 80))
    arc = [0 * angle, -17.0 + 90.0 * np.cos(angle), 10.0 + 69.0 * np.sin(angle)]
    middle, behind, torcular, top, straight, low, *across = taken(
        anatomy,
        [
            np.array([[0.0, -17.0, 10.0]]),
            np.array([[0.0, -45.0, -14.0]]),
            np.array([TORCULAR_MM]),
            np.stack(arc, axis=1),
            _STRAIGHT,
            curve([(0, 28, 24), (0, 8, 33), (0, -16, 33), (0, -38, 20), GALEN_MM]),
            *[curve(_TRANSVERSE * [side, 1, 1]) for side in (-1, 1)],
        ],
    )
    torcular = on_ray(brain, torcular, middle, depth_mm=-1.5)
    top = on_ray(brain, top, middle, depth_mm=-0.8)
    top = softened(np.concatenate([top, torcular]), rounds=6)
    out = [Sinus("superior sagittal", top, np.linspace(0.8, 3.6, len(top)) + _waves(rng, len(top)))]
    straight = curve(np.concatenate([straight, torcular]))
    straight = softened(_freed(anatomy, straight), rounds=4)
    straight[-1] = torcular[0]
    out.append(Sinus("straight", straight, np.linspace(1.5, 2.2, len(straight))))
    low[-1] = straight[0]
    low[:-1] = _freed(anatomy, low[:-1])
    out.append(Sinus("inferior sagittal", softened(low), np.linspace(0.4, 0.9, len(low))))
    wide = 1 if rng.random() < 0.7 else -1
    for side, way in zip((-1, 1), across, strict=True):
        path = np.concatenate([torcular, way])
        high = int(0.6 * len(way))
        path[1:high] = on_ray(brain, path[1:high], behind, depth_mm=-1.2)
        # the sigmoid leaves the brain for the skull base: it only goes along
        path[high:] += path[high - 1] - way[high - 2]
        size = rng.normal(3.1, 0.2) if side == wide else rng.normal(2.1, 0.4)
        path = softened(curve(path), rounds=6)
        out.append(Sinus("transverse", path, max(size, 1.0) + _waves(rng, len(path))))
    return _labelled(anatomy, out) if "venous sinuses" in anatomy.names else out


_STRAIGHT = np.array([GALEN_MM, (0.0, -66.0, -1.0), (0.0, -88.0, -9.0)])
_TRANSVERSE = np.array(
    [
        (12.0, -102.0, -13.0),
        (32.0, -95.0, -14.0),
        (52.0, -78.0, -16.0),
        (61.0, -58.0, -18.0),
        (58.0, -45.0, -34.0),
        (46.0, -36.0, -50.0),
        (33.0, -30.0, -62.0),
        (29.0, -24.0, -74.0),
    ]
)


def _labelled(anatomy: Anatomy, found: list[Sinus]) -> list[Sinus]:
    """Return sinuses led into those that a label map marks, as far as it marks them."""
    lumen = anatomy["venous sinuses"]
    inside = np.argwhere(lumen.level > 0.3) * lumen.spacing_mm + np.asarray(lumen.origin_mm)
    tree = cKDTree(inside)
    out = []
    for sinus in found:
        path = evenly(sinus.path, step_mm=2.0)
        for _ in range(3):
            away, near = tree.query(path, k=16)
            shift = inside[near].mean(axis=1) - path
            shift[away[:, 0] > LABELLED_MM] = 0.0
            shift[1:-1] = scipy.ndimage.gaussian_filter1d(shift, 2.0, axis=0)[1:-1]
            path = evenly(softened(path + shift, rounds=1), step_mm=2.0)
        along = np.linspace(0.0, len(sinus.path) - 1.0, len(path))
        radius = np.interp(along, np.arange(len(sinus.path)), sinus.radius_mm)
        depth = lumen.depth(path).astype(np.float64)
        # the rest of the lumen is painted by its own solid
        radius = np.where(depth > 0.0, np.clip(depth, 0.5, radius), radius)
        out.append(Sinus(sinus.name, path, radius))
    return out


def _waves(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return smooth irregularity of a radius, mm."""
    knots = rng.normal(0.0, 0.18, count // 8 + 3)
    return np.interp(np.arange(count) / 8.0, np.arange(len(knots)), knots)


def _freed(anatomy: Anatomy, path: Points) -> Points:
    """Move a path out of brain tissue, by a few mm at most."""
    return settled(
        depth_in_any(anatomy, PARENCHYMA), path, low_mm=-99.0, high_mm=-0.8, steps=3, most_mm=1.5
    )
