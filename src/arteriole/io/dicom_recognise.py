"""What a volume is good for: gradient echo, T1w, T2w, FLAIR, CT, or nothing here, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from arteriole.io.dicom_groups import Volume
from arteriole.io.dicom_headers import Frame

Kind = Literal["gre", "T1w", "T2w", "FLAIR", "ct"]

FEWEST_SLICES = 5
_DERIVED_WORDS = {
    "LOCALIZER": "a localizer", "SCOUT": "a localizer",
    "MIP": "a projection", "MNIP": "a minimum-intensity projection", "MINIP": "a projection",
    "PROJECTION IMAGE": "a projection", "MPR": "a reformat", "REFORMATTED": "a reformat",
    "CSA MPR": "a reformat", "SWI": "SWI made by the scanner (arteriole makes its own)",
    "QSM": "QSM made by the scanner", "ADC": "a diffusion map", "FA": "a diffusion map",
    "TRACEW": "a diffusion map", "DIFFUSION": "diffusion", "SUBTRACTION": "a difference",
    "SCREEN SAVE": "a screen shot", "SCREENSHOT": "a screen shot", "DOSE_INFO": "a dose report",
    "T2 MAP": "a map", "T1 MAP": "a map", "T2_STAR MAP": "a map", "R2_STAR MAP": "a map",
    "B0 MAP": "a field map made by the scanner", "FIELD_MAP": "a field map made by the scanner",
    "B1 MAP": "a B1 map", "W": "Dixon water or fat", "F": "Dixon water or fat",
}  # fmt: skip
_T1_NAMES = re.compile(r"t1|mp-?rage|bravo|spgr|tfe|vibe|\bffe.?3d", re.IGNORECASE)


@dataclass(frozen=True)
class Recognised:
    """What a volume is; a kind, or None with the reason why it is not used."""

    kind: Kind | None
    reason: str = ""


def recognise(volume: Volume) -> Recognised:
    """Tell what a volume is from sequence parameters, by these rules.

    - fewer than five slices, projections, reformats, maps, Dixon and diffusion: not used;
    - CT: an original CT of five slices or more;
    - echo-planar, angiography, balanced and phase-contrast sequences: not used;
    - gradient echo with inversion, or (magnitude of one echo under 8 ms) with a name that says so:
      T1w; otherwise several parts or echoes, or an echo of 8 ms or later: gradient echo;
    - spin echo: inversion time of 1500 ms or more and echo of 60 ms or later: FLAIR; inversion of
      400 to 1300 ms or repetition under 1200 ms, and echo under 40 ms: T1w; no inversion,
      repetition of 2000 ms or more and echo of 60 ms or later: T2w.

    Names given by people (series, protocol) are read only for the T1w rule and never written. The
    gradient-echo rule for echoes under 8 ms needs the other volumes of the acquisition and is
    settled by ``io.dicom_acquisitions``.
    """
    frame = volume.first
    derived = _derived(frame)
    if derived:
        return Recognised(None, derived)
    if len(volume.frames) < FEWEST_SLICES:
        return Recognised(None, f"only {len(volume.frames)} slices: a localizer or a cut-out")
    if volume.is_ct:
        return Recognised("ct")
    return _other_sequence(frame) or _contrast(volume)


def _derived(frame: Frame) -> str:
    words = frame.words("ImageType")
    for word in words[2:]:
        if word in _DERIVED_WORDS:
            return f"{_DERIVED_WORDS[word]} (image type {word})"
    if words[:2] == ("DERIVED", "SECONDARY") and frame.number("GePart") is None:
        return "derived from other images (image type DERIVED, SECONDARY)"
    return ""


def _other_sequence(frame: Frame) -> Recognised | None:
    """Name sequences that arteriole does not read."""
    sequence = frame.words("ScanningSequence")
    if "EP" in sequence or frame.words("EchoPlanarPulseSequence") == ("YES",):
        return Recognised(None, "echo-planar (diffusion, function or perfusion)")
    if frame.words("PhaseContrast") == ("YES",):
        return Recognised(None, "phase-contrast angiography")
    if frame.words("TimeOfFlightContrast") == ("YES",) or frame.words("AngioFlag") == ("Y",):
        return Recognised(None, "time-of-flight angiography")
    if frame.words("SteadyStatePulseSequence") == ("FREE_PRECESSION",):
        return Recognised(None, "balanced steady-state sequence")
    return None


def is_gradient_echo(frame: Frame) -> bool:
    """Tell whether the sequence is a gradient echo."""
    return "GR" in frame.words("ScanningSequence") or "GRADIENT" in frame.words("EchoPulseSequence")


def _contrast(volume: Volume) -> Recognised:
    frame = volume.first
    te, tr = volume.te_ms, frame.number("RepetitionTime")
    if te is None or te <= 0:
        return Recognised(None, "the header has no echo time")
    inversion_ms = frame.number("InversionTime") or 0.0
    if is_gradient_echo(frame):
        prepared = inversion_ms > 0 or "IR" in frame.words("ScanningSequence")
        return Recognised("T1w") if prepared and te < 15 else Recognised("gre")
    return _spin_echo(te, tr or 0.0, inversion_ms)


def _spin_echo(te_ms: float, tr_ms: float, inversion_ms: float) -> Recognised:
    if inversion_ms >= 1500 and te_ms >= 60:
        return Recognised("FLAIR")
    if te_ms < 40 and (400 <= inversion_ms <= 1300 or (not inversion_ms and 0 < tr_ms < 1200)):
        return Recognised("T1w")
    if te_ms >= 60 and tr_ms >= 2000 and not inversion_ms:
        return Recognised("T2w")
    times = f"TE {te_ms:g}, TR {tr_ms:g}, TI {inversion_ms:g} ms"
    return Recognised(None, f"a spin echo of no known contrast ({times})")


def named_t1(frame: Frame) -> bool:
    """Tell whether a name given by the vendor or a person says T1-weighted."""
    names = ("SeriesDescription", "ProtocolName", "SequenceName", "PulseSequenceName")
    return any(_T1_NAMES.search(frame.text(name)) for name in names)
