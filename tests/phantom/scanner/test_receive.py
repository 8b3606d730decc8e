from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.numerics.threads import set_threads, threads
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.kspace import share_mask, to_image, to_kspace
from arteriole.phantom.scanner.motion import Motion
from arteriole.phantom.scanner.protocol import DEMO
from arteriole.phantom.scanner.receive import line_weights

CELL_MM = 1.4


def wrapped(angle: np.ndarray) -> np.ndarray:
    return np.angle(np.exp(1j * angle))


@pytest.mark.parametrize("count", [16, 17])
def test_share_of_lines_by_hand(count):
    full, half = share_mask(count, 1.0), share_mask(count, 0.75)
    assert full.sum() == count
    assert half.sum() == round(0.75 * count)
    line = np.round(np.fft.fftfreq(count) * count)
    assert line[half == 0].max() < -count / 4 + 1
    back = share_mask(count, 0.75, reverse=True)
    assert line[back == 0].min() > count / 4 - 1


def test_point_spread_widens_by_what_is_left_out():
    """The main lobe's equivalent width is 1 / share voxels, to 2 %."""
    fine, factor = 192, 3
    volume = np.zeros((fine, 4, 4), dtype=np.complex64)
    volume[94] = 1.0
    for share in (1.0, 0.75, 0.6):
        space = to_kspace(lambda rows: volume[rows], volume.shape, (factor, 2, 2))
        space = space * share_mask(64, share)[:, None, None]
        spread = np.abs(to_image(space)[:, 0, 0])
        width = (spread**2).sum() / spread.max() ** 2
        full = share_mask(64, share).mean()
        assert width == pytest.approx(1.0 / full, rel=0.02)


@pytest.mark.usefixtures("painted_once")
def test_partial_fourier_blurs_and_colours_the_noise(head, protocol, bare):
    part = replace(protocol, partial_fourier=(0.625, 1.0, 0.75))
    quiet, _ = acquire(head.with_lesions(), part, seed=4, cell_mm=CELL_MM, noise=False)
    noisy, truth = acquire(head.with_lesions(), part, seed=4, cell_mm=CELL_MM)
    both = [s.magnitude * np.exp(1j * s.phase) for s in (noisy, quiet)]
    noise = (both[0] - both[1])[0]
    assert noise.real.std() == pytest.approx(truth.disturbance.noise_sigma, rel=0.02)
    spectrum = np.abs(np.fft.fftn(noise))
    left_out = share_mask(protocol.shape[0], 0.625) == 0
    assert spectrum[left_out].max() < 1e-3 * spectrum.max()
    # Edges lose, flat places do not.
    apart = np.abs(quiet.magnitude[0] - bare[0].magnitude[0])
    assert np.median(apart[truth.brain_mask]) < 0.1 * np.median(
        bare[0].magnitude[0][bare[1].brain_mask]
    )


