"""Label maps for the region atlas: merged classes, and their way into the template's grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numba
import numpy as np
import scipy.ndimage
import SimpleITK
from numpy.typing import NDArray

from arteriole.brain.classes import CLASSES

FROM_FREESURFER: dict[str, tuple[int, ...]] = {
    "sulcal csf": (24, 257, 85),
    "cerebral cortex": (3, 42, 19, 20, 55, 56),
    "cerebral white matter": (2, 41, 25, 57, 77, 78, 79, 192, *range(251, 256)),
    "lateral ventricle": (4, 5, 43, 44, 72, 31, 63, 136, 137, 163, 164),
    "third ventricle": (14,),
    "fourth ventricle": (15,),
    "cerebellar cortex": (8, 47),
    "cerebellar white matter": (7, 46),
    "brainstem": (16, 170, 173, 174, 175, 178),
    "thalamus": (9, 48, 10, 49),
    "caudate": (11, 50),
    "putamen": (12, 51),
    "accumbens": (26, 58),
    "pallidum": (13, 52),
    "hippocampus": (17, 53),
    "amygdala": (18, 54),
    "ventral diencephalon": (28, 60, 27, 59),
}
"""Labels of each class. The chiasm (85) lies in the cistern; choroid plexus counts as ventricle."""
FROM_NEIGHBOUR = (30, 62, 80, 81, 82, 1, 6, 29, 61)
"""Vessels under the putamen and what has no name: they take the nearest other voxel's class."""

PLAIN_T1 = {
    "cerebral cortex": 0.62, "cerebral white matter": 1.0, "lateral ventricle": 0.2,
    "third ventricle": 0.25, "fourth ventricle": 0.25, "cerebellar cortex": 0.62,
    "cerebellar white matter": 0.95, "brainstem": 0.9, "thalamus": 0.8, "caudate": 0.68,
    "putamen": 0.73, "accumbens": 0.68, "pallidum": 0.88, "hippocampus": 0.66, "amygdala": 0.66,
    "ventral diencephalon": 0.85, "sulcal csf": 0.1,
}  # fmt: skip
"""Brightness on T1 in parts of white matter, for the affine registration only."""

NODS_DEG = (-15.0, 0.0, 15.0, 30.0)
"""Rotations about the left-right axis that the affine registration starts from."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """A head of classes, and where its voxels lie (RAS+ mm)."""

    classes: NDArray[np.uint8]
    affine: NDArray[np.float64]


def read_head(path: Path, *, mirrored: bool = False) -> Labelled:
    """Read a label map as classes; a mirrored one has its sides exchanged about x = 0."""
    image: Any = nib.load(path)
    labels = np.asarray(image.dataobj).astype(np.int32)
    lookup = np.zeros(int(labels.max()) + 1, dtype=np.uint8)
    for name, row in FROM_FREESURFER.items():
        lookup[[label for label in row if label < lookup.size]] = CLASSES.index(name)
    classes = lookup[labels]
    unknown = np.isin(labels, FROM_NEIGHBOUR)
    if unknown.any():
        where = np.argwhere(unknown)
        box = tuple(slice(a - 9, b + 10) for a, b in zip(where.min(0), where.max(0), strict=True))
        near = scipy.ndimage.distance_transform_edt(
            unknown[box], return_distances=False, return_indices=True
        )
        classes[box] = classes[box][tuple(near)]
    affine = np.asarray(image.affine, dtype=np.float64)
    flip = np.diag([-1.0, 1.0, 1.0, 1.0]) if mirrored else np.eye(4)
    return Labelled(np.ascontiguousarray(classes), flip @ affine)


def affine_to_template(
    head: Labelled, t1: NDArray[np.float32], affine: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the matrix (4, 4) from the template's mm to the head's mm.

    Heads are nodded by up to 30 degrees in their scans: the best of several starts goes on.
    """
    table = np.array([PLAIN_T1.get(name, 0.0) for name in CLASSES], dtype=np.float32)
    fixed = _itk(t1 / np.percentile(t1[t1 > 0], 80), affine)
    moving = _itk(table[head.classes] * (head.classes > 1), head.affine)
    centre = SimpleITK.CenteredTransformInitializer(
        fixed, moving, SimpleITK.AffineTransform(3),
        SimpleITK.CenteredTransformInitializerFilter.MOMENTS,
    )  # fmt: skip
    tried = []
    for nod_deg in NODS_DEG:
        start = SimpleITK.AffineTransform(centre)
        start.Rotate(1, 2, np.deg2rad(nod_deg))
        tried.append(_optimised(fixed, moving, start, shrink=[6], smooth=[4], steps=60))
    start = min(tried, key=lambda one: one[1])[0]
    found, _ = _optimised(fixed, moving, start, shrink=[4, 2], smooth=[4, 2], steps=150)
    origin = np.array(found.TransformPoint((0.0, 0.0, 0.0)))
    columns = [np.array(found.TransformPoint(tuple(e))) - origin for e in np.eye(3)]
    lps = np.eye(4)
    lps[:3, :3], lps[:3, 3] = np.stack(columns, axis=1), origin
    swap = np.diag([-1.0, -1.0, 1.0, 1.0])
    return swap @ lps @ swap


