from __future__ import annotations

import numpy as np
import pytest

from arteriole.contrast.r2_spin_echo import fit_r2_spin_echo

TE_S = tuple(0.011 * n for n in range(1, 9))
RATE = np.linspace(8.0, 30.0, 4 * 5 * 6).reshape(4, 5, 6)
MASK = np.ones(RATE.shape, bool)


def train(te_s=TE_S):
    return 100.0 * np.exp(-np.array(te_s)[:, None, None, None] * RATE)


def test_a_decay_gives_its_rate():
    found = fit_r2_spin_echo(train(), TE_S, mask=MASK)
    np.testing.assert_allclose(found, RATE, rtol=2e-3)
    assert found.dtype == np.float32


def test_a_weak_first_echo_does_not_count():
    weak = train()
    weak[0] *= 0.85
    np.testing.assert_array_equal(
        fit_r2_spin_echo(weak, TE_S, mask=MASK), fit_r2_spin_echo(train(), TE_S, mask=MASK)
    )


@pytest.mark.parametrize("count", [2, 3])
def test_of_few_echoes_all_count(count):
    found = fit_r2_spin_echo(train(TE_S[:count]), TE_S[:count], mask=MASK)
    np.testing.assert_allclose(found, RATE, rtol=2e-3)


def test_nothing_is_outside_the_mask():
    mask = MASK.copy()
    mask[0] = False
    assert not fit_r2_spin_echo(train(), TE_S, mask=mask)[0].any()


def test_refuses_one_echo():
    with pytest.raises(ValueError, match="at least two echoes"):
        fit_r2_spin_echo(train(TE_S[:1]), TE_S[:1], mask=MASK)
