"""Scores that the programs of accuracy share, on maps whose error is known."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def shared():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield importlib.import_module("accuracy_scans")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture
def head():
    truth = 0.05 * np.random.default_rng(2).standard_normal((20, 22, 18))
    brain = np.zeros(truth.shape, bool)
    brain[2:-2, 2:-2, 2:-2] = True
    return truth, brain


def test_the_truth_has_no_error_whatever_its_mean(shared, head):
    truth, brain = head
    row = shared.scores(truth + 0.3, brain, truth, brain, (1.0, 1.0, 1.0))
    assert row == {
        "kept": 1.0, "slope": 1.0, "nrmse": 0.0, "xsim": 1.0, "tissue": 0.0, "inside": 0.0
    }  # fmt: skip


def test_half_the_truth_has_half_the_slope(shared, head):
    truth, brain = head
    row = shared.scores(0.5 * truth, brain, truth, brain, (1.0, 1.0, 1.0))
    assert row["slope"] == 0.5
    assert row["nrmse"] == 50.0


def test_what_is_left_out_counts_as_zero(shared, head):
    truth, brain = head
    kept = brain.copy()
    kept[10:] = False
    row = shared.scores(truth, kept, truth, brain, (1.0, 1.0, 1.0))
    lost = np.where(kept, truth, 0)[brain]
    x = truth[brain] - truth[brain].mean()
    expected = 100 * np.linalg.norm(lost - lost.mean() - x) / np.linalg.norm(x)
    assert row["kept"] == pytest.approx(0.5, abs=1e-3)
    assert row["nrmse"] == pytest.approx(expected, abs=0.06)
    assert row["nrmse"] > 50


@pytest.mark.parametrize("least", [-2, 0, 3])
def test_the_best_weight_is_found_in_either_direction(shared, least):
    asked = []

    def error(weight):
        asked.append(weight)
        return (np.log(weight / 1e-4) / np.log(1.6) - least) ** 2 + 7

    weight, found = shared.best_weight(error, 1e-4)
    assert weight == pytest.approx(1e-4 * 1.6**least)
    assert found == pytest.approx(7)
    assert len(asked) == len(set(asked)) <= abs(least) + 3
