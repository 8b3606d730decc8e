"""A head painted with one value for each tissue: the signal of a weighted image, or CT numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.head import Head
from arteriole.phantom.lesions.lesion import SPHERE_TISSUE, Lesion
from arteriole.phantom.painting.paint_signal import (
    SignalCanvas,
    divide,
    paint_signal_tubes,
    paint_solid,
)
from arteriole.phantom.painting.paint_tubes import sphere_cover
from arteriole.phantom.painting.parts import HeadParts
from arteriole.phantom.painting.vary_signal import vary_signal


@dataclass(frozen=True, eq=False)
class Look:
    """What tissues look like in one kind of image.

    Parameters
    ----------
    values : ndarray, (tissues,)
        Of each row of `TISSUES`.
    gains : ndarray, float32, (tissues, 3)
        How each varies, see `vary_signal`.
    moved : callable, optional
        Changes the canvas once solids and texture are on it (flow of fluid).
    """

    values: NDArray[np.float64]
    gains: NDArray[np.float32]
    moved: Callable[[SignalCanvas], None] | None = None


def paint_head(head: Head, parts: HeadParts, look: Look, grid: Grid) -> SignalCanvas:
    """Paint solids, texture, vessels and lesions on fine cells, in the order of `paint_scene`.

    Parameters
    ----------
    head : Head
        Whose head.
    parts : HeadParts
        Of its anatomy (`parts_of`).
    look : Look
        What its tissues look like.
    grid : Grid
        Fine cells in the head's world; part of a larger grid gives that part of the picture.
    """
    values = look.values
    canvas = SignalCanvas.blank(grid, signal=float(values[tissue.AIR]))
    for code, solid in enumerate(head.anatomy.structures, start=1):
        paint_solid(canvas, solid, float(values[solid.tissue]), code=code)
    for part in parts.divisions:
        divide(canvas, part)
    vary_signal(canvas, head.texture, look.gains[parts.tissue])
    if look.moved is not None:
        look.moved(canvas)
    for tubes in head.vessels:
        paint_signal_tubes(canvas, tubes, float(values[tubes.tissue]))
    fluid = head.anatomy.names.index("csf") + 1
    for lesion in head.lesions:
        _paint_lesion(canvas, lesion, values, fluid)
    return canvas


def _paint_lesion(
    canvas: SignalCanvas, lesion: Lesion, values: NDArray[np.float64], fluid: int
) -> None:
    """Let a lesion replace what lies in it; the codes change where fluid takes its place."""
    if lesion.is_sphere:
        truth = lesion.truth
        covered = sphere_cover(canvas.grid, truth.centre_mm, truth.source_diameter_mm)
        if covered is not None:
            where, f = covered
            value = np.float32(values[SPHERE_TISSUE[truth.kind]])
            canvas.signal[where] += f * (value - canvas.signal[where])
        return
    for solid in lesion.solids:
        code = fluid if solid.tissue == tissue.CSF else 0
        paint_solid(canvas, solid, float(values[solid.tissue]), code=code)
    if lesion.tubes is not None:
        paint_signal_tubes(canvas, lesion.tubes, float(values[lesion.tubes.tissue]))
