"""The step of the flow: total field in, local field and its mask out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import ImageError
from arteriole.field.edge import touch_edge
from arteriole.field.ismv import remove_background_ismv
from arteriole.field.lbv import remove_background_lbv
from arteriole.field.pdf import remove_background_pdf
from arteriole.field.resharp import remove_background_resharp
from arteriole.field.vsharp import remove_background_vsharp
from arteriole.settings import FieldSettings, Settings
from arteriole.step import Acquisition, Result

_CUT = 0.25
"""A mask that covers more than this of a side, beside the ends of a slab, is refused."""


def remove_background(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Remove the field of sources outside the brain, where brain and phase are reliable."""
    chosen = settings.field
    brain = given["brain_mask"]
    warnings = _look_at_edge(brain, scan, chosen)
    mask = brain & given["phase_mask"] if "phase_mask" in given else brain
    local, valid = _removed(given, mask, scan, chosen)
    kept = float(valid.sum() / max(int(brain.sum()), 1))
    if kept < 0.8:
        warnings.append(f"only {kept:.0%} of the brain is left after background removal")
    return Result(
        {"local_field_hz": local, "qsm_mask": valid},
        {"kept": kept, "sd_hz": float(local[valid].std())},
        tuple(warnings),
    )


def _look_at_edge(brain: NDArray[np.bool_], scan: Acquisition, chosen: FieldSettings) -> list[str]:
    """Warn of a mask that touches a side of the volume; refuse one cut off on several sides."""
    touch = touch_edge(brain)
    if touch.aside > _CUT and not chosen.allow_cut_mask:
        raise ImageError(
            f"the brain mask covers {100 * touch.aside:.0f} % of a side of the volume, and more of "
            "another one: it leaks, or the volume was cropped inside the brain, and the field of "
            "what lies beyond is not known",
            remedy="Give a mask of the brain (--mask) on the whole volume; "
            "field.allow_cut_mask=true goes on.",
        )
    size, b0 = scan.grid.voxel_size_mm, scan.b0_direction
    slices = max(range(3), key=lambda axis: (round(size[axis], 2), abs(b0[axis])))
    sides = max(share for axis, share in enumerate(touch.shares) if axis != slices)
    if sides == 0:
        return []
    what = "the brain mask reaches a side of the volume that is no end of its slices"
    return [f"{what} ({100 * sides:.3g} % of that side): does it leak, or was the head cut off?"]


def _removed(
    given: Mapping[str, Any], mask: NDArray[np.bool_], scan: Acquisition, chosen: FieldSettings
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Remove the background by the chosen method."""
    field, voxel_size_mm = given["total_field_hz"], scan.grid.voxel_size_mm
    noise = given.get("field_noise_hz")
    if chosen.method == "vsharp":
        return remove_background_vsharp(
            field,
            mask,
            voxel_size_mm=voxel_size_mm,
            radii_mm=(chosen.vsharp_radius_max_mm, chosen.vsharp_radius_min_mm),
            threshold=chosen.vsharp_threshold,
        )
    if chosen.method == "pdf":
        b0 = scan.b0_direction
        return remove_background_pdf(
            field, mask, voxel_size_mm=voxel_size_mm, b0_direction=b0, noise=noise
        )
    if chosen.method == "lbv":
        peel = 0 if noise is None else 4
        return remove_background_lbv(
            field, mask, voxel_size_mm=voxel_size_mm, noise=noise, peel=peel
        )
    if chosen.method == "ismv":
        radius_mm = chosen.ismv_radius_mm
        return remove_background_ismv(field, mask, voxel_size_mm=voxel_size_mm, radius_mm=radius_mm)
    return remove_background_resharp(
        field,
        mask,
        voxel_size_mm=voxel_size_mm,
        radius_mm=chosen.resharp_radius_mm,
        smallest_mm=chosen.resharp_smallest_mm or None,
        tikhonov=chosen.resharp_tikhonov,
        keep_rim=chosen.resharp_keep_rim,
    )