@pytest.mark.usefixtures("painted_once")
def test_taper_takes_ringing_and_noise(head, protocol, bare):
    """Weights by hand; noise by their mean square; less ringing in the air around the head."""
    soft = replace(protocol, taper=0.8)
    line = line_weights(soft, 0, 0)
    assert line[0] == 1.0
    assert line[protocol.shape[0] // 2] == pytest.approx(0.2)
    assert line_weights(replace(soft, slice_mm=2.0), 2, 0) is None
    quiet, _ = acquire(head.with_lesions(), soft, seed=4, cell_mm=CELL_MM, noise=False)
    noisy, truth = acquire(head.with_lesions(), soft, seed=4, cell_mm=CELL_MM)
    both = [s.magnitude * np.exp(1j * s.phase) for s in (noisy, quiet)]
    noise = (both[0] - both[1])[0]
    assert noise.real.std() == pytest.approx(truth.disturbance.noise_sigma, rel=0.02)
    air = bare[1].labels == 0
    air[8:-8, 8:-8] = False
    assert quiet.magnitude[0][air].mean() < 0.5 * bare[0].magnitude[0][air].mean()


@pytest.mark.usefixtures("painted_once")
def test_polarity_leaves_its_phase(head, protocol, bare):
    """2 phi2 - phi1 - phi3 is -4 times constant and ramp, as the truth says; to 0.05 rad."""
    read = replace(protocol, bipolar=True)
    scan, truth = acquire(head.with_lesions(), read, seed=4, cell_mm=CELL_MM, noise=False)
    constant, ramp = truth.disturbance.eddy_rad
    along = np.linspace(-1, 1, protocol.shape[1], endpoint=False) + 1 / protocol.shape[1]
    expected = -4 * (constant + ramp * along)[:, None]

    def bend(phase: np.ndarray) -> np.ndarray:
        return 2 * phase[1] - phase[0] - phase[2]

    apart = wrapped(bend(scan.phase) - bend(bare[0].phase) - expected)
    assert np.median(np.abs(apart[truth.brain_mask])) < 0.05
    assert abs(ramp) > 0


def test_phase_at_time_zero_is_the_offset_that_the_truth_tells(bare):
    scan, truth = bare
    te = scan.te_s
    at_zero = scan.phase[0] - 2 * np.pi * te[0] * truth.total_field_hz
    apart = wrapped(at_zero - truth.disturbance.offset_rad)[truth.brain_mask]
    assert np.median(np.abs(apart)) < 0.03


@pytest.mark.usefixtures("painted_once")
@pytest.mark.parametrize("axis", [0, 2])
def test_any_axis_may_be_read(head, protocol, bare, axis):
    """At a very high bandwidth nothing moves, whichever axis is read."""
    read = replace(protocol, readout=axis, bandwidth_hz=1e5)
    scan, truth = acquire(head.with_lesions(), read, seed=4, cell_mm=CELL_MM, noise=False)
    within = truth.brain_mask
    apart = np.abs(scan.magnitude - bare[0].magnitude)[:, within]
    assert apart.max() < 0.03 * bare[0].magnitude[0][within].max()
    turned = np.abs(wrapped(scan.phase - bare[0].phase))[:, within]
    assert np.median(turned) < 1e-3


def test_signal_follows_field_strength(head, protocol, bare):
    """At 7 T the field is 7/3 of that at 3 T, with the same shape."""
    high = replace(protocol, b0_tesla=7.0, transmit=0.4)
    truth = acquire(head.with_lesions(), high, seed=4, cell_mm=CELL_MM, noise=False)[1]
    low = bare[1]
    np.testing.assert_allclose(truth.local_field_hz, low.local_field_hz * 7 / 3, atol=1e-3)
    within = truth.brain_mask & (low.r2star_hz > 10)
    assert np.median(truth.r2star_hz[within]) > 1.4 * np.median(low.r2star_hz[within])


def test_everything_at_once_is_the_same_for_any_number_of_threads(head, protocol):
    busy = replace(
        protocol,
        shape=(40, 48, 14),
        voxel_size_mm=(4.4, 4.4, 5.6),
        bandwidth_hz=150.0,
        bipolar=True,
        partial_fourier=(0.75, 0.8, 1.0),
        motion=Motion(),
        slice_mm=4.5,
        b0_tesla=7.0,
        transmit=0.4,
    )
    before, scans = threads(), []
    try:
        for count in (1, 2):
            set_threads(count)
            scans.append(acquire(head, busy, seed=3, cell_mm=2.2)[0])
    finally:
        set_threads(before)
    np.testing.assert_array_equal(scans[0].magnitude, scans[1].magnitude)
    np.testing.assert_array_equal(scans[0].phase, scans[1].phase)


def test_readout_shares_turn_with_polarity():
    early = replace(DEMO, bipolar=True, partial_fourier=(1.0, 0.75, 1.0))
    forwards, backwards = (line_weights(early, 1, e) for e in (0, 1))
    line = np.round(np.fft.fftfreq(216) * 216)
    assert line[forwards == 0].min() > 50
    assert line[backwards == 0].max() < -50
    assert line_weights(early, 0, 0) is None
