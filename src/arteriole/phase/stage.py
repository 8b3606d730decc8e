"""The step of the flow: wrapped phase in, total field with its noise and quality out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import PhaseError
from arteriole.phase.field_fit import fit_field
from arteriole.phase.filtered import detect_filtered_phase
from arteriole.phase.laplacian import unwrap_laplacian
from arteriole.phase.offset import remove_offset_mcpc3ds
from arteriole.phase.quality_mask import phase_quality_mask
from arteriole.phase.romeo import unwrap_romeo
from arteriole.phase.romeo_quality import romeo_quality
from arteriole.phase.wraps import wraps_left
from arteriole.settings import Settings
from arteriole.step import Acquisition, Result


def map_total_field(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Unwrap the phase and fit the total field, its noise, and where it can be relied upon.

    Raises
    ------
    PhaseError
        When the phase was high-pass filtered by the vendor and the settings do not allow it.
    """
    magnitude, phase, brain = given["magnitude"], given["phase"], given["brain_mask"]
    filtered = _refuse_filtered(given, scan, settings)
    if settings.phase.remove_offset and len(scan.te_s) > 1:
        phase = remove_offset_mcpc3ds(
            phase, magnitude, scan.te_s, mask=brain, voxel_size_mm=scan.grid.voxel_size_mm
        )
    unwrapped = _unwrap(phase, magnitude, brain, scan, settings)
    # What is left of the coils' phase would go into the field where no offset was removed.
    intercept = len(scan.te_s) > 1 and not settings.phase.remove_offset
    fit = fit_field(unwrapped, magnitude, scan.te_s, mask=brain, intercept=intercept)
    quality = romeo_quality(phase, magnitude=magnitude, te_s=scan.te_s, mask=brain)
    reliable = brain
    if settings.phase.quality_mask:
        reliable = phase_quality_mask(
            quality,
            mask=brain,
            reliable=fit.reliable,
            voxel_size_mm=scan.grid.voxel_size_mm,
        )
    facts = {
        "filtered_score": filtered,
        "snr": _median(magnitude[0], brain) / fit.sigma if fit.sigma > 0 else None,
        "wraps_left": float(wraps_left(unwrapped, mask=reliable)),
        "fit_residual_rad": _median(fit.residual, reliable) if len(scan.te_s) > 1 else None,
        "reliable": float(reliable.sum() / brain.sum()),
        "noise_hz": _median(fit.noise_hz, reliable),
    }
    values = {
        "total_field_hz": fit.field_hz,
        "field_noise_hz": fit.noise_hz,
        "phase_quality": quality,
        "phase_mask": reliable,
    }
    return Result(values, facts)


def _refuse_filtered(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> float:
    found = detect_filtered_phase(
        given["phase"],
        given["magnitude"],
        te_s=scan.te_s,
        b0_tesla=scan.b0_tesla,
        voxel_size_mm=scan.grid.voxel_size_mm,
        mask=given["brain_mask"],
    )
    if found.filtered and not settings.scan.allow_filtered_phase:
        raise PhaseError(
            "the phase was high-pass filtered, as for SWI, and no longer holds the field",
            remedy="Export the unfiltered phase; or set scan.allow_filtered_phase=true to go on.",
        )
    return float(found.score)


def _unwrap(
    phase: NDArray[np.float32],
    magnitude: NDArray[np.float32],
    mask: NDArray[np.bool_],
    scan: Acquisition,
    settings: Settings,
) -> NDArray[np.float32]:
    if settings.phase.unwrapping == "laplacian":
        return unwrap_laplacian(phase, voxel_size_mm=scan.grid.voxel_size_mm, mask=mask)
    return unwrap_romeo(
        phase,
        magnitude=magnitude,
        te_s=scan.te_s,
        mask=mask,
        individual=settings.phase.unwrapping == "romeo-individual",
    )


def _median(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    return float(np.median(values[mask])) if mask.any() else float("nan")
