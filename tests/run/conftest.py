"""A tiny simulated study, made once, and its derivatives."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from arteriole.phantom.scanner.protocol import TINY
from arteriole.run.simulation.design import Design
from arteriole.run.simulation.study import simulate_study


@pytest.fixture(scope="session")
def tiny_study(tmp_path_factory) -> Path:
    """Two heads in 4 mm voxels, three echoes; read only."""
    folder = tmp_path_factory.mktemp("study") / "bids"
    simulate_study(
        folder, Design(subjects=2, protocols=(TINY,), seed=5, cell_mm=2.0, spacing_mm=2.0)
    )
    return folder


@pytest.fixture
def study_copy(tiny_study, tmp_path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(tiny_study, tmp_path / "bids"))
