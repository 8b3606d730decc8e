"""The step of the flow that splits chi into paramagnetic and diamagnetic sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from arteriole.settings import Settings
from arteriole.step import Acquisition, NotApplicableError, Result
from arteriole.susceptibility.separation import estimate_r2prime, separate_chi


def separate_sources(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Estimate sources of both signs from chi, R2*, and R2 where it was measured."""
    chosen = settings.separation
    r2star, measured = given["r2star_hz"], given.get("r2_hz")
    mask = given["qsm_mask"] & (r2star > 0)
    if measured is not None:
        mask &= measured > 0
    if not mask.any():
        raise NotApplicableError("no voxel has chi, R2* and R2")
    r2 = chosen.r2_hz if measured is None else measured
    r2prime = estimate_r2prime(r2star, r2, b0_tesla=scan.b0_tesla)
    para, dia = separate_chi(
        given["chi_ppm"],
        r2prime,
        mask,
        b0_tesla=scan.b0_tesla,
        relaxation_hz_per_ppm=chosen.relaxation_hz_per_ppm,
    )
    facts = {
        "r2": "one number for all tissue" if measured is None else "measured by spin echoes",
        "para_mean_ppm": float(para[mask].mean(dtype=np.float64)),
        "dia_mean_ppm": float(dia[mask].mean(dtype=np.float64)),
        "one_sign": float((np.minimum(para, -dia)[mask] == 0).mean()),
        "voxels": int(mask.sum()),
    }
    return Result({"chi_para_ppm": para, "chi_dia_ppm": dia}, facts)
