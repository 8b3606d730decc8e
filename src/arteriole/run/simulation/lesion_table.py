"""The truth table of lesions as a file."""

from __future__ import annotations

from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.lesions.table import COLUMNS, lesion_rows


def lesion_table(lesions: tuple[LesionTruth, ...]) -> str:
    """Return the truth table as tab-separated text: one row a lesion, world mm."""
    rows = ["\t".join(COLUMNS), *("\t".join(row.values()) for row in lesion_rows(lesions))]
    return "\n".join(rows) + "\n"
