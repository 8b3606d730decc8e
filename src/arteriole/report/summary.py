"""The session in short: what was done step by step, and facts of the acquisition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from arteriole.report.methods import echo_times, step_sentence
from arteriole.report.story import RAN, Story
from arteriole.report.words import capitalised
from arteriole.scan.image_kind import IMAGE_KINDS

IMAGE_WORDS = {kind.name: kind.space for kind in IMAGE_KINDS.values()} | {"gre": "gradient echo"}
TITLES = {
    **{f"segment-{name}": f"Parts of the head, {words}" for name, words in IMAGE_WORDS.items()},
    "align": "Images to each other",
    "template": "Reference image to the template",
    **{f"regions-{name}": f"Regions, {words}" for name, words in IMAGE_WORDS.items()},
    "brain": "Brain mask",
    "phase": "Phase to total field",
    "field": "Background removal",
    "susceptibility": "Susceptibility",
    "uncertainty": "Uncertainty of susceptibility",
    "r2star": "R2* and T2*",
    "swi": "SWI and projection",
    "separation": "Sources of both signs",
    "veins": "Large veins",
    "regions": "Regions",
}


@dataclass(frozen=True)
class Done:
    """One step as the summary tells it."""

    title: str
    status: str
    sentence: str
    seconds: str
    memory: str
    version: str


def steps_done(story: Story) -> list[Done]:
    """Return for each step of the record what it did, or why not.

    Steps in a row that were skipped for the same reason are told of together.
    """
    told: list[Done] = []
    for done in (_done(story, step) for step in story.steps if step.get("name") != "report"):
        last = told[-1] if told else None
        if last and done.status == last.status == "skipped" and done.sentence == last.sentence:
            told[-1] = replace(last, title=f"{last.title}, {_lowered(done.title)}")
        else:
            told.append(done)
    return told


def _lowered(title: str) -> str:
    """Return a title as it stands inside a list; abbreviations keep their capitals."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _done(story: Story, step: Any) -> Done:
    name = str(step.get("name", ""))
    status = str(step.get("status", ""))
    ran = status in RAN
    seconds, memory = step.get("seconds"), step.get("peak_memory_mib")
    return Done(
        title=TITLES.get(name, name),
        status=status,
        sentence=step_sentence(story, name) if ran else _reason(step),
        seconds=f"{seconds:.1f} s" if seconds else "–",
        memory=f"{memory:.0f} MiB" if memory else "–",
        version=str(step.get("version", "")),
    )


def _reason(step: Any) -> str:
    return capitalised(str(step.get("reason") or "no reason was given"))


def headline(story: Story) -> list[str]:
    """Return the acquisition in a few words, for the top of the page."""
    images = [f"{facts['words']}, {_voxel(facts)}" for facts in _used(story)]
    return ([] if story.grid is None else _scan_headline(story)) + images


def _scan_headline(story: Story) -> list[str]:
    scan = story.scan
    te = scan.get("te_s") or ()
    voxel = " × ".join(f"{size:.3g}" for size in story.scan_grid.voxel_size_mm)
    parts = [
        " ".join(str(scan[key]) for key in ("manufacturer", "model") if scan.get(key)),
        f"{scan['b0_tesla']:g} T" if scan.get("b0_tesla") else "",
        f"{len(te)} echo{'es' if len(te) > 1 else ''}" if te else "",
        f"{voxel} mm",
    ]
    return [part for part in parts if part]


def acquisition_facts(story: Story) -> list[tuple[str, str]]:
    """Return name and value of each fact of the acquisition that is known."""
    scan = story.scan
    x, y, z = scan.get("b0_direction") or story.scan_grid.b0_direction
    oblique = scan.get("obliquity_deg")
    facts = [
        ("Scanner", " ".join(str(scan[k]) for k in ("manufacturer", "model") if scan.get(k))),
        ("Field strength", f"{scan['b0_tesla']:g} T" if scan.get("b0_tesla") else ""),
        ("Echo times", echo_times(story)),
        ("Matrix", " × ".join(str(n) for n in story.scan_grid.shape)),
        ("Voxel size", " × ".join(f"{s:.4g}" for s in story.scan_grid.voxel_size_mm) + " mm"),
        ("Field direction, voxel axes", f"({x:.3f}, {y:.3f}, {z:.3f})"),
        ("Obliquity", f"{oblique:.1f}°" if oblique is not None else ""),
        ("Phase", str(scan.get("phase_source") or "")),
    ]
    return [(name, value) for name, value in facts if value]


def image_facts(story: Story) -> list[tuple[str, str]]:
    """Return for each image on a grid of its own its name, matrix and voxel size."""
    return [
        (
            capitalised(str(facts["words"])),
            f"{' × '.join(str(n) for n in facts['shape'])}, {_voxel(facts)}",
        )
        for facts in _used(story)
    ]


def _used(story: Story) -> list[Mapping[str, Any]]:
    return [facts for facts in story.images.values() if "voxel_size_mm" in facts]


def _voxel(facts: Mapping[str, Any]) -> str:
    return " × ".join(f"{size:.3g}" for size in facts["voxel_size_mm"]) + " mm"
