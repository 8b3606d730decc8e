"""How much of k-space an image was sampled in, and how its edges were tapered, by its own looks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.phantom.scanner.dipole_field import Size3

_LEAST, _LEAST_TAPER = 24, 48
"""Axes of fewer voxels say too little: they are taken as fully sampled, or as without taper."""

_BAND = 0.12
_DROP, _DROP_MAGNITUDE = 1.2, 0.65
"""Decades of power from one band of frequencies to the next that only zero-filling makes."""

_BETTER = 2.2
"""By so much a taper has to lessen what a power law leaves."""


@dataclass(frozen=True)
class Support:
    """Sampled k-space along each axis of an image.

    Parameters
    ----------
    share : tuple of 3 float
        Sampled part of the image's k-space, (0, 1]: below 1 the image is zero-filled.
    edge : tuple of 3 float
        Weight at the edge of what was sampled, (0, 1]: ``edge + (1 - edge) cos^2(pi/2 k/K)``.

    Raises
    ------
    ValueError
        If a number is not in its range.
    """

    share: Size3 = (1.0, 1.0, 1.0)
    edge: Size3 = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        if not all(0 < part <= 1 for part in (*self.share, *self.edge)):
            raise ValueError(f"share and edge lie above 0 and up to 1: {self.share}, {self.edge}")

    @property
    def is_full(self) -> bool:
        """Whether all of k-space was sampled and nothing tapered."""
        return min(*self.share, *self.edge) == 1.0

    def weight(self, k: NDArray[Any], axis: int) -> NDArray[np.float64]:
        """Return W at frequencies (1 per voxel) along an axis."""
        part = np.abs(k) * 2.0 / self.share[axis]
        taper = self.edge[axis] + (1.0 - self.edge[axis]) * np.cos(math.pi / 2.0 * part) ** 2
        return np.where(part <= 1.0, taper, 0.0)

    def correlation(self, lag: int, axis: int) -> float:
        """Return how noise correlates with itself ``lag`` voxels along an axis."""
        k = (np.arange(1024) + 0.5) / 1024.0 - 0.5
        power = self.weight(k, axis) ** 2
        return float(np.sum(power * np.cos(2.0 * math.pi * k * lag)) / np.sum(power))


def kspace_support(image: NDArray[Any]) -> Support:
    """Estimate the sampled part of k-space and its taper from an image.

    Parameters
    ----------
    image : ndarray, (x, y, z)
        Complex signal; a magnitude will do, but its rectified noise blurs the edges.

    Returns
    -------
    Support
        Share 1 for axes of fewer than 24 voxels, edge 1 for fewer than 48.

    Notes
    -----
    Power along each axis, 0.1 to 0.34 of the Nyquist frequency off it along the others (so that
    corners left out do not matter), the image tapered towards its own edges.
    Zero-filling is a drop by 1.2 decades (0.65 in magnitude alone) over 0.12 of the Nyquist
    frequency; the taper is that of `Support` which, times a power law, fits best. The share is
    found to 0.04. Known failures: a taper to 0.4 or more may pass unseen; the spectrum of a head is
    no power law, so that where signal outweighs noise up to the edge, weights down to 0.35 are
    found now and then where nothing was tapered; corners of k-space that were left out (elliptical
    sampling) are not modelled.
    """
    if image.ndim != 3:
        raise ValueError(f"one volume is needed, not {image.shape}")
    drop = _DROP if np.iscomplexobj(image) else _DROP_MAGNITUDE
    values = np.nan_to_num(np.asarray(image), posinf=0.0, neginf=0.0).astype(np.complex64)
    for axis, n in enumerate(values.shape):
        if n >= _LEAST:
            values *= _along(0.5 - 0.5 * np.cos(2.0 * math.pi * (np.arange(n) + 0.5) / n), axis)
    power = np.abs(scipy.fft.fftn(values, overwrite_x=True)) ** 2
    found = [_axis_support(power, axis, drop) for axis in range(3)]
    (a, p), (b, q), (c, r) = found
    return Support((a, b, c), (p, q, r))


def _along(values: NDArray[np.float64], axis: int) -> NDArray[np.float32]:
    shape = [1, 1, 1]
    shape[axis] = -1
    return values.reshape(shape).astype(np.float32)


def _axis_support(power: NDArray[np.float32], axis: int, drop: float) -> tuple[float, float]:
    """Return sampled share and weight at its edge along one axis."""
    n = power.shape[axis]
    if n < _LEAST or not power.any():
        return 1.0, 1.0
    for other, size in enumerate(power.shape):
        if other != axis and size >= _LEAST:
            k = np.abs(np.fft.fftfreq(size))
            power = np.compress((k > 0.05) & (k < 0.17), power, axis=other)
    profile = power.mean(axis=tuple(a for a in range(3) if a != axis), dtype=np.float64)
    half = n // 2
    both = profile[1:half] + profile[: n - half : -1]
    log = np.log10(np.maximum(both, both.max() * 1e-12))
    k = 2.0 * np.arange(1, half) / n
    share = _share(k, log, drop)
    return share, _edge(k, log, share) if n >= _LEAST_TAPER else 1.0


def _share(k: NDArray[np.float64], log: NDArray[np.float64], least: float) -> float:
    """Return where the power falls off a cliff, as a share of the Nyquist frequency."""
    best, share = least, 1.0
    for at in (k[:-1] + k[1:]) / 2.0:
        inside = log[(k < at) & (k > at - _BAND)]
        outside = log[(k > at) & (k < at + _BAND)]
        if at < 0.4 or len(outside) < 3:
            continue
        drop = float(inside.mean() - outside.mean())
        if drop > best:
            # The image's own taper widens k-space by a sample.
            best, share = drop, float(at - k[0])
    return share


def _edge(k: NDArray[np.float64], log: NDArray[np.float64], share: float) -> float:
    """Return the weight at the edge: the taper that leaves the least of a power law."""
    part = k / share
    seen = (part > 0.3) & (part < 0.95)
    law = np.stack([np.ones(int(seen.sum())), np.log10(part[seen])], axis=1)
    left = []
    edges = np.linspace(1.0, 0.05, 39)
    for edge in edges:
        taper = edge + (1.0 - edge) * np.cos(math.pi / 2.0 * part[seen]) ** 2
        rest = log[seen] - 2.0 * np.log10(taper)
        over = rest - law @ np.linalg.lstsq(law, rest, rcond=None)[0]
        left.append(float(over @ over))
    best = int(np.argmin(left))
    return float(edges[best]) if left[best] * _BETTER < left[0] else 1.0


FULL = Support()
"""All of k-space, without a taper."""
