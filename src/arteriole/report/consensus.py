"""What the ISMRM consensus on QSM asks to be reported, filled in from settings and record.

Items follow Tables 3 to 5 of doi:10.1002/mrm.30006 (hardware, sequence, reconstruction).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from arteriole.report.fixed import fixed_parameters
from arteriole.report.methods import (
    SENTENCES,
    echo_combination,
    echo_times,
    phase_offset,
    step_sentence,
    unwrapping,
    without_citations,
)
from arteriole.report.quality import RULES
from arteriole.report.story import Story, why_missing
from arteriole.report.words import capitalised, without_folders
from arteriole.settings import Settings

NOT_IN_FILES = "not in the files that were read"


Table = Literal["hardware", "sequence", "reconstruction"]


class ConsensusRow(TypedDict):
    """One item: where the consensus asks for it, what was done, and every parameter of it."""

    table: Table
    item: str
    answer: str
    parameters: list[str]
    asked: str


def consensus_table(story: Story) -> list[ConsensusRow]:
    """Return the reporting table of the session, in the order of the consensus.

    Parameters that kept their default are listed too. What the files do not tell is said to be
    missing rather than left out.
    """
    return [*_hardware(story), *_sequence(story), *_reconstruction(story)]


def consensus_json(story: Story) -> str:
    """Return the table as JSON."""
    table = {"source": "doi:10.1002/mrm.30006", "rows": consensus_table(story)}
    return json.dumps(table, indent=1, ensure_ascii=False)


def consensus_text(story: Story) -> str:
    """Return the table as plain text, one item a paragraph."""
    lines = []
    for row in consensus_table(story):
        lines.append(f"{row['item']}: {row['answer']}")
        lines += [f"    {parameter}" for parameter in row["parameters"]]
    return "\n".join(lines)


def _hardware(story: Story) -> list[ConsensusRow]:
    scan = story.scan
    items = (
        ("Field strength", _with_unit(scan.get("b0_tesla"), "T"), "essential"),
        ("Vendor", scan.get("manufacturer"), "essential"),
        ("Scanner model", scan.get("model"), ""),
        ("Software release", scan.get("software"), ""),
        ("Receive coil", scan.get("coil"), ""),
    )
    return [_row("hardware", item, answer, asked) for item, answer, asked in items]


def _sequence(story: Story) -> list[ConsensusRow]:
    scan = story.scan
    te = scan.get("te_s") or ()
    oblique = scan.get("obliquity_deg")
    items = (
        ("Sequence type", _sequence_type(story), "essential"),
        ("Echoes", f"{len(te)}, TE = {echo_times(story)}" if te else None, "essential"),
        ("TR", _with_unit(scan.get("repetition_time_s"), "s"), "essential"),
        ("Flip angle", _with_unit(scan.get("flip_angle_deg"), "°"), ""),
        ("Pixel bandwidth", _with_unit(scan.get("pixel_bandwidth_hz"), "Hz"), ""),
        ("Matrix", _sizes(scan.get("shape") or story.scan_grid.shape), "essential"),
        ("Voxel size", _sizes(story.scan_grid.voxel_size_mm) + " mm", "essential"),
        (
            "Orientation",
            f"{oblique:.1f}° from the nearest axes" if oblique is not None else None,
            "",
        ),
        ("Readout polarity", scan.get("readout_polarity"), ""),
        ("Acceleration", _with_unit(scan.get("acceleration"), "in plane"), "essential"),
        ("Partial Fourier", _with_unit(scan.get("partial_fourier"), ""), "essential, if used"),
    )
    return [_row("sequence", item, answer, asked) for item, answer, asked in items]


def _reconstruction(story: Story) -> list[ConsensusRow]:
    return [
        _toolbox(story),
        *(_algorithm(story, *entry) for entry in _ALGORITHMS if _is_shown(story, entry[1])),
        _further(story),
        _referencing(story),
        _criteria(story),
    ]


def _is_shown(story: Story, step: str) -> bool:
    """Tell whether a step is told of: those beside the usual ones only when they ran."""
    return step not in ("uncertainty", "separation", "veins", "regions") or story.ran(step)


def _toolbox(story: Story) -> ConsensusRow:
    versions = story.record.get("versions") or {}
    return _done(
        "Toolbox used",
        f"arteriole {story.record.get('arteriole_version', '')}",
        [f"{name} {version}" for name, version in versions.items()],
    )


def _algorithm(
    story: Story,
    item: str,
    step: str,
    describe: Callable[[Story], str],
    keys: Mapping[str, tuple[str, ...]],
) -> ConsensusRow:
    """Return what a step did with every parameter, or why it did nothing."""
    if step != "scan" and not story.ran(step):
        return _done(item, f"not done: {why_missing(story, step)}", [])
    parameters = [
        _parameter(story, section, key)
        for section, names in keys.items()
        for key in names
        if story.setting(section, key) is not None and _concerns(story, section, key)
    ]
    parameters += fixed_parameters(story, item)
    text = without_citations(describe(story))
    return _done(item, capitalised(text), parameters)


def _parameter(story: Story, section: str, key: str) -> str:
    value = story.setting(section, key)
    default = Settings().to_dict().get(section, {}).get(key)
    note = "default" if value == default else f"default {_written(default)}"
    return f"{section}.{key} = {_written(value)} ({note})"


def _written(value: Any) -> str:
    """Write a value as the settings file does."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _concerns(story: Story, section: str, key: str) -> bool:
    """Tell whether a parameter belongs to the method that was used."""
    method = _METHODS_OF.get(key.split("_", maxsplit=1)[0])
    if key == "automatic_weight":
        return story.setting(section, "method") in ("tv", "smv-tv", "weak-harmonic", "medi")
    return method is None or story.setting(section, "method") == method


