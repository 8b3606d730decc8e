"""From the total field to susceptibility: background removal, dipole inversion, reference.

Starts from the true total field of a simulated head, as one would from a field map of another
program.
"""

from pathlib import Path

import numpy as np

from arteriole.field.resharp import remove_background_resharp
from arteriole.io.nifti import read_image, write_image
from arteriole.phantom.scanner.protocol import TINY
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.study import simulate_study
from arteriole.susceptibility.reference import reference_chi
from arteriole.susceptibility.streaks import streak_index
from arteriole.susceptibility.tkd import invert_tkd
from arteriole.susceptibility.tv import invert_tv
from arteriole.units import hz_to_ppm

study = Path("study")
if not study.exists():
    simulate_study(study, Design(protocols=(TINY,), seed=1))

total = read_image(next(study.glob("truth/**/*_desc-total_fieldmap.nii.gz")))
brain = read_image(next(study.glob("truth/**/*_desc-brain_mask.nii.gz"))).data > 0
truth = read_image(next(study.glob("truth/**/*_Chimap.nii.gz"))).data
grid = total.grid

local_hz, valid = remove_background_resharp(
    total.data, brain, voxel_size_mm=grid.voxel_size_mm, radius_mm=12.0, smallest_mm=2.0
)
local_ppm = hz_to_ppm(local_hz, 3.0)
geometry = {"voxel_size_mm": grid.voxel_size_mm, "b0_direction": grid.b0_direction}

for name, invert in (("TV", invert_tv), ("TKD", invert_tkd)):
    chi, reference = reference_chi(invert(local_ppm, valid, **geometry), valid)
    agreement = np.corrcoef(chi[valid], truth[valid])[0, 1]
    streaks = streak_index(chi, valid, **geometry)
    print(f"{name}: correlation with the truth {agreement:.2f}, streak index {streaks:.2f}")
    write_image(f"chi_{name.lower()}.nii.gz", chi, grid)

print(f"reference: mean of the {reference.region} is zero (4 mm voxels, simulated)")

assert abs(chi[valid].mean()) < 1e-4
