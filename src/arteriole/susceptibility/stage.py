"""The step of the flow: local field in, referenced susceptibility out."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from arteriole.settings import Settings, SusceptibilitySettings
from arteriole.step import Acquisition, NotApplicableError, Result
from arteriole.susceptibility.data_weights import weighted_data
from arteriole.susceptibility.fluid import refer
from arteriole.susceptibility.l2 import invert_l2
from arteriole.susceptibility.medi import invert_medi
from arteriole.susceptibility.rts import invert_rts
from arteriole.susceptibility.smv_tv import invert_smv_tv
from arteriole.susceptibility.splitting import mean_size_mm, weight_with_noise
from arteriole.susceptibility.streaks import streak_index
from arteriole.susceptibility.tkd import invert_tkd
from arteriole.susceptibility.tv import invert_tv
from arteriole.susceptibility.weak_harmonic import invert_weak_harmonic
from arteriole.susceptibility.weight_choice import Slices, WeightChoice, choose_weight, middle_block
from arteriole.units import hz_to_ppm

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


class _Geometry(TypedDict):
    """What every inversion is told of the grid."""

    voxel_size_mm: tuple[float, float, float]
    b0_direction: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class _Data:
    """What the inversions start from: field and noise in ppm, the mask; for medi the magnitude."""

    field: Float32
    mask: Mask
    noise: Float32 | None
    magnitude: Float32 | None
    geometry: _Geometry

    def within(self, box: Slices) -> _Data:
        """Return what lies in a box."""

        def cut(volume: Float32 | None) -> Float32 | None:
            return None if volume is None else np.ascontiguousarray(volume[box])

        return dataclasses.replace(
            self,
            field=np.ascontiguousarray(self.field[box]),
            mask=np.ascontiguousarray(self.mask[box]),
            noise=cut(self.noise),
            magnitude=cut(self.magnitude),
        )


def invert_field(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Invert the local field to susceptibility and refer it to the brain or its fluid."""
    chosen = settings.susceptibility
    data = _data(given, scan, chosen)
    chi, weight, choice = _inverted(data, chosen)
    chi, reference, doubts = refer(chi, given, scan, region=chosen.reference)
    facts = {
        "reference": dataclasses.asdict(reference),
        "sd_ppm": float(chi[data.mask].std()),
        "streak_index": float(streak_index(chi, data.mask, **data.geometry)),
    }
    if weight is not None:
        facts["weight"] = weight
    if choice is not None:
        facts["weights_tried"] = [list(pair) for pair in choice.tried]
    return Result({"chi_ppm": chi}, facts, (*doubts, *_warnings(settings, choice)))


def _data(given: Mapping[str, Any], scan: Acquisition, chosen: SusceptibilitySettings) -> _Data:
    """Return the data in ppm."""
    noise, magnitude = given.get("field_noise_hz"), None
    if chosen.method == "medi":
        if given.get("magnitude") is None:
            raise NotApplicableError("medi needs the magnitude; choose another method without it")
        magnitude = np.sqrt(np.mean(given["magnitude"] ** 2, axis=0, dtype=np.float32))
    return _Data(
        field=hz_to_ppm(given["local_field_hz"], scan.b0_tesla),
        mask=given["qsm_mask"],
        noise=None if noise is None else hz_to_ppm(noise, scan.b0_tesla),
        magnitude=magnitude,
        geometry=_Geometry(voxel_size_mm=scan.grid.voxel_size_mm, b0_direction=scan.b0_direction),
    )


def _inverted(
    data: _Data, chosen: SusceptibilitySettings
) -> tuple[Float32, float | None, WeightChoice | None]:
    """Invert by the chosen method; return with chi the weight of its variation, and its trials."""
    field, mask, geometry = data.field, data.mask, data.geometry
    if chosen.method == "l2":
        return invert_l2(field, mask, weight=chosen.l2_weight, **geometry), None, None
    if chosen.method == "tkd":
        return invert_tkd(field, mask, threshold=chosen.tkd_threshold, **geometry), None, None
    if chosen.method == "rts":
        weight = chosen.rts_weight
        chi = invert_rts(field, mask, noise_ppm=data.noise, weight=weight, **geometry)
        return chi, weight, None
    invert, weight = _variation(chosen)
    weight = _with_noise(weight, invert.args[0], data)
    choice = None
    if chosen.automatic_weight:
        part = data.within(middle_block(mask, voxel_size_mm=geometry["voxel_size_mm"]))
        choice = choose_weight(
            lambda w: invert(part, w), part.mask, start=weight, floor=weight, **geometry
        )
        weight = choice.weight
    return invert(data, weight), weight, choice


def _with_noise(weight: float, method: Callable[..., Float32], data: _Data) -> float:
    """Return the weight (ppm mm) with the share for noise that is the method's default."""
    factor = inspect.signature(method).parameters["noise_factor"].default
    _, noise = weighted_data(data.field, data.mask, data.noise)
    return weight_with_noise(weight, factor, noise, mean_size_mm(data.geometry["voxel_size_mm"]))


def _variation(chosen: SusceptibilitySettings) -> tuple[partial[Float32], float]:
    """Return a method of least variation, of data and weight, and the weight in the settings."""
    if chosen.method == "weak-harmonic":
        return _by(invert_weak_harmonic), chosen.weak_harmonic_weight
    if chosen.method == "medi":
        return _by(invert_medi), chosen.medi_weight
    if chosen.method == "smv-tv":
        return _by(invert_smv_tv), chosen.smv_tv_weight
    return _by(invert_tv, iterations=chosen.tv_steps), chosen.tv_weight


def _by(method: Callable[..., Float32], **more: Any) -> partial[Float32]:
    """Return the method as a function of data and weight."""
    return partial(_solved, method, more)


def _solved(
    method: Callable[..., Float32], more: Mapping[str, Any], data: _Data, weight: float
) -> Float32:
    images = [data.field, data.mask, *([] if data.magnitude is None else [data.magnitude])]
    return method(
        *images, noise_ppm=data.noise, weight=weight, noise_factor=0.0, **more, **data.geometry
    )


def _warnings(settings: Settings, choice: WeightChoice | None) -> tuple[str, ...]:
    """Return what the user should know of field and weight."""
    found = []
    rim = settings.field.resharp_keep_rim and settings.field.method == "resharp"
    if rim and settings.susceptibility.method != "smv-tv":
        found.append(
            "only smv-tv makes up for the rim that RESHARP keeps; set field.resharp_keep_rim=false"
        )
    if choice is not None and not choice.bracketed:
        found.append(
            f"streaks of chi have no least over the weights tried ({choice.tried[0][0]:.1e} to "
            f"{choice.tried[-1][0]:.1e} ppm mm): look at chi, or set the weight"
        )
    return tuple(found)
