"""Random streams that do not depend on each other or on the order of drawing."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose within one seed."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
