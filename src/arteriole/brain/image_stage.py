"""The steps of the flow that tell where things are, in each image of a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.alignment import Alignment, align_images, align_template
from arteriole.brain.atlas.regions import region_atlas
from arteriole.brain.contrast_order import unlike_kind
from arteriole.brain.field_of_view import cut_faces, regions_cut, words_of_cuts
from arteriole.brain.parts import SIDED, sided_volumes, volumes_of
from arteriole.brain.region_map import RegionMap
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.resample import NEAREST, resample
from arteriole.brain.registration.transforms import transform_points
from arteriole.brain.segmentation import segment_head
from arteriole.grid import Grid, Volume
from arteriole.numerics.morphology import bounding_box
from arteriole.scan.image_kind import IMAGE_KINDS, IMAGES
from arteriole.settings import Settings
from arteriole.step import Acquisition, NotApplicableError, Result

GRADIENT_ECHO = "gre"
"""Name of the gradient echo among the images; its values lie on the scan's own grid."""


def segment_image(
    given: Mapping[str, Any], scan: Acquisition | None, _settings: Settings, *, image: str
) -> Result:
    """Divide one image into the parts of the head."""
    volume = image_of(given, scan, image)
    try:
        found = segment_head(volume.data, volume.grid, kind="ct" if image == "ct" else "mr")
    except ValueError as error:
        raise NotApplicableError(str(error)) from error
    cuts = cut_faces(found.intracranial_mask, volume.grid)
    missed = words_of_cuts(cuts)
    unlike = unlike_kind(volume.data, found.labels, image)
    facts: dict[str, Any] = {
        "certainty": round(found.certainty, 4),
        "cut_mm2": {name: round(area) for name, area in cuts.items()},
        "missed": missed,
        "unlike": unlike,
        **volumes_of(found.shares, found.labels, found.intracranial_mask, volume.grid),
    }
    values: dict[str, Any] = {
        f"{image}_labels": found.labels,
        f"{image}_brain_mask": found.brain_mask,
        f"{image}_intracranial_mask": found.intracranial_mask,
    }
    if image != GRADIENT_ECHO:
        values = {name: Volume(data, volume.grid) for name, data in values.items()}
    flags = [f"{_words(image)}: {flag}" for flag in (missed, unlike) if flag]
    return Result(values, facts, tuple(flags))


def align_session(given: Mapping[str, Any], scan: Acquisition | None, _: Settings) -> Result:
    """Register the images of the session to the best one of them."""
    images, masks = {}, {}
    for name in IMAGES:
        if f"{name}_labels" not in given:
            continue
        images[name] = image_of(given, scan, name)
        masks[name] = _volume(given[f"{name}_brain_mask"], images[name])
    alignment = align_images(images, masks)
    facts = {
        "reference": alignment.reference,
        "images": {name: _told(one) for name, one in alignment.to_reference.items()},
    }
    return Result({"alignment": alignment}, facts)


def align_to_template(given: Mapping[str, Any], scan: Acquisition | None, _: Settings) -> Result:
    """Register the reference image of the session to MNI152."""
    alignment: Alignment = given["alignment"]
    name = alignment.reference
    labels = _labels(given, scan, name)
    try:
        found = align_template(labels)
    except ValueError as error:
        raise NotApplicableError(str(error)) from error
    facts = {"image": name, **_told(found)}
    return Result({"to_template": found}, facts)


def place_regions(
    given: Mapping[str, Any], scan: Acquisition | None, _: Settings, *, image: str
) -> Result:
    """Bring the regions of the atlas to one image, with one interpolation."""
    alignment: Alignment = given["alignment"]
    to_template: Registration = given["to_template"]
    if image != alignment.reference and image not in alignment.to_reference:
        raise NotApplicableError("it was not registered to the reference image")
    if doubt := alignment.doubt(image, to_template):
        raise NotApplicableError(doubt)
    labels = _labels(given, scan, image)
    chain = alignment.chain(image, to_template)
    atlas, template = region_atlas()
    placed = placed_labels(atlas.labels.astype(np.uint8), template, labels, chain)
    cuts = cut_faces(labels.data > c.OUTSIDE, labels.grid)
    seen, cut = set(np.unique(placed).tolist()), regions_cut(placed, labels.grid, cuts)
    facts = {
        "confidence": round(alignment.confidence(image, to_template), 4),
        "sides": sided_volumes(labels.data, left_of(labels, chain), labels.grid),
        "not_seen": [_name(atlas, one) for one in atlas.names if one not in seen],
        "cut": [_name(atlas, one) for one in sorted(cut)],
    }
    if image == GRADIENT_ECHO:
        return Result({"regions": RegionMap(placed.astype(np.int32), atlas.names)}, facts)
    return Result({f"{image}_regions": Volume(placed, labels.grid)}, facts)


def placed_labels(
    atlas: NDArray[np.uint8], template: Grid, labels: Volume, chain: Any
) -> NDArray[np.uint8]:
    """Return the atlas on the image's grid, inside the head only."""
    head = labels.data > c.OUTSIDE
    out = np.zeros(labels.grid.shape, np.uint8)
    box = bounding_box(head)
    affine = labels.grid.affine.copy()
    affine[:3, 3] = labels.grid.to_world([side.start for side in box])
    onto = Grid(head[box].shape, affine)
    placed = resample(atlas, template, onto=onto, transforms=chain, order=NEAREST)
    out[box] = np.where(head[box], placed, 0)
    return out


def _words(image: str) -> str:
    return "gradient echo" if image == GRADIENT_ECHO else IMAGE_KINDS[image].space


def _name(atlas: RegionMap, label: int) -> str:
    region = atlas.region(label)
    return f"{region.side} {region.name}" if region.side else region.name


def image_of(given: Mapping[str, Any], scan: Acquisition | None, name: str) -> Volume:
    """Return an image of the session; of the gradient echo the root of its summed squares."""
    if name != GRADIENT_ECHO:
        volume: Volume = given[name]
        return volume
    assert scan is not None
    magnitude = given["magnitude"]
    power = np.sqrt(np.mean(np.square(magnitude, dtype=np.float32), axis=0))
    return Volume(np.asarray(power, np.float32), scan.grid)


def left_of(labels: Volume, chain: Any) -> NDArray[np.bool_]:
    """Return which voxels of the parts with two sides lie left of the template's middle plane."""
    left = np.zeros(labels.grid.shape, dtype=np.bool_)
    voxels = np.argwhere(np.isin(labels.data, SIDED))
    places = transform_points(chain, labels.grid.to_world(voxels))
    left[tuple(voxels.T)] = places[:, 0] < 0
    return left


def _labels(given: Mapping[str, Any], scan: Acquisition | None, name: str) -> Volume:
    data = given[f"{name}_labels"]
    if isinstance(data, Volume):
        return data
    assert scan is not None
    return Volume(data, scan.grid)


def _volume(value: Any, like: Volume) -> Volume:
    return value if isinstance(value, Volume) else Volume(value, like.grid)


def _told(found: Registration) -> dict[str, Any]:
    """Return what the record keeps of a registration."""
    return {
        "confidence": round(found.confidence, 4),
        "assessable": found.assessable,
        "reason": found.reason,
        "measures": {name: float(f"{value:.4g}") for name, value in found.measures.items()},
    }
