"""Whether the voxels of an image are what they are said to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Volume
from arteriole.scan.image_kind import ImageKind

MOST_ANISOTROPY = 10.0
FINEST_MM = 0.8
"""Finer voxels count as this fine for the anisotropy: nothing here needs more detail."""
LEAST_VOXELS = 8
LEAST_EXTENT_MM = 60.0
MOST_GAPS = 0.9
LEAST_LEVELS = 20
AIR_HU = -1024.0
BELOW_FAT_HU = -300.0
"""No tissue is darker in CT; what is darker is air."""
LEAST_AIR = 0.02
SOFT_HU = (15.0, 50.0)
MOST_SOFT_HU = 80.0


@dataclass(frozen=True)
class Seen:
    """An image fit for use, with what a reader should know.

    Parameters
    ----------
    volume : Volume
        float32, finite.
    not_finite : int
        Voxels that held no number.
    notes : tuple of str
        In words.
    """

    volume: Volume
    not_finite: int = 0
    notes: tuple[str, ...] = ()


def check_grid(volume: Volume) -> None:
    """Refuse a grid on which a brain cannot be found.

    Raises
    ------
    ValueError
        If it is a single slice or a few, smaller than a brain, or more anisotropic than 10:1, where
        voxels finer than 0.8 mm count as 0.8 mm.
    """
    shape, sizes = volume.grid.shape, volume.grid.voxel_size_mm
    size = " x ".join(map(str, shape))
    if min(shape) == 1:
        raise ValueError(f"is a single slice ({size} voxels); a volume is needed")
    if min(shape) < LEAST_VOXELS:
        raise ValueError(
            f"has {min(shape)} slices ({size} voxels), too few to find the brain in "
            f"(at least {LEAST_VOXELS})"
        )
    extent = [n * s for n, s in zip(shape, sizes, strict=True)]
    if min(extent) < LEAST_EXTENT_MM:
        raise ValueError(
            f"covers {min(extent):.0f} mm along one axis, too little to find the brain in "
            f"(at least {LEAST_EXTENT_MM:.0f} mm)"
        )
    ratio = max(sizes) / max(min(sizes), FINEST_MM)
    if ratio > MOST_ANISOTROPY:
        voxel = " x ".join(f"{s:.3g}" for s in sizes)
        raise ValueError(
            f"has voxels of {voxel} mm, more anisotropic than {MOST_ANISOTROPY:.0f}:1 (voxels "
            f"finer than {FINEST_MM} mm count as {FINEST_MM} mm)"
        )


def check_image(volume: Volume, kind: ImageKind) -> Seen:
    """Check the voxels of an image and fill those without a number.

    Parameters
    ----------
    volume : Volume
        As read.
    kind : ImageKind
        What it is said to be.

    Returns
    -------
    Seen
        NaN and infinite voxels hold 0, in CT -1024 HU, and a note says how many they were.

    Raises
    ------
    ValueError
        For a grid that `check_grid` refuses; an image that is constant or holds next to no
        numbers; few distinct values (a label map); Hounsfield units in MRI, or none in CT.

    Notes
    -----
    CT is told by air: over 2 % of it lie below -300 HU, where no tissue is. CT without a skull and
    without air is known by its soft tissue, median 15 to 50 HU, on a background of one value.
    """
    check_grid(volume)
    data = volume.data
    finite = np.isfinite(data)
    gaps = int(data.size - np.count_nonzero(finite))
    if gaps > MOST_GAPS * data.size:
        raise ValueError(f"{gaps} of {data.size} voxels hold no number (NaN)")
    inside = data[finite]
    _check_values(inside)
    notes = []
    if gaps:
        fill = AIR_HU if kind.is_ct else 0.0
        notes.append(f"{gaps} voxels hold no number (NaN) and were set to {fill:g}")
        data = np.where(finite, data, np.float32(fill))
    _check_kind(inside, kind)
    whole = Volume(np.ascontiguousarray(data, dtype=np.float32), volume.grid)
    return Seen(whole, gaps, tuple(notes))


def _check_values(values: NDArray[np.floating]) -> None:
    low, high = float(values.min()), float(values.max())
    if low == high:
        raise ValueError(f"is constant: every voxel is {low:g}")
    # A thin sample is enough: a scan has hundreds of values among any thousand voxels.
    some = values[:: max(1, values.size // 200_000)]
    if (levels := len(np.unique(some))) < LEAST_LEVELS:
        raise ValueError(f"holds {levels} distinct values: a mask or label map, not an image")


def _check_kind(values: NDArray[np.floating], kind: ImageKind) -> None:
    low, high = float(values.min()), float(values.max())
    air = float(np.count_nonzero(values < BELOW_FAT_HU)) > LEAST_AIR * values.size
    if not kind.is_ct and air:
        raise ValueError(
            f"holds values from {low:.0f} to {high:.0f}, as CT in Hounsfield units, but is said to "
            f"be a {kind.words}"
        )
    if kind.is_ct and not air and not _is_stripped_ct(values):
        lacks = "no negative values" if low >= 0 else "no air"
        raise ValueError(
            f"has {lacks} ({low:.0f} to {high:.0f}): CT is in Hounsfield units, air -1000"
        )


def _is_stripped_ct(values: NDArray[np.floating]) -> bool:
    """Tell whether what is not background is soft tissue of the head in Hounsfield units."""
    soft = values[values != np.median(values)]
    if not 0 < soft.size < 0.5 * values.size:
        return False
    low, middle, high = np.percentile(soft, (10, 50, 90))
    return bool(low >= 0.0 and SOFT_HU[0] <= middle <= SOFT_HU[1] and high < MOST_SOFT_HU)
