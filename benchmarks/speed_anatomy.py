"""Seconds and memory of anatomy, step by step: T1w of 1 mm with a thick FLAIR, and FLAIR alone.

    python benchmarks/speed_anatomy.py

One person is simulated, then ``arteriole BIDS OUT participant`` is run with two threads, kernels
compiled before. Seconds are for orientation; ``pairs`` is their ratio to a float32 rfftn + irfftn
pair of 160 x 160 x 112, timed in the same run. Writes speed_anatomy.csv, with the load.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from accuracy_scans import write_rows
from speed_chain import fft_pair_seconds

TABLE = Path(__file__).with_suffix(".csv")
SESSIONS = {"T1w 1 mm, FLAIR 5 mm": ("t1w-1mm", "flair-thick"), "FLAIR 5 mm": ("flair-thick",)}
PROGRAM = [sys.executable, "-m", "arteriole.cli.main"]


def rows_of(name: str, protocols: tuple[str, ...], folder: Path) -> list[dict[str, Any]]:
    """Return the rows of one session."""
    raw, out = folder / "bids", folder / "out"
    simulate = ["simulate", str(raw), "--subjects", "1", "--seed", "1", "--protocol", *protocols]
    subprocess.run([*PROGRAM, *simulate], check=True, stdout=subprocess.DEVNULL)
    load, pair, start = os.getloadavg()[0], fft_pair_seconds(2), time.perf_counter()
    run = [str(raw), str(out), "participant", "--omp-nthreads", "2"]
    subprocess.run([*PROGRAM, *run], check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    record = json.loads(next(out.rglob("run.json")).read_text())
    done = [step for step in record["steps"] if step["status"] == "done"]
    told = [(step["name"], step["seconds"], step["peak_memory_mib"]) for step in done]
    told.append(("wall", wall, max(step["peak_memory_mib"] for step in done)))
    return [
        {"session": name, "step": step, "seconds": round(seconds, 2),
         "pairs": round(seconds / pair, 1), "peak_mib": round(peak), "load": round(load, 1)}
        for step, seconds, peak in told
    ]  # fmt: skip


def main() -> None:
    rows: list[dict[str, Any]] = []
    for name, protocols in SESSIONS.items():
        with tempfile.TemporaryDirectory(prefix="arteriole-bench-") as folder:
            for row in rows_of(name, protocols, Path(folder)):
                rows.append(row)
                print(*row.values(), flush=True)
    write_rows(TABLE, rows)


if __name__ == "__main__":
    main()
