from __future__ import annotations

import numpy as np
import pytest
from simulated_head import TWO_PI, simulate_head, wrap, wrong_fraction

from arteriole.phase.romeo import unwrap_romeo
from arteriole.phase.romeo_choice import unwrap_romeo_by_echo


@pytest.fixture
def head(rng):
    return simulate_head(rng)


def by_echo(head, phase, **options):
    return unwrap_romeo_by_echo(
        phase, magnitude=head.magnitude, te_s=head.te_s, mask=head.mask, **options
    )


def bent(head, strength):
    """A phase of some radians over the head, as eddy currents leave it."""
    return strength * np.linspace(-1, 1, head.phase.shape[2])[None, :, None] ** 2


def test_even_echoes_go_by_the_template(head):
    unwrapped, verdicts = by_echo(head, head.phase)
    plain = unwrap_romeo(head.phase, magnitude=head.magnitude, te_s=head.te_s, mask=head.mask)
    np.testing.assert_array_equal(unwrapped, plain)
    assert [v.way for v in verdicts] == ["template"] * 4
    assert [v.flag for v in verdicts] == ["good"] * 4


@pytest.mark.parametrize("echo", [1, 2, 3])
def test_an_echo_with_a_phase_of_its_own_goes_alone(head, echo):
    """12 rad of extra phase: the template leaves surfaces of whole turns, space none."""
    phase = head.phase.copy()
    extra = bent(head, 12.0)
    phase[echo] = wrap(phase[echo] + extra)
    template = unwrap_romeo(phase, magnitude=head.magnitude, te_s=head.te_s, mask=head.mask)
    truth = head.truth.copy()
    truth[echo] += extra
    assert wrong_fraction(template[echo], truth[echo], head.mask) > 0.15
    unwrapped, verdicts = by_echo(head, phase)
    assert verdicts[echo].way == "individual"
    assert all(v.flag == "good" for v in verdicts)
    for e in range(4):
        assert wrong_fraction(unwrapped[e], truth[e], head.mask) <= 1e-4


def test_echoes_after_it_keep_their_turns(head):
    """They go in time from the last echo that went well, as if it were not there."""
    phase = head.phase.copy()
    phase[1] = wrap(phase[1] + bent(head, 12.0))
    unwrapped, _ = by_echo(head, phase)
    turns = np.rint((unwrapped - head.truth)[:, head.mask] / TWO_PI)
    for e in (2, 3):
        assert np.median(turns[e]) == np.median(turns[0])


def test_an_echo_of_noise_is_flagged_and_no_template(rng, head):
    phase = head.phase.copy()
    phase[2] = rng.uniform(-np.pi, np.pi, phase[2].shape)
    unwrapped, verdicts = by_echo(head, phase)
    assert [v.flag for v in verdicts] == ["good", "good", "noise", "good"]
    assert 0.2 < verdicts[2].wraps_left < 0.3
    assert wrong_fraction(unwrapped[3], head.truth[3], head.mask) <= 1e-4


def test_a_noisy_quarter_is_flagged_as_wrapped(rng, head):
    phase = head.phase.copy()
    phase[3, :24] = rng.uniform(-np.pi, np.pi, phase[3, :24].shape)
    _, verdicts = by_echo(head, phase)
    assert [v.flag for v in verdicts] == ["good", "good", "good", "wrapped"]


def test_one_echo(head):
    unwrapped, verdicts = unwrap_romeo_by_echo(
        head.phase[3:], magnitude=head.magnitude[3:], te_s=(0.02,), mask=head.mask
    )
    assert wrong_fraction(unwrapped[0], head.truth[3], head.mask) <= 1e-4
    assert len(verdicts) == 1


def test_refuses_times_that_do_not_fit(head):
    with pytest.raises(ValueError, match="3 echo times do not fit"):
        unwrap_romeo_by_echo(
            head.phase, magnitude=head.magnitude, te_s=head.te_s[:3], mask=head.mask
        )
