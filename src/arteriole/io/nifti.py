"""NIfTI-1 and -2 in and out: headers bounded before memory is taken, maps written reproducibly."""

from __future__ import annotations

import gzip
import math
import os
from dataclasses import dataclass
from typing import Any

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError
from numpy.typing import DTypeLike, NDArray

from arteriole.errors import GeometryError, ImageError
from arteriole.grid import Grid
from arteriole.io.atomic import atomic_open
from arteriole.io.gunzip import read_exactly, read_start

MAX_BYTES = 16 << 30
"""Voxels of one file may take this much memory, unless the caller says otherwise."""

_INT16_MAX = 32767


@dataclass(frozen=True, eq=False)
class Header:
    """What a NIfTI header says.

    Parameters
    ----------
    shape : tuple of int
        Three spatial sizes, then the number of volumes if there are several.
    dtype : numpy dtype
        Type of the stored voxels, with its byte order.
    slope, intercept : float
        Voxel value = stored * slope + intercept; 1 and 0 where the header gives none.
    grid : Grid
        Geometry; see `read_header` for the rule.
    affine_from : {"sform", "qform", "none"}
        Where the affine came from; "none" means voxel sizes alone, orientation unknown.
    forms_apart_mm : float
        Largest distance between a corner placed by the sform and by the qform; 0 unless both
        are set.
    offset : int
        Where the voxels start, bytes.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    slope: float
    intercept: float
    grid: Grid
    affine_from: str
    forms_apart_mm: float
    offset: int

    @property
    def volumes(self) -> int:
        """Number of 3-D volumes."""
        return self.shape[3] if len(self.shape) == 4 else 1


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


def read_header(path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> Header:
    """Read and check the header of a NIfTI file; no voxel is read.

    Parameters
    ----------
    path : path
        A ``.nii`` or ``.nii.gz`` file (gzip is told by content, not by name).
    max_bytes : int
        The most memory that the voxels may take.

    Returns
    -------
    Header
        Trailing sizes of one are dropped, so that a 4-D file with one volume counts as 3-D.

    Raises
    ------
    ImageError
        If it is not a NIfTI file, has an empty or impossible size, holds complex or colour
        voxels, or is larger than ``max_bytes``.
    GeometryError
        If its affine has no inverse.

    Notes
    -----
    The affine is the sform if its code is set, otherwise the qform, otherwise voxel sizes alone
    ("none"). Where both are set, disagree by more than half a voxel, and only the qform says
    "scanner" (code 1), the qform is taken: an sform in a template's or another scan's space does
    not know where the field pointed.
    """
    header = _parse(path)
    shape = _shape(header, path)
    dtype = header.get_data_dtype()
    if dtype.names is not None or dtype.kind not in "iuf":
        raise ImageError(f"holds {_kind(dtype)} voxels, not real numbers", file=path)
    needed = math.prod(shape) * max(dtype.itemsize, 4)
    if needed > max_bytes:
        raise ImageError(
            f"its header claims {'x'.join(map(str, shape))} voxels, {needed / 2**30:.1f} GiB, "
            f"more than the {max_bytes / 2**30:.1f} GiB allowed",
            file=path,
            remedy="Check the file; a real scan is smaller.",
        )
    affine, source, apart = _affine(header, shape[:3])
    try:
        grid = Grid((shape[0], shape[1], shape[2]), affine)
    except ValueError as error:
        raise GeometryError(f"{error}", file=path, remedy="Convert the scan again.") from error
    slope, intercept = _scaling(header)
    offset = int(header["vox_offset"]) or int(header["sizeof_hdr"]) + 4
    return Header(shape, dtype, slope, intercept, grid, source, apart, offset)


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


def _parse(path: str | os.PathLike[str]) -> Any:
    """Return nibabel's header object of a NIfTI-1 or -2 file."""
    start = read_start(path, 544)
    for kind, magic, place in (
        (nib.Nifti1Header, b"n+1\0", slice(344, 348)),
        (nib.Nifti2Header, b"n+2\0", slice(4, 8)),
    ):
        if start[place] == magic and len(start) >= kind.sizeof_hdr:
            try:
                return kind(start[: kind.sizeof_hdr], check=False)
            except (HeaderDataError, ValueError, KeyError) as error:
                raise ImageError(f"its NIfTI header is broken ({error})", file=path) from error
    raise ImageError(
        "is not a NIfTI file" if start else "is empty",
        file=path,
        remedy="Give a .nii or .nii.gz file; convert other formats first.",
    )


def _shape(header: Any, path: str | os.PathLike[str]) -> tuple[int, ...]:
    """Return three or four sizes, all positive."""
    try:
        sizes = [int(n) for n in header.get_data_shape()]
        header.get_data_dtype()
    except (HeaderDataError, ValueError, KeyError) as error:
        raise ImageError(f"its NIfTI header is broken ({error})", file=path) from error
    while len(sizes) > 3 and sizes[-1] == 1:
        sizes.pop()
    if len(sizes) < 3 or len(sizes) > 4 or min(sizes) < 1:
        raise ImageError(
            f"has the size {'x'.join(map(str, sizes)) or 'of nothing'}, not three dimensions "
            "(or four) with voxels in them",
            file=path,
        )
    return tuple(sizes)


def _affine(header: Any, shape: tuple[int, ...]) -> tuple[NDArray[np.float64], str, float]:
    """Choose between sform and qform; return the affine, its source and how far they differ."""
    sform, s_code = header.get_sform(coded=True)
    try:
        qform, q_code = header.get_qform(coded=True)
    except (HeaderDataError, ValueError):
        qform, q_code = None, 0
    if sform is None and qform is None:
        sizes = [float(z) if z > 0 and math.isfinite(z) else 1.0 for z in header.get_zooms()[:3]]
        return np.diag([*sizes, 1.0]), "none", 0.0
    if sform is None:
        return qform, "qform", 0.0
    if qform is None:
        return sform, "sform", 0.0
    corners = np.array(np.meshgrid(*[[0, n - 1] for n in shape], [1])).reshape(4, -1)
    apart = float(np.abs((sform - qform) @ corners).max())
    half_voxel = float(np.linalg.norm(qform[:3, :3], axis=0).min()) / 2
    if not apart <= half_voxel and s_code != 1 and q_code == 1:
        return qform, "qform", apart
    return sform, "sform", apart


def _scaling(header: Any) -> tuple[float, float]:
    """Return slope and intercept; 1 and 0 where the header leaves them out."""
    slope, intercept = float(header["scl_slope"]), float(header["scl_inter"])
    if slope == 0 or not math.isfinite(slope):
        return 1.0, 0.0
    return slope, intercept if math.isfinite(intercept) else 0.0


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


def _kind(dtype: np.dtype[Any]) -> str:
    """Name the kind of voxels that are refused."""
    return "colour" if dtype.names is not None else "complex" if dtype.kind == "c" else "unknown"
