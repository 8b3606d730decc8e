"""Pairs of simulated scans of one head in different poses, with the true motion between them.

Label maps are painted with a mean a tissue (white matter lesions near the ventricles brighter or
darker), sampled with partial volume and slice thickness on a grid of any orientation, then given a
bias field and Rician noise. Means, thickness, field of view, axes and pose are drawn for each case.
All is simulated and plain: no motion, no loss of signal, no distortion.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import nibabel as nib
import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.brain.registration.interpolate import along_affine
from arteriole.brain.registration.motion import rigid
from arteriole.grid import Grid
from arteriole.phantom.anatomy.label_table import BRAIN, NAMES, codes, named

CONTRASTS = ("T1w", "T2w", "FLAIR", "GRE", "CT")

_GREY = {"T1w": 62, "T2w": 78, "FLAIR": 88, "GRE": 80, "CT": 38}
_WHITE = {"T1w": 100, "T2w": 60, "FLAIR": 72, "GRE": 72, "CT": 30}
_FLUID = {"T1w": 20, "T2w": 160, "FLAIR": 14, "GRE": 95, "CT": 6}
_MEANS: dict[str, dict[str, float]] = {
    "T1w": {"skin": 70, "soft tissue": 75, "bone": 8, "marrow": 110, "mucosa": 60, "air": 3,
            "eye muscles": 60, "optic nerve": 80, "eyes": 20, "venous sinuses": 40, "arteries": 50},
    "T2w": {"skin": 50, "soft tissue": 60, "bone": 8, "marrow": 70, "mucosa": 100, "air": 3,
            "eye muscles": 40, "optic nerve": 70, "eyes": 160, "venous sinuses": 15, "arteries": 9},
    "FLAIR": {"skin": 50, "soft tissue": 60, "bone": 6, "marrow": 60, "mucosa": 80, "air": 3,
              "eye muscles": 50, "optic nerve": 60, "eyes": 15, "venous sinuses": 20,
              "arteries": 12},
    "GRE": {"skin": 60, "soft tissue": 60, "bone": 8, "marrow": 40, "mucosa": 50, "air": 3,
            "eye muscles": 50, "optic nerve": 60, "eyes": 95, "venous sinuses": 50, "arteries": 90},
    "CT": {"skin": 20, "soft tissue": 0, "bone": 1200, "marrow": 500, "mucosa": 30, "air": -1000,
           "eye muscles": 50, "optic nerve": 30, "eyes": 10, "venous sinuses": 55, "arteries": 45},
}  # fmt: skip
_DEEP = {"T1w": 78, "T2w": 66, "FLAIR": 80, "GRE": 62, "CT": 36}
_LESION = {"T1w": 68, "T2w": 110, "FLAIR": 130, "GRE": 82, "CT": 24}


@dataclass(frozen=True, eq=False)
class Head:
    """Codes of a label map, its grid, where white matter has lesions, and places in the brain."""

    codes: NDArray[np.uint8]
    grid: Grid
    lesions: NDArray[np.bool_]
    brain_mm: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scan:
    """A simulated scan, its grid, and the motion from the head's world to the scan's."""

    image: NDArray[np.float32]
    grid: Grid
    pose: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two scans, the true motion from the first's world to the second's, and what was drawn."""

    fixed: Scan
    moving: Scan
    truth: NDArray[np.float64]
    brain_mm: NDArray[np.float64]
    drawn: dict[str, Any]


@cache
def load_head(path: str) -> Head:
    """Return a label map ready for painting."""
    image = nib.load(path)
    labels = np.asarray(image.dataobj).astype(np.int32)
    grid = Grid(labels.shape, image.affine)
    coded, _ = named(labels, extra={})
    coded[coded == 255] = NAMES.index("white matter")
    rng = np.random.default_rng(5)
    ventricle = np.isin(coded, codes(("lateral ventricles", "choroid plexus")))
    near = scipy.ndimage.distance_transform_edt(~ventricle[::2, ::2, ::2], sampling=2.0)
    rough = scipy.ndimage.gaussian_filter(rng.standard_normal(near.shape), 2.5)
    spots = rough / rough.std() > 0.3 + near / 8.0
    spots = spots.repeat(2, 0).repeat(2, 1).repeat(2, 2)
    spots = spots[: coded.shape[0], : coded.shape[1], : coded.shape[2]]
    lesions = spots & (coded == NAMES.index("white matter"))
    brain = np.argwhere(np.isin(coded, codes(BRAIN)))
    places = grid.to_world(brain[rng.choice(len(brain), 2000, replace=False)])
    return Head(coded, grid, lesions, places)


