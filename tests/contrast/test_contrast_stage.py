"""High-pass and projection of SWI take the same slices."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.contrast import stage
from arteriole.grid import Grid
from arteriole.settings import Settings
from arteriole.step import Acquisition

SAGITTAL = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=float)
SHAPE = (20, 22, 24)


@pytest.mark.parametrize(
    ("axes", "voxel", "expected"),
    [
        (np.eye(3), (1, 1, 1), 2),
        (np.eye(3), (3, 1, 1), 0),
        (SAGITTAL, (1, 1, 1), 1),
        (SAGITTAL, (1, 1, 3), 2),
    ],
    ids=["axial", "axial, thick x", "sagittal", "sagittal, thick slices"],
)
@pytest.mark.parametrize("method", ["classic", "clear"])
def test_slices_are_the_thick_ones_or_those_across_the_bore(
    axes, voxel, expected, method, monkeypatch, rng
):
    grid = Grid.from_voxel_size(SHAPE, voxel, axes)
    scan = Acquisition(grid, 3.0, grid.b0_direction, (0.01, 0.02))
    given = {
        "magnitude": (1 + rng.random((2, *SHAPE))).astype(np.float32),
        "phase": rng.uniform(-1, 1, (2, *SHAPE)).astype(np.float32),
        "brain_mask": np.ones(SHAPE, bool),
    }
    seen = {}
    for name in ("swi_classic", "swi_clear", "minimum_intensity_projection"):
        real = getattr(stage, name)

        def noted(*values, _real=real, **options):
            seen[_real.__name__] = options.get("slice_axis", options.get("axis"))
            return _real(*values, **options)

        monkeypatch.setattr(stage, name, noted)
    settings = Settings.from_pairs([f"swi.method={method}"])
    result = stage.weight_susceptibility(given, scan, settings)
    assert seen == {f"swi_{method}": expected, "minimum_intensity_projection": expected}
    assert result.facts["minip_axis"] == expected
