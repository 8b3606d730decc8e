"""Texture painted over tissue values: chi and R2* that vary together where physics says so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.anatomy.structure import level_at
from arteriole.phantom.painting.paint import Canvas
from arteriole.phantom.texture import FINE_SHARE, Texture


def paint_texture(canvas: Canvas, texture: Texture, spread: NDArray[np.float32]) -> None:
    """Vary tissue values within tissues, in place.

    Parameters
    ----------
    canvas : Canvas
        Painted in place.
    texture : Texture
        The fields.
    spread : ndarray, float32, (tissues, 5)
        What `texture_spread` returns.

    Notes
    -----
    With ``a`` the shared and ``b`` the other field, ``m`` the regional pattern and ``c`` the
    correlation: ``chi += s a + g m``, ``R2* *= 1 + t (c a + sqrt(1 - c^2) b) + h m``; signal varies
    by a quarter of ``t`` along ``b``. Cells take the tissue that fills most of them.
    """
    to_world = canvas.grid.affine[:3]
    fine = (to_world / texture.source[0].spacing_mm).astype(np.float32)
    broad = (to_world / texture.source[1].spacing_mm).astype(np.float32)
    place = np.array(to_world)
    place[:, 3] -= texture.origin_mm
    _vary(
        canvas.chi_ppm,
        canvas.r2star_hz,
        canvas.signal,
        canvas.label,
        texture.source[0].values,
        texture.source[1].values,
        texture.other[0].values,
        texture.other[1].values,
        texture.regions,
        fine,
        broad,
        (place / texture.step_mm).astype(np.float32),
        np.float32(np.sqrt(FINE_SHARE)),
        np.float32(np.sqrt(1.0 - FINE_SHARE)),
        np.ascontiguousarray(spread, dtype=np.float32),
    )


@kernel()
def _periodic(
    values: NDArray[np.float32],
    u: np.float32,
    v: np.float32,
    w: np.float32,
) -> np.float32:
    """Interpolate a periodic lattice at one point."""
    n = values.shape[0]
    i, j, k = int(np.floor(u)), int(np.floor(v)), int(np.floor(w))
    a, b, c = u - np.float32(i), v - np.float32(j), w - np.float32(k)
    i, j, k = i % n, j % n, k % n
    i1, j1, k1 = (i + 1) % n, (j + 1) % n, (k + 1) % n
    one = np.float32(1.0)
    low = (values[i, j, k] * (one - c) + values[i, j, k1] * c) * (one - b) + (
        values[i, j1, k] * (one - c) + values[i, j1, k1] * c
    ) * b
    high = (values[i1, j, k] * (one - c) + values[i1, j, k1] * c) * (one - b) + (
        values[i1, j1, k] * (one - c) + values[i1, j1, k1] * c
    ) * b
    return low * (one - a) + high * a


@kernel()
def within_lattice(
    values: NDArray[np.float32],
    u: np.float32,
    v: np.float32,
    w: np.float32,
) -> np.float32:
    """Interpolate a lattice at one point; zero where it has ended."""
    i, j, k = int(np.floor(u)), int(np.floor(v)), int(np.floor(w))
    if i < 0 or j < 0 or k < 0:
        return np.float32(0.0)
    if i + 1 >= values.shape[0] or j + 1 >= values.shape[1] or k + 1 >= values.shape[2]:
        return np.float32(0.0)
    return level_at(values, u, v, w)


@kernel(parallel=True)
def _vary(
    chi: NDArray[np.float32],
    r2star: NDArray[np.float32],
    signal: NDArray[np.float32],
    label: NDArray[np.uint8],
    fine_source: NDArray[np.float32],
    broad_source: NDArray[np.float32],
    fine_other: NDArray[np.float32],
    broad_other: NDArray[np.float32],
    regions: NDArray[np.float32],
    p: NDArray[np.float32],
    q: NDArray[np.float32],
    g: NDArray[np.float32],
    fine: np.float32,
    broad: np.float32,
    spread: NDArray[np.float32],
) -> None:
    """Shift chi and multiply the others, as far as the tissue there allows."""
    one, floor, quarter = np.float32(1.0), np.float32(0.2), np.float32(0.25)
    zero = np.float32(0.0)
    for i in prange(chi.shape[0]):
        for j in range(chi.shape[1]):
            for k in range(chi.shape[2]):
                t = label[i, j, k]
                if spread[t, 0] == zero and spread[t, 1] == zero:
                    continue
                u = p[0, 0] * i + p[0, 1] * j + p[0, 2] * k + p[0, 3]
                v = p[1, 0] * i + p[1, 1] * j + p[1, 2] * k + p[1, 3]
                w = p[2, 0] * i + p[2, 1] * j + p[2, 2] * k + p[2, 3]
                a = fine * _periodic(fine_source, u, v, w)
                b = fine * _periodic(fine_other, u, v, w)
                u = q[0, 0] * i + q[0, 1] * j + q[0, 2] * k + q[0, 3]
                v = q[1, 0] * i + q[1, 1] * j + q[1, 2] * k + q[1, 3]
                w = q[2, 0] * i + q[2, 1] * j + q[2, 2] * k + q[2, 3]
                a += broad * _periodic(broad_source, u, v, w)
                b += broad * _periodic(broad_other, u, v, w)
                m = zero
                if spread[t, 3] != zero:
                    u = g[0, 0] * i + g[0, 1] * j + g[0, 2] * k + g[0, 3]
                    v = g[1, 0] * i + g[1, 1] * j + g[1, 2] * k + g[1, 3]
                    w = g[2, 0] * i + g[2, 1] * j + g[2, 2] * k + g[2, 3]
                    m = within_lattice(regions, u, v, w)
                c = spread[t, 2]
                both = c * a + np.sqrt(one - c * c) * b
                chi[i, j, k] += spread[t, 0] * a + spread[t, 3] * m
                r2star[i, j, k] *= max(one + spread[t, 1] * both + spread[t, 4] * m, floor)
                signal[i, j, k] *= max(one - quarter * spread[t, 1] * b, floor)
