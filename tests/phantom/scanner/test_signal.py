from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.scanner.shim import TERMS
from arteriole.phantom.scanner.signal import draw_coil, echo_signal, steady_state


def test_steady_state_by_hand():
    # TR 25 ms, T1 1 s, 15 degrees: sin 0.258819, E1 0.975310, cos 0.965926
    expected = 0.7 * 0.258819 * 0.024690 / (1 - 0.965926 * 0.975310)
    assert steady_state(0.7, 1.0, tr_s=0.025, flip_deg=15) == pytest.approx(expected, rel=1e-4)
    assert steady_state(1.0, 1.0, tr_s=50.0, flip_deg=90) == pytest.approx(1.0)


def test_ernst_angle_is_the_best():
    ernst = np.degrees(np.arccos(np.exp(-0.025 / 1.0)))
    best = steady_state(1.0, 1.0, tr_s=0.025, flip_deg=ernst)
    for off in (-2, 2):
        assert steady_state(1.0, 1.0, tr_s=0.025, flip_deg=ernst + off) < best


def test_echo_decays_and_turns_by_the_equation():
    shape = (2, 1, 1)
    signal = np.full(shape, 800.0, dtype=np.float32)
    r2star = np.array([20.0, 40.0], dtype=np.float32).reshape(shape)
    field = np.array([5.0, -10.0], dtype=np.float32).reshape(shape)
    label = np.array([0, 1], dtype=np.uint8).reshape(shape)
    phase = np.zeros(TERMS, dtype=np.float32)
    phase[0] = 0.3
    sense = np.zeros(TERMS, dtype=np.float32)
    sense[0] = 0.9
    out = np.empty(shape, dtype=np.complex64)
    shift = np.array([0.0, 3.0], dtype=np.float32)
    echo_signal(
        out, signal, r2star, field, label, shift, 0.02, phase, sense, np.eye(3, 4, dtype="f4"), 0
    )
    expected = [
        720 * np.exp(-0.4) * np.exp(1j * (0.3 + 2 * np.pi * 0.02 * 5)),
        720 * np.exp(-0.8) * np.exp(1j * (0.3 + 2 * np.pi * 0.02 * -7)),
    ]
    np.testing.assert_allclose(out.ravel(), expected, rtol=1e-5)


def test_coil_is_smooth_and_never_blind(rng):
    for _ in range(20):
        coil = draw_coil(rng)
        reach = np.abs(coil.sensitivity[1:7]).sum()
        assert coil.sensitivity[0] - reach > 0.2
