"""Seconds and peak memory of the digital scanner, protocol by protocol, all lesions in the head.

    python benchmarks/speed_phantom.py [protocol ...]

Every protocol runs in a process of its own, warm (a tiny scan comes first). ``in_transforms`` is
the time in units of one float32 rfft + irfft pair on the same fine cells in the same process;
``peak_mib`` and ``estimate_mib`` compare the resident peak with `estimate_memory_mib`. Seconds
are for orientation: ``load`` tells how busy the machine was; ``scan_cpu_s`` over the threads is
about what an idle one takes. Names given on the command line replace their rows of the table.
Writes speed_phantom.csv.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.threads import threads
from arteriole.phantom.head import Head, make_head
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.acquire_ct import acquire_ct
from arteriole.phantom.scanner.acquire_weighted import acquire_weighted
from arteriole.phantom.scanner.ct_protocol import CT_PROTOCOLS, TINY_CT
from arteriole.phantom.scanner.estimate import estimate_ct_mib, estimate_weighted_mib
from arteriole.phantom.scanner.memory import estimate_memory_mib
from arteriole.phantom.scanner.protocol import PROTOCOLS, TINY
from arteriole.phantom.scanner.refine import refine, subdivide
from arteriole.phantom.scanner.weighted_protocol import TINY_FLAIR, WEIGHTED_PROTOCOLS
from arteriole.run.memory import peak_mib, reset_peak

SCANS = (
    "multi-echo-3t", "ukb-swi", "swi-3t-high", "t2star-2d", "demo", "t1w-1mm", "t2w-1mm",
    "flair-1mm", "flair-thick", "ct-1mm", "ct-5mm",
)  # fmt: skip
ALL = Burden(
    microbleeds=20,
    calcifications=6,
    flow_voids=3,
    cavernomas=1,
    haemorrhages=1,
    siderosis_sulci=2,
    vein_sections=10,
    hyperintensity=2.0,
    lacunes=4,
    subcortical_infarcts=1,
    cortical_infarcts=1,
    perivascular_basal=20,
    perivascular_centrum=40,
)


@dataclass(frozen=True)
class Work:
    """One scan to time, a small one of its kind, and what is known of it."""

    scan: Callable[[], Any]
    small: Callable[[], Any]
    matrix: tuple[int, int, int]
    cells: tuple[int, int, int]
    estimate_mib: float
    echoes: int = 1


def work_of(name: str, head: Head) -> Work:
    """Return what is timed of a protocol."""
    if name in PROTOCOLS:
        gre = PROTOCOLS[name]
        return Work(
            lambda: acquire(head, gre, seed=1),
            lambda: acquire(head, replace(TINY, bandwidth_hz=400.0), seed=1),
            gre.shape,
            refine(gre.grid, gre.cell_mm).grid.shape,
            estimate_memory_mib(gre),
            len(gre.te_s),
        )
    if name in WEIGHTED_PROTOCOLS:
        weighted = WEIGHTED_PROTOCOLS[name]
        return Work(
            lambda: acquire_weighted(head, weighted, seed=1),
            lambda: acquire_weighted(head, TINY_FLAIR, seed=1),
            weighted.shape,
            subdivide(weighted.grid, weighted.cell_mm)[0].shape,
            estimate_weighted_mib(weighted),
        )
    ct = CT_PROTOCOLS[name]
    return Work(
        lambda: acquire_ct(head, ct, seed=1),
        lambda: acquire_ct(head, TINY_CT, seed=1),
        ct.shape,
        subdivide(ct.grid, ct.cell_mm, least=1)[0].shape,
        estimate_ct_mib(ct),
    )


def one(name: str) -> dict[str, Any]:
    """Scan a head by one protocol."""
    start = time.perf_counter()
    head = make_head(seed=3, age_y=72.0, burden=ALL)
    head_s = time.perf_counter() - start
    work = work_of(name, head)
    work.small()
    reset_peak()
    start, spent = time.perf_counter(), time.process_time()
    work.scan()
    scan_s, cpu_s = time.perf_counter() - start, time.process_time() - spent
    peak = peak_mib()
    noise = np.random.default_rng(0).standard_normal(work.cells, dtype=np.float32)
    start = time.perf_counter()
    irfft(rfft(noise), work.cells)
    pair = time.perf_counter() - start
    return {
        "protocol": name,
        "matrix": "x".join(map(str, work.matrix)),
        "echoes": work.echoes,
        "million_cells": round(noise.size / 1e6, 1),
        "lesions": len(head.lesions),
        "head_s": round(head_s, 1),
        "scan_s": round(scan_s, 1),
        "scan_cpu_s": round(cpu_s, 1),
        "in_transforms": round(scan_s / pair, 1),
        "peak_mib": round(peak),
        "estimate_mib": round(work.estimate_mib),
        "threads": threads(),
        "load": round(os.getloadavg()[0], 1),
    }


def kept(path: Path, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows of a table that are not measured anew."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["protocol"] not in names]


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2])))
        return
    names = tuple(sys.argv[1:]) or SCANS
    path = Path(__file__).with_suffix(".csv")
    rows = kept(path, names)
    for name in names:
        command = [sys.executable, __file__, "--one", name]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        rows.append(json.loads(told.splitlines()[-1]))
        print(*rows[-1].values())
    rows.sort(key=lambda row: SCANS.index(row["protocol"]) if row["protocol"] in SCANS else 99)
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
