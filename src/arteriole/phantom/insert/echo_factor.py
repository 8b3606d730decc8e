"""By what a small source multiplies the complex echoes of an image it is put into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from arteriole.phantom.insert.kspace_support import FULL, Support
from arteriole.phantom.insert.near_zone import find_live, sample_across, sample_near, write_far
from arteriole.phantom.insert.point_spread import PointSpread, sampling_matrix
from arteriole.phantom.insert.source import FieldSource
from arteriole.phantom.insert.source_field import Parts
from arteriole.phantom.scanner.dipole_field import Size3
from arteriole.phantom.scanner.kspace import Shape3
from arteriole.units import hz_per_ppm

Box = tuple[slice, slice, slice]

NEAR_RADII, NEAR_VOXELS = 2.5, 3.0
"""The near zone, of fine cells, ends so many radii plus so many voxels from a source's middle."""


@dataclass(frozen=True, eq=False)
class EchoFactor:
    """What a source does to an image within a box of voxels.

    Parameters
    ----------
    box : tuple of 3 slice
        Voxels of the image.
    factor : ndarray, complex64, (e, x, y, z)
        What the echoes are multiplied by, phase growing with the field; 1 far away.
    cover : ndarray, float32, (x, y, z)
        Fraction of each voxel that lies in the source.
    """

    box: Box
    factor: NDArray[np.complex64]
    cover: NDArray[np.float32]


def echo_factor(
    source: FieldSource,
    shape: Shape3,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3,
    te_s: Sequence[float],
    b0_tesla: float,
    point_spread: PointSpread = "sinc",
    support: Support = FULL,
    cell_mm: float = 0.25,
    least_cells: int = 4,
    split: int = 3,
    margin: int = 16,
    smallest_rad: float = 1e-3,
) -> EchoFactor:
    """Return the complex factor of a small source in even surroundings, at each echo.

    Parameters
    ----------
    source : FieldSource
        What is put in.
    shape : tuple of 3 int
        Of the image.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.
    te_s : sequence of float
        Echo times, s, as many as the source has ratios.
    b0_tesla : float
        Main field, T.
    point_spread : {"sinc", "box"}
        How the scanner samples: a crop of k-space, or means over voxels.
    support : Support
        How much of the image's k-space was sampled, and how it was tapered.
    cell_mm, least_cells, split : float, int, int
        Near the source the field is computed on cells of at most this size, and at least so many
        in a voxel along each axis; where it is steep, or the surface cuts them, they are split
        once more along each axis.
    margin : int
        Voxels beyond the near zone that ringing is followed to.
    smallest_rad : float
        Phase at the last echo that ends the box.

    Raises
    ------
    ValueError
        If echoes and ratios differ in number, the source lies outside, or a size is not positive.

    Notes
    -----
    ``F = P * [(1 - c + c s) exp(i 2 pi TE f)]`` with the field ``f`` of spheres and long tubes in
    closed form (see `sphere_field`, `cylinder_field`; 0 in a sphere), ``c`` 1 inside and 0
    outside, ``s`` the ratio of signals and ``P`` the point spread. Only ``w (F - 1)``, with ``w``
    falling softly from 1 near the source to 0, goes through fine cells and ``P``; for the rest,
    smooth on the scale of voxels, the field in the middle of the voxel is enough.

    Exact where the surroundings are even over the point spread. Known failures: across an edge of
    the image the ringing of the product is not the product of the ringings; a bent tube is taken
    as straight at each of its points.
    """
    if len(te_s) != len(source.ratio):
        raise ValueError(f"{len(te_s)} echo times for {len(source.ratio)} signal ratios")
    if min(voxel_size_mm) <= 0 or not (
        cell_mm > 0 and min(least_cells, split) >= 1 and b0_tesla > 0
    ):
        raise ValueError(
            f"sizes and field are positive, not {voxel_size_mm}, {cell_mm} mm, {b0_tesla} T"
        )
    turns = np.asarray(te_s, dtype=np.float64) * hz_per_ppm(b0_tesla)
    half = _near_zone(source, np.asarray(voxel_size_mm) / support.share)
    near = _within(source, half, voxel_size_mm, shape, beyond=half)
    far_mm = _far_mm(source, 2.0 * np.pi * float(turns[-1]), smallest_rad)
    wide = np.maximum(half + margin * np.asarray(voxel_size_mm), far_mm)
    box = _within(source, wide, voxel_size_mm, shape)
    if any(s.stop <= 0 or s.start >= n for s, n in zip(near, shape, strict=True)):
        raise ValueError("the source lies outside the image")
    zone = _Zone(source, voxel_size_mm, b0_direction, turns.astype(np.float32), half)
    factor = zone.far(box)
    cells = [max(least_cells, int(np.ceil(d / cell_mm - 1e-9))) for d in voxel_size_mm]
    rung = _grown(near, margin, box)
    part, cover = zone.near(near, rung, cells, split, point_spread, support)
    inner = tuple(
        slice(r.start - b.start, r.stop - b.start) for r, b in zip(rung, box, strict=True)
    )
    factor[(slice(None), *inner)] += part
    covered = np.zeros(factor.shape[1:], dtype=np.float32)
    covered[inner] = cover
    return EchoFactor(box, factor, covered)


