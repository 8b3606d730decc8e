"""Fields whose truth is known: closed-form spheres, and a textured head on a finer grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.ndimage


def positions(shape, voxel_size_mm):
    """Open axes (mm) of voxel centres around the middle of the volume."""
    return np.ix_(
        *[(np.arange(n) - (n - 1) / 2) * d for n, d in zip(shape, voxel_size_mm, strict=True)]
    )


def sphere(shape, voxel_size_mm, *, radius_mm, centre_mm=(0, 0, 0), parts=4):
    """Share of each voxel that lies in a sphere."""
    fine = [n * parts for n in shape]
    axes = positions(fine, [d / parts for d in voxel_size_mm])
    inside = sum((x - c) ** 2 for x, c in zip(axes, centre_mm, strict=True)) < radius_mm**2
    return block_mean(inside.astype(np.float32), parts)


def sphere_field(
    shape, voxel_size_mm, b0_direction, *, radius_mm, chi_ppm, centre_mm=(0, 0, 0), parts=2
):
    """Field (ppm) of a sphere, ``chi / 3 (a / r)^3 (3 cos^2 - 1)`` outside and 0 inside."""
    axes = positions([n * parts for n in shape], [d / parts for d in voxel_size_mm])
    away = [x - c for x, c in zip(axes, centre_mm, strict=True)]
    square = sum(x**2 for x in away)
    along = sum(x * b for x, b in zip(away, b0_direction, strict=True))
    field = chi_ppm / 3 * radius_mm**3 * (3 * along**2 - square) / np.maximum(square, 1e-9) ** 2.5
    return block_mean(np.where(square > radius_mm**2, field, 0).astype(np.float32), parts)


def block_mean(volume, parts):
    """Mean over blocks of ``parts`` voxels a side."""
    a, b, c = (n // parts for n in volume.shape)
    return volume.reshape(a, parts, b, parts, c, parts).mean((1, 3, 5))


def turned(degrees):
    """The main field tilted from z towards y and a little towards x, unit vector."""
    tilt = np.radians(degrees)
    return (
        float(np.sin(tilt) * 0.28),
        float(np.sin(tilt) * 0.96),
        float(np.cos(tilt)),
    )


def low_frequencies(volume, shape):
    """Keep the frequencies that a coarser grid holds, as a scanner does."""
    spectrum = scipy.fft.fftshift(scipy.fft.fftn(volume))
    keep = tuple(
        slice(n // 2 - m // 2, n // 2 - m // 2 + m)
        for n, m in zip(volume.shape, shape, strict=True)
    )
    spectrum = spectrum[keep]
    for axis, (n, m) in enumerate(zip(volume.shape, shape, strict=True)):
        # Coarse voxel centres lie (n / m - 1) / 2 fine voxels after the first fine centre.
        ramp = np.exp(2j * np.pi * (np.arange(m) - m // 2) / n * (n / m - 1) / 2)
        spectrum = np.moveaxis(np.moveaxis(spectrum, axis, -1) * ramp, -1, axis)
    scale = np.prod(shape) / np.prod(volume.shape)
    return scipy.fft.ifftn(scipy.fft.ifftshift(spectrum)) * scale


@dataclass
class Head:
    chi_ppm: np.ndarray
    local_ppm: np.ndarray
    total_ppm: np.ndarray
    mask: np.ndarray
    nuclei: list[np.ndarray]


def textured_head(shape, voxel_size_mm, b0_direction, *, seed=0):
    """A head with textured tissue, nuclei, a vein and air, computed at half the voxel size.

    The field is the dipole kernel's on the fine, padded grid; the signal of each fine voxel is
    then cut down in k-space, so that no inversion on the coarse grid can be right by construction.
    """
    rng = np.random.default_rng(seed)
    fine = [2 * n for n in shape]
    axes = positions(fine, [d / 2 for d in voxel_size_mm])
    extent = [n * d / 2 for n, d in zip(shape, voxel_size_mm, strict=True)]
    unit = [x / e for x, e in zip(axes, extent, strict=True)]

    def ball(centre, radii):
        return sum(((u - c) / r) ** 2 for u, c, r in zip(unit, centre, radii, strict=True))

    depth = ball((0, 0, 0), (0.78, 0.78, 0.78))
    brain, head = depth < 1, depth < 1.35
    texture = rng.standard_normal(fine).astype(np.float32)
    texture = sum(
        scipy.ndimage.gaussian_filter(texture, [2 * s / d for d in voxel_size_mm]) * s**1.5
        for s in (1.5, 3.0, 6.0)
    )
    chi = np.where(brain, 0.02 * texture / texture.std(), 0).astype(np.float32)
    nuclei = []
    for centre, value in (
        ((0.25, 0.15, 0), 0.06),
        ((-0.25, 0.15, 0), 0.12),
        ((0, -0.3, 0.1), 0.18),
    ):
        nucleus = ball(centre, (0.13, 0.18, 0.16)) < 1
        chi[nucleus] += value
        nuclei.append(nucleus)
    chi[ball((-0.3, -0.3, 0.2), (0.3, 0.04, 0.04)) < 1] = 0.3
    everything = np.where(head, chi, np.float32(9.4))
    everything[(ball((0.1, 0.95, -0.4), (0.15, 0.1, 0.2)) < 1) & ~brain] = 9.4
    fields = [_fine_field(c, voxel_size_mm, b0_direction) for c in (chi, everything)]
    sampled = [_sampled(f, head, shape) for f in fields]
    return Head(
        chi_ppm=block_mean(chi, 2),
        local_ppm=sampled[0],
        total_ppm=sampled[1],
        mask=block_mean(brain.astype(np.float32), 2) > 0.99,
        nuclei=[block_mean(n.astype(np.float32), 2) > 0.9 for n in nuclei],
    )


def _fine_field(chi, voxel_size_mm, b0_direction):
    shape = [scipy.fft.next_fast_len(int(1.3 * n), real=True) for n in chi.shape]
    k = [np.fft.fftfreq(n, d / 2) for n, d in zip(shape, voxel_size_mm, strict=True)]
    k[2] = np.fft.rfftfreq(shape[2], voxel_size_mm[2] / 2)
    kx, ky, kz = np.ix_(*k)
    square = kx**2 + ky**2 + kz**2
    square[0, 0, 0] = 1
    along = kx * b0_direction[0] + ky * b0_direction[1] + kz * b0_direction[2]
    edge = chi[0, 0, 0]
    spectrum = scipy.fft.rfftn(chi - edge, s=shape) * (1 / 3 - along**2 / square)
    return scipy.fft.irfftn(spectrum, s=shape)[tuple(slice(n) for n in chi.shape)]


def _sampled(field, head, shape):
    """What a scan sees: the phase of the mean signal, unwrapped by the known mean field."""
    radians_per_ppm = 2 * np.pi * 127.7 * 0.01
    signal = low_frequencies(head * np.exp(1j * radians_per_ppm * field), shape)
    mean = block_mean(field, 2)
    rest = np.angle(signal * np.exp(-1j * radians_per_ppm * mean))
    return (mean + rest / radians_per_ppm).astype(np.float32)


def slope(found, truth, where):
    """Regression slope of found on truth, both about their means."""
    x, y = truth[where] - truth[where].mean(), found[where] - found[where].mean()
    return float((x @ y) / (x @ x))


def nrmse(found, truth, where):
    """Error about the means as a share of the truth's own norm."""
    x, y = truth[where] - truth[where].mean(), found[where] - found[where].mean()
    return float(np.linalg.norm(y - x) / np.linalg.norm(x))
