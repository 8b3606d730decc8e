"""Inserted lesions against the full simulation, and patches a second.

    python benchmarks/patch_mode.py [--speed] [--agreement [NUMBER ...]]

Agreement: the same lesion at the same place by `acquire` with and without it (noise-free), and by
`echo_factor` on the scan without it. NRMSE of the complex signal in a cube of 16 mm round the
lesion, over the signal ("of_signal") and over what the lesion changes ("of_effect"); apparent
diameter of both (half depth, last echo); correlation of the phase that the lesion adds, where a
third of the signal is left. Rows "cells 0.5 -> 0.25" give what the full simulation itself changes
by when its cells are halved. Some protocols by number (0 to 3) replace their own rows alone.

Speed: two processes of one thread each, patches of 32^3, three channels; wall time depends on what
else the machine does (the load is written), processor time hardly does. "none" is what crop,
images and noise cost. Without an option both are done. Writes patch_mode.csv and
patch_mode_speed.csv beside this file.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from arteriole.phantom import tissue
from arteriole.phantom.head import make_head
from arteriole.phantom.insert.background import make_background
from arteriole.phantom.insert.echo_factor import echo_factor
from arteriole.phantom.insert.patches import PatchMaker
from arteriole.phantom.insert.source import signal_ratio, sphere_source
from arteriole.phantom.lesions.lesion import Lesion, LesionTruth
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import Protocol
from arteriole.phantom.scanner.signal import steady_state
from arteriole.phantom.tissue import TISSUES

HERE = Path(__file__).parent
CENTRE = (26.0, -10.0, 38.0)
COMMON = {"tr_s": 0.03, "flip_deg": 15.0, "centre_mm": CENTRE}
PROTOCOLS = (
    Protocol(name="1 mm, 3 T", shape=(28, 28, 28), voxel_size_mm=(1, 1, 1),
             te_s=(0.006, 0.014, 0.022), tilt_deg=20, **COMMON),
    Protocol(name="0.8 x 0.8 x 3 mm, 3 T", shape=(36, 36, 12), voxel_size_mm=(0.8, 0.8, 3),
             te_s=(0.0094, 0.02), tilt_deg=32, **COMMON),
    Protocol(name="0.5 x 0.5 x 1.5 mm, 3 T", shape=(48, 48, 16), voxel_size_mm=(0.5, 0.5, 1.5),
             te_s=(0.02,), turn_deg=10, **COMMON),
    Protocol(name="0.7 mm, 7 T", shape=(36, 36, 36), voxel_size_mm=(0.7, 0.7, 0.7),
             te_s=(0.004, 0.012), b0_tesla=7.0, **COMMON),
)  # fmt: skip
LESIONS = ((1.5, 2.0), (3.0, 1.0), (3.0, -1.5), (5.0, 0.8))


def complex_of(scan):
    return scan.magnitude * np.exp(1j * scan.phase)


def by_factor(bank, protocol, place, diameter, chi):
    """The lesion by its factor on the scan without it."""
    filling = TISSUES[tissue.MICROBLEED if chi > 0 else tissue.CALCIFICATION]
    inner, outer = (
        float(steady_state(t.density, t.t1_s, tr_s=protocol.tr_s, flip_deg=protocol.flip_deg))
        for t in (filling, TISSUES[tissue.WHITE])
    )
    at = protocol.grid.to_voxel(place)
    ratio = signal_ratio(
        filling, te_s=protocol.te_s, b0_tesla=protocol.b0_tesla, start=inner / outer
    )
    source = sphere_source(
        at, diameter_mm=diameter, ratio=ratio, voxel_size_mm=protocol.voxel_size_mm,
        contrast_ppm=chi - float(bank.chi_ppm[tuple(np.rint(at).astype(int))]),
    )  # fmt: skip
    found = echo_factor(
        source, protocol.shape, voxel_size_mm=protocol.voxel_size_mm,
        b0_direction=bank.b0_direction, te_s=protocol.te_s, b0_tesla=protocol.b0_tesla,
    )  # fmt: skip
    image = bank.echoes.copy()
    image[(slice(None), *found.box)] *= found.factor
    return image


def diameter_seen(image, before, voxel_mm3):
    depth = 1 - np.abs(image[-1]) / np.maximum(np.abs(before[-1]), 1e-6)
    return float(np.cbrt(6 / np.pi * voxel_mm3 * np.sum(depth > depth.max() / 2)))


def compared(one, other, before, protocol):
    """The figures of one lesion; ``one`` is the truth."""
    n = [
        min(s, 2 * round(8 / d))
        for s, d in zip(protocol.shape, protocol.voxel_size_mm, strict=True)
    ]
    cube = tuple(slice((s - m) // 2, (s + m) // 2) for s, m in zip(protocol.shape, n, strict=True))
    inner = (slice(None), *cube)
    shift = np.sum(one * other.conj(), axis=(1, 2, 3), keepdims=True)
    other = other * shift / np.abs(shift)
    wrong = np.linalg.norm((one - other)[inner])
    added = [np.angle(s[-1] * before[-1].conj())[cube] for s in (one, other)]
    clear = np.abs(one[-1][cube]) > np.abs(before[-1][cube]) / 3
    size = float(np.prod(protocol.voxel_size_mm))
    seen = [diameter_seen(s[inner], before[inner], size) for s in (one, other)]
    return {
        "of_signal": round(float(wrong / np.linalg.norm(one[inner])), 4),
        "of_effect": round(float(wrong / np.linalg.norm((one - before)[inner])), 4),
        "phase_correlation": round(float(np.corrcoef(added[0][clear], added[1][clear])[0, 1]), 4),
        "diameter_full_mm": round(seen[0], 2),
        "diameter_difference_mm": round(seen[1] - seen[0], 2),
    }


def agreement(numbers):
    head = make_head(seed=11, spacing_mm=1.5)
    place = tuple(np.add(CENTRE, (0.3, 0.2, 0.6)))
    path = HERE / "patch_mode.csv"
    kept = list(csv.DictReader(path.open())) if path.exists() else []
    for number in numbers:
        protocol, rows = PROTOCOLS[number], []
        banks = {
            cell: make_background(head, protocol, seed=1, cell_mm=cell)
            for cell in ((0.5, 0.25) if number == 0 else (0.5,))
        }
        for diameter, chi in LESIONS:
            kind = "microbleed" if chi > 0 else "calcification"
            lesion = Lesion(LesionTruth(kind, place, diameter, chi, "white matter", "right"))
            full = {}
            for cell, bank in banks.items():
                scan, _ = acquire(
                    head.with_lesions(lesion), protocol, seed=1, cell_mm=cell, noise=False
                )
                full[cell] = complex_of(scan)
                quick = by_factor(bank, protocol, place, diameter, chi)
                rows.append(
                    {"protocol": protocol.name, "diameter_mm": diameter, "chi_ppm": chi,
                     "against": f"full, cells {cell} mm",
                     **compared(full[cell], quick, bank.echoes, protocol)}
                )  # fmt: skip
            if len(full) == 2:
                fine, coarse = full[0.25], full[0.5] * banks[0.25].echoes / banks[0.5].echoes
                rows.append(
                    {"protocol": protocol.name, "diameter_mm": diameter, "chi_ppm": chi,
                     "against": "full itself, cells 0.5 -> 0.25",
                     **compared(fine, coarse, banks[0.25].echoes, protocol)}
                )  # fmt: skip
            print(rows[-1], flush=True)
        kept = [row for row in kept if row["protocol"] != protocol.name] + rows
        names = [p.name for p in PROTOCOLS]
        write(path, sorted(kept, key=lambda row: names.index(row["protocol"])))


def write(path, rows):
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)


def bank():
    common = {"tr_s": 0.03, "flip_deg": 15.0, "centre_mm": (0.0, -12.0, 24.0)}
    protocols = (
        Protocol(name="a", shape=(96, 112, 36), voxel_size_mm=(1, 1, 1), te_s=(0.006, 0.02),
                 tilt_deg=20, **common),
        Protocol(name="b", shape=(120, 140, 32), voxel_size_mm=(0.8, 0.8, 1.6), te_s=(0.01, 0.02),
                 tilt_deg=32, **common),
    )  # fmt: skip
    head = make_head(seed=11, spacing_mm=2.0)
    return [make_background(head, p, seed=i, cell_mm=0.8) for i, p in enumerate(protocols)]


def worker(backgrounds, seed, seconds, kind):
    """Draw for some seconds; return patches, wall and processor seconds."""
    import numba

    numba.set_num_threads(1)
    maker, rng = PatchMaker(backgrounds), np.random.default_rng(seed)
    maker.draw(rng, "vein")
    maker.draw(rng, kind)
    count, start, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < seconds:
        maker.draw(rng, kind)
        count += 1
    return count, time.perf_counter() - start, time.process_time() - used


def speed():
    backgrounds, rows = bank(), []
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        for kind in (None, "none", "microbleed", "calcification", "vein", "flow void"):
            done = list(pool.map(worker, [backgrounds] * 2, [1, 2], [2.0] * 2, [kind] * 2))
            count, used = sum(d[0] for d in done), sum(d[2] for d in done)
            rate = round(sum(d[0] / d[1] for d in done), 1)
            rows.append(
                {"kind": kind or "as drawn", "patches_a_second": rate,
                 "processor_ms_a_patch": round(1000 * used / count, 2),
                 "patches_a_second_of_two_processors": round(2 * count / used),
                 "load_1_min": round(os.getloadavg()[0], 1)}
            )  # fmt: skip
            print(rows[-1])
    write(HERE / "patch_mode_speed.csv", rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--agreement", type=int, nargs="*", choices=range(len(PROTOCOLS)))
    args = parser.parse_args()
    both = not args.speed and args.agreement is None
    if both or args.speed:
        speed()
    if both or args.agreement is not None:
        agreement(args.agreement or range(len(PROTOCOLS)))


if __name__ == "__main__":
    main()
