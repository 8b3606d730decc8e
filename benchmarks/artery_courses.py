"""Courses and radii of the arteries at the skull base, traced on a head CT.

    python benchmarks/artery_courses.py [--picture FILE]

The Visible Human Male (U.S. National Library of Medicine, public domain) was scanned after death:
gas fills his arteries, so that a CT without contrast shows their lumen. Between places picked by
eye (`WAYS`) the darkest way is found, brought to the gas' middle and smoothed. The inner table of
his skull is then fitted by an affine map to the braincase of the template that the phantom's
heads are written in, and right and mirrored left are averaged.

The printed points are those of ``arteriole.phantom.vessels.arteries.COURSES``, where what gas
does not show is written from anatomy. The radius is that of a circle with the section that gas
fills; a lumen that still holds blood looks narrower.
"""

from __future__ import annotations

import argparse
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.ndimage
import scipy.optimize
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from arteriole.io.nifti import read_image
from arteriole.phantom.anatomy.hull import brain_hull
from arteriole.phantom.vessels.curves import evenly, softened

DATA = Path(os.environ.get("ARTERIOLE_DATA", Path(__file__).parents[2] / "shared" / "data"))
CT = DATA / "ct_visible_human_head" / "head_1mm.nii.gz"

Points = NDArray[np.float64]
Image = NDArray[np.float32]

TISSUE_HU, GAS_HU = 30.0, -1000.0

WAYS: dict[str, dict[str, list[tuple[float, float, float]]]] = {
    "ICA neck": {"R": [(290, 271, 98), (289, 271, 110), (288, 271, 114)]},
    "ICA": {
        "R": [
            (288, 271, 114), (287, 271, 122), (285, 272.5, 126), (282, 274.6, 130),
            (278.3, 277.8, 132), (273.8, 280.1, 134), (270.8, 282.6, 138), (270, 284.8, 144),
            (271, 288, 149), (270.5, 293, 151), (270, 295, 154), (268.5, 292.5, 155),
            (267, 289, 156.5), (267, 287, 159), (267, 287, 163),
        ],
        "L": [
            (231.3, 270.5, 114), (233.7, 270.5, 122), (235.8, 272, 126), (238, 275, 128),
            (241.7, 278.7, 130), (244, 281, 132), (244.8, 284, 140), (244.3, 285.7, 144),
            (243.5, 286.5, 148), (242, 290, 151), (243.5, 293.5, 153), (245, 294, 154),
            (246.5, 291.5, 154.5), (247, 288, 156), (246.5, 286, 159), (246, 286, 161),
        ],
    },
    "A1": {
        "R": [(267, 287, 163), (260, 289, 164), (256, 295, 165)],
        "L": [(246, 286, 161), (254, 288, 163), (256, 295, 165)],
    },
    "A2": {
        "R": [
            (256, 295, 165), (256, 301, 171), (254, 305, 178), (255, 310, 188), (255, 309, 196),
            (256, 295, 201), (255, 283, 202), (255, 268, 200),
        ]
    },
    "M1": {
        "R": [(267, 287, 163), (275, 288, 164), (283, 297, 164)],
        "L": [(246, 286, 161), (234, 288, 161), (224, 291, 161)],
    },
    "M2 superior": {
        "R": [(283, 297, 164), (293, 291, 170), (295, 293, 178), (289, 297, 186), (284, 301, 198)]
    },
    "M2 inferior": {
        "R": [(283, 297, 164), (293, 291, 170), (294, 281, 171), (296, 273, 172)],
        "L": [(224, 291, 161), (219, 284, 164), (217, 278, 166), (218, 270, 171)],
    },
    "V4": {
        "R": [(270.5, 253.4, 108), (268.6, 259, 114), (266, 265, 118), (260.6, 267, 122),
              (260.6, 268.8, 126)],
        "L": [(246.6, 250, 102), (249.8, 253.6, 106), (258.6, 267, 122), (260.6, 268.8, 126)],
    },
    "BA": {"R": [(260.6, 268.8, 126), (259.8, 274, 134), (259, 277, 146), (260, 277, 150)]},
    "P1": {
        "R": [(260, 277, 150), (264, 277, 153)],
        "L": [(260, 277, 150), (254, 276.5, 151), (250, 277, 153)],
    },
    "PCoA": {"L": [(247, 287.5, 155), (248, 283, 152), (250, 277, 153)]},
    "P2": {
        "R": [(264, 277, 153), (271, 266, 156), (275, 260, 162), (267, 251, 163), (262, 243, 162)],
        "L": [(250, 277, 153), (246, 270, 155), (240, 252, 164), (253, 242, 161)],
    },
}  # fmt: skip
"""Places on each artery, in voxels counted from the patient's left, back and foot."""

