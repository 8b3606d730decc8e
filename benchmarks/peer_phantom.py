"""Our digital scanner beside qsm-forward: seconds, memory, and fields that have a closed form.

    python -m venv /tmp/peer && /tmp/peer/bin/pip install qsm-forward
    python benchmarks/peer_phantom.py --peer /tmp/peer/bin/python

qsm-forward (GPL-3) runs in an environment of its own, is given arrays in a file and gives arrays
back: nothing of it is imported here. Same matrix (192 x 224 x 192 at 1 mm, four echoes), one after
the other in one run. It computes on the voxels it is given; ours paints a head, with all its
lesions, on cells of half a voxel. Ours is timed with and without making the head; the peer is given
its maps.

The second part asks both for the field of a sphere and of a long cylinder on the voxels of a scan,
B0 at several angles; largest error beyond two voxels from the surface, per cent of the largest
field there at any angle. Writes peer_phantom.csv.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ANGLES_DEG = (0.0, 35.0, 54.7, 90.0)
BODY = {"sphere": 12.0, "cylinder": 8.0}
"""Radius in voxels of 1 mm."""

SHAPE = {"sphere": (96, 96, 96), "cylinder": (384, 96, 96)}
"""Voxels; the cylinder runs along the first axis from end to end, and its middle is looked at."""

PEER_SCAN = """
import json, resource, sys, time
import numpy as np, qsm_forward
start = time.perf_counter()
tissue = qsm_forward.TissueParams(root_dir=sys.argv[1], chi="chi.nii", M0="m0.nii", R1="r1.nii",
    R2star="r2star.nii", mask="mask.nii", seg="mask.nii")
recon = qsm_forward.ReconParams(TEs=np.array([0.004, 0.012, 0.020, 0.028]), TR=0.034,
    flip_angle=15, B0=3, voxel_size=np.array([1.0, 1.0, 1.0]), peak_snr=100, random_seed=1)
