from __future__ import annotations

from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.lesions.table import COLUMNS, lesion_rows

ONE = LesionTruth(
    "microbleed", (1.0, -2.5, 3.125), 2.0, 1.0, "thalamus", "left", "deep", "round", (2.0, 2.0, 2.0)
)


def test_columns_are_fixed():
    assert list(COLUMNS) == [
        "id",
        "kind",
        "form",
        "x_mm",
        "y_mm",
        "z_mm",
        "source_diameter_mm",
        "volume_mm3",
        "length_mm",
        "width_mm",
        "height_mm",
        "apparent_diameter_mm",
        "chi_ppm",
        "moment_ppm_mm3",
        "region",
        "side",
        "zone",
    ]


def test_row_holds_what_is_known():
    (row,) = lesion_rows([ONE])
    assert list(row) == list(COLUMNS)
    assert (row["id"], row["x_mm"], row["y_mm"], row["z_mm"]) == ("1", "1", "-2.5", "3.125")
    assert row["volume_mm3"] == row["moment_ppm_mm3"] == "4.1888"
    assert row["apparent_diameter_mm"] == "n/a"


def test_missing_is_said():
    bare = LesionTruth("flow void", (0.0, 0.0, 0.0), 1.0, -0.01, "csf", "midline")
    (row,) = lesion_rows([bare])
    assert {row[k] for k in ("form", "zone", "length_mm", "apparent_diameter_mm")} == {"n/a"}
    assert row["x_mm"] == "0"


def test_no_lesions_no_rows():
    assert lesion_rows(()) == []
