"""By what a small source multiplies the complex echoes of an image it is put into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.insert.point_spread import PointSpread, sampling_matrix
from arteriole.phantom.insert.source import Source
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
    source: Source,
    shape: Shape3,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3,
    te_s: Sequence[float],
    b0_tesla: float,
    point_spread: PointSpread = "sinc",
    cell_mm: float = 0.25,
    least_cells: int = 4,
    split: int = 3,
    margin: int = 16,
    smallest_rad: float = 1e-3,
) -> EchoFactor:
    """Return the complex factor of a small source in even surroundings, at each echo.

    Parameters
    ----------
    source : Source
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
    turn = np.asarray(te_s, dtype=np.float64) * 2.0 * np.pi * hz_per_ppm(b0_tesla)
    half = _near_zone(source, voxel_size_mm)
    near = _within(source, half, voxel_size_mm, shape, beyond=half)
    far_mm = _far_mm(source, float(turn[-1]), smallest_rad)
    wide = np.maximum(half + margin * np.asarray(voxel_size_mm), far_mm)
    box = _within(source, wide, voxel_size_mm, shape)
    if any(s.stop <= 0 or s.start >= n for s, n in zip(near, shape, strict=True)):
        raise ValueError("the source lies outside the image")
    zone = _Zone(source, voxel_size_mm, b0_direction, turn.astype(np.float32), half)
    factor = zone.far(box)
    cells = [max(least_cells, int(np.ceil(d / cell_mm - 1e-9))) for d in voxel_size_mm]
    rung = _grown(near, margin, box)
    part, cover = zone.near(near, rung, cells, split, point_spread)
    inner = tuple(
        slice(r.start - b.start, r.stop - b.start) for r, b in zip(rung, box, strict=True)
    )
    factor[(slice(None), *inner)] += part
    covered = np.zeros(factor.shape[1:], dtype=np.float32)
    covered[inner] = cover
    return EchoFactor(box, factor, covered)


def _near_zone(source: Source, voxel_size_mm: Size3) -> NDArray[np.float64]:
    """Return the half axes (mm) of the near zone round each point of the source."""
    radius = max(source.line_radius_mm, *source.spheres[:, 3]) if len(source.spheres) else 0.0
    radius = max(float(radius), source.line_radius_mm)
    return NEAR_RADII * radius + NEAR_VOXELS * np.asarray(voxel_size_mm)


def _far_mm(source: Source, turn: float, smallest_rad: float) -> float:
    """Return how far from the source its phase matters."""
    if len(source.line_mm):
        return np.inf
    moment = float(np.sum(np.abs(source.spheres[:, 4]) * source.spheres[:, 3] ** 3))
    return float(np.cbrt(2.0 / 3.0 * moment * turn / smallest_rad))


