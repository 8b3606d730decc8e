"""The region atlas and the arterial territories over MNI152: a picture for the manual.

    python benchmarks/picture_atlas.py

Axial, coronal and sagittal slices of the carried template, with the regions in colour (both sides
alike) and, below, its territories. Left of the picture is left of the brain. Writes
docs/_static/atlas.png.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray

from arteriole.brain.atlas.names import PAIRED
from arteriole.brain.atlas.regions import region_atlas, territory_atlas
from arteriole.brain.atlas.template import mni152

PICTURE = Path(__file__).parents[1] / "docs" / "_static" / "atlas.png"
SLICES = ((2, -8), (2, 4), (2, 24), (2, 44), (1, -22), (1, 8), (0, 6), (0, 44))
"""Axis and mm of the slices."""


def main() -> None:
    template, grid = mni152("t1")
    regions, territories = region_atlas()[0], territory_atlas()[0]
    few = np.array([0, 1, 5, 4, 3, 2])
    maps = [
        (coloured(regions.labels), region_colours()),
        (few[(territories.labels + 1) // 2], ListedColormap(plt.get_cmap("Set1").colors[:5])),
    ]
    figure, axes = plt.subplots(2, len(SLICES), figsize=(16, 5), facecolor="black")
    for row, (labels, colours) in zip(axes, maps, strict=True):
        for axis, (normal, mm) in zip(row, SLICES, strict=True):
            index = int(grid.to_voxel([mm] * 3)[normal])
            axis.imshow(np.take(template, index, normal).T, cmap="gray", origin="lower")
            shown = np.ma.masked_equal(np.take(labels, index, normal), 0)
            axis.imshow(
                shown.T, cmap=colours, vmin=1, vmax=colours.N, origin="lower", alpha=0.55,
                interpolation="nearest",
            )  # fmt: skip
            axis.set_title(f"{'xyz'[normal]} = {mm} mm", color="white", fontsize=8)
            axis.axis("off")
    figure.tight_layout(pad=0.4)
    store = io.BytesIO()
    figure.savefig(store, dpi=90, facecolor="black", format="png", metadata={"Software": None})
    PICTURE.write_bytes(store.getvalue())


def coloured(labels: NDArray[np.int32]) -> NDArray[Any]:
    """Return numbers of colours: one a paired region, none for the fluid of the sulci."""
    number = (labels + 1) // 2
    return np.where(labels > 2 * len(PAIRED) + 2, 0, number)


def region_colours() -> ListedColormap:
    """Return colours: hues far apart for neighbours, lobes alike in grey and white matter."""
    hues = {"frontal": 0.6, "parietal": 0.1, "temporal": 0.33, "occipital": 0.97}
    rng = np.random.default_rng(7)
    colours = []
    for name in (*PAIRED, "third ventricle"):
        lobe = name.split()[0]
        depth = 1.0 - 0.22 * (name.count("deep") + 2 * name.count("periventricular"))
        if lobe in hues:
            colours.append(mpl.colors.hsv_to_rgb((hues[lobe], 0.85, depth)))
        else:
            colours.append(mpl.colors.hsv_to_rgb((rng.random(), 0.7, 0.95)))
    return ListedColormap(colours)


if __name__ == "__main__":
    main()
