"""Error of inversions from the true local field: three heads, three resolutions, four noise levels.

    python -m venv /tmp/peer && /tmp/peer/bin/pip install qsm-forward
    python benchmarks/accuracy_isolated.py [textured | phantom | qsm-forward ...] [--mm NAME]

- textured: the tests' head (tests/simulated_fields.py), its field made at half the voxel size;
- phantom: head 13 of accuracy_scans.py, the field of the brain's own sources, on 0.5 mm cells;
- qsm-forward: the same head's chi on voxels of 1 mm, its field by that simulator (GPL-3, a program
  of its own: nothing of it is imported here), both averaged into the voxels of the inversion.

Noise is white. ``default`` is given the noise and chooses its weight; ``best weight`` is the best
by the truth among weights 1.6 times apart, ``ratio`` the default's error over that; ``full weight
outside`` is the default's inversion for a field that is known to be right (``outside=1``). The
others, at the second noise level, have the defaults of their functions, and qmrpy's split Bregman
its own. Scored in the whole mask about the mean. Writes accuracy_isolated.csv; rows of what is not
named, or of a simulator that is not there, stay. All truth is simulated.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from accuracy_inverted import inverted_by_best, inverted_by_default, split_bregman
from accuracy_scans import (
    MULTI_ECHO,
    PROTOCOLS,
    kept,
    label_head,
    label_scans,
    load,
    read_rows,
    scores,
    write_rows,
)

from arteriole.grid import Grid
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.kspace import block_mean
from arteriole.step import Acquisition
from arteriole.susceptibility.l2 import invert_l2
from arteriole.susceptibility.medi import invert_medi
from arteriole.susceptibility.rts import invert_rts
from arteriole.susceptibility.tkd import invert_tkd
from arteriole.susceptibility.tv import invert_tv
from arteriole.susceptibility.weak_harmonic import invert_weak_harmonic
from arteriole.units import hz_per_ppm

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from simulated_fields import textured_head, turned

TABLE = Path(__file__).with_suffix(".csv")
HZ = np.float32(hz_per_ppm(3.0))
PEER = os.environ.get("ARTERIOLE_PEER") or "/tmp/peer/bin/python"
FULL = "default, full weight outside"
NOISE_PPM = (0.001, 0.0025, 0.005, 0.01)
TEXTURED = {
    "1 x 1 x 2": ((112, 128, 52), (1.0, 1.0, 2.0), 0.0),
    "0.8 x 0.8 x 3": ((140, 160, 36), (0.8, 0.8, 3.0), 32.0),
    "2": ((64, 72, 56), (2.0, 2.0, 2.0), 0.0),
}
BLOCKS = {"1 x 1 x 2": (1, 1, 2), "1 x 1 x 3": (1, 1, 3), "2": (2, 2, 2)}
TWO = replace(
    MULTI_ECHO, name="2 mm", shape=(96, 112, 84), voxel_size_mm=(2.0, 2.0, 2.0), cell_mm=1.0
)
ONE = replace(
    MULTI_ECHO, name="1 mm", shape=(176, 216, 168), voxel_size_mm=(1.0, 1.0, 1.0), cell_mm=0.5
)
PEER_FIELD = """
import sys
import numpy as np, qsm_forward
given = np.load(sys.argv[1])
fields = [qsm_forward.generate_field(given["chi"], voxel_size=[1, 1, 1], B0_dir=b)
          for b in given["b0"]]
np.save(sys.argv[2], np.asarray(fields, dtype=np.float32))
"""

Case = tuple[str, Any, Any, Any, Any, dict[str, Any]]
"""Resolution, chi and local field (ppm), mask, magnitude, geometry."""


def textured() -> Iterator[Case]:
    """Yield the tests' head."""
    for name, (shape, size, degrees) in TEXTURED.items():
        b0 = turned(degrees)
        head = kept(
            f"textured-{name}", lambda s=shape, v=size, b=b0: textured_head(s, v, b, seed=5)
        )
        geometry = {"voxel_size_mm": size, "b0_direction": b0}
        magnitude = np.where(head.mask, 1.0, 0.0).astype(np.float32)
        yield name, head.chi_ppm, head.local_ppm, head.mask, magnitude, geometry


def bare(name: str, protocol: Any) -> Any:
    """Return a scan without noise of head 13."""
    return kept(
        f"head13-bare-{name}", lambda: acquire(label_head(13), protocol, seed=13, noise=False)
    )


def phantom() -> Iterator[Case]:
    """Yield our own head."""
    scans = [*label_scans(13, list(PROTOCOLS)[:2]), bare("2 mm", TWO)]
    for name, (scan, truth) in zip(TEXTURED, scans, strict=True):
        local = truth.local_field_hz / hz_per_ppm(scan.b0_tesla)
        geometry = {"voxel_size_mm": scan.grid.voxel_size_mm, "b0_direction": scan.b0_direction}
        mean = np.sqrt(np.mean(scan.magnitude**2, axis=0))
        yield name, truth.chi_ppm, local, truth.brain_mask, mean, geometry


def peer_fields(chi: Any, directions: list[Any]) -> Any:
    """Return the fields that qsm-forward makes of a map of chi."""
    with tempfile.TemporaryDirectory() as name:
        given, made = Path(name) / "given.npz", Path(name) / "fields.npy"
        np.savez(given, chi=chi, b0=np.array(directions))
        subprocess.run([PEER, "-c", PEER_FIELD, str(given), str(made)], check=True)
        return np.load(made)


