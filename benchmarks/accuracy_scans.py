"""Simulated scans and scores that the programs of accuracy share; scans are kept between runs.

Scans lie in the folder ARTERIOLE_ACCURACY (/tmp/acc unless set), under a name that holds a digest
of the phantom's sources, so that a changed phantom is scanned again.
"""

from __future__ import annotations

import csv
import hashlib
import os
import pickle
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from splits import label_maps
from xsim import xsim

from arteriole import phantom
from arteriole.io.nifti import read_image
from arteriole.numerics.morphology import distance_inside
from arteriole.phantom.anatomy.label_map import label_map_anatomy
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import DEMO, UKB_SWI, Protocol

FOLDER = Path(os.environ.get("ARTERIOLE_ACCURACY") or "/tmp/acc")
MULTI_ECHO = Protocol(
    name="multi-echo 3 T, 1.5 mm",
    shape=(128, 150, 112),
    voxel_size_mm=(1.5, 1.5, 1.5),
    te_s=(0.004, 0.012, 0.020, 0.028),
    tr_s=0.034,
    flip_deg=15.0,
    snr=90.0,
    bandwidth_hz=320.0,
    cell_mm=0.75,
)
"""The 1 mm protocol at 1.5 mm, at a third of the cost; noise falls with the voxel."""

PROTOCOLS = {p.name: p for p in (DEMO, UKB_SWI, MULTI_ECHO)}
HEADS = {13: 0, 14: 1, 15: 2, 16: 3}
"""Label maps of the split for committed tables: number, and place in that split."""


def sources() -> str:
    """Return a digest of the phantom's sources."""
    digest = hashlib.sha256()
    for path in sorted(Path(phantom.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def kept(name: str, make: Callable[[], Any]) -> Any:
    """Return what was made under a name before, or make it now."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name.replace(' ', '_').replace(',', '')}-{sources()}.pickle"
    if path.exists():
        return pickle.loads(path.read_bytes())
    made = make()
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(pickle.dumps(made, protocol=5))
    part.rename(path)
    return made


def label_head(number: int) -> Head:
    """Return the head of a label map of the last split."""
    image = read_image(label_maps("test")[HEADS[number]])  # test row
    anatomy = label_map_anatomy(np.rint(image.data).astype(int), image.grid, seed=number)
    return make_head(seed=number, anatomy=anatomy)


def label_scans(number: int, names: Iterable[str] = tuple(PROTOCOLS)) -> Iterable[tuple[Any, Any]]:
    """Yield scan and truth of a label map's head by protocol."""
    heads: list[Head] = []

    def made(protocol: Protocol) -> Any:
        if not heads:
            heads.append(label_head(number))
        return acquire(heads[0], protocol, seed=number)

    for name in names:
        yield kept(f"head{number}-{name}", lambda p=PROTOCOLS[name]: made(p))


def scores(chi: Any, valid: Any, truth: Any, brain: Any, voxel_size_mm: Any) -> dict[str, Any]:
    """Return the scores of chi inside the true brain, where what is left out counts as 0.

    Both maps are about their mean over the voxels scored: share kept, slope, NRMSE (%), XSIM;
    NRMSE where the truth is within 0.2 ppm (tissue), and 4 mm or more inside the brain (inside).
    """
    found = np.where(valid & brain, chi, 0).astype(np.float64)
    depth = distance_inside(brain, voxel_size_mm=voxel_size_mm)
    slope, error = fit(found, truth, brain)
    return {
        "kept": round(float((valid & brain).sum() / brain.sum()), 3),
        "slope": round(slope, 3),
        "nrmse": round(error, 1),
        "xsim": round(xsim(found - found[brain].mean(), truth - truth[brain].mean(), brain), 3),
        "tissue": round(fit(found, truth, brain & (np.abs(truth) < 0.2))[1], 1),
        "inside": round(fit(found, truth, brain & (depth >= 4))[1], 1),
    }


def fit(found: Any, truth: Any, where: Any) -> tuple[float, float]:
    """Return slope and NRMSE (%) about the means over a region."""
    x, y = (v[where].astype(np.float64) for v in (truth, found))
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / (x @ x)), float(100 * np.linalg.norm(y - x) / np.linalg.norm(x))


def best_weight(
    error_at: Callable[[float], float], start: float, *, factor: float = 1.6, most: int = 5
) -> tuple[float, float]:
    """Walk downhill over weights a factor apart; return the best weight and its error."""
    known = {0: error_at(start)}

    def at(step: int) -> float:
        if step not in known:
            known[step] = error_at(start * factor**step)
        return known[step]

    way = 1 if at(1) < at(0) else -1
    step = 0
    while abs(step) < most and at(step + way) < at(step):
        step += way
    best = min(known, key=lambda s: known[s])
    return start * factor**best, known[best]


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write a table."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        table.writeheader()
        table.writerows(rows)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a table, if it is there."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def load() -> str:
    """Return the load of the machine."""
    return f"{os.getloadavg()[0]:.1f}"
