"""PDF: background field removal by projection onto the fields of dipoles outside the mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arteriole.numerics.checks import check_field
from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import Shape3, good_shape, irfft, padded, rfft
from arteriole.numerics.jit import kernel, prange
from arteriole.numerics.morphology import bounding_box
from arteriole.numerics.steps import turn
from arteriole.numerics.sums import inner

Size3 = tuple[float, float, float]
Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Steps = tuple[int, int, int]

_COARSENINGS = 2
_HIGHEST_TRUST = 2.0
"""Voxels of little noise count at most this much more than the median voxel."""


def remove_background_pdf(
    field: Float32,
    mask: Mask,
    *,
    voxel_size_mm: Size3,
    b0_direction: Size3 = (0.0, 0.0, 1.0),
    noise: Float32 | None = None,
    outlier_sigmas: float = 0.0,
    pad_mm: float = 20.0,
    tolerance: float = 1e-3,
    iterations: int = 20,
) -> tuple[Float32, Mask]:
    """Return the field that sources inside the mask make, and where it is valid.

    Parameters
    ----------
    field : ndarray, float, (x, y, z)
        Total field, any unit, finite inside the mask.
    mask : ndarray, bool, (x, y, z)
        Where the total field is known.
    voxel_size_mm : tuple of 3 float
        Voxel sizes, mm.
    b0_direction : tuple of 3 float
        Unit vector of the main field in voxel axes.
    noise : ndarray, float, (x, y, z), optional
        Standard deviation of the field, unit of ``field``, not negative. Misfits are divided by
        it; without it all voxels count the same.
    outlier_sigmas : float
        Misfits above so many robust standard deviations count less, by the square of their
        excess; 0, as published, trusts all alike.
    pad_mm : float
        Width (mm) that is added to the mask's bounding box, periodic, for sources to lie in
        (published: 40, which takes twice as long for the same local field).
    tolerance : float
        The end is when the gradient has fallen to this share of what it is without sources,
        (0, 1).
    iterations : int
        Most steps of conjugate gradients, each two pairs of transforms, on each grid.

    Returns
    -------
    local : ndarray, float32, (x, y, z)
        Local field, unit of ``field``, zero outside the mask.
    mask : ndarray, bool, (x, y, z)
        The given mask: nothing is eroded.

    Raises
    ------
    ValueError
        If shapes differ, field or noise are not finite in the mask, or a width, a tolerance or a
        number is impossible.

    Notes
    -----
    Minimises ``|(f - D x) / noise|^2`` over sources x outside the mask by conjugate gradients;
    the local field is ``f - D x``. Run to the end it is the part of the field that is orthogonal
    to all harmonic fields: what sources inside make that is harmonic in the mask is lost, most of
    all near the edge, where the local field is badly underestimated. Within some 3 mm of the edge
    the result is no measurement.

    Most of a background is smooth and strong; plain conjugate gradients spend their steps on it.
    Here the problem is solved on voxels four and two times as long first, and each solution is
    where the next grid starts (axes of long voxels are not coarsened). Some ten steps on the
    finest grid then do what forty do from zero.

    References
    ----------
    Liu 2011, doi:10.1002/nbm.1670; down-weighting of outliers: Liu 2013, doi:10.1002/mrm.24272.
    """
    check_field(field, mask, voxel_size_mm)
    if not pad_mm >= 0 or not outlier_sigmas >= 0:
        raise ValueError(f"widths and bounds are not negative, not {pad_mm} and {outlier_sigmas}")
    if iterations < 1 or not 0 < tolerance < 1:
        raise ValueError(
            f"steps are positive and the tolerance in (0, 1), not {iterations} and {tolerance}"
        )
    trust = _trust(noise, mask)
    box = bounding_box(mask)
    # A constant is harmonic, and large next to what float32 must keep.
    centre = field[mask].mean(dtype=np.float64)
    centred = np.where(mask[box], field[box] - centre, 0).astype(np.float32)
    steps, shape = _coarsenings(mask[box].shape, voxel_size_mm, pad_mm)
    finest = _Problem(
        padded(centred, shape),
        padded(trust[box], shape),
        padded(mask[box], shape),
        padded(mask[box], shape),
        voxel_size_mm,
    )
    left = _project(finest, steps, b0_direction, outlier_sigmas, tolerance, iterations)
    local = np.zeros(mask.shape, np.float32)
    local[box] = np.where(mask[box], left[tuple(slice(n) for n in centred.shape)], 0)
    return local, mask.copy()


def _trust(noise: Float32 | None, mask: Mask) -> Float32:
    """Return one over the squared noise, relative to the median and bounded; 0 outside."""
    if noise is None:
        return mask.astype(np.float32)
    if noise.shape != mask.shape or not np.isfinite(noise[mask]).all() or noise[mask].min() < 0:
        raise ValueError("noise has the field's shape, is finite and not negative in the mask")
    median = float(np.median(noise[mask]))
    if median == 0:
        raise ValueError("the noise is zero in half of the mask")
    ratio = median / np.maximum(noise, median / _HIGHEST_TRUST)
    return np.where(mask, np.square(ratio), 0).astype(np.float32)


def _coarsenings(size: Shape3, voxel_size_mm: Size3, pad_mm: float) -> tuple[list[Steps], Shape3]:
    """Return how to coarsen, grid after grid, and a padded shape that allows it."""
    spacing = np.asarray(voxel_size_mm, dtype=np.float64)
    steps: list[Steps] = []
    for _ in range(_COARSENINGS):
        step = np.where(spacing < 1.5 * spacing.min(), 2, 1)
        steps.append((int(step[0]), int(step[1]), int(step[2])))
        spacing = spacing * step
    total = np.prod(steps, axis=0)
    wanted = np.asarray(size) + np.ceil(pad_mm / np.asarray(voxel_size_mm))
    x, y, z = (int(np.ceil(n / t)) for n, t in zip(wanted, total, strict=True))
    shape = [n * int(t) for n, t in zip(good_shape((x, y, z)), total, strict=True)]
    return steps, (shape[0], shape[1], shape[2])


@dataclass(frozen=True)
class _Problem:
    """Field, trust in it, voxels wholly and partly in the mask, and voxel sizes (mm)."""

    field: Float32
    trust: Float32
    whole: Mask
    part: Mask
    voxel_size_mm: Size3

    def coarser(self, step: Steps) -> _Problem:
        """Return the problem over blocks of voxels; data lie in blocks wholly in the mask."""
        whole = _block_mean(self.whole, step) > 1 - 1e-6
        trust = _block_mean(self.trust, step)
        field = _block_mean(self.trust * self.field, step) / np.where(trust > 0, trust, 1)
        x, y, z = (d * s for d, s in zip(self.voxel_size_mm, step, strict=True))
        return _Problem(
            np.where(whole, field, np.float32(0)),
            np.where(whole, trust, np.float32(0)),
            whole,
            _block_mean(self.part, step) > 1e-6,
            (x, y, z),
        )


def _project(
    problem: _Problem,
    steps: list[Steps],
    b0_direction: Size3,
    outlier_sigmas: float,
    tolerance: float,
    iterations: int,
) -> Float32:
    """Return what the fields of sources leave of the finest problem's field."""
    problems = [problem]
    for step in steps:
        problems.append(problems[-1].coarser(step))
    sources = np.zeros(problems[-1].field.shape, np.float32)
    left = problem.field
    for at in range(len(steps), -1, -1):
        now = problems[at]
        if at < len(steps):
            sources = np.where(now.part, np.float32(0), _repeated(sources, steps[at]))
        unit = dipole_kernel(
            now.field.shape, voxel_size_mm=now.voxel_size_mm, b0_direction=b0_direction
        )
        left = _fit(now, now.trust, unit, sources, tolerance, iterations)
        if outlier_sigmas > 0:
            trust = _without_outliers(now.trust, left, outlier_sigmas)
            left = _fit(now, trust, unit, sources, tolerance, iterations)
    return left


