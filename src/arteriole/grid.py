"""Where voxels are: the one geometry object of the package (RAS+ world, millimetres)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Grid:
    """A regular 3-D voxel grid in the world (RAS+, mm).

    Parameters
    ----------
    shape : tuple of 3 int
        Voxels along each axis, all positive.
    affine : array_like, (4, 4)
        Takes voxel indices to RAS+ mm. Any axis order, flip, anisotropy and obliqueness.

    Raises
    ------
    ValueError
        If the shape is not three positive numbers, or the affine is not finite and invertible.

    Examples
    --------
    >>> grid = Grid((4, 5, 6), np.diag([1.0, 1.0, 3.0, 1.0]))
    >>> grid.voxel_size_mm
    (1.0, 1.0, 3.0)
    >>> grid.b0_direction
    (0.0, 0.0, 1.0)
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]

    def __post_init__(self) -> None:
        shape = tuple(int(n) for n in self.shape)
        affine = np.array(self.affine, dtype=np.float64)
        if len(shape) != 3 or min(shape) < 1:
            raise ValueError(f"a grid has three positive sizes, not {shape}")
        if affine.shape != (4, 4) or not np.isfinite(affine).all():
            raise ValueError("an affine is 4 x 4 and finite")
        if abs(np.linalg.det(affine[:3, :3])) < 1e-9:
            raise ValueError("the affine has no inverse: two of its axes are parallel or empty")
        affine.setflags(write=False)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "affine", affine)

    @classmethod
    def from_voxel_size(
        cls,
        shape: tuple[int, int, int],
        voxel_size_mm: ArrayLike,
        rotation: ArrayLike | None = None,
    ) -> Grid:
        """Make a grid centred on the world's origin, turned by ``rotation`` (3, 3) if given."""
        affine = np.eye(4)
        axes = np.eye(3) if rotation is None else np.asarray(rotation, dtype=np.float64)
        affine[:3, :3] = axes * np.asarray(voxel_size_mm, dtype=np.float64)
        affine[:3, 3] = -affine[:3, :3] @ ((np.asarray(shape) - 1) / 2)
        return cls(shape, affine)

    @cached_property
    def voxel_size_mm(self) -> tuple[float, float, float]:
        """Length of a step along each voxel axis, mm."""
        sizes = np.linalg.norm(self.affine[:3, :3], axis=0)
        return (float(sizes[0]), float(sizes[1]), float(sizes[2]))

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of a voxel, mm3."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    @cached_property
    def rotation(self) -> NDArray[np.float64]:
        """Nearest orthonormal axes (3, 3), columns are voxel axes in the world.

        The polar factor of the affine with its voxel sizes divided out; it may hold a reflection.
        """
        u, _, vt = np.linalg.svd(self.affine[:3, :3] / np.asarray(self.voxel_size_mm))
        return np.asarray(u @ vt, dtype=np.float64)

    @cached_property
    def b0_direction(self) -> tuple[float, float, float]:
        """Unit vector of the main field in voxel axes, ``R^T z``.

        The bore is the world's z axis (patients lie along it), so that this is right for axial,
        sagittal, coronal, oblique and flipped scans of any anisotropy.
        """
        direction = self.rotation.T @ np.array([0.0, 0.0, 1.0])
        direction = direction / np.linalg.norm(direction) + 0.0
        return (float(direction[0]), float(direction[1]), float(direction[2]))

    def to_world(self, voxels: ArrayLike) -> NDArray[np.float64]:
        """Take voxel indices (..., 3) to RAS+ mm (..., 3)."""
        points = np.asarray(voxels, dtype=np.float64)
        return np.asarray(points @ self.affine[:3, :3].T + self.affine[:3, 3])

    def to_voxel(self, world_mm: ArrayLike) -> NDArray[np.float64]:
        """Take RAS+ mm (..., 3) to (fractional) voxel indices (..., 3)."""
        points = np.asarray(world_mm, dtype=np.float64) - self.affine[:3, 3]
        return np.asarray(points @ np.linalg.inv(self.affine[:3, :3]).T)

    def fits(self, other: Grid, *, tolerance_mm: float = 0.01) -> bool:
        """Tell whether every corner of both grids lies at the same place within a tolerance."""
        if self.shape != other.shape:
            return False
        corners = np.array(np.meshgrid(*[[0, n - 1] for n in self.shape])).reshape(3, -1).T
        apart = np.abs(self.to_world(corners) - other.to_world(corners))
        return bool(apart.max() <= tolerance_mm)


@dataclass(frozen=True, eq=False)
class Volume:
    """An image, a mask or a label map with the grid it lies on.

    What a step of the flow takes and gives for images that do not lie on the grid of the gradient
    echo: the T1-weighted image, FLAIR, CT and what is made of them.

    Parameters
    ----------
    data : ndarray, (x, y, z)
        Voxels of any type.
    grid : Grid
        Where they are.

    Raises
    ------
    ValueError
        If the data do not fit the grid.

    Examples
    --------
    >>> grid = Grid((2, 3, 4), np.diag([1.0, 1.0, 3.0, 1.0]))
    >>> Volume(np.zeros((2, 3, 4), bool), grid).data.sum()
    np.int64(0)
    """

    data: NDArray[Any]
    grid: Grid

    def __post_init__(self) -> None:
        if self.data.shape != self.grid.shape:
            raise ValueError(f"data of shape {self.data.shape} on a grid of {self.grid.shape}")
