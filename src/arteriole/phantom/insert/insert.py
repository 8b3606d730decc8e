"""Lesions put into a real gradient echo: magnitude, phase and SWI, consistent with each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from arteriole.grid import Grid
from arteriole.phantom import tissue
from arteriole.phantom.insert.cluster import cluster_extent_mm, sphere_cluster
from arteriole.phantom.insert.echo_factor import EchoFactor, echo_factor
from arteriole.phantom.insert.kspace_support import FULL, Support, kspace_support
from arteriole.phantom.insert.noise_level import noise_level, noise_of_echoes
from arteriole.phantom.insert.point_spread import PointSpread
from arteriole.phantom.insert.positions import CLUSTER
from arteriole.phantom.insert.source import lesion_source
from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.scanner.dipole_field import Size3
from arteriole.phantom.scanner.vendor_swi import phase_mask, vendor_highpass, vendor_swi
from arteriole.phantom.tissue import TISSUES


@dataclass(frozen=True, eq=False)
class Inserted:
    """Images with lesions in them, and what was put in.

    Parameters
    ----------
    magnitude : ndarray or None, (e, x, y, z)
        In the type that was given.
    phase : ndarray, float32, or None, (e, x, y, z)
        Wrapped, rad, in the sign that was given.
    swi : ndarray or None, (x, y, z)
        In the type that was given.
    cover : ndarray, float32, (x, y, z)
        Fraction of each voxel that lies in a source.
    lesions : tuple of LesionTruth
        With the diameter that they show in the last echo.
    """

    magnitude: NDArray[Any] | None
    phase: NDArray[np.float32] | None
    swi: NDArray[Any] | None
    cover: NDArray[np.float32]
    lesions: tuple[LesionTruth, ...]


def insert_lesions(
    magnitude: NDArray[Any] | None,
    phase: NDArray[Any] | None,
    te_s: Sequence[float],
    b0_tesla: float,
    grid: Grid,
    lesions: Sequence[LesionTruth],
    *,
    rng: np.random.Generator,
    swi: NDArray[Any] | None = None,
    mask: NDArray[np.bool_] | None = None,
    phase_sign: Literal[1, -1] = 1,
    b0_direction: Size3 | None = None,
    point_spread: PointSpread = "sinc",
    support: Support | None = None,
    around_ppm: float = TISSUES[tissue.WHITE].chi_ppm,
    swi_lines: int = 64,
) -> Inserted:
    """Put microbleeds, calcifications and flow voids into images that are there already.

    Parameters
    ----------
    magnitude : ndarray, (e, x, y, z), or None
        Signal, any unit and type, not negative. None for a SWI alone.
    phase : ndarray, (e, x, y, z), or None
        Wrapped phase, rad. Without it the magnitude alone is changed.
    te_s : sequence of float
        Echo times, s, one an echo; the last is that of the SWI.
    b0_tesla : float
        Main field, T.
    grid : Grid
        Where the voxels are.
    lesions : sequence of LesionTruth
        What to put where (world mm); spheres, or clusters of spheres where ``form`` is `CLUSTER`.
    rng : numpy.random.Generator
        Draws the shape of clusters, and the noise in signal voids.
    swi : ndarray, (x, y, z), optional
        The scanner's or anyone's SWI of the last echo.
    mask : ndarray of bool, (x, y, z), optional
        Lesions must lie in it.
    phase_sign : {1, -1}
        1 if the given phase grows where the field is above B0, -1 if it falls.
    b0_direction : tuple of 3 float, optional
        Main field in voxel axes; from the grid unless given.
    point_spread, around_ppm
        See `echo_factor` and `lesion_source`.
    support : Support, optional
        How much of k-space was sampled; by `kspace_support` from the first echo unless given.
    swi_lines : int
        See `vendor_highpass`: how the SWI's phase mask is made, across the thickest axis.

    Returns
    -------
    Inserted
        Voxels out of a lesion's reach are exactly those that were given.

    Raises
    ------
    ValueError
        If shapes do not fit or a lesion lies outside image or mask.

    Notes
    -----
    The complex image is multiplied by `echo_factor`. That scales its noise as well, so that
    complex noise of variance ``sigma^2 (1 - |F|^2)`` is added: the dark core sits at the image's
    own Rician floor, with ``sigma`` by `noise_of_echoes` and the noise's own correlation. Voxels
    that a scanner set to 0 stay 0.

    A given SWI is multiplied by the ratio of the SWIs made from magnitude and phase after and
    before; without phase, by ``|F|`` and the phase mask of the high-passed phase of ``F`` alone.
    """
    te_s = tuple(float(te) for te in te_s)
    _check(magnitude, phase, swi, mask, te_s, grid)
    voxels = [_voxel_of(lesion, grid, mask) for lesion in lesions]
    new_magnitude = None if magnitude is None else np.array(magnitude)
    new_phase = None if phase is None else np.array(phase, dtype=np.float32)
    new_swi = None if swi is None else np.array(swi, dtype=np.float32)
    cover = np.zeros(grid.shape, dtype=np.float32)
    support = _support_of(magnitude, phase, swi) if support is None else support
    sigma = [] if magnitude is None else noise_of_echoes(magnitude, support)
    swi_sigma = 0.0 if swi is None else noise_level(swi, support)
    axis = int(np.argmax(grid.voxel_size_mm))
    made = []
    for lesion, _ in zip(lesions, voxels, strict=True):
        shaped, spheres = _shaped(lesion, rng)
        source = lesion_source(
            shaped,
            grid,
            te_s=te_s,
            b0_tesla=b0_tesla,
            around_ppm=around_ppm,
            spheres=spheres,
        )
        found = echo_factor(
            source,
            grid.shape,
            voxel_size_mm=grid.voxel_size_mm,
            b0_direction=grid.b0_direction if b0_direction is None else b0_direction,
            te_s=te_s,
            b0_tesla=b0_tesla,
            point_spread=point_spread,
            support=support,
        )
        if new_magnitude is not None:
            _multiply(new_magnitude, new_phase, found, sigma, support, phase_sign, rng)
        if new_swi is not None and phase is None:
            _darken(new_swi, found, swi_sigma, support, swi_lines, axis, rng)
        np.maximum(cover[found.box], found.cover, out=cover[found.box])
        shown = round(apparent_diameter_mm(found, grid.voxel_volume_mm3), 3)
        made.append(replace(shaped, apparent_diameter_mm=shown))
    if new_swi is not None and magnitude is not None and phase is not None:
        assert new_magnitude is not None
        assert new_phase is not None
        before, after = (
            vendor_swi(m[-1], p[-1], paramagnetic_sign=phase_sign, lines=swi_lines, slice_axis=axis)
            for m, p in ((magnitude, phase), (new_magnitude, new_phase))
        )
        _rescale(new_swi, before, after)
    return Inserted(
        new_magnitude,
        new_phase,
        None if swi is None or new_swi is None else _as_type(new_swi, swi.dtype),
        cover,
        tuple(made),
    )


def _shaped(
    lesion: LesionTruth, rng: np.random.Generator
) -> tuple[LesionTruth, NDArray[np.float64] | None]:
    """Return a lesion with the extent, and the parts, of the cluster that it is, if it is one."""
    if lesion.form != CLUSTER:
        return lesion, None
    spheres = sphere_cluster(rng, diameter_mm=lesion.source_diameter_mm)
    a, b, c = (round(size, 3) for size in cluster_extent_mm(spheres))
    return replace(lesion, extent_mm=(a, b, c)), spheres


def apparent_diameter_mm(found: EchoFactor, voxel_mm3: float) -> float:
    """Return the diameter of the sphere of the volume that is darker than half depth, last echo."""
    depth = 1.0 - np.abs(found.factor[-1])
    deepest = float(depth.max())
    if deepest <= 0:
        return 0.0
    return float(np.cbrt(6.0 / np.pi * voxel_mm3 * np.count_nonzero(depth > deepest / 2.0)))


def _check(
    magnitude: NDArray[Any] | None,
    phase: NDArray[Any] | None,
    swi: NDArray[Any] | None,
    mask: NDArray[np.bool_] | None,
    te_s: tuple[float, ...],
    grid: Grid,
) -> None:
    """Refuse what does not fit together."""
    if magnitude is None and (swi is None or phase is not None):
        raise ValueError("there is neither a magnitude nor a SWI alone to put lesions into")
    expected = (len(te_s), *grid.shape)
    for name, image in (("magnitude", magnitude), ("phase", phase)):
        if image is not None and image.shape != expected:
            raise ValueError(f"{name} has shape {image.shape}, expected {expected}")
    for name, volume in (("SWI", swi), ("mask", mask)):
        if volume is not None and volume.shape != grid.shape:
            raise ValueError(f"{name} has shape {volume.shape}, expected {grid.shape}")
    if not te_s or not all(a < b for a, b in zip((0.0, *te_s), te_s, strict=False)):
        raise ValueError(f"echo times must be positive and increase, not {te_s}")


def _voxel_of(
    lesion: LesionTruth, grid: Grid, mask: NDArray[np.bool_] | None
) -> tuple[int, int, int]:
    """Return the voxel that holds a lesion's middle, or refuse."""
    at = np.rint(grid.to_voxel(lesion.centre_mm)).astype(int)
    where = f"the {lesion.kind} at {lesion.centre_mm} mm"
    if (at < 0).any() or (at >= grid.shape).any():
        raise ValueError(f"{where} lies outside the image")
    voxel = (int(at[0]), int(at[1]), int(at[2]))
    if mask is not None and not mask[voxel]:
        raise ValueError(f"{where} lies outside the mask")
    return voxel


