"""Overlap of masks, tissue, ventricles and nuclei with the truth, by contrast; and on real images.

    python benchmarks/accuracy_segmentation.py [HEAD ...] [--contrast NAME] [--only-real]

Label maps 13 to 16 as digital heads with lesions of white matter, scanned as T1w, T2w, FLAIR (1 mm
and 5 mm slices), gradient echo and CT, through ``segment_head`` on the image alone. Dice of the
brain's mask, error of the intracranial volume (%), Dice of grey matter, white matter and fluid
within the skull, of the lateral ventricles, and of four nuclei. Truth of the simulated rows is
simulated. Real rows: masks that come with the images of shared/data, by experts (VENTmask) or by
other programs (brain masks, DLMUSE). Seconds are for orientation, with the load. Writes
accuracy_segmentation.csv; rows of what is not named stay.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from accuracy_scans import HEADS, kept, load, read_rows, write_rows
from splits import DATA, label_maps

from arteriole.brain import classes as c
from arteriole.brain.registration.resample import resample
from arteriole.brain.segmentation import Segmentation, segment_head
from arteriole.grid import Grid
from arteriole.io.nifti import read_image
from arteriole.phantom.anatomy.label_map import label_map_anatomy
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.acquire_ct import acquire_ct
from arteriole.phantom.scanner.acquire_weighted import acquire_weighted
from arteriole.phantom.scanner.ct_protocol import CT_THICK
from arteriole.phantom.scanner.protocol import DEMO
from arteriole.phantom.scanner.weighted_protocol import (
    FLAIR_1MM,
    FLAIR_THICK,
    T1W_1MM,
    T2W_1MM,
)

TABLE = Path(__file__).with_suffix(".csv")
WEIGHTED = {p.name: p for p in (T1W_1MM, T2W_1MM, FLAIR_1MM, FLAIR_THICK)}
CONTRASTS = (*WEIGHTED, "gradient echo", "ct")
SEVERITY = {13: 1.0, 14: 2.0, 15: 3.0, 16: 0.3}
"""How much of the white matter is hyperintense, 0 to 3."""
NUCLEI = (c.THALAMUS, c.CAUDATE, c.PUTAMEN, c.PALLIDUM)
PARTS = {"grey": c.GREY, "white": c.WHITE_MATTER, "fluid": c.FLUID, "ventricles": (c.LATERAL,)}


def diseased_head(number: int) -> Head:
    """Return the digital head of a label map, with lesions of its severity."""
    image = read_image(label_maps("test")[HEADS[number]])  # test row
    anatomy = label_map_anatomy(np.rint(image.data).astype(int), image.grid, seed=number)
    burden = Burden(microbleeds=4, lacunes=2, hyperintensity=SEVERITY[number])
    return make_head(seed=number, anatomy=anatomy, burden=burden)


def scan(head: Head, contrast: str, seed: int) -> dict[str, Any]:
    """Return image, grid and truth of a head by one contrast."""
    if contrast == "ct":
        ct = acquire_ct(head, CT_THICK, seed=seed)
        return answer(ct.data_hu, ct.grid, ct.truth)
    if contrast != "gradient echo":
        made = acquire_weighted(head, WEIGHTED[contrast], seed=seed)
        return answer(made.data, made.grid, made.truth)
    echoes, _ = acquire(head, DEMO, seed=seed)
    # The gradient echo's own truth has no classes: those of a T1w image of the same pose serve.
    shown = acquire_weighted(head, T1W_1MM, seed=seed, noise=False)
    fine = answer(shown.data, shown.grid, shown.truth)
    onto = {
        name: resample(fine[name].astype(np.uint8), shown.grid, onto=echoes.grid, order=0)
        for name in ("labels", "brain", "skull")
    }
    return {
        "data": echoes.magnitude[0], "grid": echoes.grid, "labels": onto["labels"],
        "brain": onto["brain"] > 0, "skull": onto["skull"] > 0,
    }  # fmt: skip


def answer(data: Any, grid: Grid, truth: Any) -> dict[str, Any]:
    """Return an image with its truth."""
    return {
        "data": data, "grid": grid, "labels": truth.labels, "brain": truth.brain_mask,
        "skull": truth.intracranial_mask,
    }  # fmt: skip


def scans(number: int, contrasts: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the scans of a head, kept between runs."""
    heads: list[Head] = []

    def made(contrast: str) -> dict[str, Any]:
        if not heads:
            heads.append(diseased_head(number))
        return scan(heads[0], contrast, number)

    for contrast in contrasts:
        yield contrast, kept(f"parts{number}-{contrast}", lambda name=contrast: made(name))


