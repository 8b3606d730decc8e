"""One whole image from its file, refused where it cannot be trusted: T1w, T2w, FLAIR, CT."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arteriole.errors import GeometryError, ImageError
from arteriole.grid import Volume
from arteriole.io.nifti import check_one_volume, read_header, read_image
from arteriole.io.nifti_header import Header
from arteriole.io.sidecar import read_sidecar
from arteriole.scan.image_checks import check_grid, check_image
from arteriole.scan.image_kind import ImageKind

MOST_APART_MM = 0.5
SCANNER = 1
"""Code of a form in the scanner's own space."""
CONVERT = "Convert it again from DICOM."


@dataclass(frozen=True, eq=False)
class ImageFile:
    """An image that was read.

    Parameters
    ----------
    volume : Volume
        float32, finite.
    facts : dict
        For the record: shape, voxel size, where the affine came from, voxels without a number.
    notes : tuple of str
        What a reader should know, in words.
    """

    volume: Volume
    facts: dict[str, Any]
    notes: tuple[str, ...] = ()


def read_image_file(
    path: str | os.PathLike[str], kind: ImageKind, *, sidecars: Sequence[Path] = ()
) -> ImageFile:
    """Read one volume of a stated kind.

    Parameters
    ----------
    path : path
        A ``.nii`` or ``.nii.gz`` file.
    kind : ImageKind
        What it is said to be.
    sidecars : sequence of Path
        JSON files that apply to it, the most general first.

    Returns
    -------
    ImageFile
        With NaN replaced, see `scan.image_checks.check_image`.

    Raises
    ------
    GeometryError
        If left and right are in doubt: neither sform nor qform is set, or one mirrors the other. If
        both are set and place a corner more than 0.5 mm apart, unless exactly one of them is in the
        scanner's space (code 1), which is then believed. If the grid is a slice or a few, too small
        or too anisotropic.
    MetadataError
        If a sidecar cannot be read.
    ImageError
        If it holds several volumes, or its voxels are not what they are said to be.
    """
    header = read_header(path)
    note = _check_forms(header, path)
    image = read_image(path)
    check_one_volume(image, path)
    volume = Volume(image.data, image.grid)
    try:
        check_grid(volume)
    except ValueError as error:
        raise GeometryError(str(error), file=path, remedy="Give a whole head.") from error
    try:
        seen = check_image(volume, kind)
    except ValueError as error:
        raise ImageError(str(error), file=path, remedy=_remedy(kind)) from error
    facts = {
        "shape": list(image.grid.shape),
        "voxel_size_mm": [round(size, 6) for size in image.grid.voxel_size_mm],
        "affine_from": header.affine_from,
        "not_finite": seen.not_finite,
        **_scanner(Path(path), sidecars),
    }
    return ImageFile(seen.volume, facts, (*note, *seen.notes))


def _check_forms(header: Header, path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Refuse an image whose place in the world is in doubt; return a note where one form won."""
    if header.affine_from == "none":
        raise GeometryError(
            "has neither sform nor qform: left and right cannot be told", file=path, remedy=CONVERT
        )
    if header.mirrored:
        raise GeometryError(
            "its sform and qform disagree about left and right", file=path, remedy=CONVERT
        )
    if header.forms_apart_mm <= MOST_APART_MM:
        return ()
    what = f"its sform and qform disagree by up to {header.forms_apart_mm:.3g} mm"
    s_code, q_code = header.codes
    if (s_code == SCANNER) == (q_code == SCANNER):
        raise GeometryError(
            f"{what}, and their codes ({s_code} and {q_code}) do not tell which is the scanner's",
            file=path,
            remedy=f"{CONVERT} Or make both forms the right one.",
        )
    return (f"{what}; the {header.affine_from} was taken",)


def _scanner(path: Path, sidecars: Sequence[Path]) -> dict[str, Any]:
    """Return what the sidecars say of the scanner; nothing that they lack."""
    sidecar = read_sidecar(path, sidecars)
    maker, model = sidecar.text("Manufacturer"), sidecar.text("ManufacturersModelName")
    facts: dict[str, Any] = {"manufacturer": maker} if maker else {}
    facts |= {"model": model} if model else {}
    return facts | ({"simulated": True} if "simulated" in (model or "").lower() else {})


def _remedy(kind: ImageKind) -> str:
    if kind.is_ct:
        return "Convert it again from DICOM with its rescale slope and intercept."
    return f"Give the {kind.words} as the scanner made it."
