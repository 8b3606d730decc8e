"""A small head whose field, phase offset and noise are known: what the phase tests share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.smooth import gaussian
from arteriole.units import hz_per_ppm

TWO_PI = 2 * np.pi


@dataclass
class SimulatedHead:
    magnitude: np.ndarray
    phase: np.ndarray
    truth: np.ndarray
    """Phase without wraps and noise, rad."""
    field_hz: np.ndarray
    offset: np.ndarray
    mask: np.ndarray
    te_s: tuple[float, ...]
    voxel_size_mm: tuple[float, float, float]
    sigma: float


def simulate_head(
    rng,
    *,
    shape=(64, 60, 48),
    voxel_size_mm=(2.5, 2.5, 2.5),
    te_s=(0.005, 0.010, 0.015, 0.020),
    b0_tesla=3.0,
    b0_direction=(0.0, 0.0, 1.0),
    sigma=0.02,
    coil=0.0,
    sinus_ppm=9.4,
) -> SimulatedHead:
    """Texture, dots and tubes in an ellipsoid over an air-filled sinus; a coil with its phase."""
    axes = [(np.arange(n) - (n - 1) / 2) * d for n, d in zip(shape, voxel_size_mm, strict=True)]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    radii = [0.4 * n * d for n, d in zip(shape, voxel_size_mm, strict=True)]
    brain = (x / radii[0]) ** 2 + (y / radii[1]) ** 2 + (z / radii[2]) ** 2 < 1
    place = (0.0, 0.8 * radii[1], -0.8 * radii[2])
    far = np.sqrt((x - place[0]) ** 2 + (y - place[1]) ** 2 + (z - place[2]) ** 2)
    brain &= far > 0.4 * radii[0]
    texture = gaussian(rng.normal(size=shape), 4.0, voxel_size_mm=voxel_size_mm)
    texture /= texture.std()
    chi = np.where(brain, 0.02 * texture, 0.0)
    for _ in range(6):
        centre = [rng.uniform(-0.5, 0.5) * r for r in radii]
        dot = sum((a - c) ** 2 for a, c in zip((x, y, z), centre, strict=True)) < 6.0**2
        chi[dot & brain] = rng.uniform(-0.2, 0.3)
    chi[far < 0.18 * radii[0]] = sinus_ppm
    padded = tuple(2 * n for n in shape)
    kernel = dipole_kernel(padded, voxel_size_mm=voxel_size_mm, b0_direction=b0_direction)
    field = irfft(rfft(chi, padded) * kernel, padded, shape) * hz_per_ppm(b0_tesla)
    field = field - np.median(field[brain]) + 0.2 * (x + y - z) / b0_tesla
    offset = coil * (np.sin(x / 60) + np.cos(y / 50 + 0.5) + z / 100)
    density = np.where(brain, 1 + 0.1 * texture, 0.05)
    echoes, truth = [], []
    for te in te_s:
        angle = TWO_PI * field * te + offset
        noise = rng.normal(size=shape) + 1j * rng.normal(size=shape)
        echoes.append(density * np.exp(-20 * te + 1j * angle) + sigma * noise)
        truth.append(angle)
    signal = np.array(echoes)
    return SimulatedHead(
        magnitude=np.abs(signal).astype(np.float32),
        phase=np.angle(signal).astype(np.float32),
        truth=np.array(truth, dtype=np.float32),
        field_hz=field.astype(np.float32),
        offset=offset.astype(np.float32),
        mask=brain,
        te_s=te_s,
        voxel_size_mm=voxel_size_mm,
        sigma=sigma,
    )


def wrong_fraction(unwrapped, truth, mask) -> float:
    """Share of voxels more than half a turn from the truth, after the commonest whole turn."""
    apart = (unwrapped - truth)[mask]
    apart = apart - TWO_PI * np.median(np.rint(apart / TWO_PI))
    return float((np.abs(apart) > np.pi).mean())


def wrap(phase):
    return np.angle(np.exp(1j * phase)).astype(np.float32)
