from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.lesions.flow_voids import flow_void, flow_voids
from arteriole.phantom.tissue import TISSUES


def test_lie_in_fluid_with_next_to_no_moment(head, ground, rng):
    made = flow_voids(ground, rng, 12)
    assert {x.truth.region for x in made} == {"csf"}
    assert {x.truth.form for x in made} == {"round", "tubular"}
    assert max(abs(x.truth.moment_ppm_mm3) for x in made) < 0.6
    centres = np.array([x.truth.centre_mm for x in made])
    assert (head.anatomy.brain.depth(centres) > 1.5).all()


def test_tubes_give_no_signal_and_have_their_volume(ground, rng):
    piece = next(x for x in flow_voids(ground, rng, 12) if x.tubes is not None)
    assert piece.tubes.tissue == tissue.FLOW_VOID
    assert TISSUES[tissue.FLOW_VOID].density == 0.0
    radius = float(piece.tubes.radius_mm[0, 0])
    length = float(np.linalg.norm(piece.tubes.end_mm - piece.tubes.start_mm))
    volume = np.pi * radius**2 * length + 4 / 3 * np.pi * radius**3
    assert piece.truth.volume_mm3 == pytest.approx(volume, rel=1e-3)
    assert piece.truth.extent_mm[0] == pytest.approx(length + 2 * radius, abs=2e-3)


def test_round_one_is_a_sphere(ground):
    assert flow_void(ground, np.array([0.0, 30.0, 40.0]), 1.5).is_sphere
