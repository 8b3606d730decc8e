"""Borders of the reference image on the other images, for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.grid import Grid, Volume


def moved_references(values: Mapping[str, Any], grid: Grid | None) -> dict[str, Any]:
    """Return the reference's brain and ventricles on each other image, as labels.

    Parameters
    ----------
    values : mapping
        All values of the session; nothing is moved without ``alignment``.
    grid : Grid or None
        Of the gradient echo.

    Returns
    -------
    dict
        ``flair_reference_labels``, a Volume, and so on; ``gre_reference_labels``, an array.
    """
    if "alignment" not in values:
        return {}
    alignment = values["alignment"]
    reference = _on_grid(values.get(f"{alignment.reference}_labels"), grid)
    moved: dict[str, Any] = {}
    for name, registration in alignment.to_reference.items():
        own = _on_grid(values.get(f"{name}_labels"), grid)
        if reference is None or own is None:
            continue
        labels = _moved(reference, own.grid, registration.transform)
        moved[f"{name}_reference_labels"] = labels if name == "gre" else Volume(labels, own.grid)
    return moved


def _on_grid(value: Any, grid: Grid | None) -> Volume | None:
    if value is None or isinstance(value, Volume):
        return value
    return None if grid is None else Volume(value, grid)


def _moved(reference: Volume, grid: Grid, motion: Any) -> NDArray[np.uint8]:
    """Return brain (as its white matter) and lateral ventricles of the reference on a grid."""
    # Registration needs the kernels; sessions without do without.
    from arteriole.brain.registration.resample import resample

    out = np.zeros(grid.shape, np.uint8)
    for label, parts in ((c.WHITE, c.BRAIN), (c.LATERAL, c.VENTRICLES)):
        share = np.isin(reference.data, parts).astype(np.float32)
        out[resample(share, reference.grid, onto=grid, transforms=motion) > 0.5] = label
    return out
