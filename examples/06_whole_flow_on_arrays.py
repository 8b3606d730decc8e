"""The whole flow on arrays: a head and a scanner in memory, every map of the flow, no file."""

import numpy as np

from arteriole import Settings
from arteriole.flow import STEPS, run_in_memory
from arteriole.phantom.head import make_head
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.protocol import TINY
from arteriole.step import Acquisition

head = make_head(seed=1, spacing_mm=2.0)
scan, truth = acquire(head, TINY, seed=1)

# A head of 4 mm voxels shows little anatomy.
settings = Settings.from_pairs(["field.method=vsharp", "swi.method=classic", "anatomy.method=none"])
values = run_in_memory(
    {"magnitude": scan.magnitude, "phase": scan.phase},
    Acquisition(scan.grid, scan.b0_tesla, scan.b0_direction, scan.te_s),
    settings,
)
for step in STEPS:
    print(f"{step.name}: {', '.join(step.makes)}")

chi, valid = values["chi_ppm"], values["qsm_mask"]
agreement = np.corrcoef(chi[valid], truth.chi_ppm[valid])[0, 1]
print(f"correlation of chi with the truth (simulated, 4 mm voxels): {agreement:.2f}")

only = run_in_memory(
    {"local_field_hz": values["local_field_hz"], "qsm_mask": valid},
    Acquisition(scan.grid, scan.b0_tesla, scan.b0_direction),
    targets=["chi_ppm"],
)
print(f"from the local field on: {sorted(only)}")

assert "swi" in values
assert "swi" not in only
