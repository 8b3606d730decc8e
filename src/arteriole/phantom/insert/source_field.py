"""Field of spheres and long tubes at many points at once, in closed form."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel

CHUNK = 256
"""Points at a time: rows of a flat buffer, apart by a constant, so that loops become vectors."""

X, Y, Z, FIELD, GAP, NEAR, SLOPE, PIECE = (CHUNK * row for row in range(8))
_BEST, _DX, _DY, _DZ, _U0, _U1, _U2 = (CHUNK * row for row in range(8, 15))
BUFFER = 15 * CHUNK
"""Float32 numbers in a buffer of points."""

_FAR_MM = np.float32(1e9)


Parts = tuple[
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
    NDArray[np.float32],
]
"""Spheres, line, its tangents, radius and chi of the tube, field axis, one over half axes."""


@kernel()
def look(
    w: NDArray[np.float32],
    n: int,
    source: Parts,
    begin: int,
    end: int,
) -> None:
    """Write what the source does at the first n points of a buffer.

    Rows X, Y, Z (mm) are read; FIELD (ppm), GAP (mm to the surface, + outside), NEAR (0 in the
    middle of the nearest part, 1 where the near zone ends), SLOPE (ppm/mm) and PIECE (the nearest
    piece of line among ``begin`` to ``end``) are written.
    """
    spheres, line, tangent, tube, b, inverse = source
    for m in range(n):
        w[FIELD + m] = w[SLOPE + m] = w[PIECE + m] = np.float32(0)
        w[GAP + m] = w[NEAR + m] = _FAR_MM
    for s in range(spheres.shape[0]):
        _add_sphere(w, n, spheres[s], b, inverse)
    if end > begin:
        _add_tube(w, n, line, tangent, tube, b, inverse, begin, end)
    for m in range(n):
        w[NEAR + m] = np.sqrt(w[NEAR + m])


@kernel()
def _add_sphere(
    w: NDArray[np.float32],
    n: int,
    sphere: NDArray[np.float32],
    b: NDArray[np.float32],
    inverse: NDArray[np.float32],
) -> None:
    """Add one sphere; its own inside has no field of it."""
    zero, one, three = np.float32(0), np.float32(1), np.float32(3)
    sx, sy, sz, a = sphere[0], sphere[1], sphere[2], sphere[3]
    b0, b1, b2 = b[0], b[1], b[2]
    i0, i1, i2 = inverse[0], inverse[1], inverse[2]
    moment = sphere[4] * a * a * a / three
    steep = np.float32(6) * abs(moment)
    for m in range(n):
        dx, dy, dz = w[X + m] - sx, w[Y + m] - sy, w[Z + m] - sz
        square = dx * dx + dy * dy + dz * dz
        q = (dx * i0) * (dx * i0) + (dy * i1) * (dy * i1) + (dz * i2) * (dz * i2)
        r = np.sqrt(square)
        outside = r > a
        # np.divide: Python's division checks for zero, and a loop that may raise is no vector.
        back = np.divide(one, r if outside else one)
        along = (dx * b0 + dy * b1 + dz * b2) * back
        cubed = back * back * back
        field = moment * cubed * (three * along * along - one)
        w[FIELD + m] += field if outside else zero
        w[SLOPE + m] += steep * cubed * back if outside else zero
        w[GAP + m] = min(w[GAP + m], r - a)
        w[NEAR + m] = min(w[NEAR + m], q)


@kernel()
def _add_tube(
    w: NDArray[np.float32],
    n: int,
    line: NDArray[np.float32],
    tangent: NDArray[np.float32],
    tube: NDArray[np.float32],
    b: NDArray[np.float32],
    inverse: NDArray[np.float32],
    begin: int,
    end: int,
) -> None:
    """Add the tube, at each point as if straight on along its nearest point."""
    zero, one, two, three = np.float32(0), np.float32(1), np.float32(2), np.float32(3)
    for m in range(n):
        w[_BEST + m] = np.float32(1e30)
    for p in range(begin, end):
        _nearest(w, n, line[p], line[p + 1], tangent[p], tangent[p + 1], np.float32(p))
    b0, b1, b2 = b[0], b[1], b[2]
    i0, i1, i2 = inverse[0], inverse[1], inverse[2]
    a, half = tube[0], tube[1] / two
    for m in range(n):
        dx, dy, dz = w[_DX + m], w[_DY + m], w[_DZ + m]
        u0, u1, u2, best = w[_U0 + m], w[_U1 + m], w[_U2 + m], w[_BEST + m]
        scale = np.divide(one, np.sqrt(u0 * u0 + u1 * u1 + u2 * u2))
        cosine = (u0 * b0 + u1 * b1 + u2 * b2) * scale
        q = (dx * i0) * (dx * i0) + (dy * i1) * (dy * i1) + (dz * i2) * (dz * i2)
        r = np.sqrt(best)
        outside = r > a
        back = np.divide(one, r if outside else one)
        across = one - cosine * cosine
        part = dx * b0 + dy * b1 + dz * b2 - cosine * scale * (dx * u0 + dy * u1 + dz * u2)
        part *= back
        strength = half * a * a * back * back
        without = half * (three * cosine * cosine - one) / three
        w[FIELD + m] += strength * (two * part * part - across) if outside else without
        w[SLOPE + m] += abs(strength) * two * across * back if outside else zero
        w[GAP + m] = min(w[GAP + m], r - a)
        w[NEAR + m] = min(w[NEAR + m], q)


@kernel()
def _nearest(
    w: NDArray[np.float32],
    n: int,
    start: NDArray[np.float32],
    stop: NDArray[np.float32],
    tangent: NDArray[np.float32],
    later: NDArray[np.float32],
    piece: np.float32,
) -> None:
    """Keep, for points that are nearer to this piece, offset, tangent and the piece's number."""
    zero, one = np.float32(0), np.float32(1)
    sx, sy, sz = start[0], start[1], start[2]
    ex, ey, ez = stop[0] - sx, stop[1] - sy, stop[2] - sz
    t0, t1, t2 = tangent[0], tangent[1], tangent[2]
    g0, g1, g2 = later[0] - t0, later[1] - t1, later[2] - t2
    per = one / (ex * ex + ey * ey + ez * ez)
    for m in range(n):
        px, py, pz = w[X + m] - sx, w[Y + m] - sy, w[Z + m] - sz
        t = min(max((px * ex + py * ey + pz * ez) * per, zero), one)
        dx, dy, dz = px - t * ex, py - t * ey, pz - t * ez
        square = dx * dx + dy * dy + dz * dz
        closer = square < w[_BEST + m]
        w[_BEST + m] = square if closer else w[_BEST + m]
        w[_DX + m] = dx if closer else w[_DX + m]
        w[_DY + m] = dy if closer else w[_DY + m]
        w[_DZ + m] = dz if closer else w[_DZ + m]
        w[_U0 + m] = t0 + t * g0 if closer else w[_U0 + m]
        w[_U1 + m] = t1 + t * g1 if closer else w[_U1 + m]
        w[_U2 + m] = t2 + t * g2 if closer else w[_U2 + m]
        w[PIECE + m] = piece if closer else w[PIECE + m]