def painted(head: Head, contrast: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the head's signal on its own grid, means drawn within 8 % (CT: 1.5 HU)."""
    means = np.zeros(256, np.float32)
    for name in NAMES:
        means[NAMES.index(name)] = _mean(name, contrast)
    lesion = float(_LESION[contrast])
    if contrast == "CT":
        means += rng.normal(0, 1.5, 256)
        means[0] = -1000
    else:
        means *= 1 + rng.normal(0, 0.08, 256)
        means[0] = 0
    return np.where(head.lesions, np.float32(lesion), means[head.codes]).astype(np.float32)


def _mean(name: str, contrast: str) -> float:
    """Return a tissue's mean in a contrast."""
    if name in _MEANS[contrast]:
        return _MEANS[contrast][name]
    if name == "outside":
        return -1000.0 if contrast == "CT" else 0.0
    if name in ("csf", "lateral ventricles", "third ventricle", "fourth ventricle"):
        return _FLUID[contrast]
    if name in ("white matter", "cerebellar white matter", "brainstem", "spinal cord"):
        return _WHITE[contrast]
    if name in ("thalamus", "pallidum", "putamen", "caudate", "substantia nigra"):
        return _DEEP[contrast]
    return _GREY[contrast]


def scanned(
    head: Head,
    contrast: str,
    pose: NDArray[np.float64],
    *,
    voxel_mm: tuple[float, float],
    plane: str,
    cover: tuple[float, float],
    snr: float,
    rng: np.random.Generator,
) -> Scan:
    """Return a scan of the head at a pose.

    ``voxel_mm`` is in-plane and slice thickness; ``cover`` the part of the head along the slices,
    from 0 (below, behind, right) to 1.
    """
    signal = painted(head, contrast, rng)
    grid = _grid(head, pose, voxel_mm, plane, cover)
    axis = int(np.argmax([abs(s - voxel_mm[0]) for s in grid.voxel_size_mm]))
    parts = max(1, round(voxel_mm[1] / 0.9)) if voxel_mm[1] > 1.3 else 1
    matrix = np.linalg.inv(head.grid.affine) @ np.linalg.inv(pose) @ grid.affine
    image = np.zeros(grid.shape, np.float32)
    for part in range(parts):
        shifted = matrix.copy()
        shifted[:3, 3] += matrix[:3, axis] * ((part + 0.5) / parts - 0.5)
        layer = np.empty(grid.shape, np.float32)
        along_affine(signal, shifted, -1000.0 if contrast == "CT" else 0.0, layer)
        image += layer / parts
    if contrast == "CT":
        image += rng.normal(0, 60.0 / snr * 4, image.shape).astype(np.float32)
    else:
        image *= _bias(grid, rng)
        sigma = np.float32(80.0 / snr)
        noise = sigma * rng.standard_normal((2, *image.shape), dtype=np.float32)
        image = np.hypot(image + noise[0], noise[1])
    turned, own = _turned(image, grid, rng)
    return Scan(turned, own, pose)


def _grid(
    head: Head,
    pose: NDArray[np.float64],
    voxel_mm: tuple[float, float],
    plane: str,
    cover: tuple[float, float],
) -> Grid:
    """Return a grid along the scanner's axes that covers the head in its pose, less what is cut."""
    inner = np.argwhere(head.codes[::4, ::4, ::4] > 0) * 4
    world = head.grid.to_world(inner) @ pose[:3, :3].T + pose[:3, 3]
    low, high = world.min(axis=0) - 8, world.max(axis=0) + 8
    # The neck's length is the map's, not the scanner's: a scan ends 185 mm below the vertex.
    low[2] = max(low[2], high[2] - 195)
    across = {"axial": 2, "sagittal": 0, "coronal": 1}[plane]
    span = high[across] - low[across]
    high[across] = low[across] + cover[1] * span
    low[across] = low[across] + cover[0] * span
    sizes = np.full(3, voxel_mm[0])
    sizes[across] = voxel_mm[1]
    shape = np.maximum(np.round((high - low) / sizes).astype(int), 4)
    affine = np.diag([*sizes, 1.0])
    affine[:3, 3] = low + sizes / 2
    return Grid((int(shape[0]), int(shape[1]), int(shape[2])), affine)


def _turned(
    image: NDArray[np.float32], grid: Grid, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Grid]:
    """Return the image stored along other axes, some of them backwards, at the same places."""
    order = rng.permutation(3)
    flips = rng.random(3) < 0.5
    affine = np.eye(4)
    affine[:3, :3] = grid.affine[:3, :3][:, order]
    out = image.transpose(order)
    start = np.zeros(3)
    for axis in range(3):
        if flips[axis]:
            out = np.flip(out, axis)
            affine[:3, axis] *= -1
            start[order[axis]] = grid.shape[order[axis]] - 1
    affine[:3, 3] = grid.to_world(start)
    out = np.ascontiguousarray(out)
    return out, Grid(out.shape, affine)


def _bias(grid: Grid, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a smooth field of about +-25 % round one."""
    coarse = rng.normal(0, 0.18, (3, 3, 3))
    zoom = [n / 3 for n in grid.shape]
    small = scipy.ndimage.zoom(coarse, [min(z, 8.0) for z in zoom], order=3)
    matrix = np.diag(
        [(s - 1) / max(n - 1, 1) for s, n in zip(small.shape, grid.shape, strict=True)]
    )
    whole = np.eye(4)
    whole[:3, :3] = matrix
    out = np.empty(grid.shape, np.float32)
    along_affine(np.ascontiguousarray(small, np.float32), whole, 0.0, out)
    return np.exp(out)


def draw_pair(
    head: Head, number: int, *, seed: int, hard: bool = False, stranger: Head | None = None
) -> Pair:
    """Return a pair of scans, drawn by its number.

    The first is a T1w of 1 mm in three of four, else another contrast; the second a FLAIR, GRE,
    T2w, T1w or CT of 1 to 6 mm slices. Turns reach 30 degrees and shifts 40 mm an axis; one in four
    is cropped along its slices. ``hard`` cases are for calibration, where what fails must be seen:
    much noise, little field, turns up to 60 degrees, the first scan too with thick slices. With a
    ``stranger`` the second scan is another person's: there is no truth, and no pose is right.
    """
    rng = np.random.default_rng([seed, number])
    first = "T1w" if rng.random() < 0.75 else str(rng.choice(["FLAIR", "GRE", "T2w"]))
    second = str(rng.choice(["FLAIR", "FLAIR", "GRE", "GRE", "T2w", "T1w", "CT"]))
    thick = (1.0, float(rng.choice([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])))
    plane = str(rng.choice(["axial", "axial", "axial", "sagittal", "coronal"]))
    cover = (0.0, 1.0)
    if rng.random() < (0.6 if hard else 0.25):
        lost = rng.uniform(0.1, 0.35) if not hard else rng.uniform(0.4, 0.92)
        below = rng.uniform(0, lost)
        cover = (below, 1 - (lost - below))
    snr = float(rng.uniform(12, 50) if not hard else np.exp(rng.uniform(np.log(0.4), np.log(6))))
    turn = rng.standard_normal(3)
    turn *= np.deg2rad(60 if hard else 30) * rng.random() / np.linalg.norm(turn)
    shift = rng.uniform(-40, 40, 3)
    slight = rigid(rng.normal(0, 0.05, 3), rng.normal(0, 5, 3))
    fixed_mm = (1.0, 1.0)
    if hard or first != "T1w":
        fixed_mm = (1.0, float(rng.choice([1.0, 3.0, 5.0])))
    look = {"rng": rng, "snr": snr}
    fixed = scanned(head, first, slight, voxel_mm=fixed_mm, plane="axial", cover=(0, 1), **look)
    moving = scanned(
        stranger or head,
        second,
        rigid(turn, shift) @ slight,
        voxel_mm=thick,
        plane=plane,
        cover=cover,
        **look,
    )
    drawn = {
        "fixed": first, "fixed_slice_mm": fixed_mm[1], "moving": second, "slice_mm": thick[1],
        "plane": plane, "cover": round(cover[1] - cover[0], 3), "snr": round(snr, 1),
        "turn_deg": round(float(np.rad2deg(np.linalg.norm(turn))), 1),
        "shift_mm": round(float(np.linalg.norm(shift)), 1),
    }  # fmt: skip
    places = head.brain_mm @ slight[:3, :3].T + slight[:3, 3]
    return Pair(fixed, moving, rigid(turn, shift), places, drawn)
