from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
from arteriole.phantom.vessels.sections import upright_sections
from arteriole.phantom.vessels.tubes import Pieces


def test_pieces_of_a_path_are_numbered_on_when_joined():
    one = Pieces.along(np.arange(9.0).reshape(3, 3), np.array([1.0, 2.0, 3.0]))
    two = Pieces.along(np.zeros((2, 3)), 0.5)
    both = Pieces.joined(one, one, two)
    np.testing.assert_array_equal(both.vessel, [0, 0, 1, 1, 2])
    np.testing.assert_array_equal(both.radius_mm[:2], [[1, 2], [2, 3]])
    tubes = both.filled(tissue.VEIN, np.array([0.1, 0.2, 0.3]))
    np.testing.assert_allclose(tubes.chi_ppm, [0.1, 0.1, 0.2, 0.2, 0.3])
    assert tubes.start_mm.dtype == np.float32


def test_length_and_volume():
    cone = Pieces.along(np.array([(0, 0, 0), (0, 3.0, 4.0)]), np.array([1.0, 0.5]))
    tubes = cone.filled(tissue.VEIN, np.zeros(1))
    assert tubes.length_mm[0] == pytest.approx(5.0)
    assert tubes.volume_mm3[0] == pytest.approx(np.pi * 5 / 3 * 1.75)
    assert tubes.length_mm.dtype == np.float32


def test_upright_sections_are_along_the_normal_widest_first():
    ways = [
        Pieces.along(np.array([(0, 0, 0), (0, 0, 2.0)]), 0.4),
        Pieces.along(np.array([(5, 0, 0), (5, 0.5, 2.0)]), 0.6),
        Pieces.along(np.array([(9, 0, 0), (11, 0, 0.0)]), 0.6),
        Pieces.along(np.array([(0, 9, 0), (0, 9, 2.0)]), 0.1),
    ]
    tubes = Pieces.joined(*ways).filled(tissue.VEIN, np.zeros(4))
    found = upright_sections(tubes)
    assert [s.diameter_mm for s in found] == pytest.approx([1.2, 0.8])
    assert found[1].centre_mm == (0.0, 0.0, 1.0)
    assert found[1].direction == (0.0, 0.0, 1.0)
    assert upright_sections(tubes, normal=(1, 0, 0))[0].centre_mm == (10.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"most_tilt_deg": 90.0}, r"within \(0, 90\) degrees, not 90.0"),
        ({"normal": (0.0, 0.0, 0.0)}, "a normal has a length"),
    ],
)
def test_upright_sections_refuse(change, message):
    tubes = Pieces.along(np.eye(3), 1.0).filled(tissue.VEIN, np.zeros(1))
    with pytest.raises(ValueError, match=message):
        upright_sections(tubes, **change)
