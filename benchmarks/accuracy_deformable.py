"""Warps from the test heads to the template: places of nuclei and overlap with the atlas.

    python benchmarks/accuracy_deformable.py

The true labels of each test head, in a pose of its own, become the five channels of
`arteriole.brain.alignment`, which knows all deep grey as one and all ventricles as one. Landmarks
are the middles of nuclei, hippocampus, amygdala and lateral ventricle on each side, which no
channel tells apart: taken to MNI152 and compared with the middles of the same regions of the
atlas, which was made of the train heads. Dice is that of the atlas' regions on the head. Writes
accuracy_deformable.csv, a row a head and transform (and the middle of all heads). The segmentation
is perfect here; what a net's labels give is another table. Seconds are processor time, one thread.
"""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import splits
from numpy.typing import NDArray

from arteriole.brain.alignment import label_channels, template_channels
from arteriole.brain.atlas.regions import region_atlas
from arteriole.brain.classes import CLASSES
from arteriole.brain.registration.deformable import register_affine, register_deformable
from arteriole.brain.registration.motion import rigid
from arteriole.brain.registration.resample import resample
from arteriole.brain.registration.transforms import transform_points
from arteriole.grid import Grid, Volume

OUT = Path(__file__).with_suffix(".csv")
LABELS = {
    "cerebral cortex": (3, 42), "cerebral white matter": (2, 41, 25, 57),
    "lateral ventricle": (4, 5, 43, 44, 72, 136, 137, 163, 164), "third ventricle": (14,),
    "fourth ventricle": (15,), "sulcal csf": (24,), "cerebellar cortex": (8, 47),
    "cerebellar white matter": (7, 46), "brainstem": (16,), "thalamus": (10, 49),
    "caudate": (11, 50), "putamen": (12, 51), "pallidum": (13, 52), "accumbens": (26, 58),
    "hippocampus": (17, 53), "amygdala": (18, 54), "ventral diencephalon": (28, 60),
}  # fmt: skip
PAIRED = ("thalamus", "caudate", "putamen", "pallidum", "hippocampus", "amygdala",
          "lateral ventricle")  # fmt: skip
POSE = rigid((0.3, -0.2, 0.25), (20.0, -15.0, 30.0))


def classes_of(labels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the class of each voxel."""
    table = np.zeros(1024, np.uint8)
    for name, values in LABELS.items():
        table[list(values)] = CLASSES.index(name)
    return table[labels]


def rows_of(number: int, path: Path) -> list[dict[str, Any]]:
    """Return what affine and warp reach on a head."""
    image = nib.load(path)
    labels = np.asarray(image.dataobj).astype(np.int32)
    grid = Grid(labels.shape, POSE @ image.affine)
    ours, own = label_channels(Volume(classes_of(labels), grid))
    theirs, template = template_channels()
    rows = []
    affine = None
    for name, make in (("affine", register_affine), ("warp", register_deformable)):
        start = time.process_time()
        given = {} if affine is None else {"affine": affine.affine}
        found = make(ours, own, theirs, template, **given)
        seconds = time.process_time() - start
        affine = affine or found
        row = {"head": number, "transform": name}
        row |= scores(labels, grid, found.transform)
        row["confidence"] = round(found.confidence, 3)
        row["least_volume_ratio"] = round(found.measures.get("least_volume_ratio", 1.0), 3)
        row["folded_percent"] = round(100 * found.measures.get("folded", 0.0), 4)
        row["processor_s"] = round(seconds, 1)
        rows.append(row)
    return rows


def scores(labels: NDArray[Any], grid: Grid, transform: Any) -> dict[str, Any]:
    """Return distances of middles in MNI152, mm, and Dice of the atlas' regions on the head."""
    atlas, own = region_atlas()
    label_of = {(r.name, r.side): n for n, r in atlas.names.items()}
    coarse = Grid(
        tuple(-(-n // 2) for n in grid.shape),  # type: ignore[arg-type]
        grid.affine @ np.diag([2.0, 2.0, 2.0, 1.0]),
    )
    seen = resample(atlas.labels, own, onto=coarse, transforms=transform, order=0)
    apart, dice = [], []
    for name in PAIRED:
        # FreeSurfer's left labels stand in front; a ventricle is its body and its lower horn.
        values = (4, 43) if name == "lateral ventricle" else LABELS[name]
        for value, side in zip(values, ("left", "right"), strict=True):
            region = label_of[name, side]
            middle = grid.to_world(np.argwhere(labels == value)).mean(axis=0)
            wanted = own.to_world(np.argwhere(atlas.labels == region)).mean(axis=0)
            if name != "lateral ventricle":
                apart.append(float(np.linalg.norm(transform_points(transform, middle) - wanted)))
            truth, found = labels[::2, ::2, ::2] == value, seen == region
            dice.append(2 * float((truth & found).sum()) / float(truth.sum() + found.sum()))
    return {
        "landmark_median_mm": round(float(np.median(apart)), 2),
        "landmark_largest_mm": round(max(apart), 2),
        "dice_median": round(float(np.median(dice)), 3),
        "dice_least": round(min(dice), 3),
    }


def main() -> None:
    """Write the table."""
    rows: list[dict[str, Any]] = []
    for number, path in enumerate(splits.label_maps("test")):  # test row
        rows += rows_of(number, path)
        with OUT.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(rows[-2:], flush=True)


if __name__ == "__main__":
    main()
