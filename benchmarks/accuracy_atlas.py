"""The region atlas and the map of territories against three published maps, region by region.

    python benchmarks/accuracy_atlas.py

CerebrA (its parcels grouped into lobes), CIT168 (its most probable nucleus where that has at least
half) and the arterial map of Johns Hopkins, all in or near MNI152. ``dice`` is the overlap of both
sides together. ``dice_of_place`` leaves the outline of the tissue aside: over the cortex of CerebrA
each voxel has the lobe of the nearest cortex of the atlas (cortex is a sheet of three voxels, in
which a shift by one lowers ``dice`` much), and territories are compared over what both maps give to
some artery. The arterial map's origin is not that of MNI: it is moved by whole mm to where it
covers the brain best. The landmarks of lobes were moved after a look at CerebrA; nothing was copied
or fitted by voxels.
"""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import scipy.ndimage
import splits
from numpy.typing import NDArray

from arteriole.brain.atlas.regions import region_atlas, territory_atlas
from arteriole.brain.region_map import RegionMap
from arteriole.grid import Grid

HERE, ATLASES = Path(__file__).resolve().parent, splits.DATA / "atlases"
Labels = NDArray[np.int32]

LOBES = {
    "frontal": (
        "Caudal_Middle_Frontal", "Lateral_Orbitofrontal", "Medial_Orbitofrontal", "Paracentral",
        "Pars_Opercularis", "Pars_Orbitalis", "Pars_Triangularis", "Precentral",
        "Rostral_Middle_Frontal", "Superior_Frontal",
    ),
    "parietal": (
        "Inferior_Parietal", "Postcentral", "Precuneus", "Superior_Parietal", "Supramarginal",
    ),
    "temporal": (
        "Entorhinal", "Fusiform", "Inferior_temporal", "Middle_Temporal", "Parahippocampal",
        "Superior_Temporal", "Transverse_Temporal",
    ),
    "occipital": ("Cuneus", "Lateral_Occipital", "Lingual", "Pericalcarine"),
    "insular": ("Insula",),
    "anterior cingulate": ("Caudal_Anterior_Cingulate", "Rostral_Anterior_Cingulate"),
    "posterior cingulate": ("Isthmus_Cingulate", "Posterior_Cingulate"),
}  # fmt: skip
"""Parcels of CerebrA in each lobe."""
WHOLE = {
    ("thalamus",): ("Thalamus",),
    ("caudate",): ("Caudate",),
    ("putamen",): ("Putamen",),
    ("pallidum",): ("Pallidum",),
    ("accumbens",): ("Accumbens_Area",),
    ("hippocampus",): ("Hippocampus",),
    ("amygdala",): ("Amygdala",),
    ("ventral diencephalon",): ("Ventral_Diencephalon",),
    ("midbrain", "pons", "medulla"): ("Brainstem",),
    ("ventral diencephalon", "midbrain", "pons", "medulla"): (
        "Ventral_Diencephalon", "Brainstem",
    ),
    ("cerebellar cortex",): (
        "Cerebellum_Gray_Matter", "Vermal_lobules_I-V", "Vermal_lobules_VI-VII",
        "Vermal_lobules_VIII-X",
    ),
    ("cerebellar white matter",): ("Cerebellum_White_Matter",),
    ("lateral ventricle",): ("Lateral_Ventricle", "Inferior_Lateral_Ventricle"),
    ("third ventricle",): ("Third_Ventricle",),
    ("fourth ventricle",): ("Fourth_Ventricle",),
}  # fmt: skip
"""Regions of the atlas, and what CerebrA calls them."""
NUCLEI = {
    "putamen": ("Putamen",),
    "caudate": ("Caudate",),
    "accumbens": ("Nucleus Accumbens",),
    "pallidum": ("Globus Pallidus externa", "Globus Pallidus interna"),
}
"""Nuclei of the atlas, and their parts in CIT168."""
ARTERIES = {
    "anterior cerebral artery": range(1, 3),
    "middle cerebral artery": range(7, 17),
    "posterior cerebral artery": range(17, 25),
    "perforating arteries": range(3, 7),
    "vertebrobasilar arteries": range(25, 31),
}
"""Territories of the atlas, and their labels in the arterial map."""