def dice(found: Any, true: Any) -> float:
    """Return the overlap of two masks."""
    return float(2 * (found & true).sum() / max(found.sum() + true.sum(), 1))


def overlaps(labels: Any, brain: Any, skull: Any, true: dict[str, Any]) -> dict[str, Any]:
    """Return the row of scores."""
    row: dict[str, Any] = {"brain": round(dice(brain, true["brain"]), 3)}
    row["icv_error_percent"] = round(100 * (skull.sum() / true["skull"].sum() - 1), 1)
    inside = true["skull"]
    for name, parts in PARTS.items():
        a, b = np.isin(labels, parts) & inside, np.isin(true["labels"], parts) & inside
        row[name] = round(dice(a, b), 3)
    each = [dice(labels == n, true["labels"] == n) for n in NUCLEI]
    names = (c.CLASSES[n] for n in NUCLEI)
    row |= {name: round(d, 3) for name, d in zip(names, each, strict=True)}
    return row


def rows_of(number: int, contrast: str, made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the scores of the whole way, and of the network alone."""
    kind: Any = "ct" if contrast == "ct" else "mr"
    begin, start = load(), time.perf_counter()
    got = segment_head(made["data"], made["grid"], kind=kind)
    seconds = time.perf_counter() - start
    common = {"truth": "simulated", "head": number, "contrast": contrast}
    row = overlaps(got.labels, got.brain_mask, got.intracranial_mask, made)
    yield common | row | {"s": round(seconds, 1), "load": begin}


def real_rows() -> Iterator[dict[str, Any]]:
    """Yield the overlap with what comes with real images."""
    for who in ("104252", "105074"):
        folder = DATA / "flair_ms_thick_slice" / who
        got = _segmented(folder / f"{who}_FLAIR.nii.gz")
        truth = read_image(folder / f"{who}_VENTmask.nii.gz").data > 0
        other = read_image(folder / f"{who}_FLAIR_brain_mask.nii.gz").data > 0
        yield _real(f"flair_ms_thick_slice {who}", "FLAIR 8 mm", got, other, truth)
    for who in ("Subj1", "Subj4", "Subj5", "Subj6"):
        folder = DATA / "t1_flair_older_adults"
        got = _segmented(folder / f"{who}_T1.nii.gz")
        muse = np.rint(read_image(folder / f"{who}_DLMUSE.nii.gz").data).astype(int)
        yield _real(f"t1_flair_older_adults {who}", "T1w 2 mm", got, muse > 0,
                    np.isin(muse, (49, 50, 51, 52)))  # fmt: skip


def _segmented(path: Path) -> tuple[Segmentation, float]:
    image = read_image(path)
    start = time.perf_counter()
    made = segment_head(image.data, image.grid)
    return made, time.perf_counter() - start


def _real(head: str, contrast: str, got: Any, brain: Any, ventricles: Any) -> dict[str, Any]:
    made, seconds = got
    return {
        "truth": "masks that came with it", "head": head, "contrast": contrast,
        "brain": round(dice(made.brain_mask, brain), 3),
        "ventricles": round(dice(made.labels == c.LATERAL, ventricles), 3),
        "s": round(seconds, 1), "load": load(),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("heads", nargs="*", type=int, default=list(HEADS))
    parser.add_argument("--contrast", choices=CONTRASTS, action="append")
    parser.add_argument("--only-real", action="store_true")
    args = parser.parse_args()
    rows = read_rows(TABLE)

    def put(row: dict[str, Any]) -> None:
        key = ("head", "contrast")
        rows[:] = [r for r in rows if any(str(r[k]) != str(row[k]) for k in key)]
        rows.append(row)
        print(*row.values(), flush=True)
        write_rows(TABLE, rows)

    for number in [] if args.only_real else args.heads:
        for contrast, made in scans(number, args.contrast or list(CONTRASTS)):
            for row in rows_of(number, contrast, made):
                put(row)
    for row in real_rows():
        put(row)


if __name__ == "__main__":
    main()
