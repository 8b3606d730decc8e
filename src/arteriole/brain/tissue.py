"""Tissue from intensities: a Gaussian mixture under a prior for each part of the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.brain import classes as c
from arteriole.brain.tissue_kernels import AROUND, PARTS, SHARES, posterior, statistics
from arteriole.grid import Grid
from arteriole.numerics.smooth import gaussian

Image = NDArray[np.float32]

GROUPS = (
    c.VENTRICLES, (c.SULCAL,), (c.CORTEX, c.HIPPOCAMPUS, c.AMYGDALA), (c.WHITE,),
    (c.CEREBELLAR_CORTEX,), (c.CEREBELLAR_WHITE,), (c.BRAINSTEM, c.VENTRAL), (c.THALAMUS,),
    (c.CAUDATE, c.PUTAMEN, c.ACCUMBENS), (c.PALLIDUM,),
    *[(len(c.CLASSES) + n,) for n in range(len(AROUND))],
)  # fmt: skip
"""Parts that share a mean and a spread; the last ones lie around the brain."""
OUTLIERS = 0.1
"""Share of each tissue that may have any intensity: lesions, vessels."""
SHARPNESS = 0.7
"""The prior is raised to this power: it is surer of itself than it is right."""
NEIGHBOURS = 0.3
"""Pull of a neighbour of the same tissue, as a difference of log-probabilities."""
WIDEST = 1.8
"""Most spread of a tissue of the brain, in parts of the median tissue's."""
BIAS_MM = 30.0
"""Width of the Gaussian that the remaining bias is smooth over."""


@dataclass(frozen=True)
class TissueModel:
    """Mean and standard deviation of each group of parts, in the image's unit.

    Parameters
    ----------
    mean, spread : ndarray, (groups,)
        In the order of `GROUPS`.
    """

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SegmentedTissue:
    """What `segment_tissue` finds, on the image's own grid.

    Parameters
    ----------
    labels : ndarray, uint8, (x, y, z)
        The likeliest part, of `arteriole.brain.classes.CLASSES`.
    shares : ndarray, float32, (3, x, y, z)
        Probability of fluid, grey and white matter; the rest to one is outside.
    bias : ndarray, float32, (x, y, z)
        Smooth factor that was divided out, 1 on average.
    model : TissueModel
        Fitted intensities.
    """

    labels: NDArray[np.uint8]
    shares: Image
    bias: Image
    model: TissueModel


def segment_tissue(
    image: NDArray[Any],
    grid: Grid,
    prior: Image,
    prior_grid: Grid,
    *,
    iterations: int = 12,
    sharpness: float = SHARPNESS,
    outliers: float = OUTLIERS,
    neighbours: float = NEIGHBOURS,
    rounds: int = 3,
) -> SegmentedTissue:
    """Divide a head into its parts by their intensities and a prior that lies on the image.

    Parameters
    ----------
    image : ndarray, (x, y, z)
        Any contrast, any unit; finite.
    grid : Grid
        Where its voxels are.
    prior : ndarray, float32, (18 or 22, p, q, r)
        Probability of each part, of `arteriole.brain.classes.CLASSES`, and of those `AROUND` the
        brain where an atlas tells them apart.
    prior_grid : Grid
        Where the prior is, in the same world.
    iterations : int
        Rounds of expectation and maximisation for means, spreads and bias.
    sharpness : float
        Power of the prior.
    outliers : float
        Share of each tissue whose intensity is anything.
    neighbours : float
        Weight of the six neighbours (mean field).
    rounds : int
        Rounds in which neighbours are asked.

    Returns
    -------
    SegmentedTissue
        Parts, shares of fluid, grey and white matter, bias and model.

    Raises
    ------
    ValueError
        If shapes do not fit, or the prior leaves no brain inside the image.

    Notes
    -----
    ``p(part | I) ~ prior^s ((1 - e) N(I / b; m, s) + e / range)``, groups of parts sharing m and
    s (Ashburner 2005). The field b grows round by round by the least-squares factor between the
    image and what the model expects, smooth over 30 mm. The uniform term leaves lesions to the
    prior: a bright spot in white matter stays white matter, and one that looks exactly like grey
    matter does so where the prior leaves little doubt. Where two tissues look alike (grey and
    white matter in FLAIR), the prior decides, and its own resolution is that of the answer.

    References
    ----------
    Ashburner & Friston 2005, doi:10.1016/j.neuroimage.2005.02.018.
    """
    if image.shape != grid.shape or prior.shape[1:] != prior_grid.shape:
        raise ValueError(
            f"image {image.shape} and prior {prior.shape} do not fit their grids {grid.shape} and "
            f"{prior_grid.shape}"
        )
    table = _packed(prior, sharpness)
    matrix = np.linalg.inv(prior_grid.affine) @ grid.affine
    signal = np.ascontiguousarray(image, dtype=np.float32)
    fit = _fitted(signal, grid, table, matrix, iterations, outliers)
    labels = np.zeros(signal.shape, np.uint8)
    shares = np.zeros((3, *signal.shape), np.float32)
    for turn in range(rounds):
        pull = 0.0 if turn == 0 else neighbours
        new = np.zeros_like(shares)
        posterior(
            signal, fit.bias, table, matrix, _GROUP_OF, SHARES, fit.model.mean, fit.model.spread,
            outliers, fit.top, shares, pull, labels, new,
        )  # fmt: skip
        shares = new
    return SegmentedTissue(labels, shares, fit.bias, fit.model)