CAVITY = (slice(170, 345), slice(160, 350), slice(100, 245))
"""Box around the braincase; the scan ends at the vertex."""

SHIFT_MM = np.array(
    [
        (-60.0, 0.0, 0.0),
        (-45.0, -1.5, 0.0),
        (-25.0, -5.0, -1.0),
        (-12.0, -5.0, -3.0),
        (10.0, 0.0, 0.0),
    ]
)
"""Height in the template, and by how much what lies there goes back and up. His base lies further
forward under the brain than the template's: unmoved, the basilar artery runs 7 mm before the
pons and A1 within the gyrus rectus of MNI152, while A2 keeps to the genu."""


def upright(path: Path) -> Image:
    """Return the scan with its axes towards the patient's right, front and top."""
    values = np.asarray(read_image(path).data, dtype=np.float32)
    return np.ascontiguousarray(values[::-1, ::-1])


def gas_share(ct: Image) -> Image:
    """Return the share of each voxel that gas fills."""
    return np.clip((TISSUE_HU - ct) / (TISSUE_HU - GAS_HU), 0.0, 1.0).astype(np.float32)


def darkest_way(gas: Image, places: Points) -> Points:
    """Return the way through places along which the voxels hold most gas."""
    low = np.floor(places.min(axis=0) - 6).astype(int)
    high = np.ceil(places.max(axis=0) + 7).astype(int)
    box = gas[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    cost = 1.0 / (0.02 + np.clip(scipy.ndimage.gaussian_filter(box, 0.5) - 0.03, 0.0, 0.5))
    graph = _neighbours(cost.astype(np.float64))
    at = np.ravel_multi_index(tuple(np.rint(places - low).astype(int).T), cost.shape)
    way = [int(at[0])]
    for a, b in pairwise(at):
        _, before = dijkstra(graph, indices=int(a), return_predecessors=True)
        step, back = int(b), []
        while step != a:
            back.append(step)
            step = int(before[step])
        way += back[::-1]
    return np.stack(np.unravel_index(way, cost.shape), axis=1) + low.astype(np.float64)


def _neighbours(cost: Points) -> Any:
    """Return the graph that joins each voxel to its 26 neighbours."""
    index = np.arange(cost.size).reshape(cost.shape)
    rows, columns, price = [], [], []
    for offset in np.ndindex(3, 3, 3):
        move = np.array(offset) - 1
        if not move.any():
            continue
        here = tuple(
            slice(max(-m, 0), n - max(m, 0)) for m, n in zip(move, cost.shape, strict=True)
        )
        there = tuple(
            slice(max(m, 0), n - max(-m, 0)) for m, n in zip(move, cost.shape, strict=True)
        )
        rows.append(index[here].ravel())
        columns.append(index[there].ravel())
        price.append((np.linalg.norm(move) * 0.5 * (cost[here] + cost[there])).ravel())
    ends = (np.concatenate(rows), np.concatenate(columns))
    return coo_array((np.concatenate(price), ends), shape=(cost.size,) * 2).tocsr()


def centred(gas: Image, way: Points) -> Points:
    """Return a way moved to the middle of the gas around it."""
    around = np.stack(np.meshgrid(*[np.arange(-3, 4)] * 3, indexing="ij"), -1).reshape(-1, 3)
    out = way.copy()
    for n, at in enumerate(way):
        cells = np.rint(at).astype(int) + around
        weight = np.clip(gas[tuple(cells.T)] - 0.06, 0.0, None)
        weight *= np.exp(-((cells - at) ** 2).sum(axis=1) / (2 * 1.2**2))
        if weight.sum() > 0.3:
            out[n] = (weight[:, None] * cells).sum(axis=0) / weight.sum()
    return softened(out, rounds=2)


def radii(gas: Image, way: Points, *, reach_mm: float = 3.0) -> NDArray[np.float64]:
    """Return the radius (mm) of the section that gas fills at each mm of a way."""
    steps = evenly(way, step_mm=1.0)
    low, high = np.floor(steps.min(axis=0) - 5).astype(int), np.ceil(steps.max(axis=0) + 6)
    axes = [np.arange(a, b) for a, b in zip(low, high.astype(int), strict=True)]
    cells = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    share = gas[tuple(cells.T)]
    away, nearest = cKDTree(steps).query(cells)
    near = (away < reach_mm) & (share > 0.05)
    volume = np.bincount(nearest[near], share[near], len(steps))
    return np.asarray(np.sqrt(scipy.ndimage.uniform_filter1d(volume, 5) / np.pi))


def template_to_scan(ct: Image) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Fit the template's braincase to the scan's inner table: matrix, offset, residual (mm)."""
    box = ct[CAVITY]
    first = np.array([s.start for s in CAVITY])
    bone = box > 250
    label, _ = scipy.ndimage.label(~scipy.ndimage.binary_dilation(bone, iterations=3))
    hollow = label == label[tuple(np.array([256, 255, 190]) - first)]
    hollow = scipy.ndimage.binary_dilation(hollow, iterations=3) & ~bone
    inside = scipy.ndimage.distance_transform_edt(hollow)
    depth = inside - scipy.ndimage.distance_transform_edt(~hollow)
    surface = braincase()

    def off(p: NDArray[np.float64]) -> NDArray[np.float64]:
        at = surface @ p[:9].reshape(3, 3).T + p[9:]
        found = scipy.ndimage.map_coordinates(depth, (at - first).T, order=1, mode="nearest")
        return np.where(at[:, 2] > 241, 0.0, found)

    start = np.array([0.93, 0, 0, 0, 0.95, -0.2, 0, 0.2, 0.87, 256, 275, 172.0])
    fit = scipy.optimize.least_squares(off, start, loss="soft_l1", f_scale=2.0)
    return fit.x[:9].reshape(3, 3), fit.x[9:], float(np.sqrt(np.mean(fit.fun**2)))


def braincase() -> Points:
    """Return points all over the template's braincase, the base left out."""
    towards = np.random.default_rng(0).normal(size=(4000, 3))
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    towards = towards[towards[:, 2] > -0.45]
    centre, along = np.array([0.0, -17.0, 10.0]), np.arange(20.0, 130.0, 0.5)
    at = (centre + along[:, None, None] * towards).astype(np.float32)
    inside = brain_hull(at[..., 0], at[..., 1], at[..., 2], gap_mm=2.2) > 0
    last = len(along) - 1 - np.argmax(inside[::-1], axis=0)
    return np.asarray(centre + along[last][:, None] * towards)


def moved_back(points: Points) -> Points:
    """Return points of the base where the template has its cisterns (`SHIFT_MM`)."""
    out = points.copy()
    for axis in (1, 2):
        out[:, axis] += np.interp(points[:, 2], SHIFT_MM[:, 0], SHIFT_MM[:, axis])
    return out


def main() -> None:
    """Trace, map, average, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--picture", type=Path)
    where = parser.parse_args().picture
    ct = upright(CT)
    gas = gas_share(ct)
    matrix, offset, residual = template_to_scan(ct)
    print(f"braincase: {residual:.2f} mm (rms); lengths {np.linalg.norm(matrix, axis=0).round(3)}")
    back = np.linalg.inv(matrix)
    traced = {}
    for name, sides in WAYS.items():
        both, wide, seen = [], [], []
        for side, places in sides.items():
            way = centred(gas, darkest_way(gas, np.array(places)))
            traced[f"{name} {side}"] = way
            wide.append(radii(gas, way))
            cells = tuple(np.rint(way).astype(int).T)
            seen.append(float((scipy.ndimage.maximum_filter(gas, 3)[cells] > 0.12).mean()))
            both.append(moved_back((way - offset) @ back.T) * [1.0 if side == "R" else -1.0, 1, 1])
        length = np.mean([np.linalg.norm(np.diff(p, axis=0), axis=1).sum() for p in both])
        count = max(round(float(length) / 4.5), 1) + 1
        course = np.mean([_cut(p, count) for p in both], axis=0)
        quarter = [float(np.percentile(np.concatenate(wide), q)) for q in (25, 50, 75, 90)]
        print(f"{name}: {'+'.join(sides)}, {length:.0f} mm, gas along {np.round(seen, 2)}, "
              f"radius at 25, 50, 75, 90 %: {' '.join(f'{q:.2f}' for q in quarter)}")  # fmt: skip
        print("   ", ", ".join("({:.1f}, {:.1f}, {:.1f})".format(*p) for p in course))
    if where is not None:
        _draw(ct, traced, where)


def _cut(path: Points, count: int) -> Points:
    """Return ``count`` points at even steps."""
    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    return evenly(path, step_mm=length / (count - 1) * (1 + 1e-9))


def _draw(ct: Image, traced: dict[str, Points], where: Path) -> None:
    import matplotlib.pyplot as plt

    low, high = (205, 200, 98), (310, 315, 205)
    box = ct[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    figure, axes = plt.subplots(1, 3, figsize=(24, 8))
    for ax, over, (a, b) in zip(axes, (0, 1, 2), ((1, 2), (0, 2), (0, 1)), strict=True):
        extent = (low[a] - 0.5, high[a] - 0.5, low[b] - 0.5, high[b] - 0.5)
        ax.imshow(box.min(axis=over).T, origin="lower", cmap="gray", vmin=-700, vmax=100,
                  extent=extent)  # fmt: skip
        for name, way in traced.items():
            ax.plot(way[:, a], way[:, b], label=name)
    axes[2].legend(fontsize=6)
    figure.savefig(where)


if __name__ == "__main__":
    main()
