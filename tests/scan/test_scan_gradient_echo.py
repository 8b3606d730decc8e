from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.scan.gradient_echo import GradientEcho

GRID = Grid.from_voxel_size((3, 4, 5), (1, 1, 2), np.diag([1, -1, -1]))
DATA = np.ones((2, 3, 4, 5), np.float32)


def test_direction_comes_from_the_grid_unless_given():
    assert GradientEcho(DATA, None, (0.01, 0.02), 3.0, GRID).b0_direction == (0.0, 0.0, -1.0)
    given = GradientEcho(DATA, DATA, (0.01, 0.02), 3.0, GRID, (0.0, 1.0, 0.0))
    assert given.b0_direction == (0.0, 1.0, 0.0)
    assert given.echoes == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"magnitude": DATA[:1]}, r"magnitude has shape \(1, 3, 4, 5\), expected \(2, 3, 4, 5\)"),
        ({"phase": DATA[..., :4]}, r"phase has shape \(2, 3, 4, 4\)"),
        ({"te_s": (0.02, 0.01)}, r"must be positive and increase, not \(0\.02, 0\.01\)"),
        ({"te_s": (0.01, 0.01)}, "must be positive and increase"),
        ({"te_s": (0.0, 0.01)}, "must be positive and increase"),
        ({"b0_tesla": 0.0}, "field strength must be positive, not 0"),
        ({"b0_tesla": float("nan")}, "field strength must be positive"),
    ],
)
def test_refuses(changed, message):
    values = {"magnitude": DATA, "phase": None, "te_s": (0.01, 0.02), "b0_tesla": 3.0}
    with pytest.raises(ValueError, match=message):
        GradientEcho(**(values | changed), grid=GRID)
