"""A gradient-echo scan from its files: magnitude, phase in radians, times, field, direction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.errors import GeometryError, MetadataError, PhaseError
from arteriole.io.choice import Choice
from arteriole.io.echo_voxels import (
    check_coils,
    check_magnitude,
    check_phase,
    stack,
    without_gaps,
)
from arteriole.io.echoes import Echo, pair, read_echoes
from arteriole.io.held import Held
from arteriole.io.sequence import sequence_facts
from arteriole.io.sidecar import field_strength_tesla
from arteriole.scan.gradient_echo import GradientEcho
from arteriole.scan.phase_scale import PhaseHeader, find_phase_scale, to_radians
from arteriole.scan.vendor import phase_sign, undo_slice_polarity
from arteriole.settings import ScanSettings


@dataclass(frozen=True, eq=False)
class ScanFiles:
    """A scan, and what the record says of it.

    Parameters
    ----------
    scan : GradientEcho
        The arrays.
    facts : dict
        ``record["scan"]``.
    inputs : list of dict
        ``record["inputs"]``: file and role.
    ignored : list of dict
        ``record["ignored"]``: file and reason.
    notes : list of str
        What a reader should know, in words.
    """

    scan: GradientEcho
    facts: dict[str, Any]
    inputs: list[dict[str, str]]
    ignored: list[dict[str, str]]
    notes: list[str]


def read_gradient_echo(
    choice: Choice,
    *,
    settings: ScanSettings | None = None,
    te_s: Sequence[float] | None = None,
    b0_tesla: float | None = None,
    b0_direction: tuple[float, float, float] | None = None,
    held: Held | None = None,
) -> ScanFiles:
    """Read a gradient-echo scan.

    Parameters
    ----------
    choice : Choice
        Its files: magnitude with or without phase, or real and imaginary parts.
    settings : ScanSettings, optional
        Sign and period of phase, if not to be found out.
    te_s, b0_tesla : optional
        Echo times (s, in the order of the files) and field strength, instead of sidecars.
    b0_direction : tuple of 3 float, optional
        Main field in voxel axes, instead of by the affine; made a unit vector.
    held : Held, optional
        Keeps files of several volumes for the next one who reads a part of them.

    Returns
    -------
    ScanFiles
        ``scan.phase`` is None where there is none; ``facts["phase_source"]`` says why. Voxels that
        hold no number (NaN) in any echo get magnitude and phase 0, and a note says how many.

    Raises
    ------
    InputError
        What is wrong, in which file, and what to do: see its kinds.
    """
    settings = settings or ScanSettings()
    parts = read_echoes(choice, te_s=te_s)
    notes: list[str] = []
    ignored = [{"file": choice.name(i.path), "reason": i.reason} for i in choice.ignored]
    phase: NDArray[np.float32] | None
    if "real" in parts:
        chosen, magnitude, phase, source = _from_complex(parts["real"], parts.get("imag", []), held)
        ignored += _left_aside(choice, parts.get("mag", []) + parts.get("phase", []))
        used = [echo for echoes in (parts["real"], parts["imag"]) for echo in echoes]
    else:
        chosen, phases = _with_phase(choice, parts["mag"], parts.get("phase", []), ignored)
        magnitude = stack(chosen, held)
        check_magnitude(magnitude, chosen)
        phase, source = _phase(phases, settings, held)
        used = [*chosen, *phases]
    check_coils(magnitude, chosen)
    magnitude, phase = without_gaps(magnitude, phase, used, notes)
    check_phase(magnitude, phase, chosen)
    maker = next((m for e in used if (m := e.sidecar.text("Manufacturer"))), None)
    if phase is not None:
        sign, why = phase_sign(maker, settings.phase_sign)
        phase = phase if sign > 0 else np.negative(phase, out=phase)
        source = f"{source}; {why}"
    direction = _direction(chosen[0], b0_direction, notes)
    scan = GradientEcho(
        magnitude,
        phase,
        tuple(echo.te_s for echo in chosen),
        b0_tesla if b0_tesla is not None else _field(used),
        chosen[0].header.grid,
        direction,
    )
    inputs = [{"file": choice.name(e.file.path), "role": e.role} for e in used]
    return ScanFiles(scan, _facts(scan, used, maker, source), inputs, ignored, notes)


def _with_phase(
    choice: Choice, magnitudes: list[Echo], phases: list[Echo], ignored: list[dict[str, str]]
) -> tuple[list[Echo], list[Echo]]:
    """Return magnitude and phase echo by echo; echoes without their counterpart are left aside."""
    if not phases:
        return magnitudes, []
    pairs = [(m, p) for m, p in pair(magnitudes, phases) if p is not None]
    if not pairs:
        times = ", ".join(f"{echo.te_s:g}" for echo in phases)
        raise MetadataError(
            f"phase was taken at {times} s, magnitude at other echo times",
            file=phases[0].file.path,
            remedy="Correct EchoTime in the sidecars.",
        )
    paired = {id(echo) for both in pairs for echo in both}
    for echo in (*magnitudes, *phases):
        if id(echo) not in paired:
            other = "phase" if echo.file.part == "mag" else "magnitude"
            reason = f"no {other} at its echo time, {echo.te_s:g} s"
            ignored.append({"file": choice.name(echo.file.path), "reason": reason})
    return [m for m, _ in pairs], [p for _, p in pairs]


def _left_aside(choice: Choice, echoes: list[Echo]) -> list[dict[str, str]]:
    """Say that magnitude and phase are not needed beside real and imaginary parts."""
    reason = "real and imaginary parts hold the same, with no doubt about the scale of phase"
    return [{"file": choice.name(echo.file.path), "reason": reason} for echo in echoes]


def _from_complex(
    reals: list[Echo], imaginaries: list[Echo], held: Held | None
) -> tuple[list[Echo], NDArray[np.float32], NDArray[np.float32], str]:
    """Return magnitude and phase of real and imaginary parts."""
    pairs = pair(reals, imaginaries)
    lonely = next((real for real, imaginary in pairs if imaginary is None), None)
    if lonely is not None or len(imaginaries) != len(reals):
        echo = lonely or imaginaries[0]
        raise PhaseError(
            "not every real part has an imaginary part of the same echo time",
            file=echo.file.path,
            remedy="Give both parts of every echo.",
        )
    source = "real and imaginary parts"
    real, imaginary = stack(reals, held), stack(imaginaries, held)
    for echo, volume in [*zip(reals, real, strict=True), *zip(imaginaries, imaginary, strict=True)]:
        if float(np.nanmin(volume)) >= 0:
            raise PhaseError(
                f"the {echo.role} is never negative, so that its zero is not known",
                file=echo.file.path,
                remedy="Export it with its rescale intercept, or give magnitude and phase.",
            )
    for e in range(len(reals)):
        signal, alternates = undo_slice_polarity(real[e] + np.complex64(1j) * imaginary[e])
        if alternates:
            source = "real and imaginary parts, every other slice turned by pi"
        real[e], imaginary[e] = np.abs(signal), np.angle(signal)
    return reals, real, imaginary, source


def _phase(
    echoes: list[Echo], settings: ScanSettings, held: Held | None
) -> tuple[NDArray[np.float32] | None, str]:
    """Return phase in radians, and how it came to be; echoes of one scaling are judged together."""
    if not echoes:
        return None, "there is no phase among the files"
    values = stack(echoes, held)
    groups: dict[PhaseHeader, list[int]] = {}
    for e, echo in enumerate(echoes):
        groups.setdefault(_phase_header(echo), []).append(e)
    reasons = []
    for header, members in groups.items():
        try:
            volumes = [values[e] for e in members]
            scale = find_phase_scale(volumes, header, period=settings.phase_period)
        except ValueError as error:
            raise PhaseError(
                str(error),
                file=echoes[members[0]].file.path,
                remedy="Check that it is phase; then say what a full turn is, by Units in its "
                "sidecar (rad) or by --set scan.phase_period=4096.",
            ) from error
        for e in members:
            values[e] = to_radians(values[e], scale)
        reasons.append(scale.how)
    return values, " / ".join(dict.fromkeys(reasons))


def _phase_header(echo: Echo) -> PhaseHeader:
    """Return what header and sidecar say of the phase."""
    return PhaseHeader(
        integer=echo.header.dtype.kind in "iu",
        slope=echo.header.slope,
        intercept=echo.header.intercept,
        units=echo.sidecar.text("Units"),
        manufacturer=echo.sidecar.text("Manufacturer"),
    )


def _field(echoes: Sequence[Echo]) -> float:
    """Return the field strength that all sidecars agree on."""
    strengths = {id(e): field_strength_tesla(e.sidecar) for e in echoes}
    said = [(e, s) for e in echoes if (s := strengths[id(e)]) is not None]
    if not said:
        raise echoes[0].sidecar.missing(
            "MagneticFieldStrength", "Add it, in tesla, to its sidecar, or give --b0."
        )
    for echo, strength in said:
        if abs(strength - said[0][1]) > 0.1:
            raise echo.sidecar.wrong(
                "MagneticFieldStrength",
                f"is {strength:g} T, but {said[0][1]:g} T for {said[0][0].file.path.name}",
            )
    return said[0][1]


def _direction(
    echo: Echo, given: tuple[float, float, float] | None, notes: list[str]
) -> tuple[float, float, float]:
    """Return the main field's direction in voxel axes, from the user or the affine."""
    header, remedy = echo.header, "Convert again from DICOM, or give --b0-direction."
    if given is not None:
        length = math.sqrt(sum(x * x for x in given))
        if not (math.isfinite(length) and length > 0):
            raise GeometryError(f"a field direction has a length, unlike {given}")
        return (given[0] / length, given[1] / length, given[2] / length)
    if header.affine_from == "none":
        raise GeometryError(
            "has neither sform nor qform: where the main field points is unknown",
            file=echo.file.path,
            remedy=remedy,
        )
    if header.forms_apart_mm > 0.5 * min(header.grid.voxel_size_mm):
        what = f"its sform and qform disagree by up to {header.forms_apart_mm:.3g} mm"
        if header.affine_from == "sform":
            raise GeometryError(what, file=echo.file.path, remedy=remedy)
        notes.append(f"{echo.file.path.name}: {what}; the qform, of the scanner, was taken.")
    return header.grid.b0_direction


def _facts(
    scan: GradientEcho, echoes: Sequence[Echo], maker: str | None, source: str
) -> dict[str, Any]:
    """Return what the record says of the scan."""
    model = next((m for e in echoes if (m := e.sidecar.text("ManufacturersModelName"))), None)
    along = min(1.0, max(abs(x) for x in scan.b0_direction))
    return {
        "b0_tesla": float(scan.b0_tesla),
        "te_s": [float(te) for te in scan.te_s],
        "shape": list(scan.grid.shape),
        "voxel_size_mm": [round(size, 6) for size in scan.grid.voxel_size_mm],
        "b0_direction": [round(x, 6) for x in scan.b0_direction],
        "obliquity_deg": round(math.degrees(math.acos(along)), 3),
        "manufacturer": maker or "",
        "model": model or "",
        "phase_source": source,
        **sequence_facts(echo.sidecar for echo in echoes),
    }
