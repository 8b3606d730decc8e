"""Where sulci lie: sheets that sink from lines on the brain's surface at right angles to it.

The great sulci follow lines of the template. The others part stripes that form on the surface; and
shallow ones, zero crossings of a band-limited random field, end on these, so that sulci branch.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.ndimage
import scipy.spatial
from numpy.typing import NDArray

from arteriole.phantom.anatomy.fissures import midline, sylvian
from arteriole.phantom.anatomy.folding import stripes, under, way_out
from arteriole.phantom.anatomy.hull import cerebrum_hull
from arteriole.phantom.anatomy.shapes import Level, Point
from arteriole.phantom.random_field import gaussian_field

GYRUS_MM = 13.0
"""Distance between long sulci."""

BRANCH_MM = 8.0
"""Distance between short sulci."""

GREAT_SULCI: tuple[tuple[float, tuple[Point, ...]], ...] = (
    (19.0, ((5, -30, 72), (24, -27, 62), (42, -16, 46), (54, -6, 26), (60, -3, 14))),
    (16.0, ((50, 6, -22), (60, -14, -10), (58, -36, 2), (50, -54, 14))),
    (17.0, ((40, -38, 46), (28, -60, 46), (22, -76, 34))),
    (13.0, ((24, 50, 26), (25, 22, 50), (27, -6, 58))),
    (12.0, ((46, 38, 8), (46, 14, 30))),
    (11.0, ((5, 40, 2), (5, 42, 18), (5, 24, 36), (5, -10, 46), (5, -34, 50), (5, -40, 62))),
    (15.0, ((5, -60, 18), (5, -76, 40))),
    (15.0, ((5, -62, 8), (5, -78, 8), (5, -96, 0))),
)
"""Depth (mm) and course of the central, superior temporal, intraparietal, superior and inferior
frontal, cingulate, parieto-occipital and calcarine sulcus."""

COARSE_MM = 2.5
"""Distance between the points at which gyri form."""

Points = tuple[Level, Level, Level]


def sulcal_sheets(
    at: Points, depth: Level, allowed: Level, rng: np.random.Generator, *, spacing_mm: float
) -> NDArray[np.bool_]:
    """Return which points of a lattice lie on a sulcus.

    Parameters
    ----------
    at : tuple of 3 ndarray, float32, (x, y, z)
        Template coordinates of the lattice.
    depth : ndarray, float32, (x, y, z)
        Depth under the surface, fissures included, mm.
    allowed : ndarray, float32, (x, y, z)
        Share of their depth to which sulci may go, 0 to 1.
    rng : numpy.random.Generator
        Decides all but the great sulci.
    spacing_mm : float
        Distance between points.
    """
    step = max(round(COARSE_MM / spacing_mm), 1)
    rough = [np.ascontiguousarray(c[::step, ::step, ::step]) for c in (*at, depth)]
    smooth = scipy.ndimage.gaussian_filter(rough[3], 5.0 / (step * spacing_mm), truncate=2.5)
    way = way_out(depth, spacing_mm=spacing_mm, coarse=smooth, step=step)
    bend = [gaussian_field(rng, 26.0, bandwidth=0.5, size=32).at(*at) for _ in range(3)]
    for axis in range(3):
        way[axis] += np.float32(1.5) * bend[axis]
    here = [(c + w).astype(np.float32) for c, w in zip(at, way, strict=True)]
    start, held, known = _great(rough)
    noise = rng.standard_normal(start.shape, dtype=np.float32)
    begun = np.where(held, start, noise).astype(np.float32)
    apart = step * spacing_mm
    folds = stripes(rough[3], begun, held, spacing_mm=apart, width_mm=GYRUS_MM)
    long = under(folds, way, spacing_mm=spacing_mm, step=step)
    great = under(known, way, spacing_mm=spacing_mm, step=step)
    short = gaussian_field(rng, 2.0 * BRANCH_MM, bandwidth=0.2).at(*here)
    uneven = gaussian_field(rng, 36.0, bandwidth=0.4, size=32).at(*at)
    deep = np.maximum(np.clip(13.5 + 4.0 * uneven, 7.0, 20.0), great)
    shallow = np.clip(6.0 - 3.0 * uneven, 2.0, 10.0)
    sheet = crossings(long > 0) & (depth < allowed * deep)
    sheet |= crossings(short > 0) & (depth < allowed * shallow) & (long > 0.0) & (uneven > 0.5)
    return _open(np.asarray(sheet & (depth > -3.0)), depth)


def _open(sheet: NDArray[np.bool_], depth: Level) -> NDArray[np.bool_]:
    """Return the sheets that reach the surface."""
    pieces, count = scipy.ndimage.label(sheet, structure=np.ones((3, 3, 3)))
    reaching = np.zeros(count + 1, dtype=bool)
    reaching[pieces[sheet & (depth < 2.0)]] = True
    return np.asarray(reaching[pieces] & sheet)


def crossings(positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where a mask changes from one point to the next."""
    sheet = np.zeros(positive.shape, dtype=bool)
    for axis in range(3):
        ahead = [slice(None)] * 3
        here = [slice(None)] * 3
        ahead[axis], here[axis] = slice(1, None), slice(None, -1)
        sheet[tuple(here)] |= positive[tuple(ahead)] != positive[tuple(here)]
    return sheet


