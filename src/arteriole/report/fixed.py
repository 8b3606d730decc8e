"""Parameters that no setting changes: the defaults of the functions that the flow calls."""

from __future__ import annotations

import inspect
from importlib import import_module

from arteriole.report.methods import swi_method
from arteriole.report.story import Story

PASSED: dict[str, frozenset[str]] = {
    "phase.offset:remove_offset_mcpc3ds": frozenset(),
    "phase.polarity:find_polarity_phase": frozenset(),
    "phase.romeo:unwrap_romeo": frozenset({"magnitude", "te_s", "mask", "individual", "weights"}),
    "phase.romeo_choice:unwrap_romeo_by_echo": frozenset({"weights"}),
    "phase.laplacian:unwrap_laplacian": frozenset({"mask"}),
    "phase.field_fit:fit_field": frozenset({"intercept"}),
    "phase.field_fit_complex:fit_field_complex": frozenset({"intercept"}),
    "phase.quality_mask:phase_quality_mask": frozenset({"reliable"}),
    "brain.mask:brain_mask": frozenset({"closing_mm"}),
    "field.vsharp:remove_background_vsharp": frozenset({"radii_mm", "threshold"}),
    "field.resharp:remove_background_resharp": frozenset(
        {"radius_mm", "smallest_mm", "tikhonov", "keep_rim"}
    ),
    "field.pdf:remove_background_pdf": frozenset({"b0_direction", "noise"}),
    "field.lbv:remove_background_lbv": frozenset({"noise", "peel"}),
    "field.ismv:remove_background_ismv": frozenset({"radius_mm"}),
    "susceptibility.smv_tv:invert_smv_tv": frozenset(
        {"b0_direction", "weight", "noise_ppm", "noise_factor"}
    ),
    "susceptibility.tv:invert_tv": frozenset(
        {"b0_direction", "weight", "noise_ppm", "noise_factor", "iterations"}
    ),
    "susceptibility.weak_harmonic:invert_weak_harmonic": frozenset(
        {"b0_direction", "weight", "noise_ppm", "noise_factor"}
    ),
    "susceptibility.medi:invert_medi": frozenset(
        {"b0_direction", "weight", "noise_ppm", "noise_factor"}
    ),
    "susceptibility.rts:invert_rts": frozenset({"b0_direction", "weight", "noise_ppm"}),
    "susceptibility.l2:invert_l2": frozenset({"b0_direction", "weight"}),
    "susceptibility.tkd:invert_tkd": frozenset({"b0_direction", "threshold"}),
    "contrast.r2star_arlo:fit_r2star_arlo": frozenset(),
    "contrast.r2star_nonlinear:fit_r2star_nonlinear": frozenset(),
    "contrast.swi_clear:swi_clear": frozenset({"slice_axis"}),
    "contrast.swi_classic:swi_classic": frozenset({"slice_axis"}),
}
"""Arguments with a default that the flow gives itself, by function."""


def fixed_parameters(story: Story, item: str) -> list[str]:
    """Return the parameters of a consensus item that are no settings, with their values."""
    return [line for function in _functions(story, item) for line in _defaults(function)]


def _functions(story: Story, item: str) -> list[str]:
    """Return the functions that an item of the table went through."""
    several = len(story.scan.get("te_s") or ()) > 1
    if item == "Phase offset":
        used = several and story.setting("phase", "remove_offset")
        undone = story.fact("phase", "polarity_rad") is not None
        return [
            *["phase.polarity:find_polarity_phase"][: int(undone)],
            *["phase.offset:remove_offset_mcpc3ds"][: int(bool(used))],
        ]
    if item == "Masking":
        quality = story.ran("phase") and story.setting("phase", "quality_mask")
        return [
            "brain.mask:brain_mask",
            *["phase.quality_mask:phase_quality_mask"][: bool(quality)],
        ]
    if item == "Echo combination":
        fit = "_complex" if story.setting("phase", "fit") == "complex" else ""
        return [f"phase.field_fit{fit}:fit_field{fit}"] if several else []
    section, key = _CHOICES.get(item, ("", ""))
    method = swi_method(story) if section == "swi" else str(story.setting(section, key))
    return [_BY_METHOD[section, method]] if (section, method) in _BY_METHOD else []


_CHOICES = {
    "Phase unwrapping": ("phase", "unwrapping"),
    "Background field removal": ("field", "method"),
    "Dipole inversion": ("susceptibility", "method"),
    "R2* (beside QSM)": ("r2star", "method"),
    "SWI (beside QSM)": ("swi", "method"),
}

_BY_METHOD = {
    ("phase", "romeo"): "phase.romeo_choice:unwrap_romeo_by_echo",
    ("phase", "romeo-template"): "phase.romeo:unwrap_romeo",
    ("phase", "romeo-individual"): "phase.romeo:unwrap_romeo",
    ("phase", "laplacian"): "phase.laplacian:unwrap_laplacian",
    ("field", "vsharp"): "field.vsharp:remove_background_vsharp",
    ("field", "resharp"): "field.resharp:remove_background_resharp",
    ("field", "pdf"): "field.pdf:remove_background_pdf",
    ("field", "lbv"): "field.lbv:remove_background_lbv",
    ("field", "ismv"): "field.ismv:remove_background_ismv",
    ("susceptibility", "smv-tv"): "susceptibility.smv_tv:invert_smv_tv",
    ("susceptibility", "tv"): "susceptibility.tv:invert_tv",
    ("susceptibility", "weak-harmonic"): "susceptibility.weak_harmonic:invert_weak_harmonic",
    ("susceptibility", "medi"): "susceptibility.medi:invert_medi",
    ("susceptibility", "rts"): "susceptibility.rts:invert_rts",
    ("susceptibility", "l2"): "susceptibility.l2:invert_l2",
    ("susceptibility", "tkd"): "susceptibility.tkd:invert_tkd",
    ("r2star", "arlo"): "contrast.r2star_arlo:fit_r2star_arlo",
    ("r2star", "nonlinear"): "contrast.r2star_nonlinear:fit_r2star_nonlinear",
    ("swi", "clear"): "contrast.swi_clear:swi_clear",
    ("swi", "classic"): "contrast.swi_classic:swi_classic",
}


def _defaults(path: str) -> list[str]:
    module, _, name = path.partition(":")
    function = getattr(import_module(f"arteriole.{module}"), name)
    return [
        f"{name}: {key} = {parameter.default} (fixed)"
        for key, parameter in inspect.signature(function).parameters.items()
        if parameter.default not in (None, inspect.Parameter.empty) and key not in PASSED[path]
    ]
