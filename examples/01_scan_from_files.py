"""Read a gradient-echo scan from a BIDS data set: arrays, times, grid, and where the field points.

Run it anywhere: it simulates a tiny study below the current folder the first time.
"""

from pathlib import Path

import numpy as np

from arteriole.io.bids import find_gradient_echo, find_sessions
from arteriole.io.gradient_echo import read_gradient_echo
from arteriole.phantom.scanner.protocol import TINY
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.study import simulate_study

study = Path("study")
if not study.exists():
    simulate_study(study, Design(protocols=(TINY,), seed=1))

session = find_sessions(study)[0]
choice = find_gradient_echo(session)
files = read_gradient_echo(choice)
scan = files.scan

print(session.label, "-", choice.rule)
print("magnitude and phase (echo, x, y, z):", scan.magnitude.shape, scan.magnitude.dtype)
print("echo times:", ", ".join(f"{1000 * te:g} ms" for te in scan.te_s))
print("field:", scan.b0_tesla, "T, along voxel axes", np.round(scan.b0_direction, 3))
print("voxels:", scan.grid.voxel_size_mm, "mm")
print("phase:", files.facts["phase_source"])

assert scan.phase is not None
assert np.abs(scan.phase).max() <= np.float32(np.pi)