def _optimised(
    fixed: Any, moving: Any, start: Any, *, shrink: list[int], smooth: list[float], steps: int
) -> tuple[Any, float]:
    """Return the transform of least squares from a start, and its mean square."""
    method = SimpleITK.ImageRegistrationMethod()
    method.SetMetricAsMeanSquares()
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentage(0.1 if shrink[0] < 6 else 0.25)
    method.SetInterpolator(SimpleITK.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-4, steps, 0.6)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel(shrink)
    method.SetSmoothingSigmasPerLevel(smooth)
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    method.SetInitialTransform(start, inPlace=False)
    found = method.Execute(fixed, moving)
    return found, float(method.GetMetricValue())


def _itk(volume: NDArray[np.float32], affine: NDArray[np.float64]) -> Any:
    """Return an ITK image (LPS) of an array with a RAS+ affine."""
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(volume.T.astype(np.float32)))
    lps = np.diag([-1.0, -1.0, 1.0]) @ affine[:3]
    size = np.linalg.norm(lps[:, :3], axis=0)
    image.SetSpacing(size.tolist())
    image.SetDirection((lps[:, :3] / size).ravel().tolist())
    image.SetOrigin(lps[:, 3].tolist())
    return image


@numba.njit(cache=True)
def _sample(classes, matrix, shift, step, out):  # type: ignore[no-untyped-def]
    """Add the linear weights of the 8 voxels around each mapped point to their classes."""
    nx, ny, nz, _ = out.shape
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                a = i * step + shift[i, j, k, 0]
                b = j * step + shift[i, j, k, 1]
                c = k * step + shift[i, j, k, 2]
                p = matrix[0, 0] * a + matrix[0, 1] * b + matrix[0, 2] * c + matrix[0, 3]
                q = matrix[1, 0] * a + matrix[1, 1] * b + matrix[1, 2] * c + matrix[1, 3]
                r = matrix[2, 0] * a + matrix[2, 1] * b + matrix[2, 2] * c + matrix[2, 3]
                p0, q0, r0 = int(np.floor(p)), int(np.floor(q)), int(np.floor(r))
                for corner in range(8):
                    u, v, w = corner & 1, (corner >> 1) & 1, corner >> 2
                    share = (
                        (p - p0 if u else 1 - p + p0)
                        * (q - q0 if v else 1 - q + q0)
                        * (r - r0 if w else 1 - r + r0)
                    )
                    x, y, z = p0 + u, q0 + v, r0 + w
                    inside = (
                        0 <= x < classes.shape[0]
                        and 0 <= y < classes.shape[1]
                        and 0 <= z < classes.shape[2]
                    )
                    out[i, j, k, classes[x, y, z] if inside else 0] += share


def class_shares(
    head: Labelled,
    to_head: NDArray[np.float64],
    affine: NDArray[np.float64],
    *,
    shift_mm: NDArray[np.float32],
    step: int = 1,
) -> NDArray[np.float32]:
    """Return each class's share (x, y, z, c) on the template's grid, in one interpolation.

    ``shift_mm`` (x, y, z, 3) moves each of the grid's points before ``to_head`` is applied;
    ``step`` is the number of the template's voxels (of 1 mm) between points.
    """
    out = np.zeros((*shift_mm.shape[:3], len(CLASSES)), dtype=np.float32)
    matrix = np.linalg.inv(head.affine) @ to_head @ affine
    _sample(head.classes, matrix, shift_mm, step, out)
    return out
