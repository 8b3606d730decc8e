"""What a label map tells apart within one solid: for the truth of labels, never painted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.morphology import bounding_box
from arteriole.phantom.anatomy.label_distance import soft_distance
from arteriole.phantom.anatomy.label_lattice import LabelLattice
from arteriole.phantom.anatomy.structure import Structure

DIVISIONS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "fourth ventricle": ((15,), (14,)),
    "ventral diencephalon": ((28, 60, 27, 59), (16, 170, 173, 174, 175, 178)),
}
"""Name of a part, its labels, and those that it is told from; FreeSurfer's numbers."""

MARGIN = 8
"""Lattice points round the labels on which a division is known."""


def label_divisions(
    labels: NDArray[np.int32], grid: Grid, space: LabelLattice
) -> tuple[Structure, ...]:
    """Return the parts of solids that a map labels, in the map's own shape.

    Parameters
    ----------
    labels : ndarray, int32, (x, y, z)
        FreeSurfer's labels, as given to `label_map_anatomy`.
    grid : Grid
        Where the voxels are.
    space : LabelLattice
        The lattice that the solids of the map lie on.

    Returns
    -------
    tuple of Structure
        Of `DIVISIONS`, those that the map labels; half the lead over what each is told from, so
        that the zero lies in the middle between them.
    """
    made = []
    for name, (own, other) in DIVISIONS.items():
        both = _at_lattice(np.isin(labels, (*own, *other)), grid, space)
        if both.any():
            made.append(_division(name, labels, grid, space, (own, other), both))
    return tuple(d for d in made if (d.level > 0).any())


def _division(
    name: str,
    labels: NDArray[np.int32],
    grid: Grid,
    space: LabelLattice,
    told: tuple[tuple[int, ...], tuple[int, ...]],
    both: NDArray[np.bool_],
) -> Structure:
    """Return one part, on the box of what it belongs to."""
    box = tuple(slice(max(s.start - MARGIN, 0), s.stop + MARGIN) for s in bounding_box(both))
    own, other = (
        np.ascontiguousarray(_at_lattice(np.isin(labels, which), grid, space)[box])
        for which in told
    )
    if other.any() and own.any():
        level = np.float32(0.5) * (soft_distance(own) - soft_distance(other))
    else:
        level = np.full(own.shape, 10.0 if own.any() else -10.0, dtype=np.float32)
    low = space.world(np.array([s.start for s in box]))
    values = np.ascontiguousarray(level * np.float32(space.spacing_mm), dtype=np.float32)
    return Structure(
        name, 0, values, (float(low[0]), float(low[1]), float(low[2])), space.spacing_mm
    )


def _at_lattice(mask: NDArray[np.bool_], grid: Grid, space: LabelLattice) -> NDArray[np.bool_]:
    """Return a mask of the map at the nearest points of the lattice."""
    out = np.zeros(space.codes.shape, dtype=np.bool_)
    if not mask.any():
        return out
    box = bounding_box(mask)
    ends = np.array(np.meshgrid(*[[s.start - 1, s.stop] for s in box])).reshape(3, -1).T
    at = (grid.to_world(ends) - space.origin_mm) / space.spacing_mm
    low = np.maximum(np.floor(at.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(at.max(axis=0)).astype(int) + 1, out.shape)
    index = np.stack(
        np.meshgrid(*[np.arange(a, b) for a, b in zip(low, high, strict=True)], indexing="ij"),
        axis=-1,
    )
    voxel = np.rint(grid.to_voxel(space.world(index))).astype(int)
    inside = ((voxel >= 0) & (voxel < np.asarray(mask.shape))).all(axis=-1)
    voxel = np.clip(voxel, 0, np.asarray(mask.shape) - 1)
    found = mask[tuple(np.moveaxis(voxel, -1, 0))] & inside
    out[low[0] : high[0], low[1] : high[1], low[2] : high[2]] = found
    return out
