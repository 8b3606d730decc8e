"""What a scan of any contrast should find of a head, on the scan's own grid."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.structure import Structure, level_at
from arteriole.phantom.head import Head
from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.painting.lesion_labels import lesion_labels
from arteriole.phantom.painting.paint import cell_to_lattice, cells_of
from arteriole.phantom.painting.parts import CLASSES, half_space
from arteriole.phantom.scanner.kspace import Shape3

FORAMEN_MM = -62.0
"""Template z of the plane of the foramen magnum, below which nothing counts as intracranial."""


@dataclass(frozen=True, eq=False)
class HeadTruth:
    """The known answer to a scan of a head.

    Parameters
    ----------
    shares : ndarray, uint8, (18, x, y, z), optional
        How much of each voxel each of `CLASSES` fills, 255 being all of it; None if not kept.
    labels : ndarray, uint8, (x, y, z)
        The class that fills most of the voxel.
    brain_mask : ndarray, bool, (x, y, z)
        Brain with the fluid in its sulci.
    intracranial_mask : ndarray, bool, (x, y, z)
        All within the dura, above the foramen magnum.
    lesion_labels : ndarray, uint16, (x, y, z)
        Row (from 1) of ``lesions`` that fills the voxel, 0 where there is none.
    lesions : tuple of LesionTruth
        Those with their middle inside the scan; positions are in the scan's world.
    pose : ndarray, float64, (4, 4)
        Takes the head's world to the scan's.

    Notes
    -----
    Lesions leave the class of what they lie in, but for fluid where cortex is lost.
    """

    shares: NDArray[np.uint8] | None
    labels: NDArray[np.uint8]
    brain_mask: NDArray[np.bool_]
    intracranial_mask: NDArray[np.bool_]
    lesion_labels: NDArray[np.uint16]
    lesions: tuple[LesionTruth, ...]
    pose: NDArray[np.float64]

    def fraction(self, *classes: int) -> NDArray[np.float32]:
        """Return the fraction of each voxel that some classes fill together."""
        if self.shares is None:
            raise ValueError("the shares of the classes were not kept; ask for them when scanning")
        total = self.shares[list(classes)].sum(axis=0, dtype=np.float32)
        return np.asarray(total / np.float32(255.0))


def count_classes(
    code: NDArray[np.uint8],
    of_class: NDArray[np.uint8],
    factor: Shape3,
    shares: NDArray[np.uint8],
    labels: NDArray[np.uint8],
) -> None:
    """Write the share of each class in blocks of cells, and the largest, in place.

    Parameters
    ----------
    code : ndarray, uint8
        Cells.
    of_class : ndarray, uint8, (256,)
        Class of each code.
    factor : tuple of 3 int
        Cells in a voxel along each axis.
    shares, labels : ndarray, uint8
        Of the voxels; see `HeadTruth`.
    """
    _count(code, of_class, factor[0], factor[1], factor[2], shares, labels)


def head_truth(
    head: Head,
    cells: Grid,
    factor: Shape3,
    grid: Grid,
    pose: NDArray[np.float64],
    shares: NDArray[np.uint8] | None,
    labels: NDArray[np.uint8],
) -> HeadTruth:
    """Return the known answer to a scan.

    Parameters
    ----------
    head : Head
        Who was scanned.
    cells : Grid
        Fine cells of the scan in the head's world.
    factor : tuple of 3 int
        Cells in a voxel along each axis.
    grid : Grid
        The scan's voxels in the head's world.
    pose : ndarray, (4, 4)
        From the head's world to the scan's.
    shares, labels : ndarray, uint8
        What `count_classes` wrote.
    """
    seen = []
    for lesion in head.lesions:
        at = grid.to_voxel(lesion.truth.centre_mm)
        if (at > -0.5).all() and (at < np.asarray(grid.shape) - 0.5).all():
            seen.append(lesion)
    return HeadTruth(
        shares=shares,
        labels=labels,
        brain_mask=covered(head.anatomy.brain, cells, factor),
        intracranial_mask=covered(intracranial(head.anatomy), cells, factor),
        lesion_labels=lesion_labels(seen, grid),
        lesions=tuple(_moved(one.truth, pose) for one in seen),
        pose=pose,
    )


def _moved(lesion: LesionTruth, pose: NDArray[np.float64]) -> LesionTruth:
    """Return a row of the table in the scan's world."""
    x, y, z = (pose[:3, :3] @ lesion.centre_mm + pose[:3, 3]).tolist()
    return replace(lesion, centre_mm=(x, y, z))


def intracranial(anatomy: Anatomy) -> Structure:
    """Return all within the dura above the plane of the foramen magnum."""
    dura = anatomy["dura"]
    above = half_space(dura, anatomy, (0.0, -30.0, FORAMEN_MM), (0.0, -30.0, 0.0))
    level = np.ascontiguousarray(np.minimum(dura.level, above.level), dtype=np.float32)
    return Structure("intracranial", 0, level, dura.origin_mm, dura.spacing_mm)


def covered(solid: Structure, fine: Grid, factor: Shape3) -> NDArray[np.bool_]:
    """Tell which blocks of fine cells a solid fills by half or more."""
    size = [n // f for n, f in zip(fine.shape, factor, strict=True)]
    out = np.zeros((size[0], size[1], size[2]), dtype=np.bool_)
    box = cells_of(fine, solid)
    if box is not None:
        low, high = box[0] // np.asarray(factor), -(-box[1] // np.asarray(factor))
        matrix = cell_to_lattice(fine, solid)
        _covered(out, solid.level, matrix, low, high, factor[0], factor[1], factor[2])
    return out


@kernel(parallel=True)
def _count(
    code: NDArray[np.uint8],
    of_class: NDArray[np.uint8],
    a: int,
    b: int,
    c: int,
    shares: NDArray[np.uint8],
    labels: NDArray[np.uint8],
) -> None:
    """Count the classes of each block; of two as large the lower number is taken."""
    cells = a * b * c
    for i in prange(labels.shape[0]):
        counts = np.zeros(len(CLASSES), dtype=np.int64)
        for j in range(labels.shape[1]):
            for k in range(labels.shape[2]):
                counts[:] = 0
                for p in range(i * a, (i + 1) * a):
                    for q in range(j * b, (j + 1) * b):
                        for r in range(k * c, (k + 1) * c):
                            counts[of_class[code[p, q, r]]] += 1
                best = 0
                for n in range(counts.size):
                    shares[n, i, j, k] = (255 * counts[n] + cells // 2) // cells
                    if counts[n] > counts[best]:
                        best = n
                labels[i, j, k] = best


@kernel(parallel=True)
def _covered(
    out: NDArray[np.bool_],
    level: NDArray[np.float32],
    m: NDArray[np.float32],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    a: int,
    b: int,
    c: int,
) -> None:
    """Count the cells of each block that lie inside a level."""
    for i in prange(low[0], min(high[0], out.shape[0])):
        for j in range(low[1], min(high[1], out.shape[1])):
            for k in range(low[2], min(high[2], out.shape[2])):
                inside = 0
                for p in range(i * a, (i + 1) * a):
                    for q in range(j * b, (j + 1) * b):
                        for r in range(k * c, (k + 1) * c):
                            u = m[0, 0] * p + m[0, 1] * q + m[0, 2] * r + m[0, 3]
                            v = m[1, 0] * p + m[1, 1] * q + m[1, 2] * r + m[1, 3]
                            w = m[2, 0] * p + m[2, 1] * q + m[2, 2] * r + m[2, 3]
                            if level_at(level, u, v, w) > 0:
                                inside += 1
                out[i, j, k] = 2 * inside >= a * b * c
