from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

SHAPE = (16, 17, 18)
MASK = np.pad(np.ones((10, 11, 12), bool), 3)


@pytest.fixture(scope="module")
def xsim():
    place = Path(__file__).parents[2] / "benchmarks" / "xsim.py"
    spec = importlib.util.spec_from_file_location("xsim", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.xsim


@pytest.fixture
def chi(rng):
    return rng.normal(0, 0.05, SHAPE)


def test_equal_maps_are_one(xsim, chi):
    assert xsim(chi, chi, MASK) == pytest.approx(1)


def test_constant_maps_by_the_formula(xsim):
    """Where nothing varies only the means count: (2ab + c) / (a2 + b2 + c) with c = 1e-4."""
    mask = np.ones(SHAPE, bool)
    found = xsim(np.full(SHAPE, 0.1), np.full(SHAPE, 0.2), mask, window=3)
    inner = (2 * 0.1 * 0.2 + 1e-4) / (0.1**2 + 0.2**2 + 1e-4)
    assert found == pytest.approx(inner)


def test_noise_and_smoothing_lower_it(xsim, chi, rng):
    noise = rng.normal(0, 0.05, SHAPE)
    values = [xsim(chi + s * noise, chi, MASK) for s in (0, 0.2, 0.5, 1.0)]
    assert values == sorted(values, reverse=True)
    assert xsim(0 * chi, chi, MASK) < 0.1


def test_symmetric_and_blind_outside_the_mask(xsim, chi, rng):
    other = chi + rng.normal(0, 0.02, SHAPE)
    one = xsim(other, chi, MASK)
    assert xsim(chi, other, MASK) == pytest.approx(one)
    assert xsim(np.where(MASK, other, 99), chi, MASK) == one
