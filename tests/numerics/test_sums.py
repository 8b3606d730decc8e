from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.sums import inner
from arteriole.numerics.threads import set_threads, threads


def test_inner_is_exact_to_float64_and_blind_to_threads(rng):
    first, second = rng.standard_normal((2, 21, 30, 17)).astype(np.float32)
    found = inner(first, second)
    assert found == pytest.approx(float(np.sum(first.astype(float) * second)), rel=1e-12)
    before = threads()
    try:
        set_threads(1)
        assert inner(first, second) == found
    finally:
        set_threads(before)