def on_surface(course: tuple[Point, ...]) -> NDArray[np.float32]:
    """Return a course in short steps on the outer or medial surface (steps, 3)."""
    corners = np.array(course, dtype=np.float32)
    steps = np.linspace(0.0, 1.0, 9, dtype=np.float32)[:-1, None]
    line = np.concatenate([*[a + steps * (b - a) for a, b in pairwise(corners)], corners[-1:]])
    for _ in range(3):
        line = line - outward_depth(line)[:, None] * inward(line)
    return line


def outward_depth(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the depth (mm) of template points (n, 3) under the unwarped surface."""
    x, y, z = (np.ascontiguousarray(c, dtype=np.float32) for c in points.T)
    fissures = np.minimum(midline(x, y, z), sylvian(x, y, z))
    return np.asarray(np.minimum(cerebrum_hull(x, y, z), fissures), dtype=np.float32)


def inward(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the unit direction (n, 3) in which the depth of template points grows."""
    step = np.eye(3, dtype=np.float32)
    slope = [outward_depth(points + e) - outward_depth(points - e) for e in step]
    direction = np.stack(slope, axis=1)
    return np.asarray(direction / (np.linalg.norm(direction, axis=1)[:, None] + 1e-6))


def _great(rough: list[Level]) -> tuple[Level, NDArray[np.bool_], Level]:
    """Return what stripes are beside the great sulci, where that is, and how deep these are.

    On one side of a sulcus a stripe is positive, on the other negative; it ends with the sulcus.
    """
    lines = [on_surface(course) for _, course in GREAT_SULCI]
    along = [np.gradient(line, axis=0) for line in lines]
    line, way = np.concatenate(lines), np.concatenate(along)
    way /= np.linalg.norm(way, axis=1)[:, None]
    across = np.cross(inward(line), way)
    deep = np.repeat([d for d, _ in GREAT_SULCI], [len(one) for one in lines])
    near = np.abs(rough[3]) < 2.0 * COARSE_MM
    points = np.stack([np.abs(rough[0][near]), rough[1][near], rough[2][near]], axis=1)
    apart, nearest = scipy.spatial.cKDTree(line).query(points)
    off = points - line[nearest]
    signed = (off * across[nearest]).sum(axis=1)
    beyond = np.abs((off * way[nearest]).sum(axis=1))
    start, known = (np.zeros(near.shape, dtype=np.float32) for _ in range(2))
    held = np.zeros(near.shape, dtype=bool)
    start[near] = np.sin(np.pi * np.clip(signed / GYRUS_MM, -1.2, 1.2))
    held[near] = (apart < GYRUS_MM) & (beyond < 3.0)
    known[near] = np.where((np.abs(signed) < 6.0) & (beyond < 3.0), deep[nearest], 0.0)
    return start, held, known
