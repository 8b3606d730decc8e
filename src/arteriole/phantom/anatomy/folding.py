"""Gyri as stripes that form by themselves on the brain's surface, all of about one width."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.anatomy.shapes import Level
from arteriole.phantom.anatomy.structure import level_at

SHELL_MM = 3.5
"""Stripes form within this distance of the surface."""

STEPS = 14
"""Rounds after which stripes hardly change."""

SHARP = 6.0
"""How strongly each round drives a place to one side."""


def stripes(
    depth: Level, start: Level, held: NDArray[np.bool_], *, spacing_mm: float, width_mm: float
) -> Level:
    """Return a field that changes its sign every ``width_mm`` along the surface.

    Parameters
    ----------
    depth : ndarray, float32, (x, y, z)
        Depth under the surface on a lattice, mm.
    start : ndarray, float32, (x, y, z)
        Noise that stripes grow from, and what they are where they are held.
    held : ndarray, bool, (x, y, z)
        Where they stay as given.
    spacing_mm : float
        Distance between points.
    width_mm : float
        Width of a stripe.

    Notes
    -----
    ``u <- tanh(s (G1 - G2) u)`` with Gaussians of widths 1 : 2, each normalised within the shell:
    local activation and lateral inhibition (Turing 1952, doi:10.1098/rstb.1952.0012). It makes
    labyrinths of even width, as gyri are; nothing of mechanics is in it.
    """
    shell = (np.abs(depth) < SHELL_MM).astype(np.float32)
    narrow, wide = (f * 2.0 * width_mm / 6.54 / spacing_mm for f in (1.0, 2.0))
    weight = [_blur(shell, s) + np.float32(1e-4) for s in (narrow, wide)]
    u = np.where(shell > 0, start, 0.0).astype(np.float32)
    for _ in range(STEPS):
        inside = u * shell
        near, far = (_blur(inside, s) / w for s, w in zip((narrow, wide), weight, strict=True))
        u = np.where(held, start, np.tanh(np.float32(SHARP) * (near - far))).astype(np.float32)
    around = np.float32(1.0) * shell
    return np.asarray(_blur(u * shell, 0.7) / (_blur(around, 0.7) + np.float32(1e-3)))


def way_out(depth: Level, *, spacing_mm: float, coarse: Level, step: int) -> NDArray[np.float32]:
    """Return the way (3, x, y, z; mm) from each point of a lattice to the surface over it.

    Parameters
    ----------
    depth : ndarray, float32, (x, y, z)
        Depth under the surface, mm.
    spacing_mm : float
        Distance between points.
    coarse : ndarray, float32
        The same depth on every ``step``-th point, smoothed: sulci follow its slope.
    step : int
        See above.
    """
    slope = [np.ascontiguousarray(s, dtype=np.float32) for s in np.gradient(coarse)]
    out = np.zeros((3, *depth.shape), dtype=np.float32)
    _walk(depth, slope[0], slope[1], slope[2], np.float32(spacing_mm), np.float32(1.0 / step), out)
    return out


def under(
    field: Level, way: NDArray[np.float32], *, spacing_mm: float, step: int
) -> NDArray[np.float32]:
    """Return at each point the value that a coarse field has on the surface over it."""
    out = np.empty(way.shape[1:], dtype=np.float32)
    scale = np.float32(1.0 / step)
    _read(np.ascontiguousarray(field), way, np.float32(1.0 / spacing_mm), scale, out)
    return out


def _blur(values: Level, sigma: float) -> Level:
    return np.asarray(scipy.ndimage.gaussian_filter(values, sigma, truncate=2.5), dtype=np.float32)


@kernel(parallel=True)
def _walk(
    depth: Level,
    sx: Level,
    sy: Level,
    sz: Level,
    spacing: np.float32,
    scale: np.float32,
    out: NDArray[np.float32],
) -> None:
    """Walk outwards in three steps, each along the slope where it starts."""
    third = np.float32(1.0 / 3.0)
    for i in prange(depth.shape[0]):
        for j in range(depth.shape[1]):
            for k in range(depth.shape[2]):
                d = min(max(depth[i, j, k], np.float32(-6.0)), np.float32(26.0)) * third / spacing
                u, v, w = np.float32(i), np.float32(j), np.float32(k)
                for _ in range(3):
                    a = level_at(sx, u * scale, v * scale, w * scale)
                    b = level_at(sy, u * scale, v * scale, w * scale)
                    c = level_at(sz, u * scale, v * scale, w * scale)
                    if a < np.float32(-500.0):
                        break
                    back = d / (np.sqrt(a * a + b * b + c * c) + np.float32(1e-3))
                    u, v, w = u - back * a, v - back * b, w - back * c
                out[0, i, j, k] = (u - np.float32(i)) * spacing
                out[1, i, j, k] = (v - np.float32(j)) * spacing
                out[2, i, j, k] = (w - np.float32(k)) * spacing


@kernel(parallel=True)
def _read(
    field: Level,
    way: NDArray[np.float32],
    per_mm: np.float32,
    scale: np.float32,
    out: NDArray[np.float32],
) -> None:
    """Interpolate a coarse field at the ends of ways."""
    for i in prange(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                u = (np.float32(i) + way[0, i, j, k] * per_mm) * scale
                v = (np.float32(j) + way[1, i, j, k] * per_mm) * scale
                w = (np.float32(k) + way[2, i, j, k] * per_mm) * scale
                out[i, j, k] = level_at(field, u, v, w)
