"""Where lobes and arterial territories meet: our own landmarks, in mm of MNI152 (RAS+).

Read off the template's T1 at its sulci, on the right side; the left is its mirror image. A border
is a strip between pairs of points, the first of each at the surface of the brain, the second in
its depth. Each voxel belongs to the side of the strip that is nearest to it, so that borders follow
the sulci where these are and go on smoothly where they end. Single points inside a lobe keep what
is far from its borders.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import scipy.spatial
from numpy.typing import NDArray

Point = tuple[float, float, float]
OFFSET_MM, ALONG_MM, ACROSS_MM = 2.0, 2.0, 3.0
"""Marks stand so far off a strip on both sides, so far apart along and across it."""


@dataclass(frozen=True)
class Border:
    """A strip between two parts; ``first`` lies on the side of ``towards``."""

    first: str
    second: str
    towards: Point
    pairs: tuple[tuple[Point, Point], ...]


LOBES = (
    "frontal", "parietal", "temporal", "occipital", "insular", "anterior cingulate",
    "posterior cingulate",
)  # fmt: skip

LOBE_BORDERS = (
    # Central sulcus, and the marginal branch behind the paracentral lobule (which is frontal).
    Border("frontal", "parietal", (0, 1, 0.3), (
        ((4, -45, 72), (5, -42, 52)), ((12, -43, 76), (12, -42, 56)),
        ((20, -32, 76), (18, -35, 56)), ((28, -27, 72), (22, -31, 52)),
        ((37, -26, 68), (30, -30, 46)), ((44, -17, 62), (35, -21, 42)),
        ((52, -12, 54), (38, -17, 36)), ((58, -10, 44), (42, -13, 30)),
        ((63, -7, 33), (46, -11, 25)), ((66, -4, 22), (46, -11, 20)), ((66, -3, 10), (45, -12, 14)),
    )),
    # Lateral (Sylvian) fissure.
    Border("frontal", "temporal", (-0.4, 0.3, 1), (
        ((28, 22, -30), (20, 10, -27)), ((36, 22, -23), (30, 12, -22)),
        ((44, 21, -16), (38, 13, -19)), ((50, 19, -12), (44, 13, -12)),
        ((57, 14, -7), (46, 10, -6)), ((62, 4, 0), (47, 1, 1)), ((65, -3, 4), (47, -6, 6)),
    )),
    Border("parietal", "temporal", (0, 0, 1), (
        ((65, -5, 5), (46, -12, 9)), ((66, -16, 10), (43, -18, 12)),
        ((66, -26, 15), (42, -28, 17)), ((64, -36, 19), (40, -34, 18)),
        ((61, -43, 21), (42, -42, 18)),
        # From its end to the occipital lobe: supramarginal and angular gyri above.
        ((60, -48, 19), (35, -46, 17)), ((57, -54, 15), (34, -54, 14)),
        ((53, -60, 13), (32, -62, 12)), ((49, -66, 12), (30, -66, 11)),
    )),
    # Anterior occipital sulcus, preoccipital notch, collateral sulcus.
    Border("temporal", "occipital", (0.6, 1, 0), (
        ((50, -66, 11), (30, -66, 11)), ((56, -68, 0), (30, -67, 0)),
        ((50, -66, -12), (32, -69, -6)), ((40, -73, -20), (31, -75, -8)),
        ((30, -76, -20), (26, -77, -4)), ((25, -64, -14), (27, -62, -2)),
        ((25, -54, -10), (28, -50, -2)), ((19, -46, -8), (25, -44, -1)),
    )),
    # Parieto-occipital sulcus on the medial side, its lateral continuation.
    Border("parietal", "occipital", (0, 0.7, 0.7), (
        ((3, -60, 9), (18, -61, 9)), ((3, -67, 20), (18, -66, 18)),
        ((3, -75, 31), (17, -71, 27)), ((4, -82, 41), (17, -75, 33)),
        ((13, -88, 42), (18, -76, 31)), ((27, -88, 33), (24, -75, 27)),
        ((37, -84, 24), (28, -72, 21)), ((44, -77, 17), (30, -69, 16)),
        ((49, -69, 12), (30, -66, 11)),
    )),
    # Cingulate and subparietal sulci.
    Border("frontal", "anterior cingulate", (0, 0.3, -1), (
        ((3, 20, -13), (10, 20, -11)), ((3, 32, -12), (12, 32, -9)), ((3, 43, -6), (12, 42, -5)),
    )),
    Border("frontal", "anterior cingulate", (0, 0.7, 0.7), (
        ((3, 43, -6), (12, 42, -5)), ((3, 46, 8), (13, 43, 8)),
        ((3, 41, 21), (14, 37, 19)), ((3, 31, 31), (14, 26, 28)), ((3, 17, 38), (14, 16, 34)),
        ((3, 2, 43), (14, 2, 39)),
    )),
    Border("frontal", "posterior cingulate", (0, 0.1, 1), (
        ((3, -2, 45), (14, -2, 41)), ((3, -14, 47), (14, -14, 42)), ((3, -26, 48), (14, -26, 42)),
        ((3, -36, 50), (14, -36, 44)),
    )),
    Border("parietal", "posterior cingulate", (0, -1, 1), (
        ((3, -38, 47), (14, -37, 41)), ((3, -45, 36), (14, -45, 33)),
        ((3, -51, 26), (14, -52, 23)), ((3, -57, 14), (14, -56, 14)),
    )),
    Border("occipital", "posterior cingulate", (0, -1, -0.5), (
        ((4, -57, 11), (15, -56, 10)), ((9, -53, 3), (18, -52, 3)),
    )),
    Border("temporal", "posterior cingulate", (0, 0.3, -1), (
        ((10, -46, -3), (20, -47, 0)), ((12, -40, -4), (22, -38, 0)),
    )),
    Border("anterior cingulate", "posterior cingulate", (0, 1, 0), (
        ((3, 0, 45), (3, 0, 28)), ((14, 0, 42), (14, 0, 28)),
    )),
    # Circular sulcus of the insula, and its lateral surface.
    Border("frontal", "insular", (0.5, 0.3, 1), (
        ((40, 28, -2), (29, 28, 6)), ((43, 24, -1), (30, 24, 14)), ((46, 18, -1), (31, 18, 14)),
        ((46, 12, -1), (33, 12, 15)), ((46, 5, 0), (34, 5, 17)), ((46, 0, 2), (36, 0, 19)),
        ((46, -5, 6), (36, -5, 21)), ((45, -10, 9), (36, -10, 22)),
    )),
    Border("frontal", "insular", (0, 0.6, -0.8), (
        ((40, 28, -2), (29, 28, -1)), ((42, 20, -9), (28, 20, -12)), ((42, 15, -17), (28, 14, -18)),
        ((38, 10, -18), (27, 9, -17)),
    )),
    Border("parietal", "insular", (0.5, 0, 1), (
        ((45, -11, 9), (36, -11, 23)), ((43, -16, 11), (37, -16, 23)),
        ((42, -20, 12), (36, -20, 22)), ((40, -25, 15), (35, -25, 21)),
        ((38, -28, 16), (33, -29, 20)),
    )),
    Border("temporal", "insular", (1, 0, -0.3), (
        ((44, 14, -8), (40, 12, -18)), ((46, 5, -4), (38, 5, -18)), ((46, 0, 0), (38, 0, -19)),
        ((46, -5, 1), (38, -5, -18)), ((45, -10, 4), (38, -10, -15)),
        ((43, -15, 6), (38, -15, -12)), ((41, -20, 10), (39, -20, -6)),
        ((38, -26, 14), (39, -26, -1)),
    )),
    Border("temporal", "insular", (0, 0, -1), (
        ((38, 10, -19), (28, 8, -18)), ((38, 0, -19), (32, 0, -17)),
        ((38, -10, -15), (33, -10, -13)), ((38, -20, -6), (33, -20, -4)),
        ((38, -26, 0), (33, -27, 2)),
    )),
)  # fmt: skip

LOBE_POINTS: dict[str, tuple[Point, ...]] = {
    "frontal": (
        (10, 65, 0), (25, 60, 5), (10, 40, -22), (25, 35, -16), (40, 45, 10), (48, 30, 15),
        (50, 12, 18), (35, 30, 40), (20, 40, 45), (8, 20, 60), (8, -5, 65), (8, -25, 65),
        (40, 5, 50), (5, 55, 25), (4, 60, -12), (6, 10, -18), (20, 25, -18), (22, 10, 30),
    ),
    "parietal": (
        (8, -58, 50), (25, -58, 62), (42, -45, 48), (55, -30, 35), (45, -60, 38), (28, -70, 45),
        (22, -45, 35), (50, -25, 50),
    ),
    "temporal": (
        (38, 12, -32), (58, -10, -15), (60, -35, -2), (55, -30, -25), (35, -30, -22),
        (22, -15, -28), (28, 0, -30), (50, -55, -8), (42, -60, -16), (36, -50, -6), (24, -5, -20),
    ),
    "occipital": (
        (8, -85, 5), (8, -80, 25), (12, -72, -4), (30, -90, 5), (35, -85, -8), (22, -88, 25),
        (15, -98, 0), (25, -80, 10), (10, -60, 3), (40, -78, 5),
    ),
    "insular": ((37, 20, 0), (38, 8, 2), (38, -2, 4), (38, -12, 8), (36, 12, -8), (36, 0, -6)),
    "anterior cingulate": ((6, 32, 22), (6, 38, 5), (6, 20, 30), (6, 26, -6), (6, 8, 36)),
    "posterior cingulate": ((6, -18, 38), (6, -32, 36), (6, -45, 28), (8, -48, 12)),
}  # fmt: skip


TERRITORIES = ("anterior cerebral artery", "middle cerebral artery", "posterior cerebral artery")
_ACA, _MCA, _PCA = TERRITORIES

TERRITORY_BORDERS = (
    # Over the superior frontal gyrus and the top of the parietal lobe, to the ventricle's roof.
    Border(_ACA, _MCA, (-1, 0, 0.3), (
        ((12, 24, -24), (12, 20, -8)), ((13, 36, -24), (13, 28, -4)), ((18, 52, -14), (14, 36, 0)),
        ((24, 62, 2), (15, 38, 6)), ((28, 58, 18), (15, 36, 12)), ((28, 45, 36), (15, 30, 16)),
        ((27, 28, 50), (15, 20, 22)), ((27, 10, 60), (18, 5, 27)), ((26, -10, 68), (21, -10, 29)),
        ((25, -30, 74), (24, -25, 31)), ((24, -48, 70), (24, -40, 32)),
        ((20, -62, 62), (22, -52, 32)), ((16, -76, 52), (23, -60, 34)),
    )),
    # Parieto-occipital sulcus.
    Border(_ACA, _PCA, (0, 0.7, 0.7), (
        ((4, -55, 12), (15, -50, 13)), ((4, -66, 24), (18, -58, 24)), ((4, -76, 38), (20, -60, 30)),
        ((8, -82, 46), (23, -62, 34)),
    )),
    # Lateral occipital gyri, then along the inferior temporal gyrus to the uncus.
    Border(_MCA, _PCA, (1, 0, 0.4), (
        ((14, -84, 48), (24, -64, 32)), ((22, -92, 32), (28, -68, 22)),
        ((26, -98, 14), (30, -68, 12)), ((30, -98, 0), (32, -66, 4)),
        ((41, -87, -6), (34, -62, 2)), ((50, -72, -11), (36, -52, 2)),
        ((56, -56, -16), (39, -40, 0)), ((57, -40, -23), (40, -30, -5)),
        ((54, -25, -31), (39, -20, -12)), ((44, -10, -40), (34, -10, -20)),
        ((34, 0, -44), (28, -6, -24)), ((20, -2, -38), (24, -8, -26)),
        ((14, -8, -28), (18, -12, -20)),
    )),
)  # fmt: skip
TERRITORY_POINTS: dict[str, tuple[Point, ...]] = {
    _ACA: (
        (6, 30, -18), (6, 50, -8), (8, 60, 10), (8, 40, 30), (8, 20, 45), (8, 0, 55), (8, -25, 60),
        (8, -45, 55), (8, -60, 50), (4, 20, 18), (4, 0, 26), (4, -25, 26), (6, 26, 2), (4, -42, 34),
    ),
    _MCA: (
        (42, 30, 0), (50, 10, 20), (50, -20, 30), (50, -50, 35), (40, -70, 30), (58, -10, -8),
        (58, -40, 5), (40, 15, -30), (45, -72, 8), (35, -30, 35), (30, 5, 30), (30, 35, 10),
        (36, 0, 0), (30, 12, -30), (24, 2, -28),
    ),
    _PCA: (
        (8, -85, 5), (10, -80, 22), (14, -65, -6), (25, -88, 5), (34, -60, -16), (34, -40, -20),
        (24, -25, -22), (28, -20, -14), (12, -42, 2), (25, -70, 5), (6, -40, 12),
    ),
}  # fmt: skip


def nearest_part(
    points_mm: NDArray[np.float64],
    borders: tuple[Border, ...],
    inner: dict[str, tuple[Point, ...]],
    parts: tuple[str, ...],
) -> NDArray[np.uint8]:
    """Return the number, from 1, of the part that each point (n, 3) lies in, both sides alike."""
    marks, names = _marks(borders)
    marks += [np.array(p, dtype=np.float64) for row in inner.values() for p in row]
    names += [name for name, row in inner.items() for _ in row]
    tree = scipy.spatial.cKDTree(np.array(marks))
    own = np.abs(points_mm) * [1, 0, 0] + points_mm * [0, 1, 1]
    number = np.array([parts.index(name) + 1 for name in names], dtype=np.uint8)
    return number[tree.query(own)[1]]


def _marks(borders: tuple[Border, ...]) -> tuple[list[NDArray[np.float64]], list[str]]:
    """Return marks on both sides of each strip, with the names of what they stand for."""
    marks, names = [], []
    for border in borders:
        pairs = np.array(border.pairs, dtype=np.float64)
        for low, high in itertools.pairwise(pairs):
            for point, normal in _facets(low, high, np.array(border.towards)):
                marks += [point + OFFSET_MM * normal, point - OFFSET_MM * normal]
                names += [border.first, border.second]
    return marks, names


def _facets(
    low: NDArray[np.float64], high: NDArray[np.float64], towards: NDArray[np.float64]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return points of the strip between two pairs, and its unit normals there."""
    along_mm = float(np.linalg.norm(high - low, axis=1).max())
    across_mm = float(max(np.linalg.norm(low[1] - low[0]), np.linalg.norm(high[1] - high[0])))
    found = []
    for a in np.linspace(0, 1, int(np.ceil(along_mm / ALONG_MM)) + 1):
        for b in np.linspace(0, 1, int(np.ceil(across_mm / ACROSS_MM)) + 1):
            outer, inner = low[0] * (1 - a) + high[0] * a, low[1] * (1 - a) + high[1] * a
            along = (high[0] - low[0]) * (1 - b) + (high[1] - low[1]) * b
            normal = np.cross(along, inner - outer)
            normal /= np.linalg.norm(normal)
            found.append((outer * (1 - b) + inner * b, normal * np.sign(normal @ towards)))
    return found