def main() -> None:
    regions, grid = region_atlas()
    rows = [
        *against_cerebra(regions, grid),
        *against_cit168(regions, grid),
        *against_arteries(grid),
    ]
    with (HERE / "accuracy_atlas.csv").open("w", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    for row in rows:
        print(*row.values(), sep="\t")


def against_cerebra(regions: RegionMap, grid: Grid) -> list[dict[str, Any]]:
    """Return rows of lobes, and of the regions that CerebrA has, too."""
    own = on_grid(nib.load(ATLASES / "cerebra" / "CerebrA.nii.gz"), grid)
    table = [line.split("\t") for line in (ATLASES / "cerebra" / "CerebrA.txt").open()]
    names = {int(number): name.strip().partition("_")[2] for number, name in table}

    def of(parcels: tuple[str, ...]) -> NDArray[np.bool_]:
        return np.isin(own, [number for number, name in names.items() if name in parcels])

    cortex = regions.where(lambda r: r.name.endswith(" cortex") and "cerebell" not in r.name)
    near = scipy.ndimage.distance_transform_edt(
        ~cortex, return_distances=False, return_indices=True
    )
    truths = {lobe: of(parcels) for lobe, parcels in LOBES.items()}
    ribbon = np.logical_or.reduce([*truths.values()])
    rows = []
    for lobe, truth in truths.items():
        mine = regions.where(lambda r, lobe=lobe: r.name == f"{lobe} cortex")
        field = mine[tuple(near)] & ribbon
        rows.append(_row(f"{lobe} cortex", "CerebrA", mine, truth, dice(field, truth)))
    for parts, parcels in WHOLE.items():
        mine = regions.where(lambda r, parts=parts: r.name in parts)
        name = {1: parts[0], 3: "brainstem", 4: "brainstem with ventral diencephalon"}[len(parts)]
        rows.append(_row(name, "CerebrA", mine, of(parcels)))
    return rows


def against_cit168(regions: RegionMap, grid: Grid) -> list[dict[str, Any]]:
    """Return rows of the nuclei that CIT168 has, too."""
    image = nib.load(ATLASES / "cit168" / "CIT168.nii.gz")
    packed = np.asarray(image.dataobj)
    sure = np.where(packed["B"] >= 128, packed["R"], 0)
    own = on_grid(nib.Nifti1Image(sure.astype(np.int16), image.affine), grid)
    labels = json.loads((ATLASES / "cit168" / "CIT168.json").read_text())["labels"]
    rows = []
    for name, parts in NUCLEI.items():
        wanted = [n for n, label in enumerate(labels) if label.strip()[2:] in parts]
        mine = regions.where(lambda r, name=name: r.name == name)
        rows.append(_row(name, "CIT168", mine, np.isin(own, wanted)))
    return rows


def against_arteries(grid: Grid) -> list[dict[str, Any]]:
    """Return rows of the territories over what both maps give to an artery."""
    territories, _ = territory_atlas()
    folder = ATLASES / "arterial_territories"
    image = nib.load(folder / "ArterialAtlas_padding.nii.gz")
    own = moved_onto(image, territories.labels > 0, grid)
    both = (own > 0) & (own <= 30) & (territories.labels > 0)
    rows = []
    for name, labels in ARTERIES.items():
        mine = territories.where(lambda r, name=name: r.name == name)
        truth = np.isin(own, [*labels])
        rows.append(_row(name, "arterial map", mine, truth, dice(mine & both, truth & both)))
    return rows


def moved_onto(image: Any, brain: NDArray[np.bool_], grid: Grid) -> Labels:
    """Return a map's labels on the grid, moved by whole mm to where it covers the brain best."""
    start = (-1, -17, 18)
    affine = image.affine.copy()
    affine[:3, 3] += start
    labels = on_grid(nib.Nifti1Image(np.rint(image.get_fdata()).astype(np.int16), affine), grid)
    shown = (labels > 0) & (labels <= 30)
    scores = {
        extra: dice(np.roll(shown, extra, axis=(0, 1, 2)), brain)
        for extra in itertools.product(range(-2, 3), repeat=3)
    }
    best = max(scores, key=lambda extra: scores[extra])
    way = [a + b for a, b in zip(start, best, strict=True)]
    print(f"arterial map: moved by {way} mm, overlap with the brain {scores[best]:.3f}")
    return np.roll(labels, best, axis=(0, 1, 2))


def on_grid(image: Any, grid: Grid) -> Labels:
    """Return an image's labels at the voxels of a grid, nearest neighbour."""
    data = np.rint(np.asarray(image.dataobj)).astype(np.int32)
    matrix = np.linalg.inv(image.affine) @ grid.affine
    return scipy.ndimage.affine_transform(
        data, matrix[:3, :3], matrix[:3, 3], output_shape=grid.shape, order=0
    )


def dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Return the overlap of two masks."""
    return 2.0 * float((a & b).sum()) / max(float(a.sum() + b.sum()), 1.0)


def _row(
    name: str,
    map_: str,
    mine: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    part: float | None = None,
) -> dict[str, Any]:
    return {
        "region": name,
        "against": map_,
        "atlas_ml": round(mine.sum() / 1000, 1),
        "map_ml": round(truth.sum() / 1000, 1),
        "dice": round(dice(mine, truth), 3),
        "dice_of_place": "" if part is None else round(part, 3),
    }


if __name__ == "__main__":
    main()
