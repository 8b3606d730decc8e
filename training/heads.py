"""Random heads for training: label maps deformed, painted with random contrast, blurred by slices.

Follows the recipe of Billot 2023 (doi:10.1016/j.media.2023.102789): intensities are drawn anew for
every head, so that a net which learns from them works on any contrast. Label maps 1 to 9 only.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numba import njit, prange
from scipy.ndimage import (
    binary_dilation,
    distance_transform_edt,
    gaussian_filter,
    uniform_filter1d,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from splits import label_maps

CLASSES = {
    1: (24, 257, 514), 2: (3, 42), 3: (2, 41, 25, 57, 77),
    4: (4, 5, 43, 44, 31, 63, 72, 136, 137, 163, 164),
    5: (14,), 6: (15,), 7: (8, 47), 8: (7, 46), 9: (16,), 10: (10, 49), 11: (11, 50), 12: (12, 51),
    13: (26, 58), 14: (13, 52), 15: (17, 53), 16: (18, 54), 17: (28, 60),
}  # fmt: skip
"""Labels of each class of the net; what is in none of them is outside (0)."""
FLUID_MM = 15.0
"""Fluid and sinuses count as inside the skull where a closing of the brain by this reaches."""
NEAREST = (30, 62)
"""Labels of a few voxels under the putamen, which count as it."""
PAINTED = (
    (24, 257), (3, 42), (2, 41), (4, 5, 43, 44, 72), (31, 63, 136, 137, 163, 164), (14,), (15,),
    (8, 47), (7, 46), (16,), (10, 49), (11, 50), (12, 51, 30, 62), (26, 58), (13, 52), (17, 53),
    (18, 54), (28, 60), (25, 57), (514,), (502,), (515,), (516,), (507, 258), (511,), (509,),
    (508,), (506, 259), (530, 85), (512,),
)  # fmt: skip
"""What gets an intensity of its own; 0 is air."""
SHAPE = (192, 224, 192)
"""Voxels of 1 mm that are painted; the net sees blocks of 2 mm."""
MATTERS = {
    "fluid": (1, 4, 6, 7),
    "grey": (2, 8, 11, 12, 13, 14, 16, 17),
    "white": (3, 9, 10, 15, 18),
}
"""Numbers of PAINTED that look alike in most scans, for half of the heads."""


@dataclass(frozen=True)
class Anatomy:
    """One label map in RAS: what to paint, what to learn, and a smooth map of the ventricles."""

    painted: np.ndarray
    classes: np.ndarray
    swelling: np.ndarray
    centre: np.ndarray


def load_anatomies(split: str = "train") -> list[Anatomy]:
    """Read the label maps of a split."""
    return [_anatomy(path) for path in label_maps(split)]


def _anatomy(path: Path) -> Anatomy:
    image = nib.as_closest_canonical(nib.load(path))
    labels = np.asarray(image.dataobj).astype(np.int32)
    painted, classes = np.zeros(600, np.uint8), np.zeros(600, np.uint8)
    for number, row in enumerate(PAINTED, start=1):
        painted[list(row)] = number
    for number, row in CLASSES.items():
        classes[list(row)] = number
    classes[list(NEAREST)] = 12
    classes = classes[labels]
    classes[(classes == 1) & ~_closed(classes > 1)] = 0
    ventricles = np.isin(classes, (4, 5)).astype(np.float32)
    swelling = np.stack(np.gradient(gaussian_filter(ventricles, 6.0))).astype(np.float32)
    centre = np.argwhere(classes > 0).mean(0)
    return Anatomy(painted[labels], classes, swelling, centre)


def _closed(brain: np.ndarray) -> np.ndarray:
    """Close a mask of 1 mm voxels, which does not touch the border."""
    box = tuple(slice(max(int(i.min()) - 40, 0), int(i.max()) + 40) for i in np.nonzero(brain))
    wide = distance_transform_edt(~brain[box]) <= FLUID_MM
    out = np.zeros_like(brain)
    out[box] = distance_transform_edt(wide) > FLUID_MM
    return out


@njit(parallel=True, cache=True)
def _deformed(painted, classes, swelling, matrix, offset, coarse, step, swell, out_p, out_c):
    nx, ny, nz = out_p.shape
    sx, sy, sz = painted.shape
    for x in prange(nx):
        for y in range(ny):
            for z in range(nz):
                gx, gy, gz = x / step, y / step, z / step
                ix, iy, iz = int(gx), int(gy), int(gz)
                fx, fy, fz = gx - ix, gy - iy, gz - iz
                p = [0.0, 0.0, 0.0]
                for c in range(3):
                    value = 0.0
                    for i in range(2):
                        for j in range(2):
                            for k in range(2):
                                w = (
                                    (fx if i else 1 - fx)
                                    * (fy if j else 1 - fy)
                                    * (fz if k else 1 - fz)
                                )
                                value += w * coarse[c, ix + i, iy + j, iz + k]
                    p[c] = (
                        value + offset[c] + matrix[c, 0] * x + matrix[c, 1] * y + matrix[c, 2] * z
                    )
                a, b, d = round(p[0]), round(p[1]), round(p[2])
                if 0 <= a < sx and 0 <= b < sy and 0 <= d < sz:
                    a = round(p[0] + swell * swelling[0, a, b, d])
                    b2 = round(p[1] + swell * swelling[1, round(p[0]), b, d])
                    d2 = round(p[2] + swell * swelling[2, round(p[0]), b, d])
                    if 0 <= a < sx and 0 <= b2 < sy and 0 <= d2 < sz:
                        out_p[x, y, z] = painted[a, b2, d2]
                        out_c[x, y, z] = classes[a, b2, d2]


def deform(anatomy: Anatomy, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return painted labels and classes of a turned, scaled, sheared, bent head, `SHAPE`."""
    angles = np.deg2rad(rng.normal(0, 10, 3).clip(-28, 28))
    cx, cy, cz = np.cos(angles)
    sx, sy, sz = np.sin(angles)
    turn = (
        np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        @ np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    )
    shape = np.diag(rng.uniform(0.88, 1.14) * rng.uniform(0.94, 1.06, 3))
    matrix = turn @ shape @ (np.eye(3) + np.triu(rng.normal(0, 0.03, (3, 3)), 1))
    if rng.random() < 0.5:
        matrix = matrix @ np.diag([-1.0, 1.0, 1.0])
    middle = (np.array(SHAPE) - 1) / 2 + rng.normal(0, 8, 3)
    offset = anatomy.centre - matrix @ middle
    step = 8.0
    n = [int(s / step) + 3 for s in SHAPE]
    coarse = np.zeros((3, *n), np.float32)
    for size, most in ((6.0, 7.0), (3.0, 3.5), (1.5, 1.5)):
        field = np.stack([gaussian_filter(rng.normal(size=n), size / 2) for _ in range(3)])
        coarse += (rng.uniform(0, most) / 3 / max(field.std(), 1e-9) * field).astype(np.float32)
    swell = rng.uniform(-40, 110)
    painted, classes = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    _deformed(
        anatomy.painted, anatomy.classes, anatomy.swelling, matrix, offset, coarse, step, swell,
        painted, classes,
    )  # fmt: skip
    return painted, classes


