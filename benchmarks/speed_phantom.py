"""Seconds and peak memory of the digital scanner, protocol by protocol, all lesions in the head.

    python benchmarks/speed_phantom.py [protocol ...]

Every protocol runs in a process of its own, warm (a tiny scan comes first). ``in_transforms`` is
the time in units of one float32 rfft + irfft pair on the same fine cells in the same process;
``peak_mib`` and ``estimate_mib`` compare the resident peak with `estimate_memory_mib`. Seconds
are for orientation: ``load`` tells how busy the machine was. Writes speed_phantom.csv.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.threads import threads
from arteriole.phantom.head import make_head
from arteriole.phantom.lesions.burden import Burden
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.memory import estimate_memory_mib
from arteriole.phantom.scanner.protocol import PROTOCOLS, TINY
from arteriole.phantom.scanner.refine import refine
from arteriole.run.memory import peak_mib, reset_peak

SCANS = ("multi-echo-3t", "ukb-swi", "swi-3t-high", "t2star-2d", "demo")
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


def one(name: str) -> dict[str, Any]:
    """Scan a head by one protocol."""
    start = time.perf_counter()
    head = make_head(seed=3, age_y=72.0, burden=ALL)
    head_s = time.perf_counter() - start
    acquire(head, replace(TINY, bandwidth_hz=400.0), seed=1)
    protocol = PROTOCOLS[name]
    reset_peak()
    start, spent = time.perf_counter(), time.process_time()
    acquire(head, protocol, seed=1)
    scan_s, cpu_s = time.perf_counter() - start, time.process_time() - spent
    peak = peak_mib()
    shape = refine(protocol.grid, protocol.cell_mm).grid.shape
    noise = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
    start = time.perf_counter()
    irfft(rfft(noise), shape)
    pair = time.perf_counter() - start
    return {
        "protocol": name,
        "matrix": "x".join(map(str, protocol.shape)),
        "echoes": len(protocol.te_s),
        "million_cells": round(noise.size / 1e6, 1),
        "lesions": len(head.lesions),
        "head_s": round(head_s, 1),
        "scan_s": round(scan_s, 1),
        "scan_cpu_s": round(cpu_s, 1),
        "in_transforms": round(scan_s / pair, 1),
        "peak_mib": round(peak),
        "estimate_mib": round(estimate_memory_mib(protocol)),
        "threads": threads(),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2])))
        return
    rows = []
    for name in sys.argv[1:] or SCANS:
        command = [sys.executable, __file__, "--one", name]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        rows.append(json.loads(told.splitlines()[-1]))
        print(*rows[-1].values())
    with open(Path(__file__).with_suffix(".csv"), "w", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
