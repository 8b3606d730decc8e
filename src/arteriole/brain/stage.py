"""The step of the flow: magnitude in, brain mask out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arteriole.brain.mask import brain_mask
from arteriole.settings import Settings
from arteriole.step import Acquisition, Result


def mask_brain(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Find the brain in the magnitude of all echoes."""
    mask = brain_mask(
        given["magnitude"],
        scan.te_s,
        voxel_size_mm=scan.grid.voxel_size_mm,
        closing_mm=settings.brain.closing_mm,
    )
    return Result({"brain_mask": mask}, {"volume_ml": mask_volume_ml(mask, scan)})


def mask_volume_ml(mask: Any, scan: Acquisition) -> float:
    """Return the volume of a mask in mL."""
    return float(mask.sum() * scan.grid.voxel_volume_mm3 / 1000.0)
