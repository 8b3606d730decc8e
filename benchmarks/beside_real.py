"""Simulated gradient echoes beside the real ones at hand: the same windows, the same numbers.

    python benchmarks/beside_real.py [--pictures FOLDER]

Real: a whole head (Philips, 3 T, two echoes, 3 mm) and a crop of cortex (7 T, three echoes,
0.47 x 0.47 x 1 mm) from ../shared/data. Simulated: a generated head and one from a training label
map, scanned with the same matrix and echo times; for the crop, four places of the cortex of each.
All go through the same flow (``run_in_memory``, default settings). The table has quantiles of
magnitude (over the median), R2*, local field and chi inside each one's own mask, and how rough
they are: the standard deviation of what a Gaussian of one voxel takes away. Writes
beside_real.csv. The pictures (mosaics and histograms, at the same windows) show real images: they
are looked at and never committed.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.ndimage
from splits import label_maps

from arteriole.flow import run_in_memory
from arteriole.grid import Grid
from arteriole.io.nifti import read_image
from arteriole.phantom.anatomy.anatomy import Anatomy
from arteriole.phantom.anatomy.label_map import label_map_anatomy
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.scan.gradient_echo import GradientEcho
from arteriole.settings import Settings
from arteriole.step import Acquisition

DATA = Path(os.environ.get("ARTERIOLE_DATA", Path(__file__).parents[2] / "shared" / "data"))
QUANTILES = (1, 5, 25, 50, 75, 95, 99)
PHILIPS = Protocol(
    name="as the Philips scan",
    shape=(80, 80, 53),
    voxel_size_mm=(3.0, 3.0, 3.0),
    te_s=(0.0023, 0.0046),
    tr_s=0.02,
    flip_deg=10.0,
    snr=200.0,
    taper=0.4,
    tilt_deg=0.1,
    turn_deg=2.2,
    centre_mm=(0.0, -12.0, 2.0),
    cell_mm=0.75,
)
CROP = Protocol(
    name="as the 7 T crop",
    shape=(51, 51, 41),
    voxel_size_mm=(0.469, 0.469, 1.0),
    te_s=(0.004, 0.008, 0.012),
    tr_s=0.03,
    flip_deg=12.0,
    b0_tesla=7.0,
    snr=40.0,
    cell_mm=0.25,
)
PLACES = ((22.0, -46.0, 38.0), (-24.0, -38.0, 40.0), (26.0, 8.0, 38.0), (-20.0, 20.0, 38.0))


def real_philips() -> GradientEcho:
    """Return the real whole head."""
    folder = DATA / "gre_philips_3t_dual_echo_dicom" / "nifti_reference"
    stem = "2001_WIP_fcMRI_Field_Mapping_cl_e"
    images = [read_image(folder / f"{stem}{e}.nii.gz") for e in (1, 2)]
    phases = [read_image(folder / f"{stem}{e}_ph.nii.gz").data for e in (1, 2)]
    phase = np.stack(phases) * (np.pi / np.abs(np.stack(phases)).max())
    magnitude = np.stack([i.data for i in images])
    return GradientEcho(magnitude, phase, PHILIPS.te_s, 3.0, images[0].grid)


def real_crop() -> GradientEcho:
    """Return the real crop of cortex; +-0.00367 of its phase is +-pi."""
    folder = DATA / "gre_three_echo_crop"
    image = read_image(folder / "Mag.nii")
    magnitude = np.moveaxis(image.data, -1, 0)
    phase = np.moveaxis(read_image(folder / "Phase.nii").data, -1, 0)
    grid = Grid(magnitude.shape[1:], image.grid.affine)
    return GradientEcho(magnitude, phase * (np.pi / np.abs(phase).max()), CROP.te_s, 7.0, grid)


def processed(scan: GradientEcho) -> dict[str, Any]:
    """Return the maps of the flow with default settings; the crop's mask is cut, as it must be."""
    settings = Settings()
    settings = replace(settings, field=replace(settings.field, allow_cut_mask=True))
    acquisition = Acquisition(scan.grid, scan.b0_tesla, scan.b0_direction, scan.te_s)
    given = {"magnitude": scan.magnitude, "phase": scan.phase}
    targets = ["chi_ppm", "r2star_hz", "local_field_hz", "swi"]
    made = run_in_memory(given, acquisition, settings, targets=targets)
    return {**made, "magnitude": scan.magnitude, "phase": scan.phase}


