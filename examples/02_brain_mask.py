"""Find the brain from magnitude, and compare it with the truth of the simulated head."""

from pathlib import Path

import numpy as np

from arteriole.brain.mask import brain_mask
from arteriole.io.bids import find_gradient_echo, find_sessions
from arteriole.io.gradient_echo import read_gradient_echo
from arteriole.io.nifti import read_image, write_image
from arteriole.phantom.scanner.protocol import TINY
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.study import simulate_study

study = Path("study")
if not study.exists():
    simulate_study(study, Design(protocols=(TINY,), seed=1))

scan = read_gradient_echo(find_gradient_echo(find_sessions(study)[0])).scan
mask = brain_mask(scan.magnitude, scan.te_s, voxel_size_mm=scan.grid.voxel_size_mm)
write_image("brain_mask.nii.gz", mask, scan.grid)

truth = next(study.glob("truth/**/*_desc-brain_mask.nii.gz"))
brain = read_image(truth).data > 0
dice = 2 * np.sum(mask & brain) / (mask.sum() + brain.sum())

print(f"volume: {mask.sum() * scan.grid.voxel_volume_mm3 / 1000:.0f} mL")
print(f"overlap with the truth (Dice, simulated, 4 mm voxels): {dice:.2f}")

assert dice > 0.8
