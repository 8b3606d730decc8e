"""Read the arrays that are carried beside this module."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray


def packed(name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a carried file by name."""
    with (
        files("arteriole.brain.atlas").joinpath("data", name).open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        return {key: arrays[key] for key in arrays.files}
