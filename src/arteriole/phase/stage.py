"""The step of the flow: wrapped phase in, total field with its noise and quality out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import PhaseError
from arteriole.phase.field_error import field_error
from arteriole.phase.field_fit import FieldFit, fit_field
from arteriole.phase.field_fit_complex import fit_field_complex
from arteriole.phase.filtered import detect_filtered_phase
from arteriole.phase.laplacian import unwrap_laplacian
from arteriole.phase.noise_echo import NOISE_SHARE, steep_pairs
from arteriole.phase.offset import remove_offset_mcpc3ds
from arteriole.phase.polarity import find_polarity_phase, remove_polarity_phase
from arteriole.phase.quality_mask import phase_quality_mask
from arteriole.phase.romeo import unwrap_romeo
from arteriole.phase.romeo_choice import EchoVerdict, unwrap_romeo_by_echo
from arteriole.phase.romeo_quality import romeo_quality
from arteriole.phase.spacing import check_echo_spacing
from arteriole.phase.wraps import wraps_left
from arteriole.settings import Settings
from arteriole.step import Acquisition, Result

_FLAGGED = {
    "wrapped": "still wrapped in places, whichever way it is unwrapped",
    "noise": "like noise, whichever way it is unwrapped",
}


def map_total_field(given: Mapping[str, Any], scan: Acquisition, settings: Settings) -> Result:
    """Unwrap the phase and fit the total field, its noise, and where it can be relied upon.

    Raises
    ------
    PhaseError
        When there is no signal in the mask, the phase of all echoes is noise, was high-pass
        filtered by the vendor and the settings do not allow it, or two echoes are too close.
    """
    brain = given["brain_mask"]
    _refuse_no_signal(given["magnitude"], brain)
    good, facts, warnings = _with_signal(given["phase"], scan.te_s, brain)
    filtered = _refuse_filtered(given, scan, settings)
    raw = _Echoes(given["phase"], given["magnitude"], scan.te_s)
    echoes, words = _clean(raw, good, brain, scan, settings, facts)
    warnings += words
    unwrapped, verdicts = _unwrap(echoes, brain, scan, settings)
    fit = _fit(unwrapped, echoes, brain, settings)
    quality = romeo_quality(echoes.phase, magnitude=echoes.magnitude, te_s=echoes.te_s, mask=brain)
    reliable = brain
    if settings.phase.quality_mask:
        reliable = phase_quality_mask(
            quality,
            mask=brain,
            reliable=fit.reliable,
            voxel_size_mm=scan.grid.voxel_size_mm,
        )
    facts |= {
        "filtered_score": filtered,
        "snr": _median(echoes.magnitude[0], brain) / fit.sigma if fit.sigma > 0 else None,
        "wraps_left": float(wraps_left(unwrapped, mask=reliable)),
        "fit_residual_rad": _median(fit.residual, reliable) if len(echoes.te_s) > 1 else None,
        "reliable": float(reliable.sum() / brain.sum()),
        "noise_hz": _median(fit.noise_hz, reliable),
    }
    warnings += _describe(verdicts, echoes.te_s, facts)
    values = {
        "total_field_hz": fit.field_hz,
        "field_noise_hz": fit.noise_hz,
        "field_error_hz": field_error(fit.field_hz, fit.noise_hz, mask=brain),
        "phase_quality": quality,
        "phase_mask": reliable,
    }
    return Result(values, facts, tuple(warnings))


@dataclass(frozen=True, eq=False)
class _Echoes:
    """The echoes that the field is made from."""

    phase: NDArray[np.float32]
    magnitude: NDArray[np.float32]
    te_s: tuple[float, ...]


def _with_signal(
    phase: NDArray[np.float32], te_s: tuple[float, ...], brain: NDArray[np.bool_]
) -> tuple[list[int], dict[str, Any], list[str]]:
    """Return the echoes whose phase is not noise, facts and warnings; refuse if there is none."""
    steep = steep_pairs(phase, mask=brain)
    good = [e for e, share in enumerate(steep) if share < NOISE_SHARE]
    if not good:
        raise PhaseError(
            f"the phase of every echo is noise: {100 * min(steep):.0f} % and more of "
            "neighbouring voxels point a quarter turn and more apart (noise: 50 %)",
            remedy="Is it phase, of this magnitude, and does the mask fit?",
        )
    warnings = [
        f"Echo {e + 1} (TE {1000 * te_s[e]:.4g} ms) was left out: its phase is noise "
        f"({100 * share:.0f} % of neighbours a quarter turn apart; pure noise has 50 %)."
        for e, share in enumerate(steep)
        if e not in good
    ]
    left_out = [e + 1 for e in range(len(steep)) if e not in good]
    return good, {"echoes_left_out": left_out, "echoes_flagged": len(left_out)}, warnings


def _clean(
    echoes: _Echoes,
    good: list[int],
    brain: NDArray[np.bool_],
    scan: Acquisition,
    settings: Settings,
    facts: dict[str, Any],
) -> tuple[_Echoes, list[str]]:
    """Take out what readouts and coils added to the phase of echoes with signal."""
    warnings = []
    phase = _undo_polarity(echoes, good, brain, settings, facts)
    if facts["polarity_rad"] is not None:
        warnings.append(
            "The echoes were read forwards and backwards by turns: a phase of "
            f"{facts['polarity_rad']:.2g} rad (RMS) that parts them was removed."
        )
    kept = _Echoes(phase[good], echoes.magnitude[good], tuple(echoes.te_s[e] for e in good))
    if settings.phase.remove_offset and len(good) > 1:
        _refuse_close(kept, brain)
        without = remove_offset_mcpc3ds(
            kept.phase,
            kept.magnitude,
            kept.te_s,
            mask=brain,
            voxel_size_mm=scan.grid.voxel_size_mm,
        )
        kept = _Echoes(without, kept.magnitude, kept.te_s)
    return kept, warnings


def _undo_polarity(
    echoes: _Echoes,
    good: list[int],
    brain: NDArray[np.bool_],
    settings: Settings,
    facts: dict[str, Any],
) -> NDArray[np.float32]:
    """Take out what parts echoes of the two readout directions, if they were read by turns."""
    facts["polarity_rad"] = None
    first = next((e for e in good if {e + 1, e + 2} <= set(good)), None)
    if settings.phase.polarity == "no" or first is None:
        return echoes.phase
    three = slice(first, first + 3)
    found = find_polarity_phase(
        echoes.phase[three], echoes.magnitude[three], echoes.te_s[three], mask=brain
    )
    if not (found.alternates or settings.phase.polarity == "yes"):
        return echoes.phase
    facts["polarity_rad"] = found.size_rad
    return remove_polarity_phase(
        echoes.phase, found.half_rad if first % 2 == 0 else -found.half_rad
    )


def _refuse_no_signal(magnitude: NDArray[np.float32], brain: NDArray[np.bool_]) -> None:
    if not any((np.nan_to_num(echo[brain]) > 0).any() for echo in magnitude):
        raise PhaseError(
            "all weights are zero: no voxel of the brain mask has a magnitude above 0",
            remedy="Does the mask lie on the head?",
        )


def _refuse_close(echoes: _Echoes, brain: NDArray[np.bool_]) -> None:
    found = check_echo_spacing(echoes.phase, echoes.magnitude, echoes.te_s, mask=brain)
    if not found.allowed:
        first, second = (1000 * te for te in echoes.te_s[:2])
        raise PhaseError(
            f"the first two echoes, at {first:.4g} and {second:.4g} ms, are too close for their "
            f"noise: carried {found.factor:.3g} times their distance back to time 0, the "
            f"{found.difference_rad:.2g} rad of their phase difference become "
            f"{found.offset_rad:.2g} rad (at most 2)",
            remedy="Leave one of the two out; or set phase.remove_offset=false.",
        )


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
    echoes: _Echoes, mask: NDArray[np.bool_], scan: Acquisition, settings: Settings
) -> tuple[NDArray[np.float32], tuple[EchoVerdict, ...]]:
    """Unwrap as the settings say; only the automatic way gives verdicts."""
    how, weights = settings.phase.unwrapping, settings.phase.weights
    if how == "laplacian":
        voxel = scan.grid.voxel_size_mm
        return unwrap_laplacian(echoes.phase, voxel_size_mm=voxel, mask=mask), ()
    if how == "romeo":
        return unwrap_romeo_by_echo(
            echoes.phase,
            magnitude=echoes.magnitude,
            te_s=echoes.te_s,
            mask=mask,
            weights=weights,
        )
    unwrapped = unwrap_romeo(
        echoes.phase,
        magnitude=echoes.magnitude,
        te_s=echoes.te_s,
        mask=mask,
        individual=how == "romeo-individual",
        weights=weights,
    )
    return unwrapped, ()


def _fit(
    unwrapped: NDArray[np.float32],
    echoes: _Echoes,
    mask: NDArray[np.bool_],
    settings: Settings,
) -> FieldFit:
    """Fit the total field as the settings say."""
    # What is left of the coils' phase would go into the field where no offset was removed.
    free = len(echoes.te_s) > 1 and not settings.phase.remove_offset
    data = unwrapped, echoes.magnitude, echoes.te_s
    if settings.phase.fit == "complex":
        return fit_field_complex(*data, mask=mask, intercept=free)
    return fit_field(*data, mask=mask, intercept=free)


def _describe(
    verdicts: tuple[EchoVerdict, ...], te_s: tuple[float, ...], facts: dict[str, Any]
) -> list[str]:
    """Note how each echo was unwrapped among the facts; return warnings of what went badly."""
    if not verdicts:
        return []
    facts["echoes"] = [
        {"te_s": te, "unwrapped": v.way, "wraps_left": v.wraps_left, "verdict": v.flag}
        for te, v in zip(te_s, verdicts, strict=True)
    ]
    facts["echoes_flagged"] += sum(v.flag != "good" for v in verdicts)
    return [
        f"The echo at {1000 * te:.4g} ms is {_FLAGGED[v.flag]} ({100 * v.wraps_left:.2g} % of "
        "neighbours are more than half a turn apart)."
        for te, v in zip(te_s, verdicts, strict=True)
        if v.flag != "good"
    ]


def _median(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    return float(np.median(values[mask])) if mask.any() else float("nan")