def part_posteriors(
    image: Image, grid: Grid, prior: Image, *, iterations: int = 8, outliers: float = OUTLIERS
) -> Image:
    """Return the probability of each part given its intensity, where image and prior share a grid.

    Parameters
    ----------
    image : ndarray, float32, (x, y, z)
        Any contrast.
    grid : Grid
        Where its voxels are.
    prior : ndarray, float32, (18 or 22, x, y, z)
        As for `segment_tissue`.
    iterations : int
        Rounds of expectation and maximisation.
    outliers : float
        Share of each tissue whose intensity is anything.

    Returns
    -------
    ndarray, float32, shape of ``prior``
        They add up to 1 in each voxel.
    """
    table = _packed(prior, 1.0)
    signal = np.ascontiguousarray(image, dtype=np.float32)
    fit = _fitted(signal, grid, table, np.eye(4), iterations, outliers)
    value = signal / fit.bias
    likely = np.empty((len(GROUPS) + 1, *signal.shape), np.float32)
    for n, (mean, spread) in enumerate(zip(fit.model.mean, fit.model.spread, strict=True)):
        z = np.square((value - np.float32(mean)) / np.float32(spread))
        likely[n] = (1 - outliers) * np.exp(-0.5 * z) / (spread * np.sqrt(2 * np.pi))
        likely[n] += outliers / fit.top
    likely[-1] = 1 / fit.top
    out = np.stack([prior[n] * likely[g] for n, g in enumerate(_GROUP_OF[: len(prior)])])
    out[c.SULCAL] = 0.5 * (out[c.SULCAL] + prior[c.SULCAL] * likely[_GROUP_OF[-1]])
    out /= np.maximum(out.sum(axis=0), 1e-30)
    return out


@dataclass(frozen=True, eq=False)
class _Fit:
    model: TissueModel
    bias: Image
    top: float


