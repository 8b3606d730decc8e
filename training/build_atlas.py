"""Build the tissue priors and the region atlas of ``brain/atlas`` from the training label maps.

    python training/build_atlas.py --templates FOLDER [--work FOLDER] [--steps priors,regions]

FOLDER holds the three MNI152 2009a files of the nilearn wheel (pip download nilearn==0.14.1
--no-deps; nilearn/datasets/data/). Writes into ``src/arteriole/brain/atlas/data``. Needs the
packages of the project, and nibabel; one thread, so that it gives the same files again.

1. Each of the nine training maps goes to the template by an affine registration of its classes,
   painted as T1, and by demons of the expected T1, grey and white of its classes.
2. Their average is the prior of a Gaussian mixture of the template's T1, grey and white, which
   gives the template's own classes. Each head goes to these by demons of nine channels, twice.
3. The average of the heads, made symmetric, is the prior that ships. The template is symmetric.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import nibabel as nib
import numpy as np
import SimpleITK
import splits
from atlas_heads import Labelled, affine_to_template, class_shares, read_head
from atlas_regions import cleaned, divide, mirrored
from demons import least_jacobian, register_channels, warp
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

from arteriole.brain.classes import CLASSES

DATA = Path(__file__).resolve().parents[1] / "src" / "arteriole" / "brain" / "atlas" / "data"
FILE = "mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
KINDS = ("t1", "gm", "wm")
CLASS_TURNS, CLASS_ITERATIONS = 2, 30
"""How often heads go to the template's classes, and how many steps each time."""
SCALE = np.array([200.0, 255.0, 255.0], dtype=np.float32)
"""What T1, grey and white are divided by: white matter is near 1 in T1."""
STEP = 2
"""Voxels of the template (1 mm) between points of the priors."""
FIRST_KEPT = CLASSES.index("third ventricle")
TOGETHER = (
    ("cerebral cortex",),
    ("cerebral white matter",),
    ("lateral ventricle", "cerebellar white matter"),
    ("cerebellar cortex", "caudate"),
    ("brainstem", "putamen"),
    ("thalamus", "accumbens", "amygdala"),
    ("hippocampus", "third ventricle"),
    ("pallidum", "fourth ventricle"),
    ("ventral diencephalon",),
)
"""Classes that share a channel do not touch each other."""

Array = NDArray[np.float32]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--templates", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("atlas_work"))
    parser.add_argument("--steps", default="templates,heads,priors,regions")
    given = parser.parse_args()
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    given.work.mkdir(exist_ok=True)
    DATA.mkdir(exist_ok=True)
    images = [nib.load(given.templates / FILE.format(kind)) for kind in KINDS]
    affine = np.asarray(images[0].affine, dtype=np.float64)
    template = np.stack([np.asarray(one.dataobj) for one in images], axis=-1)
    steps = given.steps.split(",")
    if "templates" in steps:
        for n, kind in enumerate(KINDS):
            save(DATA / f"mni152_{kind}.npz", data=template[..., n], affine=affine)
    if "heads" in steps:
        bring_heads(template.astype(np.float32), affine, given.work)
    if "priors" in steps:
        write_priors(affine, given.work)
    if "regions" in steps:
        write_regions(template.astype(np.float32), affine, given.work)


def write_regions(template: Array, affine: NDArray[np.float64], work: Path) -> None:
    """Divide the template into classes at 1 mm, these into regions and territories."""
    average = np.load(work / "average.npz")["symmetric"]
    spans = [STEP * (n - 1) + 1 for n in average.shape[:3]]
    prior = np.stack(
        [zoom(average[..., c], np.divide(spans, average.shape[:3]), order=1, grid_mode=False)
         for c in range(len(CLASSES))], axis=-1,
    )  # fmt: skip
    box = _box(template, rim=12)
    own = posterior(template[box] / SCALE, prior[box])
    own[template[box][..., 0] == 0, 2:] = 0.0  # around what is shown there is fluid or nothing
    classes = mirrored(cleaned(own.argmax(axis=-1).astype(np.uint8)))
    here = affine.copy()
    here[:3, 3] += [part.start for part in box]
    whole = [np.zeros(template.shape[:3], dtype=np.uint8) for _ in range(2)]
    for out, part in zip(whole, divide(classes, here), strict=True):
        out[box] = part
    save(DATA / "regions.npz", regions=whole[0], territories=whole[1], affine=affine)


