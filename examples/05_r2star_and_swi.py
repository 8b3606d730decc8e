"""R2*, SWI and its minimum-intensity projection from the echoes."""

from pathlib import Path

import numpy as np

from arteriole.brain.mask import brain_mask
from arteriole.contrast.minip import minimum_intensity_projection
from arteriole.contrast.r2star_arlo import fit_r2star_arlo
from arteriole.contrast.swi_classic import swi_classic
from arteriole.contrast.swi_clear import swi_clear
from arteriole.io.bids import find_gradient_echo, find_sessions
from arteriole.io.gradient_echo import read_gradient_echo
from arteriole.io.nifti import write_image
from arteriole.phantom.scanner.protocol import TINY
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.study import simulate_study

study = Path("study")
if not study.exists():
    simulate_study(study, Design(protocols=(TINY,), seed=1))

scan = read_gradient_echo(find_gradient_echo(find_sessions(study)[0])).scan
voxel_size_mm = scan.grid.voxel_size_mm
mask = brain_mask(scan.magnitude, scan.te_s, voxel_size_mm=voxel_size_mm)

decay = fit_r2star_arlo(scan.magnitude, scan.te_s, mask=mask)
print(f"R2*, median of the brain: {np.median(decay.r2star_hz[mask]):.1f} 1/s")

images = {"mask": mask, "voxel_size_mm": voxel_size_mm}
clear = swi_clear(scan.magnitude, scan.phase, scan.te_s, **images)
classic = swi_classic(scan.magnitude, scan.phase, scan.te_s, **images)
projection = minimum_intensity_projection(
    clear, thickness_mm=12.0, spacing_mm=voxel_size_mm[2], axis=2
)
for name, image in (("swi_clear", clear), ("swi_classic", classic), ("minip", projection)):
    write_image(f"{name}.nii.gz", image, scan.grid)
    print(f"{name}: {image.shape}, median of the brain {np.median(image[mask]):.3g}")

assert (projection[mask] <= clear[mask]).all()
