"""From wrapped phase to the total field in Hz: offset, unwrapping, quality, weighted fit."""

from pathlib import Path

import numpy as np

from arteriole.brain.mask import brain_mask
from arteriole.io.bids import find_gradient_echo, find_sessions
from arteriole.io.gradient_echo import read_gradient_echo
from arteriole.io.nifti import read_image
from arteriole.phantom.scanner.protocol import TINY
from arteriole.phase.field_fit import fit_field
from arteriole.phase.offset import remove_offset_mcpc3ds
from arteriole.phase.quality_mask import phase_quality_mask
from arteriole.phase.romeo import unwrap_romeo
from arteriole.phase.romeo_quality import romeo_quality
from arteriole.phase.wraps import wraps_left
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.study import simulate_study

study = Path("study")
if not study.exists():
    simulate_study(study, Design(protocols=(TINY,), seed=1))

scan = read_gradient_echo(find_gradient_echo(find_sessions(study)[0])).scan
voxel_size_mm = scan.grid.voxel_size_mm
mask = brain_mask(scan.magnitude, scan.te_s, voxel_size_mm=voxel_size_mm)

phase = remove_offset_mcpc3ds(
    scan.phase, scan.magnitude, scan.te_s, mask=mask, voxel_size_mm=voxel_size_mm
)
unwrapped = unwrap_romeo(phase, magnitude=scan.magnitude, te_s=scan.te_s, mask=mask)
fit = fit_field(unwrapped, scan.magnitude, scan.te_s, mask=mask)

quality = romeo_quality(phase, magnitude=scan.magnitude, te_s=scan.te_s, mask=mask)
reliable = phase_quality_mask(
    quality, mask=mask, voxel_size_mm=voxel_size_mm, reliable=fit.reliable
)

truth = read_image(next(study.glob("truth/**/*_desc-total_fieldmap.nii.gz"))).data
error_hz = np.abs(fit.field_hz - truth)[reliable]

print(f"pairs of neighbours a wrap apart: {wraps_left(unwrapped, mask=reliable):.4%}")
print(f"reliable: {reliable.sum() / mask.sum():.0%} of the mask")
print(f"noise of the field, median: {np.median(fit.noise_hz[reliable]):.2f} Hz")
print(f"error of the field, median (simulated, 4 mm voxels): {np.median(error_hz):.2f} Hz")

assert np.median(error_hz) < 2.0
