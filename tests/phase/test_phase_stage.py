"""The step as a whole: what it leaves out, what it warns of, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from simulated_head import simulate_head, wrap

from arteriole.errors import PhaseError
from arteriole.grid import Grid
from arteriole.phase.stage import map_total_field
from arteriole.settings import Settings
from arteriole.step import Acquisition


def scan_of(head):
    grid = Grid.from_voxel_size(head.mask.shape, head.voxel_size_mm, np.eye(3))
    return Acquisition(grid, 3.0, grid.b0_direction, head.te_s)


def mapped(head, phase=None, magnitude=None, **settings):
    given = {
        "phase": head.phase if phase is None else phase,
        "magnitude": head.magnitude if magnitude is None else magnitude,
        "brain_mask": head.mask,
    }
    chosen = Settings().changed({"phase": settings, "scan": {"allow_filtered_phase": True}})
    return map_total_field(given, scan_of(head), chosen)


def error_hz(result, head):
    """Spread of the field's error: a constant does not matter."""
    inside = result.values["phase_mask"]
    apart = (result.values["total_field_hz"] - head.field_hz)[inside]
    return float(np.sqrt(np.mean((apart - np.median(apart)) ** 2)))


@pytest.fixture
def head(rng):
    return simulate_head(rng, coil=1.0)


@pytest.mark.parametrize("fit", ["complex", "weighted"])
@pytest.mark.parametrize("unwrapping", ["romeo", "romeo-template", "romeo-individual"])
def test_the_field_comes_back(head, fit, unwrapping):
    result = mapped(head, fit=fit, unwrapping=unwrapping)
    assert error_hz(result, head) < 1.0
    assert result.warnings == ()
    assert result.facts["echoes_left_out"] == []
    assert result.facts["polarity_rad"] is None


def test_each_echo_has_its_verdict(head):
    echoes = mapped(head).facts["echoes"]
    assert [echo["te_s"] for echo in echoes] == list(head.te_s)
    assert {echo["unwrapped"] for echo in echoes} == {"template"}
    assert {echo["verdict"] for echo in echoes} == {"good"}


@pytest.mark.parametrize("echo", [0, 2, 3])
def test_an_echo_of_noise_is_left_out(rng, head, echo):
    phase = head.phase.copy()
    phase[echo] = rng.uniform(-np.pi, np.pi, phase[echo].shape)
    result = mapped(head, phase)
    assert error_hz(result, head) < 1.5
    assert result.facts["echoes_left_out"] == [echo + 1]
    assert result.facts["echoes_flagged"] == 1
    assert any(f"Echo {echo + 1} (TE" in w and "left out" in w for w in result.warnings)


def test_a_phase_of_its_own_in_the_last_echo(head):
    """Unwrapped in space by itself, said so, and hardly worse where it is small."""
    phase = head.phase.copy()
    phase[3] = wrap(phase[3] + 12 * np.linspace(-1, 1, phase.shape[2])[None, :, None] ** 2)
    assert [e["unwrapped"] for e in mapped(head, phase).facts["echoes"]][3] == "individual"


def test_alternating_readouts_are_found_and_undone(head):
    half = 0.2 + 0.8 * np.linspace(-1, 1, head.phase.shape[2])[None, :, None]
    sign = np.array([1, -1, 1, -1])[:, None, None, None]
    phase = wrap(head.phase + sign * half)
    left = mapped(head, phase, polarity="no")
    undone = mapped(head, phase)
    assert error_hz(left, head) > 10
    assert error_hz(undone, head) < 1.0
    assert any("forwards and backwards" in w for w in undone.warnings)
    assert undone.facts["polarity_rad"] > 0.3


def test_all_echoes_of_noise(rng, head):
    with pytest.raises(PhaseError, match="the phase of every echo is noise"):
        mapped(head, rng.uniform(-np.pi, np.pi, head.phase.shape).astype(np.float32))


def test_all_weights_zero(head):
    with pytest.raises(PhaseError, match="all weights are zero"):
        mapped(head, magnitude=head.magnitude * ~head.mask)


def test_two_echoes_too_close(rng):
    head = simulate_head(rng, te_s=(0.020, 0.0202), sigma=0.02)
    with pytest.raises(PhaseError, match=r"at 20 and 20\.2 ms, are too close for their noise"):
        mapped(head)
    assert "noise_hz" in mapped(head, remove_offset=False).facts


def test_one_echo(rng):
    result = mapped(simulate_head(rng, te_s=(0.015,)))
    assert result.facts["fit_residual_rad"] is None
    assert result.facts["echoes_flagged"] == 0
