from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom import tissue
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
