from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.scanner.contrast import (
    inversion_spin_echo,
    prepared_gradient_echo,
    spin_echo,
)

MPRAGE = {"tr_s": 2.3, "te_s": 0.003, "ti_s": 0.9, "pulses": 176, "spacing_s": 0.0071}


def test_spin_echo_by_hand():
    # T1 1 s, TR 0.5 s: 1 - 0.606531; T2 0.1 s, TE 0.02 s: 0.818731
    assert spin_echo(0.7, 1.0, 0.1, tr_s=0.5, te_s=0.02) == pytest.approx(
        0.7 * 0.393469 * 0.818731, rel=1e-5
    )


def test_nothing_recovers_during_the_train():
    late = spin_echo(1.0, 1.2, 0.08, tr_s=3.0, te_s=0.1, train_s=0.6)
    assert late == pytest.approx(spin_echo(1.0, 1.2, 0.08, tr_s=2.4, te_s=0.1))


def test_inversion_spin_echo_by_hand():
    # T1 0.9 s, TI 2.5 s, TR 9 s: 1 - 2 * 0.062177 + 0.0000454; T2 0.06 s, TE 0.1 s: 0.188876
    expected = 0.7 * (1 - 2 * 0.062177 + 0.0000454) * 0.188876
    seen = inversion_spin_echo(0.7, 0.9, 0.06, tr_s=9.0, te_s=0.1, ti_s=2.5)
    assert seen == pytest.approx(expected, rel=1e-4)


def test_inversion_time_nulls_fluid():
    t1, tr, train = 4.2, 9.0, 0.2
    times = np.linspace(1.5, 3.5, 2001)
    seen = [
        float(inversion_spin_echo(1.0, t1, 2.0, tr_s=tr, te_s=0.0, ti_s=t, train_s=train))
        for t in times
    ]
    # 1 = (1 + Mz) exp(-TI / T1) with Mz = 1 - exp(-(TR - TI - train) / T1)
    null = t1 * np.log(2.0 / (1.0 + np.exp(-(tr - train) / t1)))
    assert times[int(np.argmin(seen))] == pytest.approx(null, abs=2e-3)
    assert min(seen) < 1e-3


@pytest.mark.parametrize("t1", [0.4, 0.9, 1.4, 4.3])
def test_prepared_gradient_echo_against_pulse_by_pulse(t1):
    flip, n = np.radians(9.0), MPRAGE["pulses"]
    ahead = MPRAGE["ti_s"] - n / 2 * MPRAGE["spacing_s"]
    behind = MPRAGE["tr_s"] - MPRAGE["ti_s"] - n / 2 * MPRAGE["spacing_s"]
    mz, middle = 1.0, 0.0
    for _ in range(30):
        mz = 1.0 - (1.0 + mz) * np.exp(-ahead / t1)
        for pulse in range(n):
            if pulse == n // 2:
                middle = mz
            mz = 1.0 - (1.0 - mz * np.cos(flip)) * np.exp(-MPRAGE["spacing_s"] / t1)
        mz = 1.0 - (1.0 - mz) * np.exp(-behind / t1)
    expected = 0.7 * np.sin(flip) * abs(middle) * np.exp(-0.003 * 20.0)
    seen = prepared_gradient_echo(0.7, t1, 20.0, flip_deg=9.0, **MPRAGE)
    assert seen == pytest.approx(expected, rel=1e-9)


def test_signal_is_proportional_to_density_and_keeps_shapes():
    density, t1 = np.array([0.5, 1.0]), np.array([1.0, 1.0])
    for seen in (
        spin_echo(density, t1, 0.08, tr_s=2.0, te_s=0.05),
        inversion_spin_echo(density, t1, 0.08, tr_s=8.0, te_s=0.05, ti_s=2.0),
        prepared_gradient_echo(density, t1, 20.0, flip_deg=9.0, **MPRAGE),
    ):
        assert seen.shape == (2,)
        assert seen[1] == pytest.approx(2.0 * seen[0])
