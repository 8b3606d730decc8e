from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.kspace import to_image, to_kspace
from arteriole.phantom.scanner.readout import displace, sharpening

SHAPE, FACTOR = (4, 96, 4), (2, 3, 2)


def seen(volume: np.ndarray, field_hz: np.ndarray, *, bandwidth: float, sign: int = 1):
    """Scan a volume without tissue labels; the readout is the second axis."""
    label = np.zeros(volume.shape, dtype=np.uint8)
    shift = np.zeros(1, dtype=np.float32)
    scale = sign * FACTOR[1] / bandwidth

    def slab(rows: slice) -> np.ndarray:
        return displace(volume[rows], field_hz[rows], label[rows], shift, cells_per_hz=scale)

    space = to_kspace(slab, volume.shape, FACTOR)
    return to_image(space * sharpening(space.shape[1], FACTOR[1])[:, None])


def bump(width: float) -> np.ndarray:
    y = (np.arange(SHAPE[1]) - 40.0) / FACTOR[1]
    return np.broadcast_to(np.exp(-0.5 * (y / width) ** 2)[:, None], SHAPE).astype(np.complex64)


def middle(image: np.ndarray) -> float:
    weight = np.abs(image[1, :, 1])
    return float((weight * np.arange(weight.size)).sum() / weight.sum())


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("hertz", [0.0, 37.0, 220.0, -434.0])
def test_shift_is_frequency_over_bandwidth(hertz, sign):
    """In voxels, to 0.005; echoes read backwards move the other way."""
    field = np.full(SHAPE, hertz, dtype=np.float32)
    image = seen(bump(2.0), field, bandwidth=200.0, sign=sign)
    rest = seen(bump(2.0), np.zeros_like(field), bandwidth=200.0)
    assert middle(image) - middle(rest) == pytest.approx(sign * hertz / 200.0, abs=0.005)


def test_nothing_off_resonance_is_blurred_by_less_than_a_thousandth(rng):
    """The spline's blur is undone: white noise within the band comes back."""
    smooth = np.fft.fft(rng.normal(size=SHAPE[1]))
    smooth[np.abs(np.fft.fftfreq(SHAPE[1])) > 0.25 / FACTOR[1]] = 0
    volume = np.broadcast_to(np.fft.ifft(smooth)[:, None], SHAPE).astype(np.complex64)
    image = seen(volume, np.zeros(SHAPE, dtype=np.float32), bandwidth=100.0)
    plain = to_image(to_kspace(lambda rows: volume[rows], SHAPE, FACTOR))
    assert np.abs(image - plain).max() < 1e-3 * np.abs(plain).max()


def test_moving_field_is_the_nonuniform_transform(rng):
    """Against the sum over cells of exp(-2 pi i k (y + f / BW)), to 1 % of the largest."""
    volume = (rng.normal(size=SHAPE) + 1j * rng.normal(size=SHAPE)).astype(np.complex64)
    field = (40 * np.sin(np.arange(SHAPE[1]) / 9.0))[:, None] * np.ones(SHAPE, dtype=np.float32)
    image = seen(volume, field.astype(np.float32), bandwidth=90.0)
    lines = np.fft.fft(image.mean(axis=(0, 2)))
    count = lines.size
    k = np.round(np.fft.fftfreq(count) * count)
    at = np.arange(SHAPE[1]) + FACTOR[1] * field[0, :, 0] / 90.0
    at = (at - (FACTOR[1] - 1) / 2.0) / FACTOR[1]
    # The mean over the other two axes keeps only what is constant along them.
    line = volume.mean(axis=(0, 2))
    exact = np.exp(-2j * np.pi * np.outer(k, at) / count) @ line / FACTOR[1]
    assert np.abs(lines - exact).max() < 0.01 * np.abs(exact).max()


def test_signal_is_kept(rng):
    volume = rng.uniform(1, 2, size=SHAPE).astype(np.complex64)
    field = rng.normal(0, 60, size=SHAPE).astype(np.float32)
    label = np.zeros(SHAPE, dtype=np.uint8)
    out = displace(volume, field, label, np.zeros(1, dtype="f4"), cells_per_hz=0.02)
    assert out.sum() == pytest.approx(volume.sum(), rel=1e-5)


@pytest.mark.usefixtures("painted_once")
def test_fat_shifts_against_water_and_turns_with_polarity(head, protocol):
    """Of fat alone: 3.4 ppm at 3 T are 434 Hz, 2.17 voxels at 200 Hz a voxel."""
    from arteriole.phantom import tissue

    plain = replace(protocol, tilt_deg=0.0, turn_deg=0.0, te_s=(0.005, 0.012))
    rows = [replace(t, density=0.0 if t.shift_ppm == 0 else 1.0) for t in head.tissues]
    rows[tissue.WHITE] = head.tissues[tissue.WHITE]
    fat = replace(head.with_lesions(), tissues=tuple(rows), vessels=())
    quiet = {"seed": 1, "cell_mm": 1.4, "noise": False}
    at = []
    for bandwidth in (2000.0, 200.0):
        read = replace(plain, bandwidth_hz=bandwidth, bipolar=True)
        scan, truth = acquire(fat, read, **quiet)
        weight = scan.magnitude * ~truth.brain_mask
        y = np.arange(plain.shape[1])[:, None]
        at.append((weight * y).sum(axis=(1, 2, 3)) / weight.sum(axis=(1, 2, 3)))
    moved = at[1] - at[0]
    assert moved[0] == pytest.approx(-434 * (1 / 200 - 1 / 2000), abs=0.4)
    assert moved[1] == pytest.approx(434 * (1 / 200 - 1 / 2000), abs=0.4)
