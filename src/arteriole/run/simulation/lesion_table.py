"""The truth table of lesions as a file."""

from __future__ import annotations

from dataclasses import astuple, fields

from arteriole.phantom.lesions.lesion import LesionTruth


def lesion_table(lesions: tuple[LesionTruth, ...]) -> str:
    """Return the truth table as tab-separated text: one row a lesion, world mm."""
    columns = [f.name for f in fields(LesionTruth) if not f.name.endswith("_mm")]
    columns += ["source_diameter_mm", "apparent_diameter_mm"]
    head = ["x_mm", "y_mm", "z_mm", *columns, "moment_ppm_mm3"]
    rows = ["\t".join(head)]
    for lesion in lesions:
        values = dict(zip((f.name for f in fields(lesion)), astuple(lesion), strict=True))
        cells = [*lesion.centre_mm, *(values[c] for c in columns), round(lesion.moment_ppm_mm3, 4)]
        rows.append("\t".join(str(cell) for cell in cells))
    return "\n".join(rows) + "\n"
