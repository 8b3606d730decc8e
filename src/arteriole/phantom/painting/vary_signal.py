"""Texture of a weighted image: the signal that water, T1 and T2 vary within a tissue."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel, prange
from arteriole.phantom.painting.paint_signal import SignalCanvas
from arteriole.phantom.painting.paint_texture import within_lattice
from arteriole.phantom.texture import FINE_SHARE, Texture


def vary_signal(canvas: SignalCanvas, texture: Texture, gains: NDArray[np.float32]) -> None:
    """Multiply the signal by ``1 + g_a a + g_b b + g_m m``, in place.

    Parameters
    ----------
    canvas : SignalCanvas
        Painted in place; cells take the gains of the solid that fills most of them.
    texture : Texture
        The fields: ``a`` shared by chi and R2*, ``b`` of R2* and water alone, ``m`` the regional
        pattern. The same as `paint_texture` uses, so that scans of one head agree.
    gains : ndarray, float32, (codes, 3)
        Relative change of the signal by one standard deviation of each.
    """
    to_world = canvas.grid.affine[:3]
    place = np.array(to_world)
    place[:, 3] -= texture.origin_mm
    _vary(
        canvas.signal,
        canvas.code,
        (texture.source[0].values, texture.other[0].values),
        (texture.source[1].values, texture.other[1].values),
        texture.regions,
        (to_world / texture.source[0].spacing_mm).astype(np.float32),
        (to_world / texture.source[1].spacing_mm).astype(np.float32),
        (place / texture.step_mm).astype(np.float32),
        np.float32(np.sqrt(FINE_SHARE)),
        np.float32(np.sqrt(1.0 - FINE_SHARE)),
        np.ascontiguousarray(gains, dtype=np.float32),
    )


@kernel()
def _pair(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    of_first: np.float32,
    of_second: np.float32,
    u: np.float32,
    v: np.float32,
    w: np.float32,
) -> np.float32:
    """Interpolate the weighted sum of two periodic lattices at one point."""
    n = first.shape[0]
    period, per_period = np.float32(n), np.float32(1.0 / n)
    u -= period * np.floor(u * per_period)
    v -= period * np.floor(v * per_period)
    w -= period * np.floor(w * per_period)
    i, j, k = min(int(u), n - 1), min(int(v), n - 1), min(int(w), n - 1)
    a, b, c = u - np.float32(i), v - np.float32(j), w - np.float32(k)
    i1 = i + 1 if i + 1 < n else 0
    j1 = j + 1 if j + 1 < n else 0
    k1 = k + 1 if k + 1 < n else 0
    one = np.float32(1.0)
    total = np.float32(0.0)
    if of_first != 0:
        low = (first[i, j, k] * (one - c) + first[i, j, k1] * c) * (one - b)
        low += (first[i, j1, k] * (one - c) + first[i, j1, k1] * c) * b
        high = (first[i1, j, k] * (one - c) + first[i1, j, k1] * c) * (one - b)
        high += (first[i1, j1, k] * (one - c) + first[i1, j1, k1] * c) * b
        total += of_first * (low * (one - a) + high * a)
    if of_second != 0:
        low = (second[i, j, k] * (one - c) + second[i, j, k1] * c) * (one - b)
        low += (second[i, j1, k] * (one - c) + second[i, j1, k1] * c) * b
        high = (second[i1, j, k] * (one - c) + second[i1, j, k1] * c) * (one - b)
        high += (second[i1, j1, k] * (one - c) + second[i1, j1, k1] * c) * b
        total += of_second * (low * (one - a) + high * a)
    return total


@kernel(parallel=True)
def _vary(
    signal: NDArray[np.float32],
    codes: NDArray[np.uint8],
    fines: tuple[NDArray[np.float32], NDArray[np.float32]],
    broads: tuple[NDArray[np.float32], NDArray[np.float32]],
    regions: NDArray[np.float32],
    p: NDArray[np.float32],
    q: NDArray[np.float32],
    g: NDArray[np.float32],
    fine: np.float32,
    broad: np.float32,
    gains: NDArray[np.float32],
) -> None:
    """Multiply the signal, as far as the tissue there allows."""
    one, floor, zero = np.float32(1.0), np.float32(0.2), np.float32(0.0)
    for i in prange(signal.shape[0]):
        for j in range(signal.shape[1]):
            for k in range(signal.shape[2]):
                t = codes[i, j, k]
                if gains[t, 0] == zero and gains[t, 1] == zero and gains[t, 2] == zero:
                    continue
                u = p[0, 0] * i + p[0, 1] * j + p[0, 2] * k + p[0, 3]
                v = p[1, 0] * i + p[1, 1] * j + p[1, 2] * k + p[1, 3]
                w = p[2, 0] * i + p[2, 1] * j + p[2, 2] * k + p[2, 3]
                both = fine * _pair(fines[0], fines[1], gains[t, 0], gains[t, 1], u, v, w)
                u = q[0, 0] * i + q[0, 1] * j + q[0, 2] * k + q[0, 3]
                v = q[1, 0] * i + q[1, 1] * j + q[1, 2] * k + q[1, 3]
                w = q[2, 0] * i + q[2, 1] * j + q[2, 2] * k + q[2, 3]
                both += broad * _pair(broads[0], broads[1], gains[t, 0], gains[t, 1], u, v, w)
                m = zero
                if gains[t, 2] != zero:
                    u = g[0, 0] * i + g[0, 1] * j + g[0, 2] * k + g[0, 3]
                    v = g[1, 0] * i + g[1, 1] * j + g[1, 2] * k + g[1, 3]
                    w = g[2, 0] * i + g[2, 1] * j + g[2, 2] * k + g[2, 3]
                    m = within_lattice(regions, u, v, w)
                signal[i, j, k] *= max(one + both + gains[t, 2] * m, floor)
