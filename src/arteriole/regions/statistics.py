"""Chi, R2* and other maps over regions: how many voxels, mean, spread, median, tails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.region_map import Region, RegionMap

LEAST_MEASURED = 0.5
"""Share of a region that has to be measured for its numbers to stand for it."""


@dataclass(frozen=True)
class Statistics:
    """A map over the voxels of a region, in the map's unit."""

    mean: float
    sd: float
    median: float
    p5: float
    p95: float


@dataclass(frozen=True)
class RegionMeasure:
    """What was measured in one region.

    Parameters
    ----------
    region : Region
        Name and side.
    voxels : int
        Voxels that were measured: of the region, inside the mask.
    volume_mm3 : float
        Volume of the whole region in the map of regions, mm3.
    measured : float
        Share of the region that was measured, in [0, 1].
    maps : mapping of str to Statistics
        By name of the map; empty when nothing was measured.
    status : str
        "ok", or what the numbers lack.
    """

    region: Region
    voxels: int
    volume_mm3: float
    measured: float
    maps: Mapping[str, Statistics]
    status: str


def measure_regions(
    regions: RegionMap,
    mask: NDArray[np.bool_],
    maps: Mapping[str, NDArray[np.float32]],
    *,
    voxel_volume_mm3: float,
    groups: Mapping[Region, Sequence[int]] | None = None,
) -> list[RegionMeasure]:
    """Measure maps over the regions of a scan, on its own grid.

    Parameters
    ----------
    regions : RegionMap
        Labels (x, y, z) with their names; labels of the same name and side are one region.
    mask : ndarray, bool, (x, y, z)
        Voxels that count, where the maps hold.
    maps : mapping of str to ndarray, float32, (x, y, z)
        What is measured, in the unit of each.
    voxel_volume_mm3 : float
        Volume of a voxel, mm3.
    groups : mapping of Region to sequence of int, optional
        Labels that are measured together beside the regions (lobes); groups without a voxel are
        left out.

    Returns
    -------
    list of RegionMeasure
        In the order of the labels, groups last.

    Raises
    ------
    ValueError
        If shapes differ, or a map is not finite inside the mask and a region.

    Notes
    -----
    The standard deviation is that of the voxels (not of the mean). Where less than half of a
    region is measured, the numbers are given and the status says so. Voxels are counted whole:
    partial volume at a region's border is in its numbers; the median is moved least.
    """
    for name, one in {"the mask": mask, **maps}.items():
        if one.shape != regions.labels.shape:
            raise ValueError(f"{name} {one.shape} and regions {regions.labels.shape} differ")
    counts = np.bincount(regions.labels.ravel())
    at = _voxels_by_label(regions.labels, mask)
    return [
        _measured(region, labels, counts, at, maps, voxel_volume_mm3)
        for region, labels in _rows(regions, counts, groups or {})
    ]


def statistics_of(values: NDArray[np.float32]) -> Statistics:
    """Return the statistics of one or more values.

    Raises
    ------
    ValueError
        If there is no value, or one is not finite.

    Examples
    --------
    >>> statistics_of(np.array([1.0, 2.0, 3.0], dtype=np.float32)).median
    2.0
    """
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"statistics need finite values, not {values.size} with some that are not")
    known = values.astype(np.float64)
    p5, median, p95 = (float(x) for x in np.percentile(known, [5.0, 50.0, 95.0]))
    return Statistics(float(known.mean()), float(known.std()), median, p5, p95)


def _rows(
    regions: RegionMap, counts: NDArray[np.int64], groups: Mapping[Region, Sequence[int]]
) -> list[tuple[Region, list[int]]]:
    """Return regions and groups that have voxels, with their labels."""
    found = [int(label) for label in np.flatnonzero(counts) if label]
    rows: dict[Region, list[int]] = {}
    for label in found:
        rows.setdefault(regions.region(label), []).append(label)
    together = {region: sorted(set(labels) & set(found)) for region, labels in groups.items()}
    return [*rows.items(), *((region, labels) for region, labels in together.items() if labels)]


def _voxels_by_label(
    labels: NDArray[np.int32], mask: NDArray[np.bool_]
) -> dict[int, NDArray[np.int64]]:
    """Return the flat places of each label's voxels in the mask, in one pass over the volume."""
    places = np.flatnonzero(mask & (labels > 0))
    values = labels.ravel()[places]
    order = np.argsort(values, kind="stable")
    found, starts = np.unique(values[order], return_index=True)
    parts = np.split(places[order], starts[1:])
    return (
        {int(label): part for label, part in zip(found, parts, strict=True)} if found.size else {}
    )


def _measured(
    region: Region,
    labels: Sequence[int],
    counts: NDArray[np.int64],
    at: Mapping[int, NDArray[np.int64]],
    maps: Mapping[str, NDArray[np.float32]],
    voxel_volume_mm3: float,
) -> RegionMeasure:
    """Measure one region."""
    whole = int(sum(counts[label] for label in labels))
    parts = [at[label] for label in labels if label in at]
    places = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    share = places.size / whole
    values = {n: statistics_of(m.ravel()[places]) for n, m in maps.items()} if places.size else {}
    volume = whole * voxel_volume_mm3
    return RegionMeasure(region, int(places.size), volume, share, values, _status(share))


def _status(share: float) -> str:
    if share == 0.0:
        return "outside the mask"
    return "ok" if share >= LEAST_MEASURED else "less than half was measured"