def _multiply(
    magnitude: NDArray[Any],
    phase: NDArray[np.float32] | None,
    found: EchoFactor,
    sigma: Sequence[float],
    support: Support,
    phase_sign: int,
    rng: np.random.Generator,
) -> None:
    """Multiply the echoes by a factor and fill in the noise that it took, in place."""
    where = (slice(None), *found.box)
    factor = found.factor if phase_sign > 0 else found.factor.conj()
    image = magnitude[where].astype(np.complex64)
    if phase is not None:
        image *= np.exp(1j * phase[where])
    empty = image == 0
    image *= factor
    for e, level in enumerate(sigma):
        image[e] += missing_noise(factor[e], level, rng, support)
    image[empty] = 0
    magnitude[where] = _as_type(np.abs(image), magnitude.dtype)
    if phase is not None:
        phase[where] = np.where(empty, phase[where], np.angle(image))


def missing_noise(
    factor: NDArray[np.complex64],
    sigma: float,
    rng: np.random.Generator,
    support: Support = FULL,
) -> NDArray[np.complex64]:
    """Return complex noise of variance sigma^2 (1 - |factor|^2) per channel, (x, y, z)."""
    share = np.sqrt(np.clip(1.0 - np.abs(factor) ** 2, 0.0, 1.0)).astype(np.float32)
    noise = rng.standard_normal((*factor.shape, 2), dtype=np.float32).view(np.complex64)[..., 0]
    if not support.is_full:
        noise = _limited(noise, support)
    return np.asarray(np.float32(sigma) * share * noise, dtype=np.complex64)


