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
from arteriole.run.products import TRANSFORMS, Product

COLUMNS = ("index", "name", "hemisphere")
"""Of a table of labels; BIDS asks for the first two."""
_SIDES = {"left": "L", "right": "R", None: "B"}


def sidecar_of(path: Path) -> Path:
    """Return where the JSON of a product lies."""
    return path.with_name(path.name.removesuffix(".nii.gz").removesuffix(".json") + ".json")


def write_product(
    product: Product, path: Path, value: Any, grid: Grid | None, *, max_error: float | None
) -> Any:
    """Write the image of a value, if it has one; return the value as `read_product` gives it back.

    Parameters
    ----------
    product : Product
        What it is.
    path : Path
        Its file.
    value : ndarray, Volume, RegionMap, Registration or Alignment
        The value.
    grid : Grid or None
        Of the gradient echo, for values that do not know theirs.
    max_error : float or None
        Largest error that 16 bits may add.
    """
    if product.kind in TRANSFORMS:
        from arteriole.run.transform_forms import write_warp

        return write_warp(path, value, max_error=max_error) if product.kind == "warp" else value
    own = value.grid if isinstance(value, Volume) else grid
    assert own is not None
    return _like(product, value, write_image(path, _voxels(value), own, max_error=max_error))


def as_read(product: Product, value: Any, *, max_error: float | None) -> Any:
    """Return a value as its file would give it back, writing nothing."""
    if product.kind in TRANSFORMS:
        from arteriole.run.transform_forms import warp_as_read

        return warp_as_read(value, max_error=max_error) if product.kind == "warp" else value
    return _like(product, value, as_stored(_voxels(value), max_error=max_error))


def about_value(product: Product, value: Any) -> dict[str, Any]:
    """Return what the sidecar holds of a transform; nothing for other values."""
    if product.kind not in TRANSFORMS:
        return {}
    from arteriole.run.transform_forms import about_transform

    return about_transform(value)


def read_product(product: Product, path: Path) -> Any:
    """Return the value that a file holds."""
    if product.kind in TRANSFORMS:
        # Transforms need the kernels; sessions without do without.
        from arteriole.run.transform_forms import read_alignment, read_warp

        if product.kind == "alignment":
            return read_alignment(path)
        return read_warp(path, sidecar_of(path))
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