def _fitted(
    signal: Image,
    grid: Grid,
    table: Image,
    matrix: NDArray[np.float64],
    iterations: int,
    outliers: float,
) -> _Fit:
    """Return the mixture and the bias of an image, from voxels about 2 mm apart."""
    steps = np.array([max(1, int(2.0 // d)) for d in grid.voxel_size_mm])
    coarse = np.ascontiguousarray(signal[:: steps[0], :: steps[1], :: steps[2]])
    to_prior = matrix @ np.diag([*steps, 1.0])
    model, top = _start(coarse, table, to_prior)
    bias = np.ones_like(coarse)
    size = tuple(float(d * n) for d, n in zip(grid.voxel_size_mm, steps, strict=True))
    for step in range(iterations):
        sums, up, down = statistics(
            coarse, bias, table, to_prior, _GROUP_OF, model.mean, model.spread, outliers, top
        )
        model = _maximised(sums, model, top)
        if step >= 2:
            bias = bias * _smooth_factor(up, down, size)
    return _Fit(model, _finer(bias, steps, signal.shape), top)


_GROUP_OF = np.full(PARTS, -1, dtype=np.int64)
for _number, _parts in enumerate(GROUPS):
    _GROUP_OF[list(_parts)] = _number
_GROUP_OF[-1] = GROUPS.index(c.VENTRICLES)


def _packed(prior: Image, sharpness: float) -> Image:
    """Return the prior, sharpened or softened, with the parts in the last axis, then their sum.

    The sum is that of the parts inside the skull.
    """
    soft = np.power(np.clip(prior, 0.0, 1.0), np.float32(sharpness))
    soft /= np.maximum(soft.sum(axis=0), 1e-9)
    table = np.zeros((PARTS + 1, *soft.shape[1:]), np.float32)
    table[: len(soft)] = soft
    table[-1] = soft[1 : len(c.CLASSES)].sum(axis=0)
    table[c.SULCAL] = table[-2] = soft[c.SULCAL] / 2
    return np.ascontiguousarray(np.moveaxis(table, 0, -1), dtype=np.float32)


def _start(coarse: Image, table: Image, to_prior: NDArray[np.float64]) -> tuple[TissueModel, float]:
    """Return means and spreads by the prior alone, and the range of intensities."""
    flat = np.zeros(len(GROUPS))
    wide = np.full(len(GROUPS), np.inf)
    sums, _, _ = statistics(
        coarse, np.ones_like(coarse), table, to_prior, _GROUP_OF, flat, wide, 1.0, 1.0
    )
    if sums[:, 0].sum() < 100:
        raise ValueError("the prior leaves no brain inside the image")
    weight = np.maximum(sums[:, 0], 1e-9)
    mean = np.where(sums[:, 0] > 0, sums[:, 1] / weight, 0.0)
    spread = np.sqrt(np.maximum(sums[:, 2] / weight - mean**2, 0))
    whole = float(np.percentile(coarse, 99.9) - coarse.min())
    top = max(min(whole, 4.0 * float(mean[: -len(AROUND)].max())), 1e-6)
    # Both kinds of soft tissue have one prior: one begins darker, the other brighter.
    mean[-2:] += np.array([-0.7, 0.7]) * spread[-2:]
    return TissueModel(mean, np.maximum(spread, 0.02 * top)), top


def _maximised(sums: NDArray[np.float64], old: TissueModel, top: float) -> TissueModel:
    """Return the means and spreads that the sums of weight, value and square tell.

    A tissue of the brain does not spread far more than most: that would be the skull's doing.
    """
    enough = sums[:, 0] > 20
    weight = np.where(enough, sums[:, 0], 1.0)
    mean = np.where(enough, sums[:, 1] / weight, old.mean)
    spread = np.sqrt(np.maximum(sums[:, 2] / weight - (sums[:, 1] / weight) ** 2, 0))
    spread = np.where(enough, np.maximum(spread, 0.004 * top), old.spread)
    inner = slice(0, len(GROUPS) - len(AROUND))
    spread[inner] = np.minimum(spread[inner], WIDEST * np.median(spread[inner]))
    return TissueModel(mean, spread)


def _smooth_factor(up: Image, down: Image, size: tuple[float, ...]) -> Image:
    """Return the factor between image and model, smooth, 1 on average inside."""
    sizes = (size[0], size[1], size[2])
    above = gaussian(up, BIAS_MM, voxel_size_mm=sizes)
    below = gaussian(down, BIAS_MM, voxel_size_mm=sizes)
    floor = 1e-4 * float(below.max())
    factor = (above + floor) / (below + floor)
    inside = down > 0
    return np.asarray(np.clip(factor / factor[inside].mean(), 0.2, 5.0), dtype=np.float32)


def _finer(bias: Image, steps: NDArray[np.int64], shape: tuple[int, ...]) -> Image:
    """Return the bias, kept on every so-many-th voxel, at all voxels (linear)."""
    for axis, step in enumerate(steps):
        if step > 1:
            place = np.minimum(np.arange(shape[axis]) / step, bias.shape[axis] - 1)
            low = place.astype(int)
            high = np.minimum(low + 1, bias.shape[axis] - 1)
            side = [1, 1, 1]
            side[axis] = shape[axis]
            share = (place - low).astype(np.float32).reshape(side)
            bias = bias.take(low, axis) * (1 - share) + bias.take(high, axis) * share
    return np.ascontiguousarray(bias, dtype=np.float32)
