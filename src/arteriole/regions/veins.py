"""Large veins: bright tubes in chi."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.smooth import gaussian_inside

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Size3 = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Veins:
    """Large veins of a scan.

    Parameters
    ----------
    mask : ndarray, bool, (x, y, z)
        Voxels of veins.
    contrast_ppm : ndarray, float32, (x, y, z)
        How far a tube rises above what surrounds it, at the scale that fits best, ppm; 0 where
        there is none.
    radius_mm : ndarray, float32, (x, y, z)
        Radius of that tube, mm; 0 where there is none.
    """

    mask: Mask
    contrast_ppm: Float32
    radius_mm: Float32


def find_veins(
    chi_ppm: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    least_chi_ppm: float = 0.1,
    radii_mm: Sequence[float] = (1.0, 1.5, 2.2),
    seed_times: float = 2.0,
    roundness: float = 0.5,
    least_mm: float = 10.0,
) -> Veins:
    """Find large veins as long bright tubes in a map of susceptibility.

    Parameters
    ----------
    chi_ppm : ndarray, float32, (x, y, z)
        Susceptibility, ppm; its zero does not matter.
    mask : ndarray, bool, (x, y, z)
        Where it is valid.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    least_chi_ppm : float
        A vein rises at least this far above its surroundings, ppm.
    radii_mm : sequence of float
        Radii of the tubes that are looked for, mm.
    seed_times : float
        A connected vein rises somewhere to this many times ``least_chi_ppm``.
    roundness : float
        Largest curvature along a tube as a share of that across it: 0 is a straight tube, 1 a ball.
    least_mm : float
        A vein is at least this long, corner to corner of the box around it, mm.

    Returns
    -------
    Veins
        Mask, contrast and radius.

    Raises
    ------
    ValueError
        If shapes differ, or thresholds and radii are not positive.

    Notes
    -----
    The map, smoothed by a Gaussian of standard deviation ``s = radius / sqrt(2)`` inside the mask,
    has second derivatives with eigenvalues ``l1 >= l2 >= l3``. A Gaussian tube of that width has
    ``l2 = l3 = -A / (4 s^2)`` and ``l1 = 0``, so that ``-4 s^2 l2`` is its height ``A``: a sheet
    has none, and a ball is told by ``l1``. Derivatives are taken on the smoothed map over one
    voxel to each side. The voxels above ``least_chi_ppm``, in touch with one above ``seed_times``
    of it, are a vein if long enough.

    Differences over whole voxels make the height low in thin tubes: by up to half where the radius
    is a voxel and the axis lies between voxels.

    Bleeds and iron-rich nuclei with a tail, and the rim of the mask where the background was not
    removed well, may be taken for veins. Thin veins are missed where a voxel holds less than a
    quarter of vein. Measured figures are in the documentation (concepts, regions).

    References
    ----------
    Sato Y, Nakajima S, Shiraga N, et al. Med Image Anal 1998;2:143-168,
    doi:10.1016/S1361-8415(98)80009-1; Frangi AF, Niessen WJ, Vincken KL, Viergever MA. MICCAI 1998,
    LNCS 1496:130-137, doi:10.1007/BFb0056195.
    """
    if chi_ppm.shape != mask.shape or chi_ppm.ndim != 3:
        raise ValueError(f"chi {chi_ppm.shape} and mask {mask.shape} must share one 3-D shape")
    if min(least_chi_ppm, seed_times, *radii_mm) <= 0:
        raise ValueError(f"thresholds and radii are positive, not {least_chi_ppm}, {radii_mm}")
    contrast = np.zeros(chi_ppm.shape, dtype=np.float32)
    radius = np.zeros(chi_ppm.shape, dtype=np.float32)
    for one in radii_mm:
        s = one / np.sqrt(2.0)
        smooth = gaussian_inside(chi_ppm, mask, s, voxel_size_mm=voxel_size_mm)
        _tubes(smooth, mask, np.asarray(voxel_size_mm), s, roundness, one, contrast, radius)
    found = _long_enough(
        contrast >= least_chi_ppm,
        contrast >= seed_times * least_chi_ppm,
        least_mm=least_mm,
        voxel_size_mm=voxel_size_mm,
    )
    return Veins(found, contrast, radius)


def _long_enough(low: Mask, high: Mask, *, least_mm: float, voxel_size_mm: Size3) -> Mask:
    """Keep the 26-connected parts that hold a seed and reach far."""
    labels, _ = scipy.ndimage.label(low, structure=np.ones((3, 3, 3)))
    seeded = set(np.unique(labels[high]).tolist()) - {0}
    kept = [
        label
        for label, box in enumerate(scipy.ndimage.find_objects(labels), start=1)
        if label in seeded and _diagonal_mm(box, voxel_size_mm) >= least_mm
    ]
    return np.isin(labels, kept)


def _diagonal_mm(box: tuple[slice, ...], voxel_size_mm: Size3) -> float:
    sides = [(part.stop - part.start) * d for part, d in zip(box, voxel_size_mm, strict=True)]
    return float(np.linalg.norm(sides))


@kernel(parallel=True)
def _tubes(
    smooth: NDArray[Any],
    mask: NDArray[Any],
    size: NDArray[Any],
    scale: float,
    roundness: float,
    radius_mm: float,
    contrast: NDArray[Any],
    radius: NDArray[Any],
) -> None:
    """Raise contrast and radius where a tube of this scale stands out more than those before."""
    nx, ny, nz = smooth.shape
    for i in prange(1, nx - 1):
        for j in range(1, ny - 1):
            for k in range(1, nz - 1):
                if not mask[i, j, k]:
                    continue
                c = 2.0 * np.float64(smooth[i, j, k])
                xx = (smooth[i + 1, j, k] + smooth[i - 1, j, k] - c) / (size[0] * size[0])
                yy = (smooth[i, j + 1, k] + smooth[i, j - 1, k] - c) / (size[1] * size[1])
                zz = (smooth[i, j, k + 1] + smooth[i, j, k - 1] - c) / (size[2] * size[2])
                if xx + yy + zz >= 0.0:
                    continue
                xy = _mixed(smooth, i, j, k, 0, 1) / (4.0 * size[0] * size[1])
                xz = _mixed(smooth, i, j, k, 0, 2) / (4.0 * size[0] * size[2])
                yz = _mixed(smooth, i, j, k, 1, 2) / (4.0 * size[1] * size[2])
                first, middle = _largest_two(xx, yy, zz, xy, xz, yz)
                if middle >= 0.0 or abs(first) > -roundness * middle:
                    continue
                height = -4.0 * scale * scale * middle
                if height > contrast[i, j, k]:
                    contrast[i, j, k] = height
                    radius[i, j, k] = radius_mm


@kernel()
def _mixed(v: NDArray[Any], i: int, j: int, k: int, a: int, b: int) -> float:
    """Return four times the mixed difference along two axes."""
    di, dj = int(a == 0), int(a == 1)
    ej, ek = int(b == 1), int(b == 2)
    same = np.float64(v[i + di, j + dj + ej, k + ek]) + v[i - di, j - dj - ej, k - ek]
    other = np.float64(v[i + di, j + dj - ej, k - ek]) + v[i - di, j - dj + ej, k + ek]
    return float(same - other)


@kernel()
def _largest_two(
    xx: float, yy: float, zz: float, xy: float, xz: float, yz: float
) -> tuple[float, float]:
    """Return the largest and the middle eigenvalue of a symmetric 3 x 3 matrix, closed form."""
    mean = (xx + yy + zz) / 3.0
    a, b, c = xx - mean, yy - mean, zz - mean
    p = np.sqrt((a * a + b * b + c * c + 2.0 * (xy * xy + xz * xz + yz * yz)) / 6.0)
    if p == 0.0:
        return mean, mean
    half = (a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)) / (2 * p**3)
    angle = np.arccos(min(1.0, max(-1.0, half))) / 3.0
    first = mean + 2.0 * p * np.cos(angle)
    last = mean + 2.0 * p * np.cos(angle + 2.0 * np.pi / 3.0)
    return first, 3.0 * mean - first - last