def bring_heads(template: Array, affine: NDArray[np.float64], work: Path) -> None:
    """Register the heads to the template, and write their average (x, y, z, c) at 2 mm."""
    coarse = np.stack([_halved(template[..., n]) for n in range(3)], axis=-1) / SCALE
    heads = [read_head(path) for path in splits.label_maps("train")]
    ways, moves = _by_means(heads, template, coarse, affine, work)
    still = [_shares(h, w, affine, _still(coarse)) for h, w in zip(heads, ways, strict=True)]
    for turn in range(CLASS_TURNS):
        prior = _average(_all_shares(heads, ways, moves, affine))
        own = posterior(coarse, prior)
        moves = [
            _register(
                f"classes {turn}, head {n}", _channels(own), _channels(share), u, CLASS_ITERATIONS
            )
            for n, (share, u) in enumerate(zip(still, moves, strict=True), start=1)
        ]
    sums = _all_shares(heads, ways, moves, affine)
    np.savez(work / "heads.npz", moves=np.array(moves), ways=np.array(ways))
    np.savez(work / "average.npz", sided=np.mean(sums, axis=0), symmetric=_average(sums))


def _by_means(
    heads: list[Labelled], template: Array, coarse: Array, affine: NDArray[np.float64], work: Path
) -> tuple[list[NDArray[np.float64]], list[Array]]:
    """Return the affine ways and the displacements by the template's brightness of each class."""
    kept = work / "means.npz"
    if kept.exists():
        found = np.load(kept)
        return [*found["ways"]], [*found["moves"]]
    ways = [affine_to_template(head, template[..., 0], affine) for head in heads]
    still = [_shares(h, w, affine, _still(coarse)) for h, w in zip(heads, ways, strict=True)]
    moves = [_still(coarse) for _ in heads]
    for turn in range(2):
        table = class_means(_all_shares(heads, ways, moves, affine), coarse)
        moves = [
            _register(f"means {turn}, head {n}", coarse, share @ table, u)
            for n, (share, u) in enumerate(zip(still, moves, strict=True), start=1)
        ]
    np.savez(kept, ways=np.array(ways), moves=np.array(moves))
    return ways, moves


def write_priors(affine: NDArray[np.float64], work: Path) -> None:
    """Write the symmetric average as 8-bit shares whose sum is 255 in each voxel."""
    average = np.load(work / "average.npz")["symmetric"]
    whole = np.floor(average * 255.0)
    left = 255.0 - whole.sum(axis=-1)
    order = np.argsort(np.argsort(whole - average * 255.0, axis=-1), axis=-1)
    whole += order < left[..., None]
    grid = affine.copy()
    grid[:3, :3] *= STEP
    data = np.moveaxis(whole, -1, 0).astype(np.uint8)
    save(DATA / "tissue_priors.npz", data=data, affine=grid, classes=np.array(CLASSES))


def class_means(shares: list[Array], template: Array) -> Array:
    """Return the template's mean (class, kind) over what is surely of a class in the heads."""
    seen = template[..., :1] > 0.02
    total, weight = np.zeros((len(CLASSES), template.shape[-1])), np.zeros(len(CLASSES))
    for share in shares:
        sure = np.where((share > 0.95) & seen, share, np.float32(0))
        total += np.einsum("xyzc,xyzk->ck", sure, template)
        weight += sure.sum(axis=(0, 1, 2))
    table = (total / np.maximum(weight, 1.0)[:, None]).astype(np.float32)
    table[:2] = 0.0
    return table


