"""Numbers of regions as a table for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arteriole.report.story import Story

STEPS = ("veins", "regions")
"""Steps that note regions among their facts, in the order of the table."""


@dataclass(frozen=True)
class RegionRow:
    """One region as the page shows it."""

    name: str
    side: str
    volume: str
    measured: str
    chi: str
    chi_median: str
    r2star: str
    status: str


def region_table(story: Story) -> list[RegionRow]:
    """Return a row for every region that was measured; none when no step measured any."""
    regions = [one for step in STEPS if story.ran(step) for one in _noted(story, step)]
    return [_row(region) for region in regions]


def _noted(story: Story, step: str) -> list[Mapping[str, Any]]:
    return list(story.fact(step, "regions") or [])


def _row(region: Mapping[str, Any]) -> RegionRow:
    maps = region["maps"]
    return RegionRow(
        name=str(region["region"]),
        side=str(region["side"] or ""),
        volume=f"{region['volume_mm3'] / 1000.0:.2f}",
        measured=f"{100.0 * region['measured']:.0f} %",
        chi=_spread(maps.get("chi"), 1000.0, 1),
        chi_median=f"{1000.0 * maps['chi']['median']:+.1f}" if "chi" in maps else "–",
        r2star=_spread(maps.get("r2star"), 1.0, 1),
        status=str(region["status"]),
    )


def _spread(statistics: Mapping[str, float] | None, times: float, digits: int) -> str:
    """Return mean ± standard deviation."""
    if statistics is None:
        return "–"
    return f"{times * statistics['mean']:.{digits}f} ± {times * statistics['sd']:.{digits}f}"