def _near_zone(source: FieldSource, resolution_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the half axes (mm) of the near zone round each point of the source."""
    radius = max(source.line_radius_mm, *source.spheres[:, 3]) if len(source.spheres) else 0.0
    radius = max(float(radius), source.line_radius_mm)
    return NEAR_RADII * radius + NEAR_VOXELS * resolution_mm


def _far_mm(source: FieldSource, turn: float, smallest_rad: float) -> float:
    """Return how far from the source its phase matters."""
    if len(source.line_mm):
        return np.inf
    moment = float(np.sum(np.abs(source.spheres[:, 4]) * source.spheres[:, 3] ** 3))
    return float(np.cbrt(2.0 / 3.0 * moment * turn / smallest_rad))


def _within(
    source: FieldSource,
    half: NDArray[np.float64],
    voxel_size_mm: Size3,
    shape: Shape3,
    *,
    beyond: NDArray[np.float64] | None = None,
) -> Box:
    """Return the voxels within ``half`` mm of the source, and of the image or ``beyond`` it."""
    points = np.concatenate([source.spheres[:, :3], source.line_mm]).astype(np.float64)
    more = np.zeros(3) if beyond is None else np.ceil(beyond / voxel_size_mm)
    low = np.floor((points.min(axis=0) - half) / voxel_size_mm)
    high = np.ceil((points.max(axis=0) + half) / voxel_size_mm) + 1
    start = np.maximum(low, -more).astype(int)
    stop = np.minimum(high, np.asarray(shape) + more).astype(int)
    return (slice(start[0], stop[0]), slice(start[1], stop[1]), slice(start[2], stop[2]))


def _grown(box: Box, margin: int, limit: Box) -> Box:
    """Return a box grown by a margin within another."""
    a, b, c = (
        slice(max(s.start - margin, m.start), min(s.stop + margin, m.stop))
        for s, m in zip(box, limit, strict=True)
    )
    return a, b, c


@dataclass(frozen=True, eq=False)
class _Zone:
    """A source with its scan, as the kernels take them."""

    source: FieldSource
    voxel_size_mm: Size3
    b0_direction: Size3
    turns: NDArray[np.float32]
    half_mm: NDArray[np.float64]

    def far(self, box: Box) -> NDArray[np.complex64]:
        """Return 1 + (1 - w) (F - 1) in the middle of each voxel."""
        out = np.empty((len(self.turns), *[s.stop - s.start for s in box]), dtype=np.complex64)
        first = np.asarray([s.start for s in box], dtype=np.float32)
        size = np.asarray(self.voxel_size_mm, dtype=np.float32)
        write_far(out, first, size, self.turns, self.parts)
        return out

    def near(
        self,
        near: Box,
        rung: Box,
        cells: Sequence[int],
        split: int,
        point_spread: PointSpread,
        support: Support,
    ) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
        """Return what the near zone adds in a box of voxels, and how much of each it fills."""
        voxel = np.asarray(self.voxel_size_mm, dtype=np.float32)
        start = np.asarray([s.start for s in near], dtype=np.float32)
        live = np.empty([s.stop - s.start for s in near], dtype=np.int64)
        find_live(live, start, voxel, self.parts)
        spans = [range(s.start * n, s.stop * n) for s, n in zip(near, cells, strict=True)]
        wx, wy, wz = (
            sampling_matrix(range(v.start, v.stop), r, n, point_spread, share=share, edge=edge)
            for v, r, n, share, edge in zip(
                rung, spans, cells, support.share, support.edge, strict=True
            )
        )
        size = np.asarray(self.voxel_size_mm) / cells
        cover = np.zeros(live.shape, dtype=np.float32)
        echoes = len(self.turns)
        slabs = np.empty((len(wx), echoes, wy.shape[1], 2 * wz.shape[1]), dtype=np.float32)
        sample_near(
            slabs,
            cover,
            live,
            np.asarray(cells, dtype=np.int64),
            _offsets(cells, size),
            _offsets((split, split, split), size / split) - (size[:, None] / 2).astype(np.float32),
            (start - np.float32(0.5)) * voxel,
            voxel,
            np.float32(0.5 * np.linalg.norm(size)),
            wy,
            wz,
            self.turns,
            self.source.ratio,
            self.parts,
        )
        out = np.zeros((echoes, wx.shape[1], wy.shape[1], wz.shape[1]), dtype=np.complex64)
        sample_across(out, slabs, wx)
        return out, _filled(cover, near, rung)

    @cached_property
    def parts(self) -> Parts:
        """The source as the kernels take it."""
        line = self.source.line_mm
        tangent = np.gradient(line, axis=0) if len(line) else line
        length = np.linalg.norm(tangent, axis=1, keepdims=True)
        tube = (self.source.line_radius_mm, self.source.line_chi_ppm)
        return (
            np.ascontiguousarray(self.source.spheres, dtype=np.float32),
            np.ascontiguousarray(line, dtype=np.float32),
            np.ascontiguousarray(tangent / length, dtype=np.float32),
            np.asarray(tube, dtype=np.float32),
            np.asarray(self.b0_direction, dtype=np.float32),
            (1.0 / self.half_mm).astype(np.float32),
        )


def _filled(cover: NDArray[np.float32], near: Box, rung: Box) -> NDArray[np.float32]:
    """Return the cover of the near box's voxels on another box of voxels."""
    out = np.zeros([s.stop - s.start for s in rung], dtype=np.float32)
    both = [(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(near, rung, strict=True)]
    here = tuple(slice(s - b.start, e - b.start) for (s, e), b in zip(both, rung, strict=True))
    there = tuple(slice(s - a.start, e - a.start) for (s, e), a in zip(both, near, strict=True))
    out[here] = cover[there]
    return out


def _offsets(count: Sequence[int], size: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the middles (mm) of equal cells from the corner of what they fill, (3, cells)."""
    axes = [(np.arange(n) + 0.5) * d for n, d in zip(count, size, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij")).reshape(3, -1).astype(np.float32)
