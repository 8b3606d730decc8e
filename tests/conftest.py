"""Fixtures that every test folder shares."""

from __future__ import annotations

import os
from pathlib import Path

# The command line sets these for its children where they are not set yet. numba reads its own again
# whenever it compiles, and refuses another number once its threads run.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "2")

import numpy as np  # noqa: E402
import pytest  # noqa: E402

DATA = Path(os.environ.get("ARTERIOLE_DATA") or Path(__file__).parents[2] / "shared" / "data")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261120)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real images, or a skip that says where it was looked for."""
    if not DATA.is_dir():
        pytest.skip(f"no real images at {DATA}: set ARTERIOLE_DATA to the folder that holds them")
    return DATA
