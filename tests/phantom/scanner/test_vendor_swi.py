from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.scanner.vendor_swi import (
    phase_mask,
    sliding_minip,
    vendor_highpass,
    vendor_swi,
)

SHAPE = (128, 120, 10)


def wrapped(phase):
    return np.angle(np.exp(1j * phase)).astype(np.float32)


def spot(height):
    """A ramp of many turns with a small disc of phase on it."""
    x, y, _ = np.indices(SHAPE)
    disc = np.hypot(x - 60, y - 55) < 3
    return wrapped(0.02 * x + height * disc), disc


def test_a_ramp_is_removed():
    """A slow ramp leaves less than 5 mrad away from the edges where it jumps."""
    x, _, _ = np.indices(SHAPE)
    phase = wrapped(2 * np.pi * 3 * x / SHAPE[0])
    local = vendor_highpass(np.ones(SHAPE), phase)
    assert np.abs(local).max() < 5e-3


def test_a_ramp_faster_than_the_window_stays():
    x, _, _ = np.indices(SHAPE)
    phase = 2 * np.pi * 40 * x / SHAPE[0]
    both = np.angle(np.exp(1j * phase) + 1)  # an even part and a fast one of the same size
    local = vendor_highpass(np.abs(np.exp(1j * phase) + 1), wrapped(both))
    np.testing.assert_allclose(local[5:-5], wrapped(both)[5:-5], atol=1e-4)


def test_a_small_disc_is_kept():
    phase, disc = spot(0.8)
    local = vendor_highpass(np.ones(SHAPE), phase, lines=16)
    assert local[60, 55, 5] > 0.55
    far = ~disc
    far[45:76, 40:71] = False
    far[:20] = far[-20:] = False
    assert np.abs(local[far]).max() < 0.03


@pytest.mark.parametrize(
    ("sign", "height", "dark"),
    [(1, 0.8, True), (1, -0.8, False), (-1, -0.8, True), (-1, 0.8, False)],
)
def test_the_paramagnetic_side_of_the_vendor_is_darkened(sign, height, dark):
    phase, _ = spot(height)
    swi = vendor_swi(np.full(SHAPE, 100.0), phase, paramagnetic_sign=sign, lines=16)
    assert (swi[60, 55, 5] < 60) == dark
    assert swi.max() <= 100


def test_mask_by_hand():
    np.testing.assert_allclose(
        phase_mask(np.array([-1.0, 0.0, np.pi / 2, np.pi])), [1, 1, 1 / 16, 0], atol=1e-6
    )
    np.testing.assert_allclose(phase_mask(np.array([np.pi / 2]), 1), [0.5])


def test_three_axes_or_two():
    """A phase that differs from slice to slice only is taken out by the 3-D filter alone."""
    _, _, z = np.indices((32, 32, 32))
    phase = wrapped(2 * np.pi * 2 * z / 32)
    one = np.ones(phase.shape)
    # Each slice is even: the filter in the plane takes all of it out as well.
    assert np.abs(vendor_highpass(one, phase, lines=16)).max() < 1e-5
    fast = wrapped(0.5 * np.cos(np.pi * z))
    assert np.abs(vendor_highpass(one, fast, lines=16)).max() < 1e-5
    assert np.abs(vendor_highpass(one, fast, lines=16, slice_axis=None)).max() > 0.4


def test_sliding_projection():
    volume = np.full((2, 2, 12), 5.0, np.float32)
    volume[0, 0, 6] = 1
    dark = sliding_minip(volume)[0, 0] == 1
    assert dark.sum() == 8
    assert dark[3:10].all()
    assert (sliding_minip(volume)[1] == 5).all()
    np.testing.assert_array_equal(sliding_minip(volume, slices=1), volume)


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: vendor_highpass(np.ones((4, 4, 4)), np.ones((4, 4, 5))), "one volume"),
        (lambda: vendor_highpass(np.ones((4, 4, 4)), np.ones((4, 4, 4)), lines=1), "two lines"),
        (
            lambda: vendor_swi(np.ones((4, 4, 4)), np.ones((4, 4, 4)), paramagnetic_sign=0),
            "sign 1 or -1",
        ),
        (lambda: sliding_minip(np.ones((4, 4, 4)), slices=0), "at least one slice"),
    ],
)
def test_refuses(work, message):
    with pytest.raises(ValueError, match=message):
        work()