_METHODS_OF = {
    "vsharp": "vsharp", "resharp": "resharp",
    "ismv": "ismv", "smv": "smv-tv", "tv": "tv", "weak": "weak-harmonic", "medi": "medi",
    "rts": "rts", "l2": "l2", "tkd": "tkd",
}  # fmt: skip


def _phase_source(story: Story) -> str:
    return str(story.scan.get("phase_source") or "phase as exported by the scanner, in radians")


def _mask(story: Story) -> str:
    quality = story.ran("phase") and story.setting("phase", "quality_mask")
    then = " It was combined with a mask of reliable phase." if quality else ""
    return step_sentence(story, "brain") + then


_ALGORITHMS: tuple[
    tuple[str, str, Callable[[Story], str], Mapping[str, tuple[str, ...]]], ...
] = (
    (
        "Phase reconstruction", "scan", _phase_source,
        {"scan": ("phase_sign", "phase_period", "coils", "allow_filtered_phase")},
    ),
    ("Phase offset", "phase", phase_offset, {"phase": ("polarity", "remove_offset")}),
    ("Masking", "brain", _mask, {"brain": ("closing_mm",), "phase": ("quality_mask",)}),
    ("Phase unwrapping", "phase", unwrapping, {"phase": ("unwrapping", "weights")}),
    ("Echo combination", "phase", echo_combination, {"phase": ("fit",)}),
    (
        "Background field removal", "field", SENTENCES["field"],
        {"field": ("method", "vsharp_radius_max_mm", "vsharp_radius_min_mm", "vsharp_threshold",
                   "resharp_radius_mm", "resharp_smallest_mm", "resharp_tikhonov",
                   "resharp_keep_rim", "ismv_radius_mm", "allow_cut_mask")},
    ),
    (
        "Dipole inversion", "susceptibility", SENTENCES["susceptibility"],
        {"susceptibility": ("method", "automatic_weight", "tv_weight", "tv_steps", "smv_tv_weight",
                            "weak_harmonic_weight", "medi_weight", "rts_weight", "l2_weight",
                            "tkd_threshold")},
    ),
    (
        "Uncertainty (beside QSM)", "uncertainty", SENTENCES["uncertainty"],
        {"uncertainty": ("method",)},
    ),
    ("R2* (beside QSM)", "r2star", SENTENCES["r2star"], {"r2star": ("method",)}),
    ("SWI (beside QSM)", "swi", SENTENCES["swi"], {"swi": ("method", "mip_thickness_mm")}),
    (
        "Source separation (beside QSM)", "separation", SENTENCES["separation"],
        {"separation": ("method", "r2_hz", "relaxation_hz_per_ppm")},
    ),
    (
        "Veins (beside QSM)", "veins", SENTENCES["veins"],
        {"veins": ("least_chi_ppm", "oxygenation", "haematocrit")},
    ),
    ("Regions (beside QSM)", "regions", SENTENCES["regions"], {"anatomy": ("method",)}),
)  # fmt: skip


