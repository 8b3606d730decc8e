from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.vessels.deep_veins import deep_veins
from arteriole.phantom.vessels.sinuses import GALEN_MM


def test_each_root_is_carried_to_the_great_vein(anatomy, medullary, rng):
    pieces = deep_veins(anatomy, medullary, rng)
    roots = np.flatnonzero(medullary.parent < 0)
    assert pieces.vessel.max() + 1 == len(roots) + 2
    great = anatomy.frame.to_world(np.array([GALEN_MM]))[0]
    for vessel in range(int(pieces.vessel.max()) + 1):
        own = pieces.vessel == vessel
        assert np.linalg.norm(pieces.end_mm[own][-1] - great) < 3.0
        np.testing.assert_array_equal(pieces.start_mm[own][1:], pieces.end_mm[own][:-1])
    for vessel, root in enumerate(roots):
        first = np.flatnonzero(pieces.vessel == vessel)[0]
        np.testing.assert_allclose(pieces.start_mm[first], medullary.points[root])
        radius = max(medullary.radius_mm[root], 0.25)
        assert pieces.radius_mm[first, 0] == pytest.approx(radius)
