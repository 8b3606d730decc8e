"""A closed surface that grows until it meets the dark rim of the brain (as BET does)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.jit import kernel

Size3 = tuple[float, float, float]
Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@cache
def icosphere(subdivisions: int = 4) -> tuple[Floats, Indices, Indices]:
    """Return the unit sphere as vertices (n, 3), outward faces (m, 3) and neighbours (n, 6).

    The twelve vertices that have five neighbours hold -1 in the last place.
    """
    golden = (1 + 5**0.5) / 2
    points = [
        np.roll([0.0, a, b * golden], shift) for shift in range(3) for a in (-1, 1) for b in (-1, 1)
    ]
    vertices = np.array(points) / np.linalg.norm(points[0])
    faces = _hull(vertices)
    for _ in range(subdivisions):
        vertices, faces = _subdivided(vertices, faces)
    return vertices, faces, _neighbours(len(vertices), faces)


def _hull(vertices: Floats) -> Indices:
    """Return the 20 outward faces of the icosahedron: triples at the shortest distance."""
    apart = np.linalg.norm(vertices[:, None] - vertices[None], axis=2)
    near = (apart > 0) & (apart < 1.2)
    faces = []
    for a in range(12):
        for b in range(a + 1, 12):
            for c in range(b + 1, 12):
                if near[a, b] and near[b, c] and near[a, c]:
                    out = np.linalg.det(vertices[[a, b, c]]) > 0
                    faces.append((a, b, c) if out else (a, c, b))
    return np.array(faces, dtype=np.int64)


def _subdivided(vertices: Floats, faces: Indices) -> tuple[Floats, Indices]:
    """Cut each face of a unit sphere into four."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, place = np.unique(edges, axis=0, return_inverse=True)
    middle = vertices[unique].mean(axis=1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    ab, bc, ca = (len(vertices) + place.reshape(3, -1)).astype(np.int64)
    a, b, c = faces.T
    corners = [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
    return np.concatenate([vertices, middle]), np.concatenate([np.stack(t, 1) for t in corners])


def _neighbours(count: int, faces: Indices) -> Indices:
    """Return the neighbours of each vertex, padded with -1."""
    out = np.full((count, 6), -1, dtype=np.int64)
    used = np.zeros(count, dtype=np.int64)
    # Each directed edge of a closed outward mesh occurs once, so none is counted twice.
    for a, b in np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]):
        out[a, used[a]] = b
        used[a] += 1
    return out


def grow_surface(
    image: NDArray[np.float32],
    *,
    centre_mm: NDArray[np.float64],
    radius_mm: float,
    levels: tuple[float, float, float],
    voxel_size_mm: Size3,
    fraction: float = 0.5,
    iterations: int = 500,
    bend_mm: tuple[float, float] = (3.33, 10.0),
) -> tuple[Floats, Indices]:
    """Grow a sphere inside the brain out to where the signal drops.

    Parameters
    ----------
    image : ndarray, float32, (x, y, z)
        Magnitude, any unit; beyond the volume there is nothing.
    centre_mm : ndarray, (3,)
        Start, mm from the centre of voxel (0, 0, 0) along the voxel axes.
    radius_mm : float
        Radius at the start.
    levels : tuple of 3 float
        Signal of air (2nd percentile), lowest signal of tissue, and typical signal of the brain.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    fraction : float
        Where between air and the local maximum the edge lies, (0, 1).
    iterations : int
        Steps.
    bend_mm : tuple of 2 float
        Radii of curvature below which the surface is smoothed fully, and above which not at all.

    Returns
    -------
    vertices : ndarray, float64, (2562, 3)
        mm from the centre of voxel (0, 0, 0).
    faces : ndarray, int64, (5120, 3)
        Outward.

    Notes
    -----
    Each vertex moves by half the tangential distance to the mean of its neighbours, by a part of
    the normal distance that grows with curvature, and along the normal by
    ``0.1 l (Imin - Il) / (Imax - I2)``, where ``l`` is the mean edge, ``Imin`` and ``Imax`` are
    the extremes within 20 and 10 mm inwards, and ``Il`` the local threshold.

    References
    ----------
    Smith 2002, doi:10.1002/hbm.10062.
    """
    sphere, faces, neighbours = icosphere()
    vertices = np.asarray(centre_mm, dtype=np.float64) + radius_mm * sphere
    _grow(
        image,
        vertices,
        faces,
        neighbours,
        np.asarray(voxel_size_mm, dtype=np.float64),
        np.asarray(levels, dtype=np.float64),
        fraction,
        iterations,
        np.asarray(bend_mm, dtype=np.float64),
    )
    return vertices, faces


@kernel()
def _sample(image: Any, x: float, y: float, z: float, size: Any) -> float:
    """Return the nearest voxel's signal; nothing beyond the volume."""
    i, j, k = round(x / size[0]), round(y / size[1]), round(z / size[2])
    nx, ny, nz = image.shape
    if i < 0 or j < 0 or k < 0 or i >= nx or j >= ny or k >= nz:
        return 0.0
    return float(image[i, j, k])


@kernel()
def _apart(points: Any, a: int, b: int) -> tuple[float, float, float]:
    """Return the step from one point to another."""
    return points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]


