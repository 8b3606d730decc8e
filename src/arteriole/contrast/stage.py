"""The steps of the flow: R2*/T2*, and SWI with its projection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from arteriole.contrast.minip import minimum_intensity_projection, projection_axis
from arteriole.contrast.r2star_arlo import fit_r2star_arlo
from arteriole.contrast.r2star_nonlinear import fit_r2star_nonlinear
from arteriole.contrast.swi_classic import swi_classic
from arteriole.contrast.swi_clear import swi_clear
from arteriole.settings import Settings
from arteriole.step import Acquisition, NotApplicableError, Result


def map_r2star(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Fit the decay of the magnitude over the echoes."""
    if len(scan.te_s) < 2:
        raise NotApplicableError("R2* needs two or more echoes; this scan has one")
    fit = fit_r2star_arlo if settings.r2star.method == "arlo" else fit_r2star_nonlinear
    decay = fit(given["magnitude"], scan.te_s, mask=given["brain_mask"])
    inside = given["brain_mask"] & (decay.r2star_hz > 0)
    median = float(np.median(decay.r2star_hz[inside])) if inside.any() else None
    values = {"r2star_hz": decay.r2star_hz, "t2star_s": decay.t2star_s}
    return Result(values, {"median_hz": median})


def weight_susceptibility(
    given: Mapping[str, Any], scan: Acquisition, settings: Settings
) -> Result:
    """Weight magnitude by phase, and project the darkest voxel through a slab."""
    chosen = settings.swi
    method = chosen.method
    if method == "auto":
        method = "clear" if len(scan.te_s) > 1 else "classic"
    weigh = swi_clear if method == "clear" else swi_classic
    slices = slice_axis(scan)
    swi = weigh(
        given["magnitude"],
        given["phase"],
        scan.te_s,
        mask=given["brain_mask"],
        voxel_size_mm=scan.grid.voxel_size_mm,
        slice_axis=slices,
    )
    minip = minimum_intensity_projection(
        swi,
        thickness_mm=chosen.mip_thickness_mm,
        spacing_mm=scan.grid.voxel_size_mm[slices],
        axis=slices,
        mask=given["brain_mask"],
    )
    return Result({"swi": swi, "minip": minip}, {"method": method, "minip_axis": slices})


def slice_axis(scan: Acquisition) -> int:
    """Return the axis with the thickest voxels; of equally thick ones, the nearest to the bore."""
    bore = max(range(3), key=lambda axis: abs(scan.b0_direction[axis]))
    return projection_axis(scan.grid.voxel_size_mm, head_foot=bore)
