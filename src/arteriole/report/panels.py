"""From the table of figures to pictures with their bars and words; what is missing says why."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.report.figures import FIGURES, Figure
from arteriole.report.mosaic import Colour, Outline, Window, colours, encode, mosaic
from arteriole.report.story import Story, why_missing
from arteriole.report.view import AXIAL, WIDTH_PX, Row, View, choose_rows, choose_view
from arteriole.report.words import capitalised

Mask = NDArray[np.bool_]

OUTLINES: dict[str, tuple[str, Colour]] = {
    "brain_mask": ("brain mask", (64, 200, 224)),
    "qsm_mask": ("QSM mask", (255, 178, 36)),
    "vein_mask": ("veins", (255, 178, 36)),
}
OVERVIEW_ZOOM = 1.8


@dataclass(frozen=True)
class Panel:
    """A figure as it goes on the page: a picture with its bar and words, or a reason without."""

    name: str
    short: str
    title: str
    caption: str
    jpeg_base64: str = ""
    size: tuple[int, int] = (0, 0)
    ticks: tuple[str, ...] = ()
    unit: str = ""
    window: str = ""
    gradient: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    missing: str = ""


def panels(story: Story) -> list[Panel]:
    """Draw every figure of the table; a map that is not there gives a panel that says why."""
    seen = _seen(story)
    view = choose_view(story.scan_grid, seen)
    rows = choose_rows(view, seen)
    shown = [f for f in FIGURES if not (_repeats(story, f) or _left_out(story, f))]
    return [_panel(story, figure, view, rows, WIDTH_PX) for figure in shown]


def overview(story: Story) -> list[Panel]:
    """Draw one axial slice of the main maps, at the middle of the levels where brain is wide."""
    seen = _seen(story)
    view = choose_view(story.scan_grid, seen)
    view = replace(view, pixel_mm=view.pixel_mm / OVERVIEW_ZOOM)
    area = view.canonical(seen).sum(axis=(0, 1))
    level = int(np.median(np.flatnonzero(area >= 0.8 * area.max())))
    rows = (Row(AXIAL, (level,), (view.place(AXIAL, level),)),)
    shown = [f for f in FIGURES if f.in_overview and f.value in story.values]
    return [_panel(story, figure, view, rows, view.size(AXIAL)[0]) for figure in shown]


def _seen(story: Story) -> Mask:
    """Return what is worth seeing: the brain, else where there is any value."""
    for name in ("brain_mask", "qsm_mask"):
        if name in story.values:
            return np.asarray(story.values[name], dtype=bool)
    return np.ones(story.scan_grid.shape, dtype=bool)


def _repeats(story: Story, figure: Figure) -> bool:
    """Tell whether a last echo is not there, or is the first one."""
    value = story.values.get(figure.value)
    return figure.echo == -1 and (value is None or value.ndim == 3 or value.shape[0] == 1)


def _left_out(story: Story, figure: Figure) -> bool:
    """Tell whether an optional figure lacks its map or all of its outlines."""
    drawn = figure.outlines or (figure.value,)
    here = figure.value in story.values and any(name in story.values for name in drawn)
    return figure.optional and not here


def _panel(story: Story, figure: Figure, view: View, rows: Sequence[Row], width: int) -> Panel:
    volume = _volume(story, figure)
    rows = _rows_along(story.fact(figure.step, figure.along), view, rows)
    if volume is None:
        reason = capitalised(why_missing(story, figure.step))
        return Panel(figure.name, figure.short, figure.title, figure.caption, missing=reason)
    window = figure.window(story, volume)
    masks = [story.values[name] for name in figure.mask if name in story.values]
    drawn = [name for name in figure.outlines if name in story.values]
    image = mosaic(
        volume,
        view=view,
        rows=rows,
        window=window,
        colour_map=figure.colour_map,
        mask=np.asarray(masks[0], dtype=bool) if masks else None,
        outlines=[Outline(story.values[name], OUTLINES[name][1]) for name in drawn],
        smooth=figure.smooth,
        width_px=width,
    )
    return Panel(
        figure.name,
        figure.short,
        figure.title,
        figure.caption,
        jpeg_base64=base64.b64encode(encode(image)).decode("ascii"),
        size=image.size,
        ticks=ticks_of(window),
        unit=window.unit,
        window=words_of(window),
        gradient=gradient(figure.colour_map),
        legend=tuple((OUTLINES[name][0], css(OUTLINES[name][1])) for name in drawn),
    )


def _rows_along(axis: int | None, view: View, rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows whose slices follow each other along a voxel axis; all when it is None."""
    return [row for row in rows if axis is None or view.order[row.plane.axis] == axis]


def _volume(story: Story, figure: Figure) -> NDArray[Any] | None:
    value = story.values.get(figure.value)
    if value is None or value.ndim == 3:
        return value
    return value[figure.echo or 0]


def ticks_of(window: Window) -> tuple[str, ...]:
    """Return five values along the bar of a window."""
    return tuple(_number(v) for v in np.linspace(window.low, window.high, 5))


def words_of(window: Window) -> str:
    """Return a window in words."""
    span = f"{_number(window.low)} to {_number(window.high)} {window.unit}"
    return f"{span} ({window.why})" if window.why else span


def _number(value: float) -> str:
    text = f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    return text.replace("-", "−")


def gradient(colour_map: str) -> str:
    """Return the colour map as CSS colours from dark to bright."""
    return ", ".join(css(colour) for colour in colours(colour_map)[::17])


def css(colour: Sequence[int]) -> str:
    """Return a colour as CSS writes it."""
    return "#" + "".join(f"{int(part):02x}" for part in colour)
