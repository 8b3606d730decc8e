from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.scanner.shim import fit_shim, subtract_polynomial

GRID = Grid.from_voxel_size((14, 15, 16), (6.0, 5.0, 7.0))


def world() -> list[np.ndarray]:
    cells = np.stack(np.meshgrid(*[np.arange(n) for n in GRID.shape], indexing="ij"), axis=-1)
    return list(np.moveaxis(GRID.to_world(cells), -1, 0))


BALL = np.sqrt(sum(c**2 for c in world())) < 34.0


def shimmed(field: np.ndarray, order: int) -> np.ndarray:
    field = field.astype(np.float32)
    subtract_polynomial(field, fit_shim(field, BALL, GRID, order=order), GRID)
    return field


def test_harmonics_vanish_to_the_stated_order():
    x, y, z = world()
    first = 30 + 0.4 * x - 0.2 * y + 0.1 * z
    second = (
        first + 0.004 * (x * y - y * z) + 0.003 * (x**2 - y**2) - 0.002 * (2 * z**2 - x**2 - y**2)
    )
    assert np.abs(shimmed(second, 2)).max() < 1e-3
    assert np.abs(shimmed(first, 1)).max() < 1e-3
    assert np.abs(shimmed(second, 1)[BALL]).max() > 1
    assert abs(shimmed(first, 0)[BALL].mean()) < 1e-3


def test_what_no_shim_coil_makes_stays():
    x, y, z = world()
    bowl = 0.01 * (x**2 + y**2 + z**2)
    assert shimmed(bowl, 2)[BALL].std() > 0.98 * bowl[BALL].std()


def test_refuses_an_empty_mask():
    with pytest.raises(ValueError, match="nothing to shim on"):
        fit_shim(np.zeros(GRID.shape, dtype=np.float32), np.zeros(GRID.shape, dtype=bool), GRID)
