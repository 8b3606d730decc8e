"""The automatic weight: where streaks are fewest, near that of least error."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.susceptibility.tv import invert_tv
from arteriole.susceptibility.weight_choice import choose_weight, middle_block
from simulated_fields import nrmse, textured_head, turned

SHAPE, VOXEL, B0 = (64, 72, 48), (2.0, 2.0, 2.5), turned(12)


@pytest.fixture(scope="module")
def head():
    return textured_head(SHAPE, VOXEL, B0, seed=4)


@pytest.mark.parametrize("noise_ppm", [0.001, 0.006])
def test_chosen_weight_is_near_the_best(head, noise_ppm, rng):
    """Error at the chosen weight within 5 % of the least over a grid of factors of 1.6."""
    drawn = rng.standard_normal(SHAPE).astype(np.float32) * np.float32(noise_ppm)
    field = np.where(head.mask, head.local_ppm + drawn, 0).astype(np.float32)
    given = {"voxel_size_mm": VOXEL, "b0_direction": B0}

    def invert(weight):
        return invert_tv(field, head.mask, weight=weight, noise_factor=0, **given)

    floor = 1e-4 + 0.08 * noise_ppm * float(np.prod(VOXEL)) ** (1 / 3)
    choice = choose_weight(invert, head.mask, start=floor, floor=floor, **given)
    assert choice.bracketed
    grid = [choice.weight * 1.6**n for n in range(-2, 3)]
    errors = [nrmse(invert(weight), head.chi_ppm, head.mask) for weight in grid]
    assert errors[2] <= 1.05 * min(errors)


def _index_of(optimum):
    """A stand-in for inversions: streaks grow with the square of log distance to an optimum."""
    rng = np.random.default_rng(3)
    noise = rng.standard_normal((32, 32, 32)).astype(np.float32)
    k = np.stack(np.meshgrid(*[np.fft.fftfreq(32)] * 3, indexing="ij"))
    square = np.maximum((k**2).sum(0), 1e-9)
    cone = np.abs(1 / 3 - k[2] ** 2 / square) < 0.1

    def invert(weight):
        gain = 1 + np.log2(weight / optimum) ** 2
        spectrum = np.fft.fftn(noise) * np.where(cone, np.sqrt(gain), 1)
        return np.fft.ifftn(spectrum).real.astype(np.float32)

    return invert


@pytest.mark.parametrize("start", [0.3, 1.0, 5.0])
def test_finds_the_least_from_either_side(start):
    choice = choose_weight(
        _index_of(1.2), np.ones((32, 32, 32), bool), start=start, voxel_size_mm=(1, 1, 1)
    )
    assert choice.bracketed
    assert choice.weight == pytest.approx(1.2, rel=0.1)
    assert [w for w, _ in choice.tried] == sorted(w for w, _ in choice.tried)


def test_does_not_go_below_the_floor():
    choice = choose_weight(
        _index_of(0.1), np.ones((32, 32, 32), bool), start=2.0, floor=2.0, voxel_size_mm=(1, 1, 1)
    )
    assert choice.weight == 2.0
    assert choice.bracketed
    assert min(w for w, _ in choice.tried) == 1.0


def test_says_when_there_is_no_least():
    choice = choose_weight(
        _index_of(1e6), np.ones((32, 32, 32), bool), start=1.0, voxel_size_mm=(1, 1, 1), trials=3
    )
    assert not choice.bracketed
    assert choice.weight == max(w for w, _ in choice.tried)


@pytest.mark.parametrize(("start", "trials"), [(0.0, 8), (1.0, 2)])
def test_refuses_what_cannot_be_searched(start, trials):
    with pytest.raises(ValueError, match="start is positive and trials at least 3"):
        choose_weight(
            _index_of(1.0), np.ones((32, 32, 32), bool),
            start=start, voxel_size_mm=(1, 1, 1), trials=trials,
        )  # fmt: skip


def test_middle_block_lies_in_the_mask_box():
    mask = np.zeros((90, 40, 30), bool)
    mask[10:80, 5:35, 4:28] = True
    mask[60:80] = False
    mask[60:64, 10:20, 10:20] = True
    block = middle_block(mask, voxel_size_mm=(2, 2, 2), extent_mm=50)
    assert [s.stop - s.start for s in block] == [25, 25, 24]
    assert block[2] == slice(4, 28)
    assert block[0].start < 35 < block[0].stop
    assert mask[block].mean() > 0.9
