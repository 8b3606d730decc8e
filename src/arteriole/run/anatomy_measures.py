"""The numbers of anatomy: volumes in every image of a session, and how sure their places are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from arteriole.run.record import Record, StepRecord
from arteriole.scan.image_kind import IMAGES

WHOLE = {
    "intracranial_volume": ("intracranial_ml", "head", "Volume of what the skull holds."),
    "brain_tissue_volume": ("brain_ml", "brain", "Grey and white matter, partial volumes."),
    "grey_volume": ("grey_ml", "brain", "Grey matter, partial volumes."),
    "white_volume": ("white_ml", "brain", "White matter and brainstem, partial volumes."),
    "fluid_volume": ("fluid_ml", "head", "Fluid of ventricles and sulci, partial volumes."),
}
"""Measures of the whole head: the fact that holds them, where, and what they are."""
PART = ("part_volume", "Volume of a part of the head.")
CONFIDENCE = {
    "region_confidence": "Probability that the regions of the atlas lie right in this image.",
    "alignment_confidence": "Probability that this image lies right on the reference image.",
    "template_confidence": "Probability that the reference image lies right on the template.",
}


def anatomy_rows(record: Record) -> list[dict[str, Any]]:
    """Return the rows of anatomy of every image of a session; none without a step of anatomy."""
    rows: list[dict[str, Any]] = []
    for image in IMAGES:
        found = record.step(f"segment-{image}")
        if found is not None:
            rows += _of_image(record, image, found)
    return [*rows, *_registrations(record)]


def anatomy_levels() -> dict[str, str]:
    """Return what each measure is, for the dictionary of the table."""
    levels = {name: f"{about} Unit: mL." for name, (_, _, about) in WHOLE.items()}
    return levels | {PART[0]: f"{PART[1]} Unit: mL."} | CONFIDENCE


def _of_image(record: Record, image: str, found: StepRecord) -> list[dict[str, Any]]:
    facts = found.facts
    if not facts:
        why = found.reason or "not measured"
        return [_row("intracranial_volume", "head", None, None, "mL", why, image)]
    status = facts["missed"] or "ok"
    rows = [
        _row(name, where, None, facts[key], "mL", status, image)
        for name, (key, where, _) in WHOLE.items()
    ]
    placed = record.step(f"regions-{image}")
    for part, volume in facts["parts_ml"].items():
        rows.append(_row(PART[0], part, None, volume, "mL", status, image))
        rows += _sides(part, placed, status, image)
    return rows


def _sides(part: str, placed: StepRecord | None, status: str, image: str) -> list[dict[str, Any]]:
    """Return the rows of both sides of a part; what has no sides has none."""
    from arteriole.brain.classes import CLASSES
    from arteriole.brain.parts import SIDED

    if placed is None or CLASSES.index(part) not in SIDED:
        return []
    both: Mapping[str, float] = placed.facts.get("sides", {}).get(part, {})
    why = status if both else placed.reason or "not measured"
    return [
        _row(PART[0], part, side, both.get(side), "mL", why, image) for side in ("left", "right")
    ]


def _registrations(record: Record) -> list[dict[str, Any]]:
    rows = []
    aligned = record.step("align")
    for image, one in (aligned.facts.get("images", {}) if aligned else {}).items():
        rows.append(_sure("alignment_confidence", one, image))
    template = record.step("template")
    if template is not None and template.facts:
        rows.append(_sure("template_confidence", template.facts, template.facts["image"]))
    for image in IMAGES:
        placed = record.step(f"regions-{image}")
        if placed is not None:
            value = placed.facts.get("confidence")
            status = "ok" if value is not None else placed.reason or "not measured"
            rows.append(_row("region_confidence", "head", None, value, None, status, image))
    return rows


def _sure(name: str, facts: Mapping[str, Any], image: str) -> dict[str, Any]:
    status = facts["reason"] or "ok"
    return _row(name, "head", None, facts["confidence"], None, status, image)


def _row(
    measure: str, region: str, side: str | None, value: Any, unit: str | None, status: str,
    image: str,
) -> dict[str, Any]:  # fmt: skip
    return {
        "measure": measure, "region": region, "side": side, "value": value, "unit": unit,
        "status": status, "image": image,
    }  # fmt: skip
