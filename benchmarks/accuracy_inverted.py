"""Inversions that the programs of accuracy share: the chosen weight, the best one, and a peer."""

from __future__ import annotations

from typing import Any

import numpy as np
from accuracy_scans import best_weight, fit

from arteriole.numerics.morphology import bounding_box
from arteriole.settings import Settings
from arteriole.step import Acquisition
from arteriole.susceptibility.stage import invert_field
from arteriole.susceptibility.tv import invert_tv
from arteriole.units import hz_to_ppm

MARGIN = 9
"""Voxels around the mask's box for the peer, its own default."""


def inverted_by_default(
    field_hz: Any, mask: Any, noise_hz: Any, acquisition: Acquisition
) -> tuple[Any, float]:
    """Return chi (ppm) and weight (ppm mm) of the flow's step with default settings."""
    given = {"local_field_hz": field_hz, "qsm_mask": mask, "field_noise_hz": noise_hz}
    done = invert_field(given, acquisition, Settings())
    return done.values["chi_ppm"], float(done.facts["weight"])


def inverted_by_best(
    field_hz: Any, mask: Any, noise_hz: Any, scan: Acquisition, truth: Any, brain: Any, start: Any
) -> tuple[Any, float]:
    """Return chi (ppm) and weight (ppm mm) of the best, by the truth, of weights 1.6 times apart.

    ``start`` is the default's chi and weight. What is left out counts as 0, the mean of what is
    kept, as in the flow.
    """
    field, noise = (hz_to_ppm(v, scan.b0_tesla) for v in (field_hz, noise_hz))
    geometry = {"voxel_size_mm": scan.grid.voxel_size_mm, "b0_direction": scan.b0_direction}
    by_default, first = start
    best: tuple[float, Any, float] = (np.inf, None, 0.0)

    def error(weight: float) -> float:
        nonlocal best
        chi = by_default
        if weight != first:
            given = {"noise_ppm": noise, "weight": weight, "noise_factor": 0.0}
            chi = invert_tv(field, mask, **given, **geometry)
            chi = np.where(mask, chi - chi[mask].mean(dtype=float), 0).astype(np.float32)
        own = fit(np.where(brain, chi, 0), truth, brain)[1]
        if own < best[0]:
            best = (own, chi, weight)
        return own

    best_weight(error, first)
    return best[1], best[2]


def split_bregman(field_ppm: Any, mask: Any, *, voxel_size_mm: Any) -> Any:
    """Return chi (ppm) of qmrpy's split Bregman, with its own weights, on a local field.

    It is given the mask's box with a margin, even and as long as wide (others it gets wrong), and
    the field in radians at 20 ms and 3 T. It knows no field direction but the last axis.
    """
    from qmrpy.models.qsm import qsm_split_bregman

    radians = 2 * np.pi * 127.73 * 0.020
    box = bounding_box(mask)
    inside = mask[box]
    local = np.where(inside, field_ppm[box] - field_ppm[mask].mean(), 0) * radians
    width = max(inside.shape[:2]) + 2 * MARGIN
    wanted = (width, width, inside.shape[2] + 2 * MARGIN)
    room = [(MARGIN, n + n % 2 - m - MARGIN) for n, m in zip(wanted, inside.shape, strict=True)]
    chi = qsm_split_bregman(
        np.pad(local.astype(float), room),
        np.pad(inside.astype(float), room),
        lambda_l1=9.210553177e-4,
        lambda_l2=0.0316228,
        direction="forward",
        image_resolution_mm=np.asarray(voxel_size_mm, dtype=float),
        pad_size=(MARGIN,) * 3,
    )
    out = np.zeros(mask.shape, np.float32)
    out[box] = chi[tuple(slice(n) for n in inside.shape)] / radians
    return np.where(mask, out - out[mask].mean(), 0)
