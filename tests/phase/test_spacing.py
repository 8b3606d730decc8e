from __future__ import annotations

import numpy as np
import pytest
from simulated_head import simulate_head

from arteriole.phase.spacing import check_echo_spacing


@pytest.mark.parametrize("step", [0.0005, 0.002])
def test_noise_of_the_offset_is_that_of_theory(rng, step):
    te_s = (0.010, 0.010 + step)
    head = simulate_head(rng, te_s=te_s, sigma=0.02, sinus_ppm=0.0)
    found = check_echo_spacing(head.phase, head.magnitude, te_s, mask=head.mask)
    first, second = (np.median(m[head.mask]) for m in head.magnitude)
    expected = 0.02 * np.hypot(1 / first, 1 / second)
    assert found.factor == pytest.approx(0.010 / step)
    assert found.difference_rad == pytest.approx(expected, rel=0.1)
    assert found.offset_rad == pytest.approx(expected * 0.010 / step, rel=0.1)
    assert found.allowed


def test_echoes_too_close_are_not_allowed(rng):
    te_s = (0.020, 0.0202)
    head = simulate_head(rng, te_s=te_s, sigma=0.02)
    found = check_echo_spacing(head.phase, head.magnitude, te_s, mask=head.mask)
    assert found.offset_rad > 3
    assert not found.allowed


def test_no_signal_is_not_allowed(rng):
    head = simulate_head(rng, te_s=(0.005, 0.01))
    found = check_echo_spacing(head.phase, 0 * head.magnitude, head.te_s, mask=head.mask)
    assert not found.allowed


def test_refusals(rng):
    head = simulate_head(rng)
    with pytest.raises(ValueError, match="two or more echoes"):
        check_echo_spacing(head.phase[:1], head.magnitude[:1], (0.005,), mask=head.mask)
    with pytest.raises(ValueError, match="do not fit phase"):
        check_echo_spacing(head.phase, head.magnitude, head.te_s, mask=head.mask[1:])