def _further(story: Story) -> ConsensusRow:
    answer = (
        "No resampling, rotation or interpolation: maps are on the grid of the scan, with its "
        "affine. Maps are written as NIfTI with units in a JSON file beside each."
    )
    written = story.setting("output", "level") is not None
    return _done(
        "Further processing", answer, [_parameter(story, "output", "level")] if written else []
    )


def _referencing(story: Story) -> ConsensusRow:
    reference = story.reference
    if reference is None:
        why = why_missing(story, "susceptibility")
        return _done("Referencing", f"no susceptibility map: {why}", [])
    spread = f"{reference.mean_ppm:+.4f} ± {reference.std_ppm:.4f} ppm"
    answer = {
        "brain": "ppm, relative to the mean of the whole brain (QSM mask), which is zero; before "
        f"referencing the region's mean ± standard deviation was {spread}.",
        "csf": "ppm, relative to the mean of ventricular fluid, which is zero "
        f"({_fluid(story)}); before referencing the region's mean ± standard deviation was "
        f"{spread}.",
        "none": f"ppm, not referenced; mean ± standard deviation over the QSM mask: {spread}.",
    }.get(reference.region, f"ppm, relative to {reference.region}: {spread}.")
    return _done("Referencing", answer, [_parameter(story, "susceptibility", "reference")])


def _fluid(story: Story) -> str:
    """Return where the fluid comes from and how much of it there is."""
    done = story.fact("susceptibility", "reference") or {}
    volume = done.get("voxels", 0) * story.scan_grid.voxel_volume_mm3 / 1000.0
    return f"{done.get('source') or 'fluid'}, {volume:.1f} mL"


def _criteria(story: Story) -> ConsensusRow:
    filtered = story.setting("scan", "allow_filtered_phase")
    phase = "let through by a setting" if filtered else "refused for QSM"
    notes = story.all_warnings
    found = "Found in this session: " + "; ".join(notes) if notes else "Nothing was found here"
    return _done(
        "Inclusion and exclusion criteria",
        f"Phase that was filtered by the vendor is {phase}; a session is never left out for poor "
        f"quality, it is marked. {found}. Criteria of the study are for its authors to add.",
        [rule.words for rule in RULES],
    )


def _done(item: str, answer: str, parameters: list[str]) -> ConsensusRow:
    beside = "beside QSM" in item or item == "Further processing"
    return ConsensusRow(
        table="reconstruction",
        item=item,
        answer=without_folders(answer),
        parameters=parameters,
        asked="" if beside else "mandatory",
    )


def _row(table: Table, item: str, answer: Any, asked: str) -> ConsensusRow:
    said = without_folders(str(answer or NOT_IN_FILES))
    return ConsensusRow(table=table, item=item, answer=said, parameters=[], asked=asked)


def _with_unit(value: Any, unit: str) -> str | None:
    return None if value is None else f"{value:g} {unit}".strip()


def _sequence_type(story: Story) -> str:
    """Return dimensions and kind, such as ``3D GR``."""
    parts = (story.scan.get("dimensions"), story.scan.get("sequence"))
    return " ".join(str(part) for part in parts if part)


def _sizes(values: Sequence[float]) -> str:
    return " × ".join(f"{value:.3g}" for value in values)
