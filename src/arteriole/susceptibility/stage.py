"""The step of the flow: local field in, referenced susceptibility out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from arteriole.settings import Settings, SusceptibilitySettings
from arteriole.step import Acquisition, NotApplicableError, Result
from arteriole.susceptibility.fluid import refer
from arteriole.susceptibility.l2 import invert_l2
from arteriole.susceptibility.medi import invert_medi
from arteriole.susceptibility.rts import invert_rts
from arteriole.susceptibility.smv_tv import invert_smv_tv
from arteriole.susceptibility.streaks import streak_index
from arteriole.susceptibility.tkd import invert_tkd
from arteriole.susceptibility.tv import invert_tv
from arteriole.susceptibility.weak_harmonic import invert_weak_harmonic
from arteriole.units import hz_to_ppm


class _Geometry(TypedDict):
    """What every inversion is told of the grid."""

    voxel_size_mm: tuple[float, float, float]
    b0_direction: tuple[float, float, float]


def invert_field(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Invert the local field to susceptibility and refer it to the brain or its fluid."""
    chosen = settings.susceptibility
    mask = given["qsm_mask"]
    field_ppm = hz_to_ppm(given["local_field_hz"], scan.b0_tesla)
    geometry = _Geometry(voxel_size_mm=scan.grid.voxel_size_mm, b0_direction=scan.b0_direction)
    noise = given.get("field_noise_hz")
    noise_ppm = None if noise is None else hz_to_ppm(noise, scan.b0_tesla)
    chi = _inverted(field_ppm, mask, noise_ppm, given.get("magnitude"), chosen, geometry)
    chi, reference, doubts = refer(chi, given, scan, region=chosen.reference)
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
    return Result({"chi_ppm": chi}, facts, (*doubts, *warnings))


def _inverted(
    field_ppm: NDArray[np.float32],
    mask: NDArray[np.bool_],
    noise_ppm: NDArray[np.float32] | None,
    magnitude: NDArray[np.float32] | None,
    chosen: SusceptibilitySettings,
    geometry: _Geometry,
) -> NDArray[np.float32]:
    """Invert the local field by the chosen method."""
    if chosen.method == "l2":
        return invert_l2(field_ppm, mask, weight=chosen.l2_weight, **geometry)
    if chosen.method == "tkd":
        return invert_tkd(field_ppm, mask, threshold=chosen.tkd_threshold, **geometry)
    if chosen.method == "tv":
        weight, steps = chosen.tv_weight, chosen.tv_steps
        return invert_tv(
            field_ppm, mask, noise_ppm=noise_ppm, weight=weight, iterations=steps, **geometry
        )
    if chosen.method == "rts":
        weight = chosen.rts_weight
        return invert_rts(field_ppm, mask, noise_ppm=noise_ppm, weight=weight, **geometry)
    if chosen.method == "weak-harmonic":
        weight = chosen.weak_harmonic_weight
        return invert_weak_harmonic(field_ppm, mask, noise_ppm=noise_ppm, weight=weight, **geometry)
    if chosen.method == "medi":
        if magnitude is None:
            raise NotApplicableError("medi needs the magnitude; choose another method without it")
        weight = chosen.medi_weight
        mean = np.sqrt(np.mean(magnitude**2, axis=0, dtype=np.float32))
        return invert_medi(field_ppm, mask, mean, noise_ppm=noise_ppm, weight=weight, **geometry)
    weight = chosen.smv_tv_weight
    return invert_smv_tv(field_ppm, mask, noise_ppm=noise_ppm, weight=weight, **geometry)
