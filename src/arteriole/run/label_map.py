"""A map of regions from a file: labels checked, names from a table or FreeSurfer's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from arteriole.brain.freesurfer import freesurfer_regions
from arteriole.brain.region_map import Region, RegionMap, region_called
from arteriole.errors import GeometryError, ImageError, MetadataError
from arteriole.grid import Grid
from arteriole.io.nifti import Image, check_one_volume, read_image
from arteriole.io.tables import read_tsv

MOST_LABEL = 100_000
RESAMPLE = (
    "Register it to the scan and resample it to the scan's grid by nearest neighbour (labels must "
    "not be averaged), for instance with antsApplyTransforms -n NearestNeighbor or mri_vol2vol "
    "--nearest."
)


def read_label_map(path: Path, names: Path | None, grid: Grid) -> RegionMap:
    """Read a map of regions on the scan's grid.

    Parameters
    ----------
    path : Path
        NIfTI of whole numbers, 0 outside all regions.
    names : Path, optional
        Table with the columns ``index`` and ``name`` (and ``hemisphere`` or ``side``); FreeSurfer's
        names unless given.
    grid : Grid
        Of the scan.

    Raises
    ------
    ImageError
        If the numbers are no labels.
    GeometryError
        If it lies on another grid.
    MetadataError
        If the table lacks a column or holds an index that is no whole number.
    """
    image = read_on_grid(path, grid)
    finite = np.isfinite(image.data).all()
    whole = np.rint(image.data) if finite else image.data
    if not (finite and np.array_equal(whole, image.data) and whole.min() >= 0):
        raise ImageError(
            "holds numbers that are no labels (0, 1, 2, ...)", file=path,
            remedy="Give a segmentation that was resampled by nearest neighbour.",
        )  # fmt: skip
    if whole.max() > MOST_LABEL:
        raise ImageError(f"holds a label above {MOST_LABEL}", file=path)
    known = freesurfer_regions() if names is None else read_names(names)
    return RegionMap(whole.astype(np.int32), known)


def read_on_grid(path: Path, grid: Grid) -> Image:
    """Read one volume, or say that it lies on another grid than the scan."""
    image = read_image(path)
    check_one_volume(image, path)
    check_on_grid(image.grid, grid, path)
    return image


def check_on_grid(found: Grid, grid: Grid, path: Path) -> None:
    """Raise GeometryError for an image that lies on another grid than the scan."""
    if not grid.fits(found):
        raise GeometryError("lies on another grid than the scan", file=path, remedy=RESAMPLE)


def read_names(path: Path) -> dict[int, Region]:
    """Read what labels stand for.

    Raises
    ------
    MetadataError
        If the table lacks a column, or an index is no whole number or is there twice.
    """
    regions: dict[int, Region] = {}
    for row in read_tsv(path):
        if not {"index", "name"} <= row.keys():
            raise MetadataError(
                "lacks the column index or name",
                file=path,
                remedy="Give a table with both, separated by tabs, as BIDS has them for *_dseg.",
            )
        index, name = row["index"] or "", row["name"]
        if not index.isdigit() or name is None or int(index) in regions:
            raise MetadataError(
                f"index {index!r} is no whole number, has no name, or is there twice", file=path
            )
        regions[int(index)] = _sided(region_called(name), row)
    return regions


def _sided(region: Region, row: dict[str, str | None]) -> Region:
    """Return the region with the side that a column of its own gives."""
    said = (row.get("hemisphere") or row.get("side") or "").strip().lower()
    if said in ("l", "left", "lh"):
        return Region(region.name, "left")
    return Region(region.name, "right") if said in ("r", "right", "rh") else region
