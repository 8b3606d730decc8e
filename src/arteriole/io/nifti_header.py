"""NIfTI-1 and -2 headers: checked, and bounded before memory is taken for voxels."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import GeometryError, ImageError
from arteriole.grid import Grid
from arteriole.io.gunzip import read_start

MAX_BYTES = 16 << 30
"""Voxels of one file may take this much memory, unless the caller says otherwise."""


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
    codes : tuple of 2 int
        Codes of sform and qform; 1 is the scanner's space, 0 is not set.
    mirrored : bool
        Whether both are set and one is the mirror image of the other.
    fifth : int
        Size of a fifth dimension, in which the volumes of the fourth are repeated; the fourth of
        ``shape`` counts both.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    slope: float
    intercept: float
    grid: Grid
    affine_from: str
    forms_apart_mm: float
    offset: int
    fifth: int = 1
    codes: tuple[int, int] = (0, 0)
    mirrored: bool = False

    @property
    def volumes(self) -> int:
        """Number of 3-D volumes."""
        return self.shape[3] if len(self.shape) == 4 else 1


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
    shape, fifth = _shape(header, path)
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
    codes, mirrored = _codes(header)
    try:
        grid = Grid((shape[0], shape[1], shape[2]), affine)
    except ValueError as error:
        raise GeometryError(f"{error}", file=path, remedy="Convert the scan again.") from error
    slope, intercept = _scaling(header)
    offset = int(header["vox_offset"]) or int(header["sizeof_hdr"]) + 4
    return Header(
        shape, dtype, slope, intercept, grid, source, apart, offset, fifth, codes, mirrored
    )


def _parse(path: str | os.PathLike[str]) -> Any:
    """Return nibabel's header object of a NIfTI-1 or -2 file."""
    # nibabel takes half a second to import: runs that find nothing to do go without.
    import nibabel as nib

    start = read_start(path, 544)
    for kind, magic, place in (
        (nib.Nifti1Header, b"n+1\0", slice(344, 348)),
        (nib.Nifti2Header, b"n+2\0", slice(4, 8)),
    ):
        if start[place] == magic and len(start) >= kind.sizeof_hdr:
            try:
                return kind(start[: kind.sizeof_hdr], check=False)
            except _broken() as error:
                raise ImageError(f"its NIfTI header is broken ({error})", file=path) from error
    raise ImageError(
        "is not a NIfTI file" if start else "is empty",
        file=path,
        remedy="Give a .nii or .nii.gz file; convert other formats first.",
    )


def _broken() -> tuple[type[Exception], ...]:
    """Return what nibabel raises for a header that makes no sense."""
    from nibabel.spatialimages import HeaderDataError

    return (HeaderDataError, ValueError, KeyError)


def _shape(header: Any, path: str | os.PathLike[str]) -> tuple[tuple[int, ...], int]:
    """Return three or four sizes, all positive, and the fifth, which the fourth counts too."""
    try:
        sizes = [int(n) for n in header.get_data_shape()]
        header.get_data_dtype()
    except _broken() as error:
        raise ImageError(f"its NIfTI header is broken ({error})", file=path) from error
    while len(sizes) > 3 and sizes[-1] == 1:
        sizes.pop()
    if len(sizes) < 3 or len(sizes) > 5 or min(sizes) < 1:
        raise ImageError(
            f"has the size {'x'.join(map(str, sizes)) or 'of nothing'}, not three dimensions "
            "(four with echoes, five with echoes and coils) with voxels in them",
            file=path,
        )
    fifth = sizes.pop() if len(sizes) == 5 else 1
    return (*sizes[:3], *(n * fifth for n in sizes[3:])), fifth


def _affine(header: Any, shape: tuple[int, ...]) -> tuple[NDArray[np.float64], str, float]:
    """Choose between sform and qform; return the affine, its source and how far they differ."""
    sform, s_code = header.get_sform(coded=True)
    try:
        qform, q_code = header.get_qform(coded=True)
    except _broken():
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


def _codes(header: Any) -> tuple[tuple[int, int], bool]:
    """Return the codes of sform and qform, and whether one mirrors the other."""
    sform, s_code = header.get_sform(coded=True)
    try:
        qform, q_code = header.get_qform(coded=True)
    except _broken():
        qform, q_code = None, 0
    codes = (int(s_code), int(q_code))
    if sform is None or qform is None:
        return codes, False
    return codes, bool(np.linalg.det(sform[:3, :3]) * np.linalg.det(qform[:3, :3]) < 0)


def _scaling(header: Any) -> tuple[float, float]:
    """Return slope and intercept; 1 and 0 where the header leaves them out."""
    slope, intercept = float(header["scl_slope"]), float(header["scl_inter"])
    if slope == 0 or not math.isfinite(slope):
        return 1.0, 0.0
    return slope, intercept if math.isfinite(intercept) else 0.0


def _kind(dtype: np.dtype[Any]) -> str:
    """Name the kind of voxels that are refused."""
    return "colour" if dtype.names is not None else "complex" if dtype.kind == "c" else "unknown"