def add_lesions(painted: np.ndarray, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Turn some white matter, mostly round the ventricles, into lesions (number 19); same class."""
    if rng.random() < 0.4:
        return painted
    noise = gaussian_filter(
        rng.normal(size=[s // 2 for s in SHAPE]).astype(np.float32), rng.uniform(1, 4)
    )
    noise = np.repeat(np.repeat(np.repeat(noise / noise.std(), 2, 0), 2, 1), 2, 2)
    near = gaussian_filter((classes == 4).astype(np.float32), rng.uniform(4, 10))
    score = noise + rng.uniform(3, 14) * near
    lesion = (classes == 3) & (score > rng.uniform(2.0, 3.5))
    out = painted.copy()
    out[lesion] = 19
    return out


def paint(painted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an image of random contrast, arbitrary unit."""
    means = rng.uniform(0.05, 1.0, len(PAINTED) + 1)
    spreads = rng.uniform(0.0, 0.07, len(PAINTED) + 1)
    if rng.random() < 0.75:
        for members in MATTERS.values():
            level = rng.uniform(0.05, 1.0)
            means[list(members)] = np.clip(level + rng.normal(0, 0.06, len(members)), 0.02, 1.2)
    if rng.random() < 0.6:
        _like_a_scan(means, rng)
    means[0] = rng.uniform(0, 0.08) if rng.random() < 0.9 else rng.uniform(0, 0.5)
    image = means.astype(np.float32)[painted]
    grain = rng.standard_normal(SHAPE, dtype=np.float32)
    image += spreads.astype(np.float32)[painted] * grain
    if rng.random() < 0.5:
        rough = rng.standard_normal([s // 4 for s in SHAPE], dtype=np.float32)
        rough = np.repeat(np.repeat(np.repeat(gaussian_filter(rough, 0.8) * 2, 4, 0), 4, 1), 4, 2)
        outside = painted > 19
        image += (
            np.where(outside, rng.uniform(0, 0.2), rng.uniform(0, 0.04)).astype(np.float32) * rough
        )
    return np.maximum(image, 0)


def _like_a_scan(means: np.ndarray, rng: np.random.Generator) -> None:
    """Give the tissues the order of a T1w, T2w, FLAIR, gradient-echo or CT image, loosely."""
    kind = rng.integers(5)
    fluid, grey, white, bone, fat, lesion = (
        (0.15, 0.5, 0.8, 0.08, 0.95, 0.5),
        (0.95, 0.5, 0.33, 0.08, 0.6, 0.65),
        (0.1, 0.6, 0.45, 0.08, 0.7, 0.9),
        (0.75, 0.65, 0.58, 0.05, 0.5, 0.65),
        (0.28, 0.42, 0.38, 1.0, 0.03, 0.33),
    )[kind]
    for number in MATTERS["fluid"]:
        means[number] = fluid
    for number in MATTERS["grey"]:
        means[number] = grey
    for number in MATTERS["white"]:
        means[number] = white
    means[11] = 0.5 * (grey + white)
    means[15] = 0.3 * grey + 0.7 * white if kind != 3 else 0.75 * white
    means[5], means[19], means[22], means[23], means[25] = (
        0.5 * (fluid + grey),
        lesion,
        bone,
        fat,
        fat,
    )
    means[24] = 0.5 * (fat + grey) if kind != 4 else 0.35
    jitter = 0.02 if kind == 4 else 0.06
    means += rng.normal(0, jitter, len(means))
    np.clip(means, 0.01, 1.3, out=means)


def scan(image: np.ndarray, classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the image as a scanner would give it, in blocks of 2 mm, float16 in about 0 to 1."""
    if rng.random() < 0.35:
        inside = classes > (0 if rng.random() < 0.6 else 1)
        if rng.random() < 0.5:
            inside = binary_dilation(inside, iterations=int(rng.integers(1, 3)))
        image = image * inside
    n = [s // 32 + 2 for s in SHAPE]
    bias = gaussian_filter(rng.normal(size=n), 0.7)
    bias = _grown(np.exp(rng.uniform(0, 0.5) * bias / bias.std()).astype(np.float32), 32.0)
    image = gaussian_filter(image * bias, rng.uniform(0.2, 0.8))
    noise = rng.uniform(0.0, 0.06)
    if rng.random() < 0.55:
        image = _thick(image, int(rng.integers(2, 9)), int(rng.choice([2, 2, 2, 1, 0])), noise, rng)
    else:
        image = np.abs(image + noise * rng.standard_normal(SHAPE, dtype=np.float32))
    small = image.reshape(96, 2, 112, 2, 96, 2).mean((1, 3, 5))
    return small.astype(np.float16)


@njit(parallel=True, cache=True)
def _grown(coarse, step):
    out = np.empty((192, 224, 192), np.float32)
    for x in prange(192):
        for y in range(224):
            for z in range(192):
                gx, gy, gz = x / step, y / step, z / step
                i, j, k = int(gx), int(gy), int(gz)
                fx, fy, fz = gx - i, gy - j, gz - k
                value = 0.0
                for a in range(2):
                    for b in range(2):
                        for c in range(2):
                            w = (
                                (fx if a else 1 - fx)
                                * (fy if b else 1 - fy)
                                * (fz if c else 1 - fz)
                            )
                            value += w * coarse[i + a, j + b, k + c]
                out[x, y, z] = value
    return out


def _thick(
    image: np.ndarray, mm: int, axis: int, noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Average over slices of a thickness and interpolate back between their middles."""
    length = image.shape[axis]
    start = int(rng.integers(0, mm))
    centres = np.arange(start, length, mm)
    thick = int(max(1, round(mm * rng.uniform(0.7, 1.0))))
    slices = np.take(uniform_filter1d(image, thick, axis=axis), centres, axis=axis)
    slices = np.abs(slices + noise * rng.standard_normal(slices.shape, dtype=np.float32))
    place = np.clip((np.arange(length) - start) / mm, 0, len(centres) - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, len(centres) - 1)
    shape = [1, 1, 1]
    shape[axis] = length
    share = (place - low).astype(np.float32).reshape(shape)
    return np.take(slices, low, axis=axis) * (1 - share) + np.take(slices, high, axis=axis) * share


def make_head(anatomies: list[Anatomy], rng: np.random.Generator) -> tuple[Any, Any]:
    """Return an image (96, 112, 96) float16 and classes (192, 224, 192) uint8 of a random head."""
    painted, classes = deform(anatomies[rng.integers(len(anatomies))], rng)
    painted = add_lesions(painted, classes, rng)
    return scan(paint(painted, rng), classes, rng), classes
