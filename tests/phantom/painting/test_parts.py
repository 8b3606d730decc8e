from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.painting.parts import CLASSES, half_space, parts_of


def test_every_solid_has_its_tissue_and_class(head):
    parts = parts_of(head.anatomy)
    for code, solid in enumerate(head.anatomy.structures, start=1):
        assert parts.tissue[code] == solid.tissue
    named = dict(zip(head.anatomy.names, parts.of_class[1:], strict=False))
    assert CLASSES[named["thalamus"]] == "thalamus"
    assert CLASSES[named["choroid plexus"]] == "lateral ventricles"
    assert CLASSES[named["corpus callosum"]] == "cerebral white matter"
    assert named["skull"] == named["dura"] == named["falx"] == 0
    assert parts.tissue[0] == tissue.AIR


def test_parts_have_codes_of_their_own(head):
    parts = parts_of(head.anatomy)
    (fourth,) = parts.divisions
    code = head.anatomy.names.index("third and fourth ventricles") + 1
    new = fourth.becomes[code]
    assert new > len(head.anatomy.structures)
    assert CLASSES[parts.of_class[new]] == "fourth ventricle"
    assert parts.tissue[new] == tissue.VENTRICLE
    assert not np.delete(fourth.becomes, code).any()


def test_half_space_is_the_distance_to_its_plane(head):
    solid = head.anatomy["third and fourth ventricles"]
    side = half_space(solid, head.anatomy, (0.0, -31.0, -12.0), (0.0, -45.0, -32.0))
    here, there = head.anatomy.frame.to_world(np.array([[0.0, -31.0, -12.0], [0.0, -45.0, -32.0]]))
    away = float(np.linalg.norm(there - here))
    assert side.depth(np.array([here, there])) == pytest.approx((0.0, away), abs=1e-3)


def test_too_many_solids_are_refused(head):
    many = replace(head.anatomy, structures=head.anatomy.structures * 12)
    with pytest.raises(ValueError, match="at most 200 solids"):
        parts_of(many)
