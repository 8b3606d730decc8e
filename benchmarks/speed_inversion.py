"""Seconds of background removal and inversion at 160 x 160 x 112, beside a peer and a transform.

    python benchmarks/speed_inversion.py [--peer]

Ratios are to one float32 rfft + irfft pair of the same volume in the same run. Every row is the
best of three warm runs (kernels compiled, as from the second session on); "first" is the first
run in a process. The peer, qmrpy's QSMSplitBregman (SHARP and L1 split Bregman), runs once.
Writes speed_inversion.csv beside this file, with the load of the machine.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from pathlib import Path

import numpy as np

from arteriole.field.resharp import remove_background_resharp
from arteriole.field.vsharp import remove_background_vsharp
from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.smooth import gaussian
from arteriole.numerics.threads import threads
from arteriole.susceptibility.l2 import invert_l2
from arteriole.susceptibility.medi import invert_medi
from arteriole.susceptibility.rts import invert_rts
from arteriole.susceptibility.tgv import invert_tgv
from arteriole.susceptibility.tkd import invert_tkd
from arteriole.susceptibility.tv import invert_tv
from arteriole.susceptibility.weak_harmonic import invert_weak_harmonic

SHAPE, VOXEL = (160, 160, 112), (1.0, 1.0, 1.0)


def head():
    """Random smooth susceptibility in an ellipsoid of 0.93 million voxels, with its field."""
    rng = np.random.default_rng(0)
    x, y, z = np.ix_(*[np.linspace(-1, 1, n) for n in SHAPE])
    mask = np.asarray((x / 0.82) ** 2 + (y / 0.9) ** 2 + (z / 0.84) ** 2 < 1)
    kernel = dipole_kernel(SHAPE, voxel_size_mm=VOXEL)
    chi = gaussian(rng.standard_normal(SHAPE).astype(np.float32), 1.5, voxel_size_mm=VOXEL)
    chi = np.where(mask, 0.05 * chi / chi.std(), 0).astype(np.float32)
    local = irfft(rfft(chi) * kernel, SHAPE)
    return mask, local, local + (0.5 * z + 0.3 * (x**2 - z**2)).astype(np.float32)


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peer(total, mask):
    from qmrpy.models.qsm import QSMSplitBregman

    phase = np.angle(np.exp(1j * 2 * np.pi * 127.7 * 0.01 * total))
    QSMSplitBregman().fit(phase, mask.astype(float), image_resolution_mm=np.array(VOXEL))


def main() -> None:
    mask, local, total = head()
    given = {"voxel_size_mm": VOXEL}
    work = {
        "rfft + irfft": lambda: irfft(rfft(local), SHAPE),
        "V-SHARP 12..1": lambda: remove_background_vsharp(total, mask, **given),
        "RESHARP 6": lambda: remove_background_resharp(total, mask, **given),
        "RESHARP 12..2": lambda: remove_background_resharp(
            total, mask, radius_mm=12, smallest_mm=2, **given
        ),
        "TKD": lambda: invert_tkd(local, mask, **given),
        "L2": lambda: invert_l2(local, mask, **given),
        "TV": lambda: invert_tv(local, mask, **given),
        "weak harmonic": lambda: invert_weak_harmonic(local, mask, **given),
        "MEDI": lambda: invert_medi(local, mask, np.abs(local), **given),
        "RTS": lambda: invert_rts(local, mask, **given),
        "TGV": lambda: invert_tgv(total, mask, **given),
    }
    rows = []
    for name, run in work.items():
        first = seconds(run)
        rows.append((name, first, min(seconds(run) for _ in range(3))))
    if "--peer" in sys.argv:
        once = seconds(lambda: peer(total, mask))
        rows.append(("qmrpy QSMSplitBregman", once, once))
    pair = rows[0][2]
    with open(Path(__file__).with_suffix(".csv"), "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["method", "first_s", "warm_s", "in_transforms", "threads", "load"])
        for name, first, warm in rows:
            row = [name, f"{first:.3f}", f"{warm:.3f}", f"{warm / pair:.0f}"]
            row += [threads(), f"{os.getloadavg()[0]:.1f}"]
            table.writerow(row)
            print(*row)


if __name__ == "__main__":
    main()
