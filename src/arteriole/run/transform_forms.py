"""How transforms become files and come back: motions as JSON, a warp as image and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain.alignment import Alignment
from arteriole.brain.registration.registration import Registration
from arteriole.brain.registration.transforms import Warp
from arteriole.grid import Grid
from arteriole.io.nifti import as_stored, read_image, write_image


def write_warp(path: Path, value: Registration, *, max_error: float | None) -> Registration:
    """Write the displacement of a warp; return it as `read_warp` gives it back."""
    warp = _warp(value)
    stored = write_image(path, warp.displacement_mm, warp.grid, max_error=max_error)
    return _as_stored(value, stored)


def warp_as_read(value: Registration, *, max_error: float | None) -> Registration:
    """Return a warp as its file would give it back, writing nothing."""
    return _as_stored(value, as_stored(_warp(value).displacement_mm, max_error=max_error))


def read_warp(path: Path, sidecar: Path) -> Registration:
    """Return the warp that an image of displacements and its sidecar hold."""
    about = json.loads(sidecar.read_text(encoding="utf-8"))
    image = read_image(path)
    return _registration(about, Warp(image.grid, image.data, np.array(about["Affine"])))


def read_alignment(path: Path) -> Alignment:
    """Return the motions that a JSON file holds."""
    about = json.loads(path.read_text(encoding="utf-8"))
    motions = about["ToReference"].items()
    return Alignment(about["Reference"], {name: _registration(one) for name, one in motions})


def about_transform(value: Registration | Alignment) -> dict[str, Any]:
    """Return what the JSON file of a transform holds."""
    if isinstance(value, Alignment):
        return {
            "Reference": value.reference,
            "ToReference": {n: about_transform(one) for n, one in value.to_reference.items()},
        }
    return {
        "Affine": _affine(value).tolist(),
        "Confidence": value.confidence,
        "Assessable": value.assessable,
        "Reason": value.reason,
        "Measures": dict(value.measures),
    }


def _as_stored(value: Registration, stored: NDArray[Any]) -> Registration:
    warp = _warp(value)
    # A file holds the affine of the grid in 32 bits.
    affine = warp.grid.affine.astype(np.float32).astype(np.float64)
    grid = Grid(warp.grid.shape, affine)
    return _registration(about_transform(value), Warp(grid, stored, warp.affine))


def _warp(value: Registration) -> Warp:
    if not isinstance(value.transform, Warp):
        raise ValueError("the transform is an affine, not a warp")
    return value.transform


def _affine(value: Registration) -> NDArray[np.float64]:
    transform = value.transform
    return transform.affine if isinstance(transform, Warp) else transform


def _registration(about: Mapping[str, Any], warp: Warp | None = None) -> Registration:
    return Registration(
        np.array(about["Affine"], dtype=np.float64) if warp is None else warp,
        about["Confidence"],
        about["Assessable"],
        about["Reason"],
        about["Measures"],
    )
