"""Peak memory of a whole head of 384 x 384 x 288 voxels of 0.6 mm, by method, each in a process.

    python benchmarks/memory_methods.py

Each method takes one step (memory does not grow with steps) on an ellipsoid of 0.33 of the volume
with random values. ``beyond_mib`` is the peak less what the process held before,
``bytes_per_voxel`` the same over all voxels of the volume, ``counted_on`` what
arteriole.run.memory expects. Writes memory_methods.csv.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from arteriole.field.pdf import remove_background_pdf
from arteriole.field.resharp import remove_background_resharp
from arteriole.field.vsharp import remove_background_vsharp
from arteriole.run.memory import METHOD_BYTES, peak_mib, reset_peak, resident_bytes
from arteriole.susceptibility.smv_tv import invert_smv_tv
from arteriole.susceptibility.tv import invert_tv

TABLE = Path(__file__).with_suffix(".csv")
SHAPE, VOXEL = (384, 384, 288), (0.6, 0.6, 0.6)
METHODS = {
    "vsharp": ("field", remove_background_vsharp, {}),
    "resharp": ("field", remove_background_resharp,
                {"radius_mm": 12.0, "smallest_mm": 1.0, "iterations": 1}),
    "pdf": ("field", remove_background_pdf, {"iterations": 1}),
    "tv": ("susceptibility", invert_tv, {"iterations": 1}),
    "smv-tv": ("susceptibility", invert_smv_tv, {"iterations": 1}),
}  # fmt: skip


def head() -> tuple[Any, Any]:
    """Return a field in ppm and its mask."""
    x, y, z = np.ix_(*[np.linspace(-1, 1, n, dtype=np.float32) for n in SHAPE])
    mask = np.asarray((x / 0.82) ** 2 + (y / 0.9) ** 2 + (z / 0.84) ** 2 < 1)
    return np.random.default_rng(0).standard_normal(SHAPE, dtype=np.float32), mask


def one(name: str) -> dict[str, Any]:
    """Run a method in this process."""
    step, method, more = METHODS[name]
    work: Callable[..., Any] = method
    field, mask = head()
    held = resident_bytes(os.getpid()) / 2**20
    reset_peak()
    work(field, mask, voxel_size_mm=VOXEL, **more)
    peak = peak_mib()
    return {
        "method": name,
        "peak_mib": round(peak),
        "beyond_mib": round(peak - held),
        "bytes_per_voxel": round((peak - held) * 2**20 / field.size, 1),
        "counted_on": METHOD_BYTES[step][name],
    }


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2])))
        return
    rows = []
    for name in METHODS:
        told = subprocess.run(
            [sys.executable, __file__, "--one", name], check=True, stdout=subprocess.PIPE, text=True
        )
        rows.append(json.loads(told.stdout.splitlines()[-1]))
        print(rows[-1], flush=True)
    with TABLE.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
