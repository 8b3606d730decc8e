from __future__ import annotations

import numpy as np
import pytest
from simulated_head import TWO_PI, simulate_head

from arteriole.grid import Grid
from arteriole.numerics.threads import set_threads, threads
from arteriole.phantom.scanner.channels import coil_maps
from arteriole.phase.coils import combine_coils

TE_S = (0.006, 0.013, 0.021)


class Channels:
    """The echoes of one coil after the other, made anew each time and counted."""

    def __init__(self, head, coils, sigma, seed=3):
        self.head, self.coils, self.sigma, self.seed = head, coils, sigma, seed
        grid = Grid.from_voxel_size(head.mask.shape, head.voxel_size_mm, np.eye(3))
        self.maps = list(coil_maps(grid, coils))
        self.made = 0
        decay = np.exp(-20 * np.asarray(head.te_s))[:, None, None, None]
        self.clean = np.where(head.mask, 1.0, 0.02) * decay * np.exp(1j * head.truth)

    def __iter__(self):
        rng = np.random.default_rng(self.seed)
        for sensitivity in self.maps:
            noise = rng.normal(size=(2, *self.clean.shape))
            self.made += 1
            yield (self.clean * sensitivity + self.sigma * (noise[0] + 1j * noise[1])).astype(
                np.complex64
            )

    def by_known_sensitivities(self):
        """The best that equal noise allows."""
        power = np.sqrt(sum(np.abs(b) ** 2 for b in self.maps))
        return sum(np.conj(b) * c for b, c in zip(self.maps, self, strict=True)) / power


def make(rng, coils=8, sigma=0.02, **options):
    head = simulate_head(rng, te_s=options.pop("te_s", TE_S), **options)
    return head, Channels(head, coils, sigma)


def spread(angle):
    """Spread of angles about their circular mean, rad."""
    return float(np.std(np.angle(np.exp(1j * angle) / np.exp(1j * angle).mean())))


@pytest.mark.parametrize("coils", [1, 4, 16])
def test_what_is_combined_has_the_phase_of_the_field(rng, coils):
    """Beside it a rest that is common to all echoes, and alike to 1 mrad."""
    head, channels = make(rng, coils, sigma=0.0)
    combined = combine_coils(channels, TE_S, voxel_size_mm=head.voxel_size_mm)
    turned = combined * np.exp(-1j * head.truth)
    left = np.angle(turned)[:, head.mask]
    assert spread(left[0]) < 0.1
    apart = np.angle(turned[1:] * np.conj(turned[0]))[:, head.mask]
    assert np.abs(apart).max() < 1e-3


def test_signal_and_noise_are_those_of_known_sensitivities(rng):
    """32 coils: phase between echoes within 0.02 sd of noise, magnitude within half a percent."""
    head, channels = make(rng, 32, sigma=0.02)
    combined = combine_coils(channels, TE_S, voxel_size_mm=head.voxel_size_mm)
    best = channels.by_known_sensitivities()
    ratio = np.abs(combined[0] / best[0])[head.mask]
    assert np.median(ratio) == pytest.approx(1.0, abs=0.005)
    apart = np.angle(combined[2] * np.conj(combined[0]) * np.conj(best[2] * np.conj(best[0])))
    assert np.median(np.abs(apart[head.mask])) < 0.02 * 0.02 / 0.6


def test_adding_coils_up_would_not_do(rng):
    head, channels = make(rng, 8, sigma=0.0)
    added = sum(channels)
    assert spread(np.angle(added * np.exp(-1j * head.truth))[0][head.mask]) > 0.5


def test_one_coil_at_a_time_and_twice_each(rng):
    head, channels = make(rng, 4)
    combine_coils(channels, TE_S, voxel_size_mm=head.voxel_size_mm)
    assert channels.made == 8


def test_a_list_gives_the_same(rng):
    head, channels = make(rng, 3)
    one = combine_coils(channels, TE_S, voxel_size_mm=head.voxel_size_mm)
    other = combine_coils(list(channels), TE_S, voxel_size_mm=head.voxel_size_mm)
    np.testing.assert_array_equal(one, other)


def test_units_and_echoes_read_by_turns(rng):
    """Echo times whose extrapolation is no whole number; a phase of one readout direction stays."""
    head, channels = make(rng, 4, sigma=0.0, voxel_size_mm=(2.0, 2.5, 4.0))
    ramp = np.exp(0.5j * np.linspace(-1, 1, head.mask.shape[1]))[None, :, None]
    sign = np.array([1, -1, 1])[:, None, None, None]
    turned = [1000 * c * np.where(sign > 0, ramp, np.conj(ramp)) for c in channels]
    turned = [c.astype(np.complex64) for c in turned]
    combined = combine_coils(turned, TE_S, voxel_size_mm=head.voxel_size_mm)
    step = combined[1] * np.conj(combined[0]) * np.exp(-1j * (head.truth[1] - head.truth[0]))
    expected = np.broadcast_to(np.conj(ramp) ** 2, step.shape)
    apart = np.angle(step * np.conj(expected))[head.mask]
    assert np.abs(apart).max() < 2e-3


def test_a_field_that_wraps_much(rng):
    head, channels = make(rng, 6, sigma=0.0, te_s=(0.012, 0.024, 0.030))
    combined = combine_coils(channels, head.te_s, voxel_size_mm=head.voxel_size_mm)
    rate = (head.truth[1] - head.truth[0])[head.mask]
    assert np.ptp(rate) > TWO_PI
    turned = combined * np.exp(-1j * head.truth)
    assert np.abs(np.angle(turned[1] * np.conj(turned[0])))[head.mask].max() < 1e-3
    assert np.median(np.abs(combined[0])[head.mask]) > 0.3


def test_same_answer_for_one_and_two_threads(rng):
    head, channels = make(rng, 3)
    count = threads()
    found = []
    try:
        for n in (1, 2):
            set_threads(n)
            found.append(combine_coils(channels, TE_S, voxel_size_mm=head.voxel_size_mm))
    finally:
        set_threads(count)
    np.testing.assert_array_equal(*found)


def test_refusals(rng):
    head, channels = make(rng, 2)
    size = head.voxel_size_mm
    with pytest.raises(ValueError, match="gone through twice"):
        combine_coils(iter(channels), TE_S, voxel_size_mm=size)
    with pytest.raises(ValueError, match="two or more echoes, not 1"):
        combine_coils(channels, TE_S[:1], voxel_size_mm=size)
    with pytest.raises(ValueError, match=r"coil 1 has shape .*, not \(2, x, y, z\)"):
        combine_coils(channels, TE_S[:2], voxel_size_mm=size)
    with pytest.raises(ValueError, match="positive width, not 0"):
        combine_coils(channels, TE_S, voxel_size_mm=size, sigma_mm=0)
    with pytest.raises(ValueError, match="there is no coil"):
        combine_coils([], TE_S, voxel_size_mm=size)
    first, second = channels
    with pytest.raises(ValueError, match="coil 2 is float32, not complex"):
        combine_coils([first, np.abs(second)], TE_S, voxel_size_mm=size)
    with pytest.raises(ValueError, match="coil 2 has shape"):
        combine_coils([first, second[:, 1:]], TE_S, voxel_size_mm=size)
    with pytest.raises(ValueError, match="no coil holds a signal"):
        combine_coils([0 * first], TE_S, voxel_size_mm=size)
