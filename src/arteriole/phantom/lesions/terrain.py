"""What a lesion of the white matter has to go by: depths, distances and directions in one head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.structure import Size3, Structure

Field = NDArray[np.float32]

SPACING_MM = 1.0
"""Distance between the points at which white matter lesions are known."""

WHITE = ("white matter", "optic radiation")
"""Solids that hyperintensities lie in; callosum and internal capsule are spared."""

INNER = (
    *WHITE,
    "internal capsule",
    "caudate",
    "putamen",
    "pallidum",
    "thalamus",
    "brainstem",
    "red nucleus",
    "substantia nigra",
)
"""Solids beneath the cortex that perforating arteries supply."""

FLUID = ("lateral ventricles", "third and fourth ventricles", "choroid plexus")


@dataclass(frozen=True, eq=False)
class Terrain:
    """The cerebral white matter of one head, on a lattice over its solid.

    Parameters
    ----------
    anatomy : Anatomy
        The head.
    origin_mm, spacing_mm
        Lattice of all fields.
    white : ndarray, float32, (x, y, z)
        Depth (mm) within the white matter that is seen.
    beneath_cortex : ndarray, float32, (x, y, z)
        Depth (mm) beneath the inner surface of the cortex.
    from_ventricle : ndarray, float32, (x, y, z)
        Distance (mm) from the lateral ventricles, negative inside.
    beside : ndarray, float32, (x, y, z)
        Cosine between sideways and the way from the nearest point of the ventricle.
    nearest : ndarray, float32, (2, x, y, z)
        Template y and z (mm) of that nearest point.
    template : ndarray, float32, (3, x, y, z)
        Template coordinates, mm.
    """

    anatomy: Anatomy
    origin_mm: Size3
    spacing_mm: float
    white: Field
    beneath_cortex: Field
    from_ventricle: Field
    beside: Field
    nearest: Field
    template: Field

    def structure(self, name: str, tissue: int, level: Field, **look: float) -> Structure:
        """Return the solid with this depth on this lattice."""
        return Structure(name, tissue, level, self.origin_mm, self.spacing_mm, **look)  # type: ignore[arg-type]

    def at(self, field: Field, points_mm: NDArray[Any]) -> Field:
        """Return a field at world points (n, 3)."""
        return self.structure("", 0, field).depth(points_mm)

    def world(self, cells: NDArray[Any]) -> NDArray[np.float64]:
        """Return the world position of lattice indices (n, 3)."""
        return np.asarray(np.asarray(self.origin_mm) + self.spacing_mm * np.asarray(cells))

    def to_ventricle(self, points_mm: NDArray[Any]) -> NDArray[np.float64]:
        """Return the unit vectors (n, 3) along which the ventricle comes nearer fastest."""
        return _unit(-self._slope(self.from_ventricle, points_mm))

    def to_cortex(self, points_mm: NDArray[Any]) -> NDArray[np.float64]:
        """Return the unit vectors (n, 3) along which the cortex comes nearer fastest."""
        return _unit(-self._slope(self.beneath_cortex, points_mm))

    def _slope(self, field: Field, points_mm: NDArray[Any]) -> NDArray[np.float64]:
        """Return the change of a field (n, 3) over the points next to the nearest one."""
        points = np.atleast_2d(np.asarray(points_mm, dtype=np.float64))
        cells = np.rint((points - self.origin_mm) / self.spacing_mm).astype(np.int64)
        top = np.array(field.shape) - 1
        ahead = []
        for step in np.eye(3, dtype=np.int64):
            after, before = (tuple(np.clip(cells + s, 0, top).T) for s in (step, -step))
            ahead.append(field[after] - field[before])
        return np.stack(ahead, axis=1).astype(np.float64)


def survey(anatomy: Anatomy) -> Terrain:
    """Return the depths and distances that white matter lesions are placed by.

    Parameters
    ----------
    anatomy : Anatomy
        Any head with the solids "white matter" and "lateral ventricles".

    Returns
    -------
    Terrain
        Fields on a lattice of 1 mm over the white matter.

    Raises
    ------
    ValueError
        If the head has no lateral ventricles within its white matter's lattice.

    Notes
    -----
    The distance from the ventricle is that to the nearest lattice point inside less that point's
    own depth: good to a fraction of the spacing.
    """
    solid = anatomy["white matter"]
    span = solid.spacing_mm * (np.asarray(solid.level.shape) - 1)
    steps = [np.arange(0.0, s + 1e-6, SPACING_MM) for s in span]
    axes = [(o + s).astype(np.float32) for o, s in zip(solid.origin_mm, steps, strict=True)]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    points = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
    inside = anatomy["lateral ventricles"].depth(points).reshape(x.shape)
    if not (inside > 0).any():
        raise ValueError("no lateral ventricle lies within the white matter of this head")
    template = np.stack(anatomy.frame.to_template(x, y, z)).astype(np.float32)
    white = _seen(anatomy, WHITE, points).reshape(x.shape)
    away, index = scipy.ndimage.distance_transform_edt(
        inside <= 0, sampling=SPACING_MM, return_indices=True
    )
    own = np.minimum(inside[tuple(index)], SPACING_MM)
    distance = np.where(inside > 0, -inside, away - own).astype(np.float32)
    sideways = np.abs(template[0]) - np.abs(template[0][tuple(index)])
    return Terrain(
        anatomy=anatomy,
        origin_mm=solid.origin_mm,
        spacing_mm=SPACING_MM,
        white=white,
        beneath_cortex=solid.depth(points).reshape(x.shape),
        from_ventricle=distance,
        beside=(sideways / np.maximum(away, SPACING_MM)).astype(np.float32),
        nearest=np.stack([template[1][tuple(index)], template[2][tuple(index)]]),
        template=template,
    )


def inner_depth(anatomy: Anatomy, points_mm: NDArray[Any]) -> Field:
    """Return the depth (mm) of world points beneath cortex, surface of brainstem and ventricles."""
    names = [n for n in INNER if n in anatomy.names]
    depth = np.max([anatomy[n].depth(points_mm) for n in names], axis=0)
    fluid = [anatomy[n].depth(points_mm) for n in FLUID if n in anatomy.names]
    return np.asarray(np.minimum(depth, -np.max(fluid, axis=0)), dtype=np.float32)


def _seen(anatomy: Anatomy, names: tuple[str, ...], points: NDArray[Any]) -> Field:
    """Return the depth within some solids less what other, later ones cover."""
    own = [n for n in names if n in anatomy.names]
    first = min(anatomy.names.index(n) for n in own)
    depth = anatomy[anatomy.names[first]].depth(points)
    for solid in anatomy.structures[first + 1 :]:
        there = solid.depth(points)
        depth = np.maximum(depth, there) if solid.name in own else np.minimum(depth, -there)
    return np.asarray(depth, dtype=np.float32)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale vectors (n, 3) to length one."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
