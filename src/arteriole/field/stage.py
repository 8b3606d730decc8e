"""The step of the flow: total field in, local field and its mask out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arteriole.field.resharp import remove_background_resharp
from arteriole.field.vsharp import remove_background_vsharp
from arteriole.settings import Settings
from arteriole.step import Acquisition, Result


def remove_background(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Remove the field of sources outside the brain, where brain and phase are reliable."""
    chosen = settings.field
    brain = given["brain_mask"]
    mask = brain & given["phase_mask"] if "phase_mask" in given else brain
    voxel_size_mm = scan.grid.voxel_size_mm
    if chosen.method == "vsharp":
        local, valid = remove_background_vsharp(
            given["total_field_hz"],
            mask,
            voxel_size_mm=voxel_size_mm,
            radii_mm=(chosen.vsharp_radius_max_mm, chosen.vsharp_radius_min_mm),
            threshold=chosen.vsharp_threshold,
        )
    else:
        local, valid = remove_background_resharp(
            given["total_field_hz"],
            mask,
            voxel_size_mm=voxel_size_mm,
            radius_mm=chosen.resharp_radius_mm,
            smallest_mm=chosen.resharp_smallest_mm or None,
            tikhonov=chosen.resharp_tikhonov,
            keep_rim=chosen.resharp_keep_rim,
        )
    kept = float(valid.sum() / max(int(brain.sum()), 1))
    warnings = (
        (f"only {kept:.0%} of the brain is left after background removal",) if kept < 0.8 else ()
    )
    return Result(
        {"local_field_hz": local, "qsm_mask": valid},
        {"kept": kept, "sd_hz": float(local[valid].std())},
        warnings,
    )
