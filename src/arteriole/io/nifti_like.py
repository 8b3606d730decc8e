"""A NIfTI file like another one: the same header, other voxels."""

from __future__ import annotations

import gzip
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.io.atomic import atomic_open
from arteriole.io.gunzip import read_exactly
from arteriole.io.nifti_header import read_header


def write_like(
    path: str | os.PathLike[str], template: str | os.PathLike[str], stored: NDArray[Any]
) -> None:
    """Write voxels, as they are to be stored, under the header of another file, byte by byte.

    Parameters
    ----------
    path, template : path
        The file to write (gzipped if its name ends in ``.gz``), and the one it is like.
    stored : ndarray
        In the template's shape; real numbers are rounded and clipped if it holds integers.

    Raises
    ------
    ValueError
        If the shapes differ.
    OutputError
        If the file cannot be written.
    """
    header = read_header(template)
    if stored.shape != header.shape:
        raise ValueError(f"voxels of shape {stored.shape} for a header of {header.shape}")
    start = read_exactly(template, header.offset)[: header.offset]
    if header.dtype.kind in "iu":
        limits = np.iinfo(header.dtype)
        stored = np.clip(np.rint(stored), limits.min, limits.max)
    voxels = stored.astype(header.dtype).tobytes(order="F")
    with atomic_open(path) as file:
        if not os.fspath(path).endswith(".gz"):
            file.write(start)
            file.write(voxels)
            return
        with gzip.GzipFile("", "wb", 1, file, mtime=0) as packed:
            packed.write(start)
            packed.write(voxels)
