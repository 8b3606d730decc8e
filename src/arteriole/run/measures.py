"""The numbers of a session as a long table, each with its unit, or the reason why it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from arteriole.report.regions import STEPS as REGION_STEPS
from arteriole.run.anatomy_measures import anatomy_levels, anatomy_rows
from arteriole.run.record import Record

COLUMNS = ("measure", "region", "side", "value", "unit", "status", "image")
"""Columns of the table, and keys of its rows."""


@dataclass(frozen=True)
class Measure:
    """A number that a step notes among its facts.

    Parameters
    ----------
    name : str
        As in the table.
    step, fact : str
        Where the record has it; ``a.b`` looks inside a group of facts.
    unit : str
        Unit of the number, empty for shares.
    about : str
        What it is, for the dictionary beside the table.
    """

    name: str
    step: str
    fact: str
    unit: str
    about: str
    region: str = "brain"


MEASURES: tuple[Measure, ...] = (
    Measure("brain_volume", "brain", "volume_ml", "mL", "Volume of the brain mask."),
    Measure("snr", "phase", "snr", "", "Median magnitude of the first echo over its noise."),
    Measure("reliable_phase", "phase", "reliable", "", "Share of the brain with reliable phase."),
    Measure("wraps_left", "phase", "wraps_left", "", "Share of neighbours still a wrap apart."),
    Measure("echoes_flagged", "phase", "echoes_flagged", "",
            "Echoes left out as noise, and echoes still wrapped."),
    Measure("fit_residual", "phase", "fit_residual_rad", "rad", "Residual of the field fit."),
    Measure("field_noise", "phase", "noise_hz", "Hz", "Median noise of the total field."),
    Measure("qsm_kept", "field", "kept", "", "Share of the brain left for QSM."),
    Measure("local_field_sd", "field", "sd_hz", "Hz", "Spread of the local field."),
    Measure("chi_sd", "susceptibility", "sd_ppm", "ppm", "Spread of chi."),
    Measure("chi_reference_mean", "susceptibility", "reference.mean_ppm", "ppm",
            "Mean of the reference region before referencing."),
    Measure("streak_index", "susceptibility", "streak_index", "", "Streaks along the magic angle."),
    Measure("rim_index", "uncertainty", "rim_index", "",
            "Spread of chi at the rim of the mask over that below it."),
    Measure("chi_uncertainty", "uncertainty", "median_ppm", "ppm", "Median uncertainty of chi."),
    Measure("r2star_median", "r2star", "median_hz", "1/s", "Median R2*."),
    Measure("vein_volume", "veins", "volume_ml", "mL", "Volume of large veins.", region="veins"),
    Measure("vein_blood_chi", "veins", "blood.chi_ppm", "ppm",
            "Chi of blood where veins fill voxels.", region="veins"),
    Measure("vein_oxygenation", "veins", "blood.oxygenation", "",
            "Estimated saturation of haemoglobin in large veins.", region="veins"),
)  # fmt: skip


REGION_MAPS = {
    "chi": ("ppm", "chi"),
    "r2star": ("1/s", "R2*"),
    "chi_para": ("ppm", "the estimate of paramagnetic chi"),
    "chi_dia": ("ppm", "the estimate of diamagnetic chi"),
}
"""Unit and words of the maps that are measured over regions."""

STATISTICS = {
    "mean": "Mean of",
    "sd": "Standard deviation over voxels of",
    "median": "Median of",
    "p5": "5th percentile of",
    "p95": "95th percentile of",
}
SIZES = {
    "volume_mm3": ("region_volume", "mm3", "Volume of the region in the map of regions."),
    "voxels": ("region_voxels", "", "Voxels of the region that were measured."),
    "measured": ("region_measured", "", "Share of the region that was measured."),
}


def measure_rows(record: Record) -> list[dict[str, Any]]:
    """Return a row for every measure, then anatomy and regions; one that is not there says why."""
    return [*session_rows(record), *anatomy_rows(record), *region_rows(record)]


def session_rows(record: Record) -> list[dict[str, Any]]:
    """Return a row for every measure of the session, in the order of `MEASURES`."""
    return [_row(measure, record) for measure in MEASURES]


def region_rows(record: Record) -> list[dict[str, Any]]:
    """Return the rows of every region that was measured."""
    return [
        row
        for name in REGION_STEPS
        if (entry := record.step(name)) is not None
        for region in entry.facts.get("regions", [])
        for row in _region(region)
    ]


def dictionary() -> dict[str, Any]:
    """Return the JSON dictionary of the table, made from the list of measures."""
    levels = {m.name: f"{m.about} Unit: {m.unit}." if m.unit else m.about for m in MEASURES}
    for name, unit, about in SIZES.values():
        levels[name] = f"{about} Unit: {unit}." if unit else about
    for key, (unit, words) in REGION_MAPS.items():
        for statistic, start in STATISTICS.items():
            levels[f"{key}_{statistic}"] = f"{start} {words} over the region. Unit: {unit}."
    levels |= anatomy_levels()
    return {
        "measure": {"Description": "What was measured.", "Levels": levels},
        "region": {"Description": "Where."},
        "side": {"Description": "left, right, or n/a for both together."},
        "value": {"Description": "The number, n/a when it could not be measured."},
        "unit": {"Description": "Unit of the number, n/a for shares and indices."},
        "status": {"Description": "ok, or why there is no number, or what the number lacks."},
        "image": {
            "Description": "Image that anatomy was measured in (gre: the gradient echo); n/a for "
            "measures of the gradient echo's maps."
        },
    }


def _region(region: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of one region: its size, then each statistic of each map."""
    where = (region["region"], region["side"])
    rows = [(name, region[key], unit) for key, (name, unit, _) in SIZES.items()]
    rows += [
        (f"{key}_{statistic}", value, REGION_MAPS[key][0])
        for key, statistics in region["maps"].items()
        for statistic, value in statistics.items()
    ]
    if not region["maps"]:
        rows.append(("chi_mean", None, "ppm"))
    return [
        dict(zip(COLUMNS, (name, *where, value, unit or None, region["status"], None), strict=True))
        for name, value, unit in rows
    ]


def _row(measure: Measure, record: Record) -> dict[str, Any]:
    entry = record.step(measure.step)
    value: Any = entry.facts if entry is not None else None
    for part in measure.fact.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is not None:
        status = "ok"
    elif entry is None:
        status = "not asked for"
    else:
        status = entry.reason or "not measured"
    unit = measure.unit or None
    return dict(
        zip(COLUMNS, (measure.name, measure.region, None, value, unit, status, None), strict=True)
    )