def posterior(template: Array, prior: Array, *, turns: int = 8) -> Array:
    """Return each class's probability (x, y, z, c) on the template, given a prior.

    A Gaussian a class over T1, grey and white, its mean and covariance found by expectation and
    maximisation. From the third ventricle on, classes keep the volume that the prior gives them.
    Where the template shows nothing (it is stripped) the prior stays.
    """
    seen = template[..., 0] > 0.02
    values, before = template[seen].astype(np.float64), prior[seen].astype(np.float64) + 1e-5
    # What is shown is brain or the fluid in it.
    before[:, 0] = 0.0
    before /= before.sum(axis=1, keepdims=True)
    now, volume, keep = before.copy(), before.sum(axis=0), np.ones(len(CLASSES))
    for _ in range(turns):
        likely = np.empty_like(now)
        for c in range(len(CLASSES)):
            weight = now[:, c] + 1e-9
            mean = weight @ values / weight.sum()
            off = values - mean
            spread = (off * weight[:, None]).T @ off / weight.sum() + 4e-4 * np.eye(3)
            distance = np.einsum("vi,ij,vj->v", off, np.linalg.inv(spread), off)
            likely[:, c] = np.exp(-0.5 * distance) / np.sqrt(np.linalg.det(spread))
        now = before * (likely + 1e-12) * keep
        now /= now.sum(axis=1, keepdims=True)
        # Signal alone would let small nuclei take their neighbours: they keep the heads' volumes.
        keep[FIRST_KEPT:] *= volume[FIRST_KEPT:] / now[:, FIRST_KEPT:].sum(axis=0)
    out = prior.copy()
    out[seen] = now
    return out


def save(path: Path, **arrays: NDArray[np.generic]) -> None:
    """Write arrays as a compressed npz whose bytes depend on nothing but the arrays."""
    with zipfile.ZipFile(path, "w") as file:
        for name, array in arrays.items():
            bytes_ = io.BytesIO()
            np.lib.format.write_array(bytes_, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy")  # its date is a constant
            file.writestr(entry, bytes_.getvalue(), zipfile.ZIP_DEFLATED, 9)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def _all_shares(
    heads: list[Labelled],
    ways: list[NDArray[np.float64]],
    moves: list[Array],
    affine: NDArray[np.float64],
) -> list[Array]:
    rows = zip(heads, ways, moves, strict=True)
    return [_shares(head, way, affine, STEP * u) for head, way, u in rows]


def _shares(
    head: Labelled, way: NDArray[np.float64], affine: NDArray[np.float64], shift: Array
) -> Array:
    return class_shares(head, way, affine, shift_mm=shift, step=STEP)


def _register(said: str, fixed: Array, moving: Array, start: Array, iterations: int = 40) -> Array:
    moves = start.copy()
    box = _box(fixed)
    fixed, moving = np.ascontiguousarray(fixed[box]), np.ascontiguousarray(moving[box])
    part = register_channels(fixed, moving, start=start[box].copy(), iterations=iterations)
    moves[box] = part
    moved = _moved(moving, part)
    overlap = 2 * np.minimum(fixed, moved).sum(axis=(0, 1, 2)) / (fixed + moved).sum(axis=(0, 1, 2))
    print(
        f"{said}: overlap {np.round(overlap, 2)}, jacobian {least_jacobian(part):.2f}", flush=True
    )
    return moves


def _box(fixed: Array, *, rim: int = 6) -> tuple[slice, ...]:
    """Return the box around what the fixed channels show, with a rim."""
    shown = fixed.max(axis=-1) > 0.05
    spans = [np.flatnonzero(shown.any(axis=tuple(b for b in range(3) if b != a))) for a in range(3)]
    return tuple(slice(max(int(s[0]) - rim, 0), int(s[-1]) + rim + 1) for s in spans)


def _moved(share: Array, moves: Array) -> Array:
    out = np.empty_like(share)
    warp(share, moves, out)
    return out


def _average(shares: list[Array]) -> Array:
    mean = np.mean(shares, axis=0, dtype=np.float32)
    return 0.5 * (mean + mean[::-1])


def _channels(share: Array) -> Array:
    rows = [sum(share[..., CLASSES.index(name)] for name in row) for row in TOGETHER]
    return np.ascontiguousarray(np.stack(rows, axis=-1))


def _still(like: Array) -> Array:
    return np.zeros((*like.shape[:3], 3), dtype=np.float32)


def _halved(volume: Array) -> Array:
    return gaussian_filter(volume, 0.8)[::STEP, ::STEP, ::STEP]


if __name__ == "__main__":
    main()
