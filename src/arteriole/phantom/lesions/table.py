"""The truth table: one row a lesion, fixed columns with their units."""

from __future__ import annotations

from collections.abc import Sequence

from arteriole.phantom.lesions.lesion import LesionTruth

COLUMNS: dict[str, str] = {
    "id": "Number of the row, from 1",
    "kind": "What it is; vein marks a vessel in section, not a lesion",
    "form": "The kind's own word: round, ovoid, punctate, cluster, cap, band, fresh, slit, ...",
    "x_mm": "World position to the right, mm (RAS+)",
    "y_mm": "World position to the front, mm (RAS+)",
    "z_mm": "World position upwards, mm (RAS+)",
    "source_diameter_mm": "Diameter of the sphere of the source's volume, mm",
    "volume_mm3": "Volume of the source, mm3",
    "length_mm": "Longest extent along its own or the world's axes, mm",
    "width_mm": "Second extent, mm",
    "height_mm": "Least extent, mm",
    "apparent_diameter_mm": "Diameter at half depth in the longest echo of this scan, mm",
    "chi_ppm": "Mean susceptibility against water, ppm",
    "moment_ppm_mm3": "Susceptibility times volume, ppm mm3",
    "region": "Region of the head's own anatomy",
    "side": "left, right or midline",
    "zone": "lobar, deep or infratentorial (MARS)",
}
"""Name and meaning of each column, in order."""


def lesion_rows(truths: Sequence[LesionTruth]) -> list[dict[str, str]]:
    """Return the truth table as rows of text.

    Parameters
    ----------
    truths : sequence of LesionTruth
        In any order, which is kept.

    Returns
    -------
    list of dict
        One a lesion, with the keys of `COLUMNS` in order; "n/a" where there is nothing to tell.
    """
    return [_row(number, truth) for number, truth in enumerate(truths, start=1)]


def _row(number: int, truth: LesionTruth) -> dict[str, str]:
    """Return one row."""
    x, y, z = truth.centre_mm
    length, width, height = truth.extent_mm
    values: tuple[str | float | None, ...] = (
        str(number),
        truth.kind,
        truth.form,
        x,
        y,
        z,
        truth.source_diameter_mm,
        truth.volume_mm3,
        length or None,
        width or None,
        height or None,
        truth.apparent_diameter_mm,
        truth.chi_ppm,
        truth.moment_ppm_mm3,
        truth.region,
        truth.side,
        truth.zone,
    )
    return dict(zip(COLUMNS, map(_text, values), strict=True))


def _text(value: str | float | None) -> str:
    """Return a cell: four decimals at most, n/a where empty."""
    if value is None or value == "":
        return "n/a"
    if isinstance(value, str):
        return value
    return f"{value:.4f}".rstrip("0").rstrip(".") if value else "0"
