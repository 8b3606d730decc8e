"""A head painted on the fine cells of a scan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.head import Head
from arteriole.phantom.lesions.lesion import SPHERE_TISSUE, Lesion, LesionTruth
from arteriole.phantom.painting.paint import Canvas, paint_structure
from arteriole.phantom.painting.paint_texture import paint_texture
from arteriole.phantom.painting.paint_tubes import paint_tubes, sphere_cover
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.scanner.signal import steady_state
from arteriole.phantom.texture import texture_spread
from arteriole.phantom.tissue import CHI_AIR_PPM, Tissue

WHITE_MAGNITUDE = 1000.0
"""Magnitude of white matter at echo time zero in the scan's arbitrary units."""

SMALL_CELLS = 3.0
"""Lesions narrower than this many cells get their field from the closed form."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A painted head, and the lesions whose field is added in closed form."""

    canvas: Canvas
    small: tuple[LesionTruth, ...]


def tissue_values(tissues: tuple[Tissue, ...], protocol: Protocol) -> NDArray[np.float32]:
    """Return per tissue at the protocol's field: chi (ppm), R2* (1/s), signal, chi offset (ppm)."""
    b0 = protocol.b0_tesla
    size = steady_state(
        np.array([t.density for t in tissues]),
        np.array([t.t1_at(b0) for t in tissues]),
        tr_s=protocol.tr_s,
        flip_deg=protocol.flip_deg,
    )
    size *= WHITE_MAGNITUDE / size[tissue.WHITE]
    rows = [
        (t.chi_ppm, t.r2star_at(b0), s, -CHI_AIR_PPM) for t, s in zip(tissues, size, strict=True)
    ]
    return np.asarray(rows, dtype=np.float32)


def paint_scene(head: Head, protocol: Protocol, grid: Grid) -> Scene:
    """Paint solids, texture, veins and lesions on the fine cells."""
    values = tissue_values(head.tissues, protocol)
    canvas = Canvas.blank(grid)
    for solid in head.anatomy.structures:
        paint_structure(canvas, solid, values[solid.tissue])
    paint_texture(canvas, head.texture, texture_spread(head.tissues))
    for tubes in head.vessels:
        paint_tubes(canvas, tubes, values[tubes.tissue])
    small = []
    for lesion in head.lesions:
        if not lesion.is_sphere:
            _paint_shape(canvas, lesion, values)
            continue
        tiny = lesion.truth.source_diameter_mm < SMALL_CELLS * max(grid.voxel_size_mm)
        _paint_sphere(canvas, lesion.truth, values, with_chi=not tiny)
        if tiny:
            small.append(lesion.truth)
    return Scene(canvas, tuple(small))


def _paint_shape(canvas: Canvas, lesion: Lesion, values: NDArray[np.float32]) -> None:
    """Let a lesion's solids, then its tubes, replace what lies in them."""
    for solid in lesion.solids:
        paint_structure(canvas, solid, values[solid.tissue])
    if lesion.tubes is not None:
        paint_tubes(canvas, lesion.tubes, values[lesion.tubes.tissue])


def _paint_sphere(
    canvas: Canvas, lesion: LesionTruth, values: NDArray[np.float32], *, with_chi: bool
) -> None:
    """Let a lesion replace what lies in its sphere."""
    covered = sphere_cover(canvas.grid, lesion.centre_mm, lesion.source_diameter_mm)
    if covered is None:
        return
    where, f = covered
    kind = SPHERE_TISSUE[lesion.kind]
    canvas.r2star_hz[where] += f * (values[kind, 1] - canvas.r2star_hz[where])
    canvas.signal[where] += f * (values[kind, 2] - canvas.signal[where])
    canvas.label[where][f >= 0.5] = kind
    if with_chi:
        own = np.float32(lesion.chi_ppm) + values[kind, 3]
        canvas.chi_ppm[where] += f * (own - canvas.chi_ppm[where])
