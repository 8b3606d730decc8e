"""NIfTI images in and out; maps are written reproducibly."""

from __future__ import annotations

import gzip
import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from arteriole.errors import ImageError
from arteriole.grid import Grid
from arteriole.io.atomic import atomic_open
from arteriole.io.gunzip import read_exactly
from arteriole.io.nifti_header import MAX_BYTES, Header, read_header

__all__ = [
    "MAX_BYTES",
    "Header",
    "Image",
    "as_stored",
    "check_one_volume",
    "read_header",
    "read_image",
    "scaled",
    "write_image",
]

_INT16_MAX = 32767


@dataclass(frozen=True, eq=False)
class Image:
    """Voxels (x, y, z) or (x, y, z, volumes), C-contiguous, with their grid and header."""

    data: NDArray[Any]
    grid: Grid
    header: Header

    @property
    def not_finite(self) -> int:
        """Number of voxels that are NaN or infinite."""
        if self.data.dtype.kind != "f":
            return 0
        return int(self.data.size - np.count_nonzero(np.isfinite(self.data)))


def read_image(
    path: str | os.PathLike[str], *, stored: bool = False, max_bytes: int = MAX_BYTES
) -> Image:
    """Read a NIfTI image.

    Parameters
    ----------
    path : path
        A ``.nii`` or ``.nii.gz`` file.
    stored : bool
        Return the numbers as they are stored, without slope and intercept (the header keeps
        both): what they are says more about the scale of phase than what they become.
    max_bytes : int
        The most memory that the voxels may take.

    Returns
    -------
    Image
        float32 (the stored type if ``stored``), (x, y, z), or (x, y, z, volumes) for several
        volumes. NaN is left to the caller: see ``Image.not_finite``.

    Raises
    ------
    ImageError, GeometryError
        As `read_header`; and if the file is truncated or damaged.
    """
    header = read_header(path, max_bytes=max_bytes)
    count = math.prod(header.shape)
    buffer = read_exactly(path, header.offset + count * header.dtype.itemsize)
    raw = np.frombuffer(buffer, header.dtype, count, header.offset)
    raw = raw.reshape(header.shape, order="F")
    native = header.dtype.newbyteorder("=")
    data = raw.astype(native, order="C") if stored else _times(raw, header.slope, header.intercept)
    return Image(data, header.grid, header)


def write_image(
    path: str | os.PathLike[str],
    data: NDArray[Any],
    grid: Grid,
    *,
    max_error: float | None = None,
    description: str = "arteriole",
) -> NDArray[Any]:
    """Write a map as NIfTI-1 (gzipped if the name ends in ``.gz``), whole or not at all.

    Parameters
    ----------
    path : path
        The file to write.
    data : ndarray, (x, y, z) or (x, y, z, n)
        Boolean (written as uint8), small integers, or real numbers (written as float32).
    grid : Grid
        Its geometry, written as sform and qform, both code 1.
    max_error : float, optional
        Store real numbers in 16 bits with one scale factor if no voxel moves by more than this.
    description : str
        Up to 79 letters of the header's description.

    Returns
    -------
    ndarray
        The voxels exactly as `read_image` gives them back, so that a run that goes on from memory
        and one that resumes from the file see the same numbers.

    Raises
    ------
    ValueError
        If the data do not fit the grid, or are complex.
    OutputError
        If the file cannot be written.
    """
    import nibabel as nib

    if data.shape[:3] != grid.shape or data.ndim not in (3, 4):
        raise ValueError(f"data of shape {data.shape} do not fit a grid of {grid.shape}")
    voxels, slope = _stored_form(data, max_error)
    header = nib.Nifti1Header()
    header.set_data_dtype(voxels.dtype)
    header.set_data_shape(voxels.shape)
    header.set_sform(grid.affine, code=1)
    header.set_qform(grid.affine, code=1, strip_shears=True)
    header.set_xyzt_units("mm", "sec")
    header["descrip"] = description.encode("ascii", "replace")[:79]
    header["vox_offset"] = 352
    header["scl_slope"], header["scl_inter"] = slope, 0.0
    start = header.binaryblock + bytes(4)
    with atomic_open(path) as file:
        if not os.fspath(path).endswith(".gz"):
            file.write(start)
            file.write(voxels.tobytes(order="F"))
        else:
            # No name and no time inside: the same bytes for the same voxels.
            with gzip.GzipFile("", "wb", 1, file, mtime=0) as packed:
                packed.write(start)
                packed.write(voxels.tobytes(order="F"))
    return _times(np.ascontiguousarray(voxels), slope, 0.0)


def as_stored(data: NDArray[Any], *, max_error: float | None) -> NDArray[Any]:
    """Return the voxels as `write_image` would give them back, writing nothing."""
    voxels, slope = _stored_form(data, max_error)
    return _times(np.ascontiguousarray(voxels), slope, 0.0)


def check_one_volume(image: Image, path: str | os.PathLike[str]) -> None:
    """Refuse a 4-D image where one volume is wanted."""
    if image.data.ndim == 4:
        raise ImageError(
            f"holds {image.header.volumes} volumes where one is expected",
            file=path,
            remedy="Split it into one file a volume.",
        )


def scaled(stored: NDArray[Any], header: Header) -> NDArray[Any]:
    """Return stored voxels as float32 with their slope and intercept."""
    return _times(stored, header.slope, header.intercept)


def _times(raw: NDArray[Any], slope: float, intercept: float) -> NDArray[Any]:
    """Scale stored voxels to float32; 16 bits fit float32 arithmetic, wider ones do not."""
    if slope == 1.0 and intercept == 0.0:
        with np.errstate(over="ignore"):
            return raw.astype(np.float32, order="C")
    wide: DTypeLike = np.float32 if raw.dtype.itemsize <= 2 else np.float64
    with np.errstate(over="ignore"):
        values = raw.astype(wide, order="C")
        values *= np.asarray(slope, dtype=wide)
        if intercept != 0.0:
            values += np.asarray(intercept, dtype=wide)
        return values.astype(np.float32, copy=False)


def _stored_form(data: NDArray[Any], max_error: float | None) -> tuple[NDArray[Any], float]:
    """Return the voxels as they go to disk, and their slope."""
    if data.dtype == np.bool_:
        return data.astype(np.uint8), 1.0
    if data.dtype.kind in "iu":
        narrow = np.int32 if data.dtype.itemsize > 4 else data.dtype
        if data.size and not -(2**31) <= data.min() <= data.max() < 2**31:
            raise ValueError(f"labels up to {data.max()} do not fit 32 bits")
        return data.astype(narrow, copy=False), 1.0
    if data.dtype.kind != "f":
        raise ValueError(f"{data.dtype} voxels have no place in a map")
    values = data.astype(np.float32)
    peak = float(np.abs(values).max(initial=0.0))
    slope = float(np.float32(peak / _INT16_MAX))
    if max_error is None or not math.isfinite(peak) or not 0 < slope <= 2 * max_error:
        return values, 1.0
    small = np.rint(values / np.float32(slope)).clip(-_INT16_MAX, _INT16_MAX).astype(np.int16)
    error = float(np.abs(_times(small, slope, 0.0) - values).max(initial=0.0))
    return (small, slope) if error <= max_error else (values, 1.0)