def _within(
    source: Source,
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

    source: Source
    voxel_size_mm: Size3
    b0_direction: Size3
    turn: NDArray[np.float32]
    half_mm: NDArray[np.float64]

    def far(self, box: Box) -> NDArray[np.complex64]:
        """Return 1 + (1 - w) (F - 1) in the middle of each voxel."""
        out = np.empty((len(self.turn), *[s.stop - s.start for s in box]), dtype=np.complex64)
        first = np.asarray([s.start for s in box], dtype=np.float32)
        size = np.asarray(self.voxel_size_mm, dtype=np.float32)
        _far(out, first, size, self.turn, *self._parts())
        return out

    def near(
        self, near: Box, rung: Box, cells: Sequence[int], split: int, point_spread: PointSpread
    ) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
        """Return what the near zone adds in a box of voxels, and how much of each it fills."""
        span = [range(s.start * n, s.stop * n) for s, n in zip(near, cells, strict=True)]
        fine = np.zeros((len(self.turn), *[len(r) for r in span]), dtype=np.complex64)
        cover = np.zeros([s.stop - s.start for s in near], dtype=np.float32)
        busy = np.zeros(fine.shape[1:3], dtype=np.bool_)
        size = np.asarray(self.voxel_size_mm) / cells
        first = [r.start - (n - 1) / 2.0 for r, n in zip(span, cells, strict=True)]
        live = np.empty([s.stop - s.start for s in near], dtype=np.int64)
        start = np.asarray([s.start for s in near], dtype=np.float32)
        _find_live(live, start, np.asarray(self.voxel_size_mm, dtype=np.float32), *self._parts())
        _near(
            fine,
            cover,
            busy,
            live,
            np.asarray(cells, dtype=np.int64),
            split,
            np.asarray(first, dtype=np.float32),
            size.astype(np.float32),
            self.turn,
            self.source.ratio,
            *self._parts(),
        )
        weights = [
            sampling_matrix(range(v.start, v.stop), r, n, point_spread)
            for v, r, n in zip(rung, span, cells, strict=True)
        ]
        out = np.empty((len(self.turn), *[w.shape[1] for w in weights]), dtype=np.complex64)
        for e in range(len(self.turn)):
            _sample(out[e], fine[e], busy, *weights)
        return out, _filled(cover, near, rung)

    def _parts(self) -> tuple[NDArray[np.float32], ...]:
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


@kernel()
def _look(
    x: np.float32,
    y: np.float32,
    z: np.float32,
    spheres: NDArray[np.float32],
    line: NDArray[np.float32],
    tangent: NDArray[np.float32],
    tube: NDArray[np.float32],
    b: NDArray[np.float32],
    inverse: NDArray[np.float32],
    begin: int,
    end: int,
) -> tuple[np.float32, np.float32, np.float32, np.float32, int]:
    """Return field (ppm), distance to the surface (mm, + outside), nearness^2 and slope (ppm/mm).

    Of the line, pieces ``begin`` to ``end`` are looked at; the nearest is returned last.

    Nearness is 0 in the middle of the nearest part and 1 where the near zone ends.
    """
    zero, one, two, three = np.float32(0), np.float32(1), np.float32(2), np.float32(3)
    field, slope, gap, near = zero, zero, np.float32(1e9), np.float32(1e9)
    for s in range(spheres.shape[0]):
        dx, dy, dz = x - spheres[s, 0], y - spheres[s, 1], z - spheres[s, 2]
        square = dx * dx + dy * dy + dz * dz
        r, a = np.sqrt(square), spheres[s, 3]
        q = (dx * inverse[0]) ** 2 + (dy * inverse[1]) ** 2 + (dz * inverse[2]) ** 2
        near, gap = min(near, q), min(gap, r - a)
        if r <= a:
            continue
        along = dx * b[0] + dy * b[1] + dz * b[2]
        strength = spheres[s, 4] * a * a * a / (three * square * r)
        field += strength * (three * along * along / square - one)
        slope += abs(strength) * two * three / r
    nearest = 0
    if end > begin:
        best, share = np.float32(1e30), zero
        for p in range(begin, end):
            ex = line[p + 1, 0] - line[p, 0]
            ey = line[p + 1, 1] - line[p, 1]
            ez = line[p + 1, 2] - line[p, 2]
            px, py, pz = x - line[p, 0], y - line[p, 1], z - line[p, 2]
            t = (px * ex + py * ey + pz * ez) / (ex * ex + ey * ey + ez * ez)
            t = min(max(t, zero), one)
            dx, dy, dz = px - t * ex, py - t * ey, pz - t * ez
            square = dx * dx + dy * dy + dz * dz
            if square < best:
                best, nearest, share = square, p, t
        p, t = nearest, share
        u0 = tangent[p, 0] + t * (tangent[p + 1, 0] - tangent[p, 0])
        u1 = tangent[p, 1] + t * (tangent[p + 1, 1] - tangent[p, 1])
        u2 = tangent[p, 2] + t * (tangent[p + 1, 2] - tangent[p, 2])
        scale = one / np.sqrt(u0 * u0 + u1 * u1 + u2 * u2)
        u0, u1, u2 = u0 * scale, u1 * scale, u2 * scale
        cosine = u0 * b[0] + u1 * b[1] + u2 * b[2]
        dx = x - line[p, 0] - t * (line[p + 1, 0] - line[p, 0])
        dy = y - line[p, 1] - t * (line[p + 1, 1] - line[p, 1])
        dz = z - line[p, 2] - t * (line[p + 1, 2] - line[p, 2])
        q = (dx * inverse[0]) ** 2 + (dy * inverse[1]) ** 2 + (dz * inverse[2]) ** 2
        r, a = np.sqrt(best), tube[0]
        near, gap = min(near, q), min(gap, r - a)
        if r <= a:
            field += tube[1] * (three * cosine * cosine - one) / (two * three)
        else:
            across = one - cosine * cosine
            part = dx * b[0] + dy * b[1] + dz * b[2]
            part -= cosine * (dx * u0 + dy * u1 + dz * u2)
            strength = tube[1] / two * a * a / best
            field += strength * (two * part * part / best - across)
            slope += abs(strength) * two * across / r
    return field, gap, near, slope, nearest


@kernel()
def _window(near: np.float32) -> np.float32:
    """Return 1 up to half the near zone, falling smoothly to 0 at its end."""
    one, two, three = np.float32(1), np.float32(2), np.float32(3)
    t = two - two * np.sqrt(near)
    if t >= one:
        return one
    if t <= 0:
        return np.float32(0)
    return t * t * (three - two * t)


@kernel(parallel=True)
def _far(
    out: NDArray[np.complex64],
    first: NDArray[np.float32],
    size: NDArray[np.float32],
    turn: NDArray[np.float32],
    spheres: NDArray[np.float32],
    line: NDArray[np.float32],
    tangent: NDArray[np.float32],
    tube: NDArray[np.float32],
    b: NDArray[np.float32],
    inverse: NDArray[np.float32],
) -> None:
    """Write 1 + (1 - w) (exp(i phase) - 1) voxel by voxel."""
    one, pieces = np.float32(1), line.shape[0] - 1
    for i in prange(out.shape[1]):
        x = (first[0] + np.float32(i)) * size[0]
        for j in range(out.shape[2]):
            y = (first[1] + np.float32(j)) * size[1]
            for k in range(out.shape[3]):
                z = (first[2] + np.float32(k)) * size[2]
                field, _, near, _, _ = _look(
                    x, y, z, spheres, line, tangent, tube, b, inverse, 0, pieces
                )
                share = one - _window(near)
                for e in range(out.shape[0]):
                    if share == 0:
                        out[e, i, j, k] = one
                        continue
                    angle = turn[e] * field
                    out[e, i, j, k] = complex(
                        one + share * (np.cos(angle) - one), share * np.sin(angle)
                    )


@kernel(parallel=True)
def _find_live(
    live: NDArray[np.int64],
    first: NDArray[np.float32],
    size: NDArray[np.float32],
    spheres: NDArray[np.float32],
    line: NDArray[np.float32],
    tangent: NDArray[np.float32],
    tube: NDArray[np.float32],
    b: NDArray[np.float32],
    inverse: NDArray[np.float32],
) -> None:
    """Write the nearest piece of line for voxels that reach into the near zone, -1 for others.

    Half a voxel is a sixth of the zone or less along each axis.
    """
    end, pieces = np.float32(1.3 * 1.3), line.shape[0] - 1
    for i in prange(live.shape[0]):
        x = (first[0] + np.float32(i)) * size[0]
        for j in range(live.shape[1]):
            y = (first[1] + np.float32(j)) * size[1]
            for k in range(live.shape[2]):
                z = (first[2] + np.float32(k)) * size[2]
                _, _, near, _, piece = _look(
                    x, y, z, spheres, line, tangent, tube, b, inverse, 0, pieces
                )
                live[i, j, k] = piece if near < end else -1


@kernel()
def _add(
    cell: NDArray[np.complex64],
    weight: np.float32,
    field: np.float32,
    gap: np.float32,
    turn: NDArray[np.float32],
    ratio: NDArray[np.float32],
) -> None:
    """Add the weighted F - 1 of one point to its cell, at each echo."""
    one = np.float32(1)
    for e in range(cell.shape[0]):
        s = ratio[e] if gap <= 0 else one
        angle = turn[e] * field
        cell[e] += complex(weight * (s * np.cos(angle) - one), weight * s * np.sin(angle))


@kernel()
def _cell(
    cell: NDArray[np.complex64],
    x: np.float32,
    y: np.float32,
    z: np.float32,
    size: NDArray[np.float32],
    edge: np.float32,
    split: int,
    turn: NDArray[np.float32],
    ratio: NDArray[np.float32],
    spheres: NDArray[np.float32],
    line: NDArray[np.float32],
    tangent: NDArray[np.float32],
    tube: NDArray[np.float32],
    b: NDArray[np.float32],
    inverse: NDArray[np.float32],
    begin: int,
    end: int,
) -> np.float32:
    """Write the mean of w (F - 1) over one cell; return how much of it is covered."""
    one, half = np.float32(1), np.float32(0.5)
    field, gap, near, slope, _ = _look(
        x, y, z, spheres, line, tangent, tube, b, inverse, begin, end
    )
    share, covered = _window(near), np.float32(0)
    if share == 0:
        return covered
    parts = split if abs(gap) < edge or slope * turn[-1] * edge > half else 1
    weight = one / np.float32(parts * parts * parts)
    step, middle = one / np.float32(parts), half * np.float32(parts - 1)
    for p in range(parts * parts * parts):
        if parts > 1:
            field, gap, _, _, _ = _look(
                x + (np.float32(p // (parts * parts)) - middle) * step * size[0],
                y + (np.float32(p // parts % parts) - middle) * step * size[1],
                z + (np.float32(p % parts) - middle) * step * size[2],
                spheres, line, tangent, tube, b, inverse, begin, end,
            )  # fmt: skip
        if gap <= 0:
            covered += weight
        _add(cell, share * weight, field, gap, turn, ratio)
    return covered


@kernel(parallel=True)
def _near(
    out: NDArray[np.complex64],
    cover: NDArray[np.float32],
    busy: NDArray[np.bool_],
    live: NDArray[np.int64],
    cells: NDArray[np.int64],
    split: int,
    first: NDArray[np.float32],
    size: NDArray[np.float32],
    turn: NDArray[np.float32],
    ratio: NDArray[np.float32],
    spheres: NDArray[np.float32],
    line: NDArray[np.float32],
    tangent: NDArray[np.float32],
    tube: NDArray[np.float32],
    field_axis: NDArray[np.float32],
    inverse: NDArray[np.float32],
) -> None:
    """Add the mean of w (F - 1) over each cell, the cover, and which rows are not empty.

    Cells in a row along the last axis; what stays 0 is not written to.
    """
    half = np.float32(0.5)
    edge = half * np.sqrt(size[0] ** 2 + size[1] ** 2 + size[2] ** 2)
    share = np.float32(1.0 / (cells[0] * cells[1] * cells[2]))
    for a in prange(live.shape[0]):
        for b in range(live.shape[1]):
            for c in range(live.shape[2]):
                if live[a, b, c] < 0:
                    continue
                begin = max(live[a, b, c] - 1, 0)
                end = min(live[a, b, c] + 2, line.shape[0] - 1)
                for n in range(cells[0] * cells[1] * cells[2]):
                    i = a * cells[0] + n // (cells[1] * cells[2])
                    j = b * cells[1] + n // cells[2] % cells[1]
                    k = c * cells[2] + n % cells[2]
                    x = (first[0] + np.float32(i)) * size[0]
                    y = (first[1] + np.float32(j)) * size[1]
                    z = (first[2] + np.float32(k)) * size[2]
                    busy[i, j] = True
                    cover[a, b, c] += share * _cell(
                        out[:, i, j, k], x, y, z, size, edge, split, turn, ratio,
                        spheres, line, tangent, tube, field_axis, inverse, begin, end,
                    )  # fmt: skip


@kernel(parallel=True)
def _sample(
    out: NDArray[np.complex64],
    fine: NDArray[np.complex64],
    busy: NDArray[np.bool_],
    wx: NDArray[np.float32],
    wy: NDArray[np.float32],
    wz: NDArray[np.float32],
) -> None:
    """Take fine cells to voxels, axis by axis: out = sum of wx wy wz fine."""
    nx, ny, nz = fine.shape
    mx, my, mz = out.shape
    rows = np.zeros((nx, my, nz), dtype=np.complex64)
    for i in prange(nx):
        for j in range(ny):
            if not busy[i, j]:
                continue
            for q in range(my):
                w = wy[j, q]
                for k in range(nz):
                    rows[i, q, k] += w * fine[i, j, k]
    for p in prange(mx):
        line = np.empty(nz, dtype=np.complex64)
        for q in range(my):
            line[:] = 0
            for i in range(nx):
                w = wx[i, p]
                for k in range(nz):
                    line[k] += w * rows[i, q, k]
            out[p, q] = 0
            for k in range(nz):
                for r in range(mz):
                    out[p, q, r] += wz[k, r] * line[k]