@kernel()
def window(near: np.float32) -> np.float32:
    """Return 1 up to half the near zone, falling smoothly to 0 at its end."""
    zero, one, two, three = np.float32(0), np.float32(1), np.float32(2), np.float32(3)
    t = min(max(two - two * near, zero), one)
    return t * t * (three - two * t)


@kernel()
def turned(turns: np.float32) -> tuple[np.float32, np.float32]:
    """Return cos - 1 and sin of an angle in turns; within 5e-7 of both.

    Polynomials of the half angle, fitted on Chebyshev nodes: cos - 1 keeps its small values.
    """
    two = np.float32(2)
    t = turns - np.rint(turns)
    u = t * t
    s = np.float32(-0.00702838646247983)
    s = s * u + np.float32(0.08205040544271469)
    s = s * u + np.float32(-0.5992522239685059)
    s = s * u + np.float32(2.5501632690429688)
    s = s * u + np.float32(-5.167712688446045)
    s = (s * u + np.float32(3.1415927410125732)) * t
    c = np.float32(0.0018400041153654456)
    c = c * u + np.float32(-0.025776328518986702)
    c = c * u + np.float32(0.23532544076442719)
    c = c * u + np.float32(-1.3352622985839844)
    c = c * u + np.float32(4.058712005615234)
    c = c * u + np.float32(-4.934802055358887)
    c = c * u + np.float32(1)
    return -two * s * s, two * s * c