def _limited(noise: NDArray[np.complex64], support: Support) -> NDArray[np.complex64]:
    """Return white noise as k-space lets it through, of the same variance."""
    space = scipy.fft.fftn(noise, overwrite_x=True)
    for axis, n in enumerate(noise.shape):
        weight = support.weight(np.fft.fftfreq(n), axis)
        weight /= math.sqrt(float(np.mean(weight**2)))
        space *= weight.reshape([-1 if a == axis else 1 for a in range(3)]).astype(np.float32)
    return np.asarray(scipy.fft.ifftn(space, overwrite_x=True), dtype=np.complex64)


def _support_of(
    magnitude: NDArray[Any] | None, phase: NDArray[Any] | None, swi: NDArray[Any] | None
) -> Support:
    """Return the support of the first echo, or of a SWI alone."""
    if magnitude is None:
        return FULL if swi is None else kspace_support(swi)
    if phase is None:
        return kspace_support(magnitude[0])
    return kspace_support(magnitude[0] * np.exp(1j * np.asarray(phase[0], dtype=np.float32)))


def _darken(
    swi: NDArray[np.float32],
    found: EchoFactor,
    sigma: float,
    support: Support,
    lines: int,
    axis: int,
    rng: np.random.Generator,
) -> None:
    """Multiply a SWI by a factor and by the phase mask that the factor makes, in place."""
    factor = found.factor[-1]
    across: list[slice] = [slice(None)] * 3
    across[axis] = found.box[axis]
    whole = np.ones(swi[tuple(across)].shape, dtype=np.complex64)
    inner = list(found.box)
    inner[axis] = slice(None)
    whole[tuple(inner)] = factor
    local = vendor_highpass(np.abs(whole), np.angle(whole), lines=lines, slice_axis=axis)
    image = swi[found.box] * factor + missing_noise(factor, sigma, rng, support)
    swi[found.box] = np.abs(image) * phase_mask(local[tuple(inner)])


def _rescale(
    swi: NDArray[np.float32], before: NDArray[np.float32], after: NDArray[np.float32]
) -> None:
    """Bring a SWI to what it would be after the change, in place, where there is one."""
    typical = float(np.median(before[before > 0])) if (before > 0).any() else 0.0
    fair = before > 0.1 * typical
    if not fair.any():
        return
    unit = float(np.median(swi[fair] / before[fair]))
    changed = np.abs(after - before) > 0.002 * typical
    ratio = after / np.where(fair, before, 1.0)
    swi[changed] = np.where(fair, swi * ratio, unit * after)[changed]


def _as_type(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return values in the type that was given, rounded and clipped if it is an integer one."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)
    return values.astype(dtype)
