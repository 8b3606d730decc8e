"""How values become files and come back: maps, masks, labels, regions, on any grid."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.region_map import Region, RegionMap
from arteriole.grid import Grid, Volume
from arteriole.io.nifti import as_stored, read_image, write_image
from arteriole.io.tables import write_tsv
from arteriole.run.products import Product

COLUMNS = ("index", "name", "hemisphere")
"""Of a table of labels; BIDS asks for the first two."""
_SIDES = {"left": "L", "right": "R", None: "B"}


def write_product(
    product: Product, path: Path, value: Any, grid: Grid, *, max_error: float | None
) -> Any:
    """Write a value and return it as `read_product` will give it back.

    Parameters
    ----------
    product : Product
        What it is.
    path : Path
        Its file.
    value : ndarray, Volume or RegionMap
        The value.
    grid : Grid
        Of the value.
    max_error : float or None
        Largest error that 16 bits may add.
    """
    stored = write_image(path, _voxels(value), grid, max_error=max_error)
    return _like(product, value, stored)


def as_read(product: Product, value: Any, *, max_error: float | None) -> Any:
    """Return a value as its file would give it back, writing nothing."""
    return _like(product, value, as_stored(_voxels(value), max_error=max_error))


def read_product(product: Product, path: Path) -> Any:
    """Return the value that a file holds."""
    image = read_image(path)
    data: NDArray[Any] = image.data
    if product.kind == "mask":
        data = data.astype(np.bool_)
    elif product.kind == "labels":
        data = data.astype(label_type(data))
    elif product.kind == "regions":
        return RegionMap(data.astype(np.int32), _names(product))
    return Volume(data, image.grid) if product.image else data


def write_names(image: Path, names: Mapping[int, Region]) -> Path:
    """Write the table of names beside a label map, and return where."""
    path = image.with_name(image.name.removesuffix(".nii.gz") + ".tsv")
    rows = [
        dict(zip(COLUMNS, (index, region.name, _SIDES[region.side]), strict=True))
        for index, region in sorted(names.items())
    ]
    write_tsv(path, rows, columns=COLUMNS)
    return path


def label_type(labels: NDArray[Any]) -> type[np.unsignedinteger[Any]]:
    """Return the smallest type of whole numbers that holds the labels, 8 or 16 bits."""
    return np.uint8 if labels.max(initial=0) < 256 else np.uint16


def _names(product: Product) -> Mapping[int, Region]:
    return product.names() if product.names is not None else {}


def _voxels(value: Any) -> NDArray[Any]:
    if isinstance(value, Volume):
        return value.data
    if isinstance(value, RegionMap):
        return value.labels.astype(label_type(value.labels))
    array: NDArray[Any] = value
    return array


def _like(product: Product, value: Any, stored: NDArray[Any]) -> Any:
    """Return stored voxels in the form of the value."""
    if isinstance(value, RegionMap):
        return RegionMap(stored.astype(np.int32), _names(product))
    if isinstance(value, Volume):
        # A file holds the affine in 32 bits.
        affine = value.grid.affine.astype(np.float32).astype(np.float64)
        return Volume(stored.astype(value.data.dtype), Grid(value.grid.shape, affine))
    return stored.astype(value.dtype, copy=False)
