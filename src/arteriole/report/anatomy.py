"""The pictures and numbers of anatomy: contours on each image of a session, volumes, flags."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.atlas.names import LOBES, region_names
from arteriole.grid import Grid
from arteriole.report.mosaic import Colour, Outline, Window, encode, mosaic
from arteriole.report.panels import Panel, css, gradient, ticks_of, words_of
from arteriole.report.story import Story
from arteriole.report.view import choose_rows, choose_view
from arteriole.report.words import capitalised
from arteriole.scan.image_kind import IMAGES

MOST_BYTES = 110_000
"""Two pictures an image, five images: the page stays under 5 MB beside the maps."""
CT_WINDOW = Window(0.0, 80.0, "HU", "the usual window of brain")
MR_TIMES = 1.8

INSIDE: Colour = (64, 200, 224)
VENTRICLE: Colour = (255, 120, 200)
TISSUE: tuple[tuple[str, tuple[int, ...], Colour], ...] = (
    ("inside of the skull", tuple(range(1, len(c.CLASSES))), INSIDE),
    ("white matter", (c.WHITE, c.CEREBELLAR_WHITE), (255, 178, 36)),
    ("deep grey matter", c.DEEP_GREY, (140, 230, 120)),
    ("ventricles", c.VENTRICLES, VENTRICLE),
)
"""Outlines of the parts of the head: name, labels, colour."""
MOVED: tuple[tuple[str, tuple[int, ...], Colour], ...] = (
    ("brain of the reference", c.BRAIN, (255, 220, 60)),
    ("its ventricles", c.VENTRICLES, VENTRICLE),
)
LOBE_COLOURS: tuple[Colour, ...] = (
    (255, 99, 88), (90, 170, 255), (120, 220, 110), (255, 200, 60),
)  # fmt: skip
DEEP = ("thalamus", "caudate", "putamen", "accumbens", "pallidum", "ventral diencephalon")
BEHIND = ("midbrain", "pons", "medulla", "cerebellar cortex", "cerebellar white matter")


@dataclass(frozen=True, eq=False)
class ShownImage:
    """One image with what was made on it."""

    name: str
    words: str
    data: NDArray[Any]
    grid: Grid
    labels: NDArray[Any]
    regions: NDArray[Any] | None = None
    moved: NDArray[Any] | None = None


@dataclass(frozen=True)
class ImageAnatomy:
    """What the page shows of one image: pictures, and flags in words."""

    name: str
    title: str
    panels: tuple[Panel, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True)
class VolumeTable:
    """Volumes in mL, a row a measure, a column an image."""

    images: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def anatomy_of(story: Story) -> list[ImageAnatomy]:
    """Return pictures and flags of every image whose parts were found."""
    return [_one(story, image) for image in _shown(story)]


def volume_table(story: Story) -> VolumeTable:
    """Return the main volumes of every image."""
    found = {n: story.step(f"segment-{n}").get("facts") or {} for n in IMAGES}
    names = tuple(name for name in IMAGES if found[name])
    rows = []
    for title, key in (
        ("Inside of the skull", "intracranial_ml"), ("Brain tissue", "brain_ml"),
        ("Grey matter", "grey_ml"), ("White matter", "white_ml"), ("Fluid", "fluid_ml"),
    ):  # fmt: skip
        rows.append((title, tuple(_ml(found[name].get(key)) for name in names)))
    for part in ("lateral ventricle", "thalamus", "caudate", "putamen", "pallidum", "hippocampus"):
        cells = tuple(_sides(story, name, part, found[name]) for name in names)
        rows.append((capitalised(part), cells))
    return VolumeTable(tuple(words_for(story, name) for name in names), tuple(rows))


def alignment_words(story: Story) -> list[str]:
    """Return in words how the images lie to each other and to the template."""
    facts = story.step("align").get("facts") or {}
    if not facts:
        return []
    words = [f"The reference image is the {words_for(story, facts['reference'])}."]
    for name, one in facts["images"].items():
        words.append(f"{capitalised(words_for(story, name))}: {_sure(one)}.")
    template = story.step("template").get("facts") or {}
    if template:
        words.append(f"Template (MNI152): {_sure(template)}.")
    return words


def words_for(story: Story, name: str) -> str:
    """Return what an image is called in sentences."""
    if name == "gre":
        return "gradient echo"
    return str(story.images.get(name, {}).get("words", name))


def _shown(story: Story) -> list[ShownImage]:
    shown = []
    for name in IMAGES:
        if name == "gre":
            shown += _gradient_echo(story)
            continue
        parts = {k: story.volumes.get(f"{name}{k}") for k in ("", "_labels")}
        image, labels = parts[""], parts["_labels"]
        if image is None or labels is None:
            continue
        regions = story.volumes.get(f"{name}_regions")
        moved = story.volumes.get(f"{name}_reference_labels")
        shown.append(
            ShownImage(
                name, words_for(story, name), image.data, image.grid, labels.data,
                None if regions is None else regions.data, None if moved is None else moved.data,
            )
        )  # fmt: skip
    return shown


def _gradient_echo(story: Story) -> list[ShownImage]:
    values = story.values
    if "gre_labels" not in values or "magnitude" not in values:
        return []
    magnitude = values["magnitude"]
    first = magnitude[0] if magnitude.ndim == 4 else magnitude
    # Regions that were given with the scan are not the atlas's.
    own = values.get("regions") if story.ran("regions-gre") else None
    return [
        ShownImage(
            "gre", words_for(story, "gre"), first, story.scan_grid, values["gre_labels"], own,
            values.get("gre_reference_labels"),
        )
    ]  # fmt: skip


def _one(story: Story, image: ShownImage) -> ImageAnatomy:
    panels = [_panel(image, "parts", "Parts of the head", image.labels, TISSUE)]
    if image.moved is not None:
        panels.append(_panel(image, "registration", "Registration", image.moved, MOVED))
    if image.regions is not None and (image.moved is None or image.name == "gre"):
        panels.append(_panel(image, "regions", "Regions", image.regions, region_groups()))
    return ImageAnatomy(
        image.name, capitalised(image.words), tuple(panels), tuple(_flags(story, image.name))
    )


def region_groups() -> tuple[tuple[str, tuple[int, ...], Colour], ...]:
    """Return the regions of the atlas that are outlined together: lobes, nuclei, what is behind."""
    names = region_names()
    lobes = [
        (f"{lobe} lobe", _labels(names, lambda name, lobe=lobe: name.startswith(lobe)), colour)
        for lobe, colour in zip(LOBES, LOBE_COLOURS, strict=True)
    ]
    return (
        *lobes,
        ("nuclei", _labels(names, lambda name: name in DEEP), (240, 240, 240)),
        ("brainstem and cerebellum", _labels(names, lambda name: name in BEHIND), (190, 140, 255)),
    )


def _labels(names: Mapping[int, Any], wanted: Any) -> tuple[int, ...]:
    return tuple(label for label, region in names.items() if wanted(region.name))


def _panel(
    image: ShownImage,
    what: str,
    title: str,
    labels: NDArray[Any],
    groups: Sequence[tuple[str, tuple[int, ...], Colour]],
) -> Panel:
    head = image.labels > c.OUTSIDE
    view = choose_view(image.grid, head)
    window = _window(image, head)
    outlines = [Outline(np.isin(labels, group), colour) for _, group, colour in groups]
    picture = mosaic(
        image.data, view=view, rows=choose_rows(view, head), window=window, outlines=outlines
    )
    return Panel(
        f"{image.name}-{what}",
        title,
        f"{title}, {image.words}",
        CAPTIONS[what],
        jpeg_base64=base64.b64encode(encode(picture, most_bytes=MOST_BYTES)).decode("ascii"),
        size=picture.size,
        ticks=ticks_of(window),
        unit=window.unit,
        window=words_of(window),
        gradient=gradient("gray"),
        legend=tuple((name, css(colour)) for name, _, colour in groups),
    )


CAPTIONS = {
    "parts": "Borders of what the skull holds, white matter, nuclei and ventricles, as found in "
    "this image by itself.",
    "registration": "Borders found in the reference image, brought here by the rigid motion. They "
    "should follow this image's own brain and ventricles.",
    "regions": "Borders of the atlas's regions, brought here from the template. Lobes are averages "
    "of people: a border may be off by a gyrus.",
}


def _window(image: ShownImage, head: NDArray[np.bool_]) -> Window:
    if image.name == "ct":
        return CT_WINDOW
    brain = image.data[np.isin(image.labels, c.BRAIN)]
    median = float(np.median(brain if brain.size else image.data[head]))
    why = "of this image in the brain"
    return Window(0.0, MR_TIMES, "× median", why, median or 1.0)


def _flags(story: Story, name: str) -> list[str]:
    """Return in words what a reader should know of an image."""
    facts = story.step(f"segment-{name}").get("facts") or {}
    flags = [f"{capitalised(str(facts['missed']))}."] if facts.get("missed") else []
    if facts.get("unlike"):
        flags.append(f"{capitalised(str(facts['unlike']))}.")
    placed = story.step(f"regions-{name}")
    if placed.get("status") == "skipped":
        flags.append(f"Regions: {placed.get('reason')}.")
    inside = placed.get("facts") or {}
    if inside.get("not_seen"):
        flags.append(f"Not seen: {_listed(inside['not_seen'])}.")
    if inside.get("cut"):
        flags.append(f"Cut by the field of view: {_listed(inside['cut'])}.")
    return flags


def _listed(names: Sequence[str]) -> str:
    """Return regions in words, both sides of one together."""
    told: dict[str, str] = {}
    for name in names:
        side, _, bare = name.partition(" ")
        bare = bare if side in ("left", "right") else name
        told[bare] = bare if bare in told else name
    return "; ".join(told.values())


def _sure(facts: Mapping[str, Any]) -> str:
    confidence = f"confidence {facts['confidence']:.2f}"
    if facts.get("assessable"):
        return f"registered, {confidence}"
    return f"not assessable ({facts.get('reason')})"


def _sides(story: Story, name: str, part: str, facts: Mapping[str, Any]) -> str:
    """Return left and right volume of a part, or that of both."""
    placed = story.step(f"regions-{name}").get("facts") or {}
    both = (placed.get("sides") or {}).get(part)
    if both:
        return f"{_ml(both['left'])} L, {_ml(both['right'])} R"
    return _ml((facts.get("parts_ml") or {}).get(part))


def _ml(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