def _fit(
    problem: _Problem,
    trust: Float32,
    unit: Float32,
    sources: Float32,
    tolerance: float,
    iterations: int,
) -> Float32:
    """Improve the sources in place by conjugate gradients; return the field that is left."""

    def dipoles(volume: Float32) -> Float32:
        spectrum = rfft(volume)
        spectrum *= unit
        return irfft(spectrum, volume.shape)

    def downhill(weighted: Float32) -> Float32:
        gradient = dipoles(weighted)
        gradient[problem.part] = 0
        return gradient

    weighted = trust * problem.field
    start = downhill(weighted)
    first = inner(start, start)
    left = problem.field - dipoles(sources)
    np.multiply(trust, left, out=weighted)
    gradient = downhill(weighted)
    search = gradient.copy()
    energy = inner(gradient, gradient)
    for _ in range(iterations):
        if energy <= tolerance**2 * first:
            break
        # step
        change = dipoles(search)
        np.multiply(trust, change, out=weighted)
        step = np.float32(energy / inner(weighted, change))
        _advance(step, search, change, trust, sources, left, weighted)
        # next direction
        gradient = downhill(weighted)
        before, energy = energy, inner(gradient, gradient)
        turn(search, np.float32(energy / before), gradient)
    return left


@kernel(parallel=True)
def _advance(
    step: np.float32,
    search: Float32,
    change: Float32,
    trust: Float32,
    sources: Float32,
    left: Float32,
    weighted: Float32,
) -> None:
    """Take the step: more sources, less left, and that weighted by the trust."""
    nx, ny, nz = left.shape
    for i in prange(nx):
        for j in range(ny):
            for k in range(nz):
                sources[i, j, k] += step * search[i, j, k]
                left[i, j, k] -= step * change[i, j, k]
                weighted[i, j, k] = trust[i, j, k] * left[i, j, k]


def _without_outliers(trust: Float32, left: Float32, sigmas: float) -> Float32:
    """Return less trust where what is left exceeds so many robust standard deviations."""
    size = np.abs(left)
    bound = sigmas * 1.4826 * float(np.median(size[trust > 0]))
    return (trust / np.square(np.maximum(1, size / max(bound, 1e-30)))).astype(np.float32)


def _block_mean(volume: NDArray[Any], step: Steps) -> Float32:
    """Return the mean over blocks of voxels."""
    (a, b, c), (i, j, k) = volume.shape, step
    blocks = volume.reshape(a // i, i, b // j, j, c // k, k)
    return blocks.mean((1, 3, 5), dtype=np.float32)


def _repeated(volume: Float32, step: Steps) -> Float32:
    """Fill blocks of voxels with the value of the coarse voxel."""
    for axis, times in enumerate(step):
        volume = np.repeat(volume, times, axis=axis)
    return volume
