"""The step of the flow: chi and its field in, the uncertainty of chi and warnings out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.settings import Settings
from arteriole.step import Acquisition, Result
from arteriole.susceptibility.rim import rim_index
from arteriole.susceptibility.streaks import streak_index
from arteriole.susceptibility.uncertainty import chi_uncertainty
from arteriole.units import hz_to_ppm

STREAKY, RIMMED = 2.0, 2.0
"""Indices above these are warned of; the report calls them poor."""


def map_uncertainty(given: Mapping[str, Any], scan: Acquisition, _settings: Settings) -> Result:
    """Map the uncertainty of chi; measure its rim; warn of streaks and of a rim."""
    chi, mask = given["chi_ppm"], given["qsm_mask"]
    voxel_size_mm, b0_direction = scan.grid.voxel_size_mm, scan.b0_direction
    error = given.get("field_error_hz", given.get("field_noise_hz"))
    sigma = chi_uncertainty(
        chi,
        hz_to_ppm(given["local_field_hz"], scan.b0_tesla),
        mask,
        voxel_size_mm=voxel_size_mm,
        b0_direction=b0_direction,
        error_ppm=None if error is None else hz_to_ppm(error, scan.b0_tesla),
    )
    rim = _rim(chi, mask, voxel_size_mm)
    streaks = streak_index(chi, mask, voxel_size_mm=voxel_size_mm, b0_direction=b0_direction)
    facts = {
        "median_ppm": float(np.median(sigma[mask])),
        "p95_ppm": float(np.quantile(sigma[mask], 0.95)),
        "rim_index": rim,
    }
    return Result({"chi_uncertainty_ppm": sigma}, facts, tuple(_warnings(streaks, rim)))


def _rim(
    chi: NDArray[np.float32], mask: NDArray[np.bool_], voxel_size_mm: tuple[float, float, float]
) -> float | None:
    """Return the rim index, None where the mask is too shallow to have one."""
    try:
        return rim_index(chi, mask, voxel_size_mm=voxel_size_mm)
    except ValueError:
        return None


def _warnings(streaks: float, rim: float | None) -> list[str]:
    """Return in words what is wrong with chi."""
    found = []
    if streaks > STREAKY:
        found.append(
            f"chi has streaks (index {streaks:.2g}, above {STREAKY:g}): the weight of the "
            "inversion may be too low for the noise, or phase may be wrong in places"
        )
    if rim is not None and rim > RIMMED:
        found.append(
            f"chi spreads more at the rim of the QSM mask than below it (index {rim:.2g}, above "
            f"{RIMMED:g}): does the mask reach into the skull?"
        )
    return found
