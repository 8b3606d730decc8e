"""Simulated T1w, T2w, FLAIR and CT beside the real ones at hand: same numbers, same windows.

    python benchmarks/beside_real_contrasts.py [--pictures FOLDER]

Real: two images a contrast from ../shared/data with a mask of the brain (skull-stripped
images are their own mask); one CT. Simulated: a generated head and one from a training label map by
the protocols of the package, over the brain. The table has quantiles inside the mask over the
median (CT: in HU), and how rough the image is: the standard deviation of what a Gaussian of one
voxel takes away, over the median. Writes beside_real_contrasts.csv. The pictures show real images:
they are looked at and never committed.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.ndimage
from splits import label_maps

from arteriole.io.nifti import read_image
from arteriole.phantom.anatomy.label_map import label_map_anatomy
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.scanner.acquire_ct import acquire_ct
from arteriole.phantom.scanner.acquire_weighted import acquire_weighted
from arteriole.phantom.scanner.ct_protocol import CT_THIN
from arteriole.phantom.scanner.weighted_protocol import FLAIR_1MM, FLAIR_THICK, T1W_1MM, T2W_1MM

DATA = Path(os.environ.get("ARTERIOLE_DATA", Path(__file__).parents[2] / "shared" / "data"))
QUANTILES = (1, 5, 25, 50, 75, 95, 99)
OVER_BRAIN = {"shape": (160, 200, 176), "centre_mm": (0.0, -16.0, 4.0)}
REAL: tuple[tuple[str, str, str | None], ...] = (
    ("T1w", "flair_ms_mni/patient19/T1.nii.gz", None),
    ("T1w", "t1_flair_older_adults/Subj1_T1.nii.gz", "t1_flair_older_adults/Subj1_DLMUSE.nii.gz"),
    ("T2w", "flair_ms_mni/patient19/T2.nii.gz", None),
    ("T2w", "t1_t2_flair_chronic_stroke/T2.nii.gz", None),
    ("FLAIR", "flair_ms_mni/patient07/FLAIR.nii.gz", None),
    ("FLAIR", "flair_ms_mni/patient19/FLAIR.nii.gz", None),
    ("FLAIR thick", "flair_ms_thick_slice/104252/104252_FLAIR.nii.gz",
     "flair_ms_thick_slice/104252/104252_FLAIR_brain_mask.nii.gz"),
    ("FLAIR thick", "flair_ms_thick_slice/105074/105074_FLAIR.nii.gz",
     "flair_ms_thick_slice/105074/105074_FLAIR_brain_mask.nii.gz"),
    ("CT", "ct_visible_human_head/head_1mm.nii.gz", None),
)  # fmt: skip
ILL = Burden(microbleeds=2, hyperintensity=1.5, lacunes=2, perivascular_basal=10)


@dataclass(frozen=True)
class Shown:
    """One image, its mask, and its voxel size."""

    contrast: str
    name: str
    data: Any
    mask: Any
    voxel_mm: tuple[float, float, float]


def real() -> Iterator[Shown]:
    """Yield the real images."""
    for contrast, file, mask_file in REAL:
        image = read_image(DATA / file)
        data = np.asarray(image.data, dtype=np.float32)
        data = data.reshape(data.shape[:3])
        if mask_file is not None:
            mask = np.asarray(read_image(DATA / mask_file).data).reshape(data.shape) > 0
        elif contrast == "CT":
            mask = inside_skull(data)
        else:
            mask = data > 0
        yield Shown(contrast, file.removesuffix(".nii.gz"), data, mask, image.grid.voxel_size_mm)


def inside_skull(hu: Any) -> Any:
    """Return roughly what the skull encloses, slice by slice; for a histogram only."""
    soft = (hu > 0) & (hu < 90)
    core = scipy.ndimage.binary_erosion(soft, iterations=4)
    parts, _ = scipy.ndimage.label(core)
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return scipy.ndimage.binary_dilation(parts == sizes.argmax(), iterations=3) & (hu < 90)


def heads() -> Iterator[tuple[str, Head]]:
    """Yield a generated head and one from a training label map."""
    yield "generated", make_head(seed=31, age_y=70.0, burden=ILL)
    image = read_image(label_maps("train")[2])
    labels = np.rint(image.data).astype(np.int32)
    anatomy = label_map_anatomy(labels, image.grid, seed=31, atrophy=0.3)
    yield "label map", make_head(seed=31, age_y=70.0, anatomy=anatomy, burden=ILL)


def simulated() -> Iterator[Shown]:
    """Yield the simulated images."""
    for name, head in heads():
        for contrast, protocol in (
            ("T1w", replace(T1W_1MM, **OVER_BRAIN)),
            ("T2w", replace(T2W_1MM, **OVER_BRAIN)),
            ("FLAIR", replace(FLAIR_1MM, **OVER_BRAIN)),
            ("FLAIR thick", FLAIR_THICK),
        ):
            scan = acquire_weighted(head, protocol, seed=1)
            mask = scan.truth.brain_mask
            yield Shown(contrast, name, scan.data, mask, protocol.voxel_size_mm)
        protocol_ct = replace(CT_THIN, shape=(240, 260, 170), pixel_mm=0.9)
        ct = acquire_ct(head, protocol_ct, seed=1)
        size = (protocol_ct.pixel_mm, protocol_ct.pixel_mm, protocol_ct.spacing_mm)
        yield Shown("CT", name, ct.data_hu, inside_skull(ct.data_hu), size)


def row_of(one: Shown, kind: str) -> dict[str, Any]:
    """Return the numbers of one image."""
    inside = one.data[one.mask]
    median = float(np.median(inside))
    scale = 1.0 if one.contrast == "CT" else median
    filled = np.where(one.mask, one.data, np.float32(median))
    rough = filled - scipy.ndimage.gaussian_filter(filled, 1.0)
    inner = scipy.ndimage.binary_erosion(one.mask, iterations=2)
    values = np.percentile(inside, QUANTILES) / scale
    row: dict[str, Any] = {"contrast": one.contrast, "scan": kind, "image": one.name}
    row |= {f"q{q}": f"{v:.3g}" for q, v in zip(QUANTILES, values, strict=True)}
    return row | {"rough": f"{rough[inner].std() / scale:.3g}"}


def draw(folder: Path, contrast: str, shown: list[Shown]) -> None:
    """Draw slices at the same windows and histograms of one contrast."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, len(shown) + 1, figsize=(4 * len(shown) + 4, 8))
    for j, one in enumerate(shown):
        low, high = (-60.0, 140.0)
        if contrast != "CT":
            low, high = 0.0, 2.0 * float(np.median(one.data[one.mask]))
        at = [round(float(v)) for v in np.argwhere(one.mask).mean(axis=0)]
        x, y, z = one.voxel_mm
        for i, (image, ratio) in enumerate(
            ((one.data[:, :, at[2]], y / x), (one.data[at[0]], z / y))
        ):
            axes[i, j].imshow(image.T[::-1], cmap="gray", vmin=low, vmax=high, aspect=ratio)
            axes[i, j].set_axis_off()
        axes[0, j].set_title(one.name, fontsize=7)
        values = one.data[one.mask] / (1.0 if contrast == "CT" else np.median(one.data[one.mask]))
        span = (-40.0, 120.0) if contrast == "CT" else (0.0, 2.5)
        share, edges = np.histogram(values, bins=80, range=span)
        axes[0, -1].stairs(share / share.sum(), edges, label=one.name[-24:])
    axes[0, -1].legend(fontsize=6)
    axes[1, -1].set_axis_off()
    figure.tight_layout()
    figure.savefig(folder / f"{contrast.replace(' ', '_')}.png", dpi=60)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=Path)
    args = parser.parse_args()
    of: dict[str, list[Shown]] = {}
    rows = []
    for kind, images in (("real", real()), ("simulated", simulated())):
        for one in images:
            rows.append(row_of(one, kind))
            print(*rows[-1].values(), sep="\t", flush=True)
            of.setdefault(one.contrast, []).append(one)
    rows.sort(key=lambda row: (list(of).index(row["contrast"]), row["scan"]))
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    if args.pictures:
        args.pictures.mkdir(parents=True, exist_ok=True)
        for contrast, shown in of.items():
            draw(args.pictures, contrast, shown)


if __name__ == "__main__":
    main()