def qsm_forward() -> Iterator[Case]:
    """Yield our head's chi with the other simulator's field."""
    scan, truth = bare("1 mm", ONE)
    directions = [turned(0), turned(32)]
    fields = kept("qsm-forward", lambda: peer_fields(truth.chi_ppm, directions))
    mean = np.sqrt(np.mean(scan.magnitude**2, axis=0))
    for name, block in BLOCKS.items():
        tilted = name == "1 x 1 x 3"
        size = tuple(float(n) for n in block)
        maps = (truth.chi_ppm, fields[int(tilted)], truth.brain_mask.astype(np.float32), mean)
        chi, local, share, mean_block = (block_mean(m.astype(np.float32), block) for m in maps)
        geometry = {"voxel_size_mm": size, "b0_direction": directions[int(tilted)]}
        yield name, chi, local, share >= 0.5, mean_block, geometry


HEADS: dict[str, Callable[[], Iterator[Case]]] = {
    "textured": textured, "phantom": phantom, "qsm-forward": qsm_forward,
}  # fmt: skip


def acquisition(shape: Any, geometry: dict[str, Any]) -> Acquisition:
    """Return what the flow is told, at 3 T."""
    grid = Grid.from_voxel_size(shape, geometry["voxel_size_mm"], np.eye(3))
    return Acquisition(grid, 3.0, geometry["b0_direction"], (0.02,))


def others(
    field: Any, mask: Any, noise: Any, magnitude: Any, geometry: dict[str, Any], own: float
) -> Any:
    """Yield what other inversions make of a field."""
    alone = {"noise_ppm": noise, "weight": own, "noise_factor": 0.0, "outside": 1.0}
    yield FULL, invert_tv(field, mask, **alone, **geometry)
    yield "TKD", invert_tkd(field, mask, **geometry)
    yield "L2", invert_l2(field, mask, **geometry)
    yield "RTS", invert_rts(field, mask, noise_ppm=noise, **geometry)
    yield "weak harmonic", invert_weak_harmonic(field, mask, noise_ppm=noise, **geometry)
    yield "MEDI", invert_medi(field, mask, magnitude, noise_ppm=noise, **geometry)
    yield "qmrpy split Bregman", split_bregman(field, mask, voxel_size_mm=geometry["voxel_size_mm"])


def rows_of(head: str, case: Case) -> Iterator[dict[str, Any]]:
    """Yield the rows of a head at a resolution."""
    name, chi, local, mask, magnitude, geometry = case
    for noise_ppm in NOISE_PPM:
        drawn = np.random.default_rng(1).standard_normal(mask.shape) * noise_ppm
        field = np.where(mask, local + drawn, 0).astype(np.float32)
        noise = np.full(mask.shape, noise_ppm, np.float32)
        data = (field * HZ, mask, noise * HZ, acquisition(mask.shape, geometry))
        by_default, own = inverted_by_default(*data)
        by_best, best = inverted_by_best(*data, chi, mask, (by_default, own))
        found = {"default": by_default, "best weight": by_best}
        if noise_ppm == NOISE_PPM[1]:
            found |= dict(others(field, mask, noise, magnitude, geometry, own))
        start = {"head": head, "mm": name, "noise_ppm": noise_ppm}
        yield from scored(found, chi, mask, geometry, start, own=own, best=best)


def scored(
    found: dict[str, Any],
    chi: Any,
    mask: Any,
    geometry: dict[str, Any],
    start: dict[str, Any],
    *,
    own: float,
    best: float,
) -> Iterator[dict[str, Any]]:
    """Yield a row for each inversion."""
    made = {}
    for method, map_ppm in found.items():
        about = np.where(mask, map_ppm - map_ppm[mask].mean(), 0)
        made[method] = scores(about, mask, chi, mask, geometry["voxel_size_mm"])
    for method, row in made.items():
        row.pop("kept")
        own_row = start | {"inversion": method} | row
        weight = {"default": own, FULL: own, "best weight": best}.get(method)
        own_row["weight"] = "" if weight is None else f"{weight:.2e}"
        ratio = row["nrmse"] / made["best weight"]["nrmse"]
        own_row["ratio"] = f"{ratio:.3f}" if method == "default" else ""
        yield own_row | {"load": load()}


def main() -> None:
    parser = argparse.ArgumentParser()
    here = [h for h in HEADS if h != "qsm-forward" or Path(PEER).exists()]
    parser.add_argument("heads", nargs="*", default=here)
    parser.add_argument("--mm", choices=[*TEXTURED, "1 x 1 x 3"], action="append")
    args = parser.parse_args()
    for head in args.heads:
        for case in HEADS[head]():
            if args.mm and case[0] not in args.mm:
                continue
            own = []
            for row in rows_of(head, case):
                own.append(row)
                print(*row.values(), flush=True)
            rows = [r for r in read_rows(TABLE) if (r["head"], r["mm"]) != (head, case[0])] + own
            write_rows(TABLE, sorted(rows, key=lambda r: list(HEADS).index(r["head"])))


if __name__ == "__main__":
    main()
