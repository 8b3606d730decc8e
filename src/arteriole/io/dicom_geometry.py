"""Where DICOM slices lie, as an affine of the array that dcm2niix makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import GeometryError
from arteriole.io.dicom_groups import Volume

_TO_RAS = np.array([-1.0, -1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Placed:
    """Where the voxels of a converted image lie: affine (RAS+ mm) and each slice's first voxel."""

    affine: NDArray[np.float64]
    slice_origins_mm: NDArray[np.float64]


def shape_of(volume: Volume) -> tuple[int, int, int]:
    """Return the shape (columns, rows, slices)."""
    columns, rows = (int(volume.first.number(name) or 0) for name in ("Columns", "Rows"))
    return columns, rows, len(volume.frames)


def place(volume: Volume, shape: tuple[int, ...], affine: NDArray[np.float64]) -> Placed:
    """Place an image of dcm2niix by the DICOM headers, and refuse it if the two disagree.

    The voxels keep dcm2niix's order; only along which axes it runs against the DICOM slices is
    taken from its affine. The slice axis of the result is the line from the first slice to the
    last, so that a tilted CT has its shear and uneven slices their mean spacing.

    Parameters
    ----------
    volume : Volume
        The slices that the image was made of.
    shape, affine : tuple of int, ndarray (4, 4)
        Of the image that dcm2niix made.

    Raises
    ------
    GeometryError
        If the image has another shape, its axes are exchanged, or (MR) its corners lie more than
        5 % of a voxel from where the headers put them.
    """
    if tuple(shape) != shape_of(volume):
        raise GeometryError(
            f"dcm2niix made an image of {shape}, the headers say {shape_of(volume)}"
        )
    axes, origins = _dicom_axes(volume)
    along = np.sum(_unit(axes) * _unit(affine[:3, :3]), axis=0)
    # Slices of a tilted CT lean against their normal; dcm2niix writes the normal.
    if np.abs(along).min() < (0.8 if volume.is_ct else 0.9999):
        raise GeometryError("dcm2niix turned the image against its headers")
    placed = _in_order_of(axes, origins, along, shape)
    if not volume.is_ct:
        _check_corners(placed.affine, affine, shape)
    return placed


def _dicom_axes(volume: Volume) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the steps (3, 3) along columns, rows and slices, and slice origins, RAS+ mm."""
    row, column = np.array(volume.first.vector("ImageOrientationPatient")).reshape(2, 3)
    between_rows, between_columns = volume.first.vector("PixelSpacing")
    origins = volume.positions_mm * _TO_RAS
    step = (origins[-1] - origins[0]) / max(len(origins) - 1, 1)
    steps = [row * _TO_RAS * between_columns, column * _TO_RAS * between_rows, step]
    return np.stack(steps, axis=1), origins


def _in_order_of(
    axes: NDArray[np.float64],
    origins: NDArray[np.float64],
    along: NDArray[np.float64],
    shape: tuple[int, ...],
) -> Placed:
    """Reverse axes where the image runs against them; voxels keep their places."""
    axes = axes.copy()
    for axis in (0, 1):
        if along[axis] < 0:
            origins = origins + axes[:, axis] * (shape[axis] - 1)
            axes[:, axis] *= -1
    if along[2] < 0:
        origins = origins[::-1]
        axes[:, 2] *= -1
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = axes, origins[0]
    return Placed(affine, origins)


def _unit(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(axes / np.linalg.norm(axes, axis=0))


def _check_corners(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], shape: tuple[int, ...]
) -> None:
    corners = np.array(np.meshgrid(*[[0, n - 1] for n in shape], [1])).reshape(4, -1)
    distance = float(np.linalg.norm(((ours - theirs) @ corners)[:3], axis=0).max())
    if distance > 0.05 * np.linalg.norm(ours[:3, :3], axis=0).min():
        raise GeometryError(f"dcm2niix places voxels {distance:.2f} mm from where the headers do")