def measured(maps: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return each map that is compared, with the mask it is looked at in."""
    brain, valid = maps["brain_mask"], maps["qsm_mask"]
    first, last = maps["magnitude"][0], maps["magnitude"][-1]
    return {
        "first magnitude / median": (first / np.median(first[brain]), brain),
        "last / first magnitude": (last / np.maximum(first, 1e-6), brain),
        "R2* 1/s": (maps["r2star_hz"], brain),
        "local field Hz": (maps["local_field_hz"], valid),
        "chi ppm": (maps["chi_ppm"], valid),
    }


def rows_of(name: str, kind: str, maps: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row of numbers for each map."""
    for what, (image, mask) in measured(maps).items():
        filled = np.where(mask, image, np.median(image[mask]))
        rough = filled - scipy.ndimage.gaussian_filter(filled, 1.0)
        inner = scipy.ndimage.binary_erosion(mask, iterations=2)
        values = np.percentile(image[mask], QUANTILES)
        row: dict[str, Any] = {"scan": kind, "head": name, "map": what}
        row |= {f"q{q}": f"{v:.4g}" for q, v in zip(QUANTILES, values, strict=True)}
        yield row | {"rough": f"{rough[inner].std():.4g}"}


def heads() -> Iterator[tuple[str, Head]]:
    """Yield a generated head and one from a training label map."""
    yield "generated", make_head(seed=31, age_y=55.0, spacing_mm=0.75)
    path = label_maps("train")[2]
    image = read_image(path)
    anatomy: Anatomy = label_map_anatomy(np.rint(image.data).astype(int), image.grid, seed=31)
    yield "label map", make_head(seed=31, age_y=55.0, anatomy=anatomy)


def crops(head: Head) -> Iterator[GradientEcho]:
    """Yield crops of cortex at four places."""
    world = head.anatomy.frame.to_world(np.array(PLACES))
    for number, place in enumerate(world):
        centre = (float(place[0]), float(place[1]), float(place[2]))
        yield acquire(head, replace(CROP, centre_mm=centre), seed=number)[0]


def draw(path: Path, columns: dict[str, dict[str, Any]], kind: str) -> None:
    """Draw the same slices at the same windows, one column a scan."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    windows = {
        "magnitude": (0.0, 2.0),
        "last": (0.0, 1.6),
        "phase": (-np.pi, np.pi),
        "R2*": (0.0, 80.0 if kind == "Philips" else 110.0),
        "local": (-12.0, 12.0) if kind == "Philips" else (-25.0, 25.0),
        "chi": (-0.15, 0.25),
    }
    figure, axes = plt.subplots(
        len(windows), len(columns), figsize=(3 * len(columns), 3 * len(windows))
    )
    for j, (name, maps) in enumerate(columns.items()):
        brain = maps["brain_mask"]
        unit = np.median(maps["magnitude"][0][brain])
        last = np.median(maps["magnitude"][-1][brain])
        shown = [maps["magnitude"][0] / unit, maps["magnitude"][-1] / last, maps["phase"][-1],
                 maps["r2star_hz"], maps["local_field_hz"], maps["chi_ppm"]]  # fmt: skip
        k = round(float(np.argwhere(brain)[:, 2].mean()))
        for i, (what, window) in enumerate(windows.items()):
            ax = axes[i, j]
            ax.imshow(shown[i][:, :, k].T[::-1], cmap="gray", vmin=window[0], vmax=window[1])
            ax.set_axis_off()
            ax.set_title(f"{name}: {what}" if i == 0 else what, fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def draw_histograms(path: Path, columns: dict[str, dict[str, Any]]) -> None:
    """Draw how often values occur in each scan, in windows that the real one sets."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    of = {name: measured(maps) for name, maps in columns.items()}
    figure, axes = plt.subplots(1, len(of["real"]), figsize=(20, 4))
    for ax, what in zip(axes, of["real"], strict=True):
        image, mask = of["real"][what]
        low, high = np.percentile(image[mask], (0.5, 99.5))
        for name, maps in of.items():
            image, mask = maps[what]
            share, edges = np.histogram(image[mask], bins=80, range=(low, high))
            style = {"color": "black", "lw": 2} if name == "real" else {"lw": 1}
            ax.stairs(share / mask.sum(), edges, label=name, **style)
        ax.set_xlabel(what)
    axes[0].set_ylabel("share of voxels")
    axes[-1].legend(fontsize=6)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=Path)
    args = parser.parse_args()
    philips, crop = {"real": processed(real_philips())}, {"real": processed(real_crop())}
    rows = [*rows_of("real", "Philips", philips["real"]), *rows_of("real", "crop", crop["real"])]
    for name, head in heads():
        philips[name] = processed(acquire(head, PHILIPS, seed=1)[0])
        rows += rows_of(name, "Philips", philips[name])
        for number, scan in enumerate(crops(head)):
            one = f"{name} {number}"
            crop[one] = processed(scan)
            rows += rows_of(one, "crop", crop[one])
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    for row in rows:
        print(*row.values(), sep="\t")
    if args.pictures:
        args.pictures.mkdir(parents=True, exist_ok=True)
        draw(args.pictures / "philips.png", philips, "Philips")
        draw(args.pictures / "crop.png", crop, "crop")
        draw_histograms(args.pictures / "philips_histograms.png", philips)
        draw_histograms(args.pictures / "crop_histograms.png", crop)


if __name__ == "__main__":
    main()
