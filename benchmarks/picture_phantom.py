"""What the simulation looks like: a picture for the manual, of simulated data alone.

    python benchmarks/picture_phantom.py

A generated head and one from a training label map, both with every kind of lesion, scanned alike
and taken through the flow with default settings. Two heights of each: magnitude and phase of the
last echo, R2*, SWI, its minimum over 12 mm, true susceptibility, true lesions. Windows are the
same for all. Writes docs/_static/phantom.png.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from beside_real import processed
from numpy.typing import NDArray
from speed_phantom import ALL
from splits import label_maps

from arteriole.io.nifti import read_image
from arteriole.phantom.anatomy.label_map import label_map_anatomy
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.painting.lesion_map import lesion_map
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import Protocol

PICTURE = Path(__file__).parents[1] / "docs" / "_static" / "phantom.png"
HEIGHTS_MM = (0.0, 26.0)
"""Of the slices, in the template."""

PROTOCOL = Protocol(
    name="for a picture",
    shape=(224, 272, 40),
    voxel_size_mm=(0.8, 0.8, 2.0),
    te_s=(0.005, 0.012, 0.019, 0.026),
    tr_s=0.032,
    flip_deg=15.0,
    snr=60.0,
    taper=0.3,
)


def heads() -> dict[str, Head]:
    """Return a generated head and one from a training label map."""
    image = read_image(label_maps("train")[0])
    labels = np.rint(image.data).astype(int)
    anatomy = label_map_anatomy(labels, image.grid, seed=41, atrophy=0.2)
    return {
        "generated": make_head(seed=41, age_y=72.0, burden=ALL),
        "label map": make_head(seed=41, age_y=72.0, burden=ALL, anatomy=anatomy),
    }


def columns(head: Head) -> dict[str, tuple[NDArray[Any], float, float]]:
    """Scan a head; return what is shown, with its window. A slab of 80 mm around the slices."""
    middle = head.anatomy.frame.to_world(np.array([[0.0, -18.0, float(np.mean(HEIGHTS_MM))]]))[0]
    protocol = centred(middle)
    scan, truth = acquire(head, protocol, seed=1)
    maps = processed(scan)
    brain = truth.brain_mask
    unit, even = np.median(scan.magnitude[0][brain]), np.median(maps["swi"][brain])
    swi = maps["swi"] / even
    darkest = np.stack([np.roll(swi, k, axis=2) for k in range(-3, 3)]).min(axis=0)
    rows = {(t.kind, t.centre_mm) for t in truth.lesions}
    seen = [one for one in head.lesions if (one.truth.kind, one.truth.centre_mm) in rows]
    kinds = sorted({t.kind for t in truth.lesions})
    code = np.array([0, *(1 + kinds.index(one.truth.kind) for one in seen)])
    return {
        "magnitude": (scan.magnitude[-1] / unit, 0.0, 1.2),
        "phase": (scan.phase[-1], -np.pi, np.pi),
        "R2*": (maps["r2star_hz"], 0.0, 60.0),
        "SWI": (swi, 0.0, 1.6),
        "minimum": (darkest, 0.0, 1.6),
        "true chi": (truth.chi_ppm, -0.12, 0.18),
        "true lesions": (code[lesion_map(seen, protocol.grid)], 0.0, 12.0),
    }


def centred(middle_mm: NDArray[np.float64]) -> Protocol:
    """Return the protocol around a place."""
    x, y, z = (float(c) for c in middle_mm)
    return replace(PROTOCOL, centre_mm=(x, y, z))


def main() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from PIL import Image

    shown = {name: columns(head) for name, head in heads().items()}
    apart = (HEIGHTS_MM[1] - HEIGHTS_MM[0]) / PROTOCOL.voxel_size_mm[2]
    slices = [round(PROTOCOL.shape[2] / 2 + s * apart / 2) for s in (-1, 1)]
    figure, axes = plt.subplots(4, 7, figsize=(9.8, 6.9))
    for i, (name, images) in enumerate(shown.items()):
        for j, (what, (image, low, high)) in enumerate(images.items()):
            for row, k in enumerate(slices, start=2 * i):
                ax = axes[row, j]
                colours = "nipy_spectral" if what == "true lesions" else "gray"
                ax.imshow(image[:, :, k].T[::-1], cmap=colours, vmin=low, vmax=high)
                ax.set_xticks([])
                ax.set_yticks([])
                if row == 0:
                    ax.set_title(what, fontsize=8)
                if j == 0:
                    ax.set_ylabel(name, fontsize=8)
    figure.suptitle("simulated", fontsize=8, y=0.995)
    figure.tight_layout(pad=0.3)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=100)
    plt.close(figure)
    Image.open(drawn).convert("RGB").quantize(96).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
