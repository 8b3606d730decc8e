"""What age does to a head's shape: wide ventricles and sulci, a small hippocampus."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from arteriole.numerics.morphology import bounding_box
from arteriole.phantom.random_field import gaussian_field

Share = NDArray[np.float32]

SULCI_MM = 0.9
"""How far the cortex recedes from fluid at full atrophy, on average."""

PUSH_MM = 4.5
"""Width over which tissue around a growing ventricle gives way."""

STEPS = 4
"""Steps in which a change of shape is walked."""

PULL_MM = 4.0
"""The same round a shrinking hippocampus."""


def ventricle_growth(volume_ml: float, atrophy: float) -> float:
    """Return the factor by which ventricles grow: up to 2, and at most 30 ml more."""
    return 1.0 + atrophy * min(1.0, 30.0 / max(volume_ml, 1e-6))


def hippocampus_left(atrophy: float) -> float:
    """Return the share of the hippocampus that is left."""
    return 1.0 - 0.25 * atrophy


def ageing_shift(
    ventricles: Share, hippocampus: Share, spacing_mm: float, *, atrophy: float
) -> NDArray[np.float64]:
    """Return how far (mm) points of an aged head lie from where they come from in the young one.

    Parameters
    ----------
    ventricles, hippocampus : ndarray, float32, (x, y, z)
        Share of each cell in them.
    spacing_mm : float
        Size of a cell.
    atrophy : float
        From 0 (none) to 1.

    Returns
    -------
    ndarray, float64, (3, x, y, z)
        Added to a position of the aged head; along the gradient of the blurred ventricles, so that
        they grow and the tissue around them gives way, and against that of the hippocampus.

    Notes
    -----
    The gradient's factor is found by the secant method so that volumes are those of
    `ventricle_growth` and `hippocampus_left`. Wide parts grow more than thin horns do.
    """
    shift = np.zeros((3, *ventricles.shape))
    if atrophy == 0 or not (ventricles.any() or hippocampus.any()):
        return shift
    volume_ml = float(ventricles.sum(dtype=np.float64)) * spacing_mm**3 * 1e-3
    box = _around(ventricles + hippocampus, 5.0 * PUSH_MM / spacing_mm)
    wider = ventricle_growth(volume_ml, atrophy)
    part = np.zeros((3, *ventricles[box].shape))
    part = _towards(ventricles[box], part, wider, PUSH_MM, spacing_mm)
    less = hippocampus_left(atrophy)
    part = _towards(hippocampus[box], part, less, PULL_MM, spacing_mm)
    shift[:, box[0], box[1], box[2]] = part
    return shift


def _around(share: Share, margin: float) -> tuple[slice, slice, slice]:
    """Return the box of a solid and a margin around it."""
    sides = [
        slice(max(int(s.start - margin), 0), min(int(s.stop + margin) + 1, n))
        for s, n in zip(bounding_box(share > 0), share.shape, strict=True)
    ]
    return (sides[0], sides[1], sides[2])


def _towards(
    share: Share, shift: NDArray[np.float64], factor: float, width_mm: float, spacing_mm: float
) -> NDArray[np.float64]:
    """Follow the shift that brings a solid's volume to ``factor`` times what it was."""
    before = float(share.sum(dtype=np.float64))
    if before == 0:
        return shift
    blurred = scipy.ndimage.gaussian_filter(share.astype(np.float64), width_mm / spacing_mm)
    slope = np.stack(np.gradient(blurred, spacing_mm))
    slope /= np.linalg.norm(slope, axis=0).max()
    places = np.stack(np.meshgrid(*[np.arange(n) for n in share.shape], indexing="ij"))
    last, volume, length = 0.0, before, 1.5 if factor > 1 else -1.0
    for _ in range(4):
        moved = _followed(shift, slope, places, length, spacing_mm)
        now = float(_sampled(share, places + moved / spacing_mm).sum(dtype=np.float64))
        rate = (now - volume) / (length - last)
        last, volume = length, now
        length = float(np.clip(length + (factor * before - now) / rate, -8.0, 12.0))
        if abs(length - last) < 0.02:
            break
    return _followed(shift, slope, places, length, spacing_mm)


def _followed(
    shift: NDArray[np.float64],
    slope: NDArray[np.float64],
    places: NDArray[Any],
    length_mm: float,
    spacing_mm: float,
) -> NDArray[np.float64]:
    """Walk along a fixed field in small steps, so that no two ways cross."""
    for _ in range(STEPS):
        at = places + shift / spacing_mm
        shift = shift + (length_mm / STEPS) * np.stack([_sampled(s, at) for s in slope])
    return shift


def _sampled(values: NDArray[Any], at: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(scipy.ndimage.map_coordinates(values, at, order=1))


def receding(
    rng: np.random.Generator,
    points: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    *,
    atrophy: float,
) -> Share:
    """Return how far (mm) the cortex recedes from fluid at points: patchy, never negative."""
    patch = gaussian_field(rng, 60.0, bandwidth=0.5, size=32).at(*points)
    return np.asarray(np.float32(SULCI_MM * atrophy) * np.exp(0.4 * patch - 0.08), dtype=np.float32)