qsm_forward.generate_bids(tissue, recon, sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print("ROW", json.dumps({"seconds": time.perf_counter() - start, "peak_mib": peak}))
"""

PEER_FIELD = """
import sys
import numpy as np, qsm_forward
given = np.load(sys.argv[1])
fields = [qsm_forward.generate_field(given["chi"], voxel_size=[1, 1, 1], B0_dir=b)
          for b in given["b0"]]
np.save(sys.argv[2], np.asarray(fields, dtype=np.float32))
"""


def our_scan() -> None:
    """Make a head, scan it; print seconds and peak memory. Run in a child of its own."""
    from speed_phantom import ALL

    from arteriole.phantom.head import make_head
    from arteriole.phantom.scanner.acquire import acquire
    from arteriole.phantom.scanner.protocol import MULTI_ECHO_3T, TINY

    acquire(make_head(seed=0, spacing_mm=3.0), TINY, seed=0)
    start = time.perf_counter()
    head = make_head(seed=1, burden=ALL, age_y=72.0)
    grown = time.perf_counter()
    acquire(head, MULTI_ECHO_3T, seed=1)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row = {"head_seconds": grown - start, "seconds": done - grown, "peak_mib": peak}
    print("ROW", json.dumps(row))


def told(command: list[str]) -> dict[str, Any]:
    """Run a child and return the row it prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("ROW "):
            row: dict[str, Any] = json.loads(line[4:])
            return row
    raise SystemExit(done.stderr[-2000:])


def peer_maps(folder: Path) -> None:
    """Write the maps of one of our heads for the peer."""
    from arteriole.io.nifti import write_image
    from arteriole.phantom.head import make_head
    from arteriole.phantom.scanner.acquire import acquire
    from arteriole.phantom.scanner.protocol import MULTI_ECHO_3T
    from arteriole.phantom.tissue import TISSUES

    _, truth = acquire(make_head(seed=1), MULTI_ECHO_3T, seed=1, cell_mm=0.5, noise=False)
    rows = np.array([(t.density, 1.0 / t.t1_s, t.chi_ppm) for t in TISSUES])
    m0, r1, chi = (rows[:, c][truth.labels] for c in range(3))
    chi = np.where(truth.brain_mask, truth.chi_ppm, chi)
    maps = {"chi": chi, "m0": m0, "r1": r1, "r2star": truth.r2star_hz, "mask": truth.brain_mask}
    for name, voxels in maps.items():
        write_image(folder / f"{name}.nii", voxels.astype(np.float32), MULTI_ECHO_3T.grid)


def bodies() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return sub-voxel exact covers of a sphere and a cylinder along x, with voxel places."""
    sub = (np.arange(8) + 0.5) / 8 - 0.5
    made = {}
    for name, radius in BODY.items():
        axes = [np.arange(n) - (n - 1) / 2.0 for n in SHAPE[name]]
        x, y, z = np.meshgrid(*axes, indexing="ij")
        places = np.stack([x, y, z], axis=-1)
        cover = np.zeros(SHAPE[name])
        for b in sub:
            for c in sub:
                across = (y + b) ** 2 + (z + c) ** 2
                if name == "cylinder":
                    cover += across <= radius**2
                    continue
                for a in sub:
                    cover += ((x + a) ** 2 + across <= radius**2) / 8.0
        made[name] = (cover / 64.0, places)
    return made


def closed_form(name: str, places: np.ndarray, b0: np.ndarray) -> np.ndarray:
    """Return the field outside a body of 1 ppm."""
    radius = BODY[name]
    if name == "sphere":
        away = np.linalg.norm(places, axis=-1)
        cosine = places @ b0 / np.maximum(away, 1e-6)
        return (radius / np.maximum(away, 1e-6)) ** 3 * (3 * cosine**2 - 1) / 3
    flat = places[..., 1:]
    away = np.linalg.norm(flat, axis=-1)
    sine_squared = 1 - b0[0] ** 2
    across = b0[1:] / max(np.linalg.norm(b0[1:]), 1e-9)
    cosine = flat @ across / np.maximum(away, 1e-6)
    return 0.5 * sine_squared * (radius / np.maximum(away, 1e-6)) ** 2 * (2 * cosine**2 - 1)


def field_rows(peer: str, folder: Path) -> list[dict[str, Any]]:
    """Compare both fields with the closed forms."""
    from arteriole.phantom.scanner.dipole_field import free_field, periodic_field

    directions = [np.array([np.sin(np.radians(a)), 0.0, np.cos(np.radians(a))]) for a in ANGLES_DEG]
    rows = []
    for name, (chi, places) in bodies().items():
        np.savez(folder / "body.npz", chi=chi, b0=np.array(directions))
        subprocess.run(
            [peer, "-c", PEER_FIELD, str(folder / "body.npz"), str(folder / "fields.npy")],
            check=True, capture_output=True,
        )  # fmt: skip
        theirs = np.load(folder / "fields.npy")
        away = np.linalg.norm(places[..., 0 if name == "sphere" else 1 :], axis=-1)
        middle = np.abs(places).max(axis=-1) < 30
        outside = (away > BODY[name] + 2) & middle
        peak = max(float(np.abs(closed_form(name, places, b)[outside]).max()) for b in directions)
        for angle, b0, other in zip(ANGLES_DEG, directions, theirs, strict=True):
            direction = (float(b0[0]), float(b0[1]), float(b0[2]))
            if name == "sphere":
                ours = free_field(chi.astype("f4"), cell_mm=(1, 1, 1), b0_direction=direction)
            else:
                wide = np.pad(chi.astype("f4"), ((0, 0), (0, 192), (0, 192)))
                ours = periodic_field(wide, cell_mm=(1, 1, 1), b0_direction=direction)
                ours = ours[:, :96, :96]
            exact = closed_form(name, places, b0)[outside]
            row: dict[str, Any] = {"what": f"field of a {name}", "angle_deg": angle}
            for who, field in (("ours", ours), ("qsm-forward", other)):
                off = field[outside] - exact
                row[f"{who}_percent"] = round(
                    100 * float(np.abs(off - np.median(off)).max()) / peak, 2
                )
            rows.append(row)
            print(row, flush=True)
    return rows


def scan_rows(peer: str, folder: Path) -> list[dict[str, Any]]:
    """Time both scanners on the same matrix."""
    peer_maps(folder)
    ours = told([sys.executable, __file__, "--child"])
    theirs = told([peer, "-c", PEER_SCAN, str(folder), str(folder / "bids")])
    rows = [
        {"what": "192x224x192, 4 echoes", "who": "ours", **ours},
        {"what": "192x224x192, 4 echoes", "who": "qsm-forward", **theirs},
        {"what": "qsm-forward / ours", "seconds": theirs["seconds"] / ours["seconds"],
         "peak_mib": theirs["peak_mib"] / ours["peak_mib"]},
    ]  # fmt: skip
    for row in rows:
        print(row, flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", default="/tmp/peer/bin/python")
    parser.add_argument("--child", action="store_true")
    args = parser.parse_args()
    if args.child:
        our_scan()
        return
    with tempfile.TemporaryDirectory() as name:
        rows = field_rows(args.peer, Path(name))
        rows += scan_rows(args.peer, Path(name))
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        table.writeheader()
        for row in rows:
            short = {k: round(v, 2) if isinstance(v, float) else v for k, v in row.items()}
            table.writerow(short)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
