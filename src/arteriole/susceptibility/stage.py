"""The step of the flow: local field in, referenced susceptibility out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypedDict

from arteriole.settings import Settings
from arteriole.step import Acquisition, Result
from arteriole.susceptibility.l2 import invert_l2
from arteriole.susceptibility.reference import reference_chi
from arteriole.susceptibility.smv_tv import invert_smv_tv
from arteriole.susceptibility.streaks import streak_index
from arteriole.susceptibility.tkd import invert_tkd
from arteriole.susceptibility.tv import invert_tv
from arteriole.units import hz_to_ppm


class _Geometry(TypedDict):
    """What every inversion is told of the grid."""

    voxel_size_mm: tuple[float, float, float]
    b0_direction: tuple[float, float, float]


def invert_field(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Invert the local field to susceptibility and refer it to the brain's mean."""
    chosen = settings.susceptibility
    mask = given["qsm_mask"]
    field_ppm = hz_to_ppm(given["local_field_hz"], scan.b0_tesla)
    geometry = _Geometry(voxel_size_mm=scan.grid.voxel_size_mm, b0_direction=scan.b0_direction)
    noise = given.get("field_noise_hz")
    noise_ppm = None if noise is None else hz_to_ppm(noise, scan.b0_tesla)
    if chosen.method == "smv-tv":
        chi = invert_smv_tv(
            field_ppm, mask, noise_ppm=noise_ppm, weight=chosen.smv_tv_weight, **geometry
        )
    elif chosen.method == "tv":
        chi = invert_tv(field_ppm, mask, noise_ppm=noise_ppm, weight=chosen.tv_weight, **geometry)
    elif chosen.method == "l2":
        chi = invert_l2(field_ppm, mask, weight=chosen.l2_weight, **geometry)
    else:
        chi = invert_tkd(field_ppm, mask, threshold=chosen.tkd_threshold, **geometry)
    chi, reference = reference_chi(chi, mask, region=chosen.reference)
    facts = {
        "reference": dataclasses.asdict(reference),
        "sd_ppm": float(chi[mask].std()),
        "streak_index": float(streak_index(chi, mask, **geometry)),
    }
    rim = settings.field.resharp_keep_rim and settings.field.method == "resharp"
    warnings = (
        ("only smv-tv makes up for the rim that RESHARP keeps; set field.resharp_keep_rim=false",)
        if rim and chosen.method != "smv-tv"
        else ()
    )
    return Result({"chi_ppm": chi}, facts, warnings)
