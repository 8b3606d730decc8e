"""How surely vendor-filtered phase is found, and how seldom unfiltered phase is refused.

Each seed makes one scan, as it is and filtered: field strength, echo times, resolution, shim, coil
phase, obliqueness, noise and field of view all vary. Seeds 0-199 were for tuning, 1000-1199 are
for the committed result::

    python benchmarks/filtered_phase.py --first 1000 --count 200 --csv benchmarks/filtered_phase.csv
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.fft import fft2, ifft2, irfftn, rfftn
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial.transform import Rotation

from arteriole.numerics.dipole import dipole_kernel
from arteriole.units import hz_per_ppm

COARSE_MM = 3.0
COARSE = (80, 96, 80)
MOST_VOXELS = 250_000
AIR_PPM = 9.4


@dataclass
class Scan:
    """One simulated scan; ``kind`` says what was done to its phase."""

    seed: int
    kind: str
    detail: str
    magnitude: np.ndarray
    phase: np.ndarray
    te_s: tuple[float, ...]
    b0_tesla: float
    voxel_size_mm: tuple[float, float, float]
    mask: np.ndarray | None
    cropped: bool


def make_scans(seed: int) -> tuple[Scan, Scan]:
    """The same scan with its phase as it is, and high-pass filtered."""
    rng = np.random.default_rng([20261120, seed])
    b0 = float(rng.choice([1.5, 3.0, 3.0, 7.0, rng.uniform(1.5, 7.0)]))
    te_s = _echo_times(rng)
    field, tissue = _head(rng)
    in_plane = float(np.exp(rng.uniform(np.log(0.5), np.log(3.0))))
    voxel = (in_plane, in_plane, float(max(in_plane, rng.uniform(1.0, 3.0))))
    points, shape = _positions(rng, voxel)
    ppm = _sample(field, points, shape)
    brain = _sample((tissue == 2).astype(float), points, shape) > 0.5
    signal_here = _sample((tissue > 0).astype(float), points, shape)
    echoes = _acquire(rng, ppm, brain, signal_here, voxel, te_s, b0, points, shape)
    kind, detail, filtered = _filter(rng, echoes, voxel)
    mask = _imperfect(rng, brain) if rng.uniform() < 0.7 else None
    crop, cropped = _crop(rng, shape, voxel, brain)
    scans = []
    for name, what, complex_echoes in (("unfiltered", "", echoes), (kind, detail, filtered)):
        cut = complex_echoes[(slice(None), *crop)]
        scans.append(
            Scan(
                seed,
                name,
                what,
                np.abs(cut).astype(np.float32),
                np.angle(cut).astype(np.float32),
                te_s,
                b0,
                voxel,
                None if mask is None else mask[crop],
                cropped,
            )
        )
    return scans[0], scans[1]


def _echo_times(rng) -> tuple[float, ...]:
    if rng.uniform() < 0.5:
        return (float(rng.uniform(0.005, 0.040)),)
    first, step = rng.uniform(0.005, 0.010), rng.uniform(0.004, 0.010)
    return tuple(float(first + e * step) for e in range(rng.integers(2, 5)))


def _head(rng) -> tuple[np.ndarray, np.ndarray]:
    """Field (ppm) and tissue (0 air, 1 head, 2 brain) on a coarse grid, in scanner axes."""
    axes = [(np.arange(n) - (n - 1) / 2) * COARSE_MM for n in COARSE]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    a, b, c = rng.uniform(60, 74), rng.uniform(78, 92), rng.uniform(58, 70)
    centre = 8.0
    reach = np.sqrt((x / a) ** 2 + (y / b) ** 2 + ((z - centre) / c) ** 2)
    brain = reach < 1
    thick = rng.uniform(9, 16)
    head = ((x / (a + thick)) ** 2 + (y / (b + thick)) ** 2) + ((z - centre) / (c + thick)) ** 2 < 1
    neck = (np.hypot(x, y + 10) < rng.uniform(50, 65)) & (z < 0)
    head |= neck
    sinus = np.zeros(COARSE, bool)
    strength = rng.uniform(0.4, 1.3)
    places = [(0, b * 0.85, -c * 0.55, 16), (0, b * 0.55, -c * 0.85, 13)]
    places += [(s * a * 0.85, -5, -c * 0.75, 9) for s in (-1, 1)]
    for px, py, pz, r in places:
        far = (x - px) ** 2 + (y - py) ** 2 + (z - pz - centre) ** 2
        sinus |= far < (r * strength) ** 2
        brain &= far > (r * strength + 4) ** 2
    tissue = np.where(brain, 2, np.where(head & ~sinus, 1, 0))
    chi = np.where(tissue == 0, AIR_PPM, 0.0)
    chi[(reach >= 1) & (reach < 1.06) & head] -= 2.0 * rng.uniform(0, 1)  # bone
    chi += 0.02 * _texture(rng, COARSE, 2.0) * (tissue == 2)
    padded = tuple(3 * n // 2 for n in COARSE)
    big = np.full(padded, AIR_PPM, dtype=np.float32)
    inner = tuple(slice(n // 4, n // 4 + n) for n in COARSE)
    big[inner] = chi
    kernel = dipole_kernel(padded, voxel_size_mm=(COARSE_MM,) * 3)
    field = irfftn(rfftn(big, workers=2) * kernel, s=padded, workers=2)[inner]
    return _shimmed(rng, field, tissue == 2, (x / 80, y / 80, z / 80)), tissue


def _shimmed(rng, field, brain, axes) -> np.ndarray:
    """Take out the mean, the slopes, or all second-order terms; leave a small misset."""
    x, y, z = axes
    terms = [np.ones_like(x), x, y, z, x * y, x * z, y * z, x**2 - y**2, 2 * z**2 - x**2 - y**2]
    order = int(rng.choice([1, 4, 4, 9, 9]))
    basis = np.stack(terms[:order], axis=-1)
    fit, *_ = np.linalg.lstsq(basis[brain], field[brain], rcond=None)
    misset = rng.normal(size=4) * rng.choice([0.0, 0.03, 0.1])
    return field - basis @ fit + np.stack(terms[:4], axis=-1) @ misset


def _texture(rng, shape, sigma) -> np.ndarray:
    noise = gaussian_filter(rng.normal(size=shape), sigma)
    return noise / noise.std()


def _positions(rng, voxel) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Scanner coordinates (mm) of the voxels of an oblique stack, and its shape."""
    fov = rng.uniform(200, 230)
    matrix = int(fov / voxel[0]) // 2 * 2
    slices = int(np.clip(MOST_VOXELS // matrix**2, 3, 150 / voxel[2]))
    shape = (matrix, matrix, slices)
    turn = Rotation.from_euler("xyz", rng.uniform(-35, 35, 3) * rng.choice([0, 0.3, 1]), True)
    if rng.uniform() < 0.2:
        turn = turn * Rotation.from_euler("xyz", rng.permutation([90, 0, 90]), True)
    axes = [(np.arange(n) - (n - 1) / 2) * d for n, d in zip(shape, voxel, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    shift = np.array([0, 0, rng.uniform(-20, 40)])
    return grid.reshape(-1, 3) @ turn.as_matrix().T + shift, shape


def _sample(volume, points, shape) -> np.ndarray:
    index = points.T / COARSE_MM + (np.array(COARSE)[:, None] - 1) / 2
    return map_coordinates(volume, index, order=1, mode="nearest").reshape(shape)


def _acquire(rng, ppm, brain, there, voxel, te_s, b0, points, shape) -> np.ndarray:
    """Complex echoes with tissue texture, veins, coil phase, dephasing and noise."""
    fine = 0.012 * _texture(rng, shape, [2.0 / d for d in voxel])
    fine += 0.006 * _texture(rng, shape, [0.7 / d for d in voxel])
    ppm = ppm + rng.uniform(0.5, 2.0) * fine * brain
    for _ in range(12):  # veins, and dots that bleed
        axis = rng.normal(size=3)
        axis /= np.linalg.norm(axis)
        at = points - points[rng.integers(len(points))]
        far = np.linalg.norm(at - (at @ axis)[:, None] * axis, axis=1).reshape(shape)
        ppm = ppm + 0.1 * rng.choice([1, -0.5]) * np.exp(-((far / 1.0) ** 2)) * brain
    hz = ppm * hz_per_ppm(b0)
    spread = np.zeros(shape)
    for axis in range(3):
        if shape[axis] > 1:
            spread += np.gradient(hz, axis=axis) ** 2
    density = np.where(brain, 1 + 0.1 * fine / fine.std(), 0.6 * there)
    density = density * np.exp(-(((points - rng.normal(size=3) * 30) / 150) ** 2).sum(1)).reshape(
        shape
    )
    r2star = 12 + 5 * b0
    offset = _coil_phase(rng, points).reshape(shape)
    snr = np.exp(rng.uniform(np.log(6), np.log(60)))
    echoes = []
    for te in te_s:
        clean = density * np.exp(-r2star * te) * np.sinc(np.sqrt(spread) * te)
        noise = (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / snr
        noise = noise * np.exp(-r2star * te_s[0])
        echoes.append(clean * np.exp(1j * (2 * np.pi * hz * te + offset)) + noise)
    return np.array(echoes, dtype=np.complex64)


def _coil_phase(rng, points) -> np.ndarray:
    """Nothing (removed on the scanner), a constant, or a smooth offset."""
    if rng.uniform() < 0.25:
        return np.zeros(len(points))
    offset = np.full(len(points), rng.uniform(-np.pi, np.pi))
    if rng.uniform() < 0.7:
        size = rng.uniform(0, 2)
        offset += size * np.sin(points @ rng.normal(size=3) / 100 + rng.uniform(0, 6))
    return offset


def _filter(rng, echoes, voxel) -> tuple[str, str, np.ndarray]:
    """Filter the phase as scanners and post-processing do; the magnitude stays."""
    kind = str(rng.choice(["hanning", "hanning", "gaussian", "hamming 12 bit"]))
    matrix = echoes.shape[1]
    if kind == "gaussian":
        sigma = rng.uniform(3, 12)
        detail = f"{sigma:.1f} mm"
        low = np.array([_blur(e, sigma, voxel) for e in echoes])
    else:
        width = int(rng.integers(16, 97)) if kind == "hanning" else int(rng.choice([32, 64]))
        width = min(width, matrix)
        detail = f"{width} of {matrix}"
        low = np.array([_low_pass(e, width, 0.5 if kind == "hanning" else 0.54) for e in echoes])
    phase = np.angle(echoes * np.conj(low))
    if kind == "hamming 12 bit":
        phase = np.round(phase / np.pi * 2048) / 2048 * np.pi
    return kind, detail, (np.abs(echoes) * np.exp(1j * phase)).astype(np.complex64)


def _blur(echo, sigma_mm, voxel) -> np.ndarray:
    width = [sigma_mm / voxel[0], sigma_mm / voxel[1], 0]
    return gaussian_filter(echo.real, width) + 1j * gaussian_filter(echo.imag, width)


def _low_pass(echo, width, floor) -> np.ndarray:
    """Keep a raised-cosine window of ``width`` samples about the middle of k-space, in plane."""
    n = echo.shape[0]
    k = np.fft.fftfreq(n, 1 / n)
    window = np.where(
        np.abs(k) <= width / 2, floor + (1 - floor) * np.cos(2 * np.pi * k / width), 0
    )
    spectrum = fft2(echo, axes=(0, 1), workers=2)
    return ifft2(spectrum * (window[:, None] * window)[..., None], axes=(0, 1), workers=2)


def _imperfect(rng, brain) -> np.ndarray:
    """A mask a little too large or too small."""
    size = rng.uniform(-2, 2)
    soft = gaussian_filter(brain.astype(np.float32), 1.5)
    return soft > 0.5 - 0.15 * size


def _crop(rng, shape, voxel, brain) -> tuple[tuple[slice, slice, slice], bool]:
    """All of it, or a block of 40-90 mm inside the brain."""
    full = (slice(None),) * 3
    if rng.uniform() > 0.25 or not brain.any():
        return full, False
    centre = np.argwhere(brain)[rng.integers(int(brain.sum()))]
    crop = []
    for axis in range(3):
        half = int(rng.uniform(20, 45) / voxel[axis])
        low = max(0, min(centre[axis] - half, shape[axis] - 2 * half))
        crop.append(slice(low, min(shape[axis], low + 2 * half)))
    if brain[tuple(crop)].mean() < 0.3:
        return full, False
    return tuple(crop), True


def judge(scan: Scan) -> dict[str, object]:
    """One row of the table."""
    from arteriole.phase.filtered import detect_filtered_phase

    found = detect_filtered_phase(
        scan.phase,
        scan.magnitude,
        te_s=scan.te_s,
        b0_tesla=scan.b0_tesla,
        voxel_size_mm=scan.voxel_size_mm,
        mask=scan.mask,
    )
    return {
        "seed": scan.seed,
        "kind": scan.kind,
        "detail": scan.detail,
        "b0_tesla": round(scan.b0_tesla, 2),
        "te_ms": " ".join(f"{1e3 * te:.1f}" for te in scan.te_s),
        "voxel_mm": " ".join(f"{d:.2f}" for d in scan.voxel_size_mm),
        "shape": " ".join(str(n) for n in scan.phase.shape[1:]),
        "mask": scan.mask is not None,
        "cropped": scan.cropped,
        "score": round(found.score, 4),
        "refused": found.filtered,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    rows = []
    for seed in range(options.first, options.first + options.count):
        rows += [judge(scan) for scan in make_scans(seed)]
    clean = [r for r in rows if r["kind"] == "unfiltered"]
    filtered = [r for r in rows if r["kind"] != "unfiltered"]
    print(f"found {sum(bool(r['refused']) for r in filtered)} of {len(filtered)} filtered")
    print(f"refused {sum(bool(r['refused']) for r in clean)} of {len(clean)} unfiltered")
    if options.csv:
        with options.csv.open("a" if options.csv.exists() else "w", newline="") as file:
            table = csv.DictWriter(file, rows[0], lineterminator="\n")
            if file.tell() == 0:
                table.writeheader()
            table.writerows(rows)


if __name__ == "__main__":
    main()