@kernel()
def _grow(
    image: Any,
    vertices: Any,
    faces: Any,
    neighbours: Any,
    size: Any,
    levels: Any,
    fraction: float,
    iterations: int,
    bend_mm: Any,
) -> None:
    """Move the vertices in place."""
    count = vertices.shape[0]
    air, low, typical = levels[0], levels[1], levels[2]
    middle = (1.0 / bend_mm[0] + 1.0 / bend_mm[1]) / 2.0
    steep = 6.0 / (1.0 / bend_mm[0] - 1.0 / bend_mm[1])
    normals = np.zeros_like(vertices)
    moved = np.zeros_like(vertices)
    for _ in range(iterations):
        # normals, weighted by area
        normals[:] = 0.0
        for f in range(faces.shape[0]):
            a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
            ux, uy, uz = _apart(vertices, a, b)
            vx, vy, vz = _apart(vertices, a, c)
            nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
            for corner in (a, b, c):
                normals[corner, 0] += nx
                normals[corner, 1] += ny
                normals[corner, 2] += nz
        # mean edge
        total = 0.0
        for p in range(count):
            ux, uy, uz = _apart(vertices, p, neighbours[p, 0])
            total += np.sqrt(ux * ux + uy * uy + uz * uz)
        edge = total / count
        for p in range(count):
            n0, n1, n2 = normals[p, 0], normals[p, 1], normals[p, 2]
            length = np.sqrt(n0 * n0 + n1 * n1 + n2 * n2) + 1e-12
            n0, n1, n2 = n0 / length, n1 / length, n2 / length
            x, y, z = vertices[p, 0], vertices[p, 1], vertices[p, 2]
            # to the mean of the neighbours: along the surface, and along the normal
            sx, sy, sz, near = 0.0, 0.0, 0.0, 0
            for r in range(6):
                q = neighbours[p, r]
                if q >= 0:
                    sx += vertices[q, 0]
                    sy += vertices[q, 1]
                    sz += vertices[q, 2]
                    near += 1
            sx, sy, sz = sx / near - x, sy / near - y, sz / near - z
            along = sx * n0 + sy * n1 + sz * n2
            curved = 2.0 * abs(along) / (edge * edge)
            smooth = (1.0 + np.tanh(steep * (curved - middle))) / 2.0
            # signal inwards
            here = _sample(image, x, y, z, size)
            darkest = min(typical, here)
            brightest = max(low, here)
            for step in range(1, 11):
                d = 2.0 * step
                signal = _sample(image, x - d * n0, y - d * n1, z - d * n2, size)
                darkest = min(darkest, signal)
                if step <= 5:
                    brightest = max(brightest, signal)
            darkest = max(air, darkest)
            brightest = min(typical, brightest)
            threshold = air + fraction * (brightest - air)
            push = 0.1 * edge * (darkest - threshold) / max(brightest - air, 1e-12)
            out = smooth * along + push - 0.5 * along
            moved[p, 0] = x + 0.5 * sx + out * n0
            moved[p, 1] = y + 0.5 * sy + out * n1
            moved[p, 2] = z + 0.5 * sz + out * n2
        vertices[:] = moved


def edge_contrast(
    image: NDArray[np.float32], vertices: Floats, faces: Indices, *, voxel_size_mm: Size3
) -> float:
    """Return how much darker it is just outside a surface than inside, mean over its vertices.

    1 where a dark rim follows all around, less where the surface leaked or is caught in a sulcus.
    """
    normals = np.zeros_like(vertices)
    corners = vertices[faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    for corner in range(3):
        np.add.at(normals, faces[:, corner], across)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)

    def at(distance_mm: float) -> NDArray[np.float32]:
        """Return the nearest voxel's signal at a distance outwards; nothing beyond the volume."""
        places = np.rint((vertices + distance_mm * normals) / voxel_size_mm).astype(np.int64)
        within = np.all((places >= 0) & (places < image.shape), axis=1)
        signal: NDArray[np.float32] = image[tuple(np.where(within[:, None], places, 0).T)]
        return np.where(within, signal, np.float32(0))

    inside = np.median([at(-d) for d in (2.0, 4.0, 6.0, 8.0)], axis=0)
    outside = np.min([at(d) for d in (1.0, 3.0, 5.0)], axis=0)
    return float(np.mean((inside - outside) / np.maximum(inside, 1e-12)))


def voxels_inside(
    vertices: Floats, faces: Indices, *, shape: tuple[int, int, int], voxel_size_mm: Size3
) -> NDArray[np.bool_]:
    """Return the voxels whose centre a closed outward surface winds around."""
    winding = np.zeros(shape, dtype=np.int16)
    # A hair's breadth off the grid, no ray meets an edge or a vertex of the mesh.
    points = vertices / np.asarray(voxel_size_mm) + np.array([1.234e-5, 2.345e-5, 0.0])
    _cross(points, faces, winding)
    return np.asarray(np.cumsum(winding, axis=2, dtype=np.int16)) > 0


@kernel()
def _cross(points: Any, faces: Any, winding: Any) -> None:
    """Mark where rays along the last axis enter (+1) and leave (-1) the surface."""
    nx, ny, nz = winding.shape
    for f in range(faces.shape[0]):
        a, b, c = points[faces[f, 0]], points[faces[f, 1]], points[faces[f, 2]]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if area == 0.0:
            continue
        # A face whose normal points along +z is where the ray leaves.
        sign = -1 if area > 0 else 1
        for i in range(
            max(0, int(np.ceil(min(a[0], b[0], c[0])))),
            min(nx - 1, int(np.floor(max(a[0], b[0], c[0])))) + 1,
        ):
            for j in range(
                max(0, int(np.ceil(min(a[1], b[1], c[1])))),
                min(ny - 1, int(np.floor(max(a[1], b[1], c[1])))) + 1,
            ):
                v = ((i - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (j - a[1])) / area
                w = ((b[0] - a[0]) * (j - a[1]) - (i - a[0]) * (b[1] - a[1])) / area
                if v >= 0.0 and w >= 0.0 and v + w <= 1.0:
                    z = a[2] + v * (b[2] - a[2]) + w * (c[2] - a[2])
                    k = max(0, int(np.ceil(z)))
                    if k < nz:
                        winding[i, j, k] += sign
