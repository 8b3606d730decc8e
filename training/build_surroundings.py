"""Build the average of what lies around the brain: air, bone and soft tissue, in MNI152.

    python training/build_surroundings.py WORK

WORK is the folder of `build_atlas.py`, whose affine ways from the template to the nine training
heads are used. Writes ``src/arteriole/brain/atlas/data/surroundings.npz``: 8-bit shares on 3 mm,
symmetric.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import nibabel as nib
import numpy as np
import splits
from atlas_heads import Labelled, class_shares
from build_atlas import DATA, save

STEP_MM = 3.0
LOW_MM, SHAPE = (-120.0, -162.0, -150.0), (81, 99, 95)
"""First voxel and size: from ear to ear, the nose, the neck."""
BONE = (165, 515, 516)
AIR = (0, 130, 262)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path)
    args = parser.parse_args()
    ways = np.load(args.work / "means.npz")["ways"]
    affine = np.diag([STEP_MM, STEP_MM, STEP_MM, 1.0])
    affine[:3, 3] = LOW_MM
    still = np.zeros((*SHAPE, 3), np.float32)
    total = np.zeros((*SHAPE, 4), np.float32)
    for path, way in zip(splits.label_maps("train"), ways, strict=True):
        total += class_shares(kinds(path), way, affine, shift_mm=still)[..., :4]
    mean = total / len(ways)
    mean = 0.5 * (mean + mean[::-1])
    shares = np.moveaxis(np.rint(255 * mean[..., [0, 1, 2]]), -1, 0).astype(np.uint8)
    save(DATA / "surroundings.npz", data=shares, affine=affine)


def kinds(path: Path) -> Labelled:
    """Read a label map as air (0), bone (1), soft tissue (2), and what the skull holds (3)."""
    image = nib.load(path)
    labels = np.rint(np.asarray(image.dataobj)).astype(np.int32)
    lookup = np.full(600, 3, np.uint8)
    lookup[500:] = 2
    lookup[[258, 259]] = 2
    lookup[list(BONE)] = 1
    lookup[list(AIR)] = 0
    lookup[514] = 3
    return Labelled(np.ascontiguousarray(lookup[labels]), np.asarray(image.affine, np.float64))


if __name__ == "__main__":
    main()
