"""From a map to the bytes of a picture: windows, colours, slices side by side, outlines, letters.

Knows nothing of the page that shows it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib
import numpy as np
import scipy.ndimage
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from arteriole.report.view import GAP_PX, WIDTH_PX, Plane, Row, View

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

MOST_BYTES = 200_000
"""A picture larger than this is encoded again with lower quality: the page stays under 5 MB."""
QUALITIES = (90, 84, 76, 66, 54, 40)
LETTER = (220, 220, 220)
FAINT = (156, 156, 156)


@dataclass(frozen=True)
class Window:
    """Values that are drawn darkest and brightest, in the unit that is shown.

    ``one`` is the size of that unit in the map's own unit.
    """

    low: float
    high: float
    unit: str
    why: str = ""
    one: float = 1.0

    def scaled(self, values: NDArray[Any]) -> Pixels:
        """Return the index of the colour of each value; what is not a number is darkest."""
        shown = np.nan_to_num(values / np.float32(self.one), nan=self.low)
        share = (shown - self.low) / (self.high - self.low)
        return np.asarray(np.clip(share * 255.0 + 0.5, 0, 255), dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class Outline:
    """A mask whose border is drawn in a colour."""

    mask: NDArray[np.bool_]
    colour: Colour


@cache
def colours(name: str) -> Pixels:
    """Return the 256 colours (RGB) of a colour map."""
    table = matplotlib.colormaps[name](np.arange(256))[:, :3]
    return np.asarray(np.round(table * 255), dtype=np.uint8)


def mosaic(
    volume: NDArray[Any],
    *,
    view: View,
    rows: Sequence[Row],
    window: Window,
    colour_map: str = "gray",
    mask: NDArray[np.bool_] | None = None,
    outlines: Sequence[Outline] = (),
    smooth: bool = True,
    width_px: int = WIDTH_PX,
) -> Image.Image:
    """Draw a 3-D map as rows of slices.

    Parameters
    ----------
    volume : ndarray, (x, y, z)
        The map on the grid of the view.
    view, rows
        What is shown of it.
    window : Window
        Values drawn darkest and brightest.
    colour_map : str
        Name of a matplotlib colour map.
    mask : ndarray, bool, optional
        Voxels outside are black.
    outlines : sequence of Outline
        Borders drawn over the map.
    smooth : bool
        Interpolate between voxels; not for wrapped phase.
    width_px : int
        Width of the whole picture.
    """
    shown = view.canonical(volume)
    inside = None if mask is None else view.canonical(mask)
    borders = [(view.canonical(line.mask), line.colour) for line in outlines]
    heights = [view.size(row.plane)[1] for row in rows]
    canvas = np.zeros((sum(heights) + GAP_PX * (len(rows) - 1), width_px, 3), dtype=np.uint8)
    top = 0
    for row, height in zip(rows, heights, strict=True):
        for left, k in zip(_lefts(view, row, width_px), row.slices, strict=True):
            pixels = colours(colour_map)[
                window.scaled(view.picture(shown, row.plane, k, smooth=smooth))
            ]
            if inside is not None:
                pixels = pixels * _inside(view, inside, row.plane, k)[..., None]
            for border, colour in borders:
                pixels[_border(_inside(view, border, row.plane, k))] = colour
            canvas[top : top + height, left : left + pixels.shape[1]] = pixels
        top += height + GAP_PX
    image = Image.fromarray(canvas)
    _write_letters(image, view, rows)
    return image


def encode(image: Image.Image, *, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the picture as a JPEG, grey if it has no colour, no larger than ``most_bytes``."""
    pixels = np.asarray(image)
    if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
        image = image.convert("L")
    for quality in QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, subsampling=0)
        if buffer.tell() <= most_bytes:
            break
    return buffer.getvalue()


def _lefts(view: View, row: Row, width_px: int) -> list[int]:
    """Return where the pictures of a row begin, spread over the width."""
    cell = width_px / len(row.slices)
    width = view.size(row.plane)[0]
    return [max(0, round((i + 0.5) * cell - width / 2)) for i in range(len(row.slices))]


def _inside(view: View, canonical: NDArray[Any], plane: Plane, k: int) -> NDArray[np.bool_]:
    return np.asarray(view.picture(canonical, plane, k) > 0.5)


def _border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(mask & ~scipy.ndimage.binary_erosion(mask))


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size=size)


def _write_letters(image: Image.Image, view: View, rows: Sequence[Row]) -> None:
    """Write sides on the first picture of each row, and the place on all."""
    draw = ImageDraw.Draw(image)
    top = 0
    for row in rows:
        width, height = view.size(row.plane)
        lefts = _lefts(view, row, image.width)
        for i, (left, place) in enumerate(zip(lefts, row.places, strict=True)):
            at = (left + width - 3, top + height - 3)
            draw.text(at, place, FAINT, _font(13), "rs", stroke_width=2, stroke_fill=0)
            if i == 0:
                _write_sides(draw, row.plane, (left, top, width, height))
        top += height + GAP_PX


def _write_sides(draw: Any, plane: Plane, box: tuple[int, int, int, int]) -> None:
    left, top, width, height = box
    places = [
        (left + 3, top + height // 2, "lm"),
        (left + width - 3, top + height // 2, "rm"),
        (left + width // 2, top + 2, "mt"),
        (left + width // 2, top + height - 3, "ms"),
    ]
    for letter, (x, y, anchor) in zip(plane.letters, places, strict=True):
        draw.text((x, y), letter, LETTER, _font(16), anchor, stroke_width=2, stroke_fill=0)
