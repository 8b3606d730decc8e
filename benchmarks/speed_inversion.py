"""Seconds and memory of background removal and inversion at 160 x 160 x 112, beside a peer.

    python benchmarks/speed_inversion.py [--only WORD ...]

Each method has a process of its own. ``cold`` is its first run with no compiled kernels at hand,
``warm`` the best of up to three more. The machine may be loaded, so that seconds are for
orientation: ``pairs`` is the ratio to a float32 rfft + irfft pair of the same volume, timed in the
same process before and after, by the clock (medians) and by the processor. ``beyond_mib`` is the
peak memory less what the process held before. The peer, qmrpy's QSMSplitBregman (SHARP and L1 split
Bregman: both steps in one), is run on the same field. Writes speed_inversion.csv, with the load.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from arteriole.field.ismv import remove_background_ismv
from arteriole.field.lbv import remove_background_lbv
from arteriole.field.pdf import remove_background_pdf
from arteriole.field.resharp import remove_background_resharp
from arteriole.field.vsharp import remove_background_vsharp
from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.smooth import gaussian
from arteriole.numerics.threads import threads
from arteriole.run.memory import peak_mib, reset_peak, resident_bytes
from arteriole.susceptibility.l2 import invert_l2
from arteriole.susceptibility.medi import invert_medi
from arteriole.susceptibility.rts import invert_rts
from arteriole.susceptibility.smv_tv import invert_smv_tv
from arteriole.susceptibility.tgv import invert_tgv
from arteriole.susceptibility.tkd import invert_tkd
from arteriole.susceptibility.tv import invert_tv
from arteriole.susceptibility.weak_harmonic import invert_weak_harmonic

TABLE = Path(__file__).with_suffix(".csv")
SHAPE, VOXEL = (160, 160, 112), (1.0, 1.0, 1.0)
ENOUGH_S = 15.0


def head(shape: tuple[int, int, int] = SHAPE) -> tuple[Any, Any, Any]:
    """Return an ellipsoid of 0.33 of the volume, its local field (ppm), and that with a background.

    Random smooth susceptibility; voxels are 1 mm.
    """
    rng = np.random.default_rng(0)
    x, y, z = np.ix_(*[np.linspace(-1, 1, n) for n in shape])
    mask = np.asarray((x / 0.82) ** 2 + (y / 0.9) ** 2 + (z / 0.84) ** 2 < 1)
    kernel = dipole_kernel(shape, voxel_size_mm=VOXEL)
    chi = gaussian(rng.standard_normal(shape).astype(np.float32), 1.5, voxel_size_mm=VOXEL)
    chi = np.where(mask, 0.05 * chi / chi.std(), 0).astype(np.float32)
    local = irfft(rfft(chi) * kernel, shape)
    return mask, local, local + (0.5 * z + 0.3 * (x**2 - z**2)).astype(np.float32)


def peer(total: Any, mask: Any) -> None:
    from qmrpy.models.qsm import QSMSplitBregman

    phase = np.angle(np.exp(1j * 2 * np.pi * 127.7 * 0.01 * total))
    QSMSplitBregman().fit(phase, mask.astype(float), image_resolution_mm=np.array(VOXEL))


def methods(mask: Any, local: Any, total: Any) -> dict[str, Callable[[], object]]:
    """Return what is timed; the settings of the flow where they differ from a function's own."""
    given: dict[str, Any] = {"voxel_size_mm": VOXEL}
    flow = {"radius_mm": 12.0, "smallest_mm": 1.0, "keep_rim": True}
    return {
        "V-SHARP": lambda: remove_background_vsharp(total, mask, **given),
        "RESHARP, 12 to 1 mm": lambda: remove_background_resharp(total, mask, **flow, **given),
        "RESHARP, 6 mm": lambda: remove_background_resharp(total, mask, **given),
        "PDF": lambda: remove_background_pdf(total, mask, **given),
        "LBV": lambda: remove_background_lbv(total, mask, **given),
        "iSMV": lambda: remove_background_ismv(total, mask, **given),
        "TKD": lambda: invert_tkd(local, mask, **given),
        "gradient L2": lambda: invert_l2(local, mask, **given),
        "TV": lambda: invert_tv(local, mask, **given),
        "smv-tv": lambda: invert_smv_tv(local, mask, **given),
        "weak harmonic": lambda: invert_weak_harmonic(local, mask, **given),
        "MEDI": lambda: invert_medi(local, mask, np.abs(local), **given),
        "RTS": lambda: invert_rts(local, mask, **given),
        "TGV": lambda: invert_tgv(total, mask, **given),
        "qmrpy QSMSplitBregman": lambda: peer(total, mask),
    }


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds by the clock and by the processor."""
    start, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - used


def pairs(volume: Any, count: int = 12) -> list[tuple[float, float]]:
    return [spent(lambda: irfft(rfft(volume), volume.shape)) for _ in range(count)]


def one(name: str) -> dict[str, Any]:
    """Time a method in this process."""
    mask, local, total = head()
    work = methods(mask, local, total)[name]
    cold, _ = spent(work)
    unit = pairs(local)
    held = resident_bytes(os.getpid()) / 2**20
    reset_peak()
    warm = [spent(work)]
    peak = peak_mib()
    while len(warm) < 3 and sum(wall for wall, _ in warm) < ENOUGH_S:
        warm.append(spent(work))
    unit += pairs(local)
    wall, used = min(w for w, _ in warm), min(c for _, c in warm)
    return {
        "method": name,
        "cold_s": round(cold, 2),
        "warm_s": round(wall, 3),
        "processor_s": round(used, 3),
        "pairs": round(wall / float(np.median([w for w, _ in unit])), 1),
        "pairs_by_processor": round(used / float(np.median([c for _, c in unit])), 1),
        "peak_mib": round(peak),
        "beyond_mib": round(peak - held),
        "threads": threads(),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2])))
        return
    words = sys.argv[2:] if sys.argv[1:2] == ["--only"] else []
    nothing = np.zeros(1)
    names = [n for n in methods(nothing, nothing, nothing)
             if not words or any(w in n for w in words)]  # fmt: skip
    rows = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="arteriole-bench-") as kernels:
            told = subprocess.run(
                [sys.executable, __file__, "--one", name],
                check=True, stdout=subprocess.PIPE, text=True,
                env=os.environ | {"NUMBA_CACHE_DIR": kernels},
            )  # fmt: skip
        rows.append(json.loads(told.stdout.splitlines()[-1]))
        print(rows[-1], flush=True)
    if words:
        return
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
