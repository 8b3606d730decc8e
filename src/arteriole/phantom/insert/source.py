"""What is inserted: small round and thin things, in the voxel axes of one image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.lesions.lesion import SPHERE_TISSUE, LesionTruth
from arteriole.phantom.scanner.dipole_field import Size3
from arteriole.phantom.tissue import TISSUES, Tissue


@dataclass(frozen=True, eq=False)
class FieldSource:
    """Spheres that do not overlap, or one long tube, of one tissue.

    Parameters
    ----------
    spheres : ndarray, float32, (n, 5)
        Middle along the voxel axes (mm from the middle of voxel 0), radius (mm), and
        susceptibility against what is around (ppm).
    line_mm : ndarray, float32, (m, 3)
        Points along the tube's middle, in the same axes; empty without a tube.
    line_radius_mm, line_chi_ppm : float
        Radius and susceptibility of the tube.
    ratio : ndarray, float32, (e,)
        Signal inside over signal around at each echo, without any field.

    Raises
    ------
    ValueError
        If there is nothing, a radius is not positive, or a ratio is negative.
    """

    spheres: NDArray[np.float32]
    ratio: NDArray[np.float32]
    line_mm: NDArray[np.float32]
    line_radius_mm: float = 0.0
    line_chi_ppm: float = 0.0

    def __post_init__(self) -> None:
        if self.spheres.ndim != 2 or self.spheres.shape[1] != 5:
            raise ValueError(f"spheres are rows of five numbers, not {self.spheres.shape}")
        if not len(self.spheres) and len(self.line_mm) < 2:
            raise ValueError("a source has a sphere or a line of two points")
        if (self.spheres[:, 3] <= 0).any() or (len(self.line_mm) and self.line_radius_mm <= 0):
            raise ValueError("radii are positive")
        if self.ratio.ndim != 1 or (self.ratio < 0).any():
            raise ValueError(f"signal ratios are one an echo and not negative: {self.ratio}")


def sphere_source(
    centre_voxel: ArrayLike,
    *,
    diameter_mm: float,
    contrast_ppm: float,
    ratio: Sequence[float],
    voxel_size_mm: Size3,
) -> FieldSource:
    """Return one sphere at a (fractional) voxel."""
    x, y, z = np.asarray(centre_voxel, dtype=np.float64) * voxel_size_mm
    row = np.asarray([[x, y, z, diameter_mm / 2.0, contrast_ppm]], dtype=np.float32)
    return FieldSource(row, np.asarray(ratio, dtype=np.float32), np.empty((0, 3), np.float32))


def cluster_source(
    centre_voxel: ArrayLike,
    spheres: NDArray[np.float64],
    *,
    contrast_ppm: float,
    ratio: Sequence[float],
    voxel_size_mm: Size3,
) -> FieldSource:
    """Return spheres round a (fractional) voxel; see `sphere_cluster`."""
    middle = np.asarray(centre_voxel, dtype=np.float64) * voxel_size_mm
    rows = np.full((len(spheres), 5), contrast_ppm, dtype=np.float32)
    rows[:, :3] = spheres[:, :3] + middle
    rows[:, 3] = spheres[:, 3]
    return FieldSource(rows, np.asarray(ratio, dtype=np.float32), np.empty((0, 3), np.float32))


def tube_source(
    line_mm: NDArray[np.float32], *, radius_mm: float, contrast_ppm: float, ratio: Sequence[float]
) -> FieldSource:
    """Return a tube along points in the voxel axes; it should end outside the image."""
    line = np.ascontiguousarray(line_mm, dtype=np.float32)
    none = np.empty((0, 5), np.float32)
    return FieldSource(none, np.asarray(ratio, dtype=np.float32), line, radius_mm, contrast_ppm)


def lesion_source(
    lesion: LesionTruth,
    grid: Grid,
    *,
    te_s: Sequence[float],
    b0_tesla: float,
    around_ppm: float = TISSUES[tissue.WHITE].chi_ppm,
    spheres: NDArray[np.float64] | None = None,
) -> FieldSource:
    """Return a lesion of the truth table as a source in the voxel axes of an image.

    Parameters
    ----------
    lesion : LesionTruth
        A microbleed, calcification or flow void.
    grid : Grid
        Where the image's voxels are.
    te_s : sequence of float
        Echo times, s.
    b0_tesla : float
        Main field, T.
    around_ppm : float
        Susceptibility of the tissue around, which the lesion's is the contrast to.
    spheres : ndarray, (n, 4), optional
        Its parts in place of one sphere, see `sphere_cluster`.

    Raises
    ------
    ValueError
        If the lesion is of a kind that is no plain sphere.
    """
    if lesion.kind not in SPHERE_TISSUE:
        raise ValueError(f"a {lesion.kind} is no sphere: {', '.join(SPHERE_TISSUE)} are")
    ratio = signal_ratio(TISSUES[SPHERE_TISSUE[lesion.kind]], te_s=te_s, b0_tesla=b0_tesla)
    if spheres is None:
        spheres = np.array([[0.0, 0.0, 0.0, lesion.source_diameter_mm / 2.0]])
    return cluster_source(
        grid.to_voxel(lesion.centre_mm),
        spheres,
        contrast_ppm=lesion.chi_ppm - around_ppm,
        ratio=ratio,
        voxel_size_mm=grid.voxel_size_mm,
    )


def signal_ratio(
    inside: Tissue,
    around: Tissue = TISSUES[tissue.WHITE],
    *,
    te_s: Sequence[float],
    b0_tesla: float,
    start: float | None = None,
) -> tuple[float, ...]:
    """Return signal inside over signal around at each echo.

    Notes
    -----
    ``start exp(-TE (R2*_in - R2*_out))`` with R2* in proportion to B0; ``start``, at echo time
    zero, is the ratio of proton densities unless given: T1 weighting of an image whose TR and
    flip angle are not known is left out.
    """
    first = inside.density / around.density if start is None else start
    excess = (inside.r2star_hz - around.r2star_hz) * b0_tesla / 3.0
    return tuple(float(first * np.exp(-te * excess)) for te in te_s)
