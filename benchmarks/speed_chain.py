"""The whole chain on 160 x 160 x 112 voxels and four echoes: seconds a step, peak memory, threads.

A scan is simulated, then ``arteriole BIDS OUT participant`` is run in a fresh folder: once with
no compiled kernels at hand, then warm, with the presets default and fast, with two threads and
with one; anatomy is left out (speed_anatomy.py). Seconds are for orientation; ``pairs`` is their
ratio to a float32 rfftn + irfftn pair of the same size and threads, timed in the same run. ``to chi
and R2*`` is the wall time less the steps that make neither. ``load`` is that of the machine when
the run began.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import scipy.fft

from arteriole.phantom.scanner.protocol import Protocol
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.study import simulate_study

TABLE = Path(__file__).with_suffix(".csv")
SHAPE = (160, 160, 112)
PROTOCOL = Protocol(
    name="speed",
    shape=SHAPE,
    voxel_size_mm=(1.25, 1.35, 1.5),
    te_s=(0.004, 0.012, 0.020, 0.028),
    tr_s=0.034,
    flip_deg=15.0,
    tilt_deg=15.0,
)
TURNS = (
    ("cold", "default", 2),
    ("warm", "default", 2),
    ("warm", "default", 1),
    ("warm", "fast", 2),
    ("warm", "fast", 1),
)
BESIDE = ("swi", "veins", "separation", "regions", "uncertainty")
"""Steps that make neither chi nor R2*."""


def fft_pair_seconds(threads: int) -> float:
    """Return the median time of a transform there and back."""
    volume = np.random.default_rng(0).standard_normal(SHAPE, dtype=np.float32)
    times = []
    for _ in range(15):
        start = time.perf_counter()
        scipy.fft.irfftn(scipy.fft.rfftn(volume, workers=threads), s=SHAPE, workers=threads)
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def run_chain(
    raw: Path, out: Path, preset: str, threads: int, kernels: Path
) -> tuple[dict[str, Any], float, str]:
    """Run the session; return its record, the wall time, and a digest of its maps."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "arteriole.cli.main", str(raw), str(out), "participant",
         "--preset", preset, "--set", "anatomy.method=none", "--omp-nthreads", str(threads)],
        check=True, stdout=subprocess.DEVNULL, env=os.environ | {"NUMBA_CACHE_DIR": str(kernels)},
    )  # fmt: skip
    wall = time.perf_counter() - start
    maps = b"".join(p.read_bytes() for p in sorted(out.rglob("*.nii.gz")))
    record = json.loads(next(out.rglob("run.json")).read_text())
    return record, wall, hashlib.sha256(maps).hexdigest()[:12]


def main() -> None:
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="arteriole-bench-") as folder:
        raw = Path(folder) / "bids"
        simulate_study(raw, Design(protocols=(PROTOCOL,), seed=1, cell_mm=0.75))
        for turn, preset, threads in TURNS:
            load = os.getloadavg()[0]
            pair = fft_pair_seconds(threads)
            record, wall, digest = run_chain(
                raw,
                Path(folder) / f"{turn}-{preset}-{threads}",
                preset,
                threads,
                Path(folder) / "kernels",
            )
            steps = [(s["name"], s["seconds"], s["peak_memory_mib"]) for s in record["steps"]]
            beside = sum(seconds for name, seconds, _ in steps if name in BESIDE)
            most = max(memory for _, _, memory in steps)
            steps += [("wall", wall, most), ("to chi and R2*", wall - beside, most)]
            for name, seconds, memory in steps:
                rows.append(
                    {
                        "turn": turn,
                        "preset": preset,
                        "threads": threads,
                        "step": name,
                        "seconds": round(seconds, 2),
                        "pairs": round(seconds / pair, 1),
                        "peak_mib": round(memory),
                        "digest": digest,
                        "load": round(load, 1),
                    }
                )
                print(rows[-1])
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
