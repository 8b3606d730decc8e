from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain import classes as c
from arteriole.brain.intracranial import brain_with_folds, inside_skull, volume_ml
from brain.painted_head import shells


def test_skull_is_one_region_without_holes_and_bridges():
    labels, grid = shells()
    found = labels.copy()
    found[30:33, 34:37, 28:31] = 0
    found[:3, :3, :3] = c.SULCAL
    found[32, 36, 50:] = c.SULCAL
    mask = inside_skull(found, voxel_size_mm=grid.voxel_size_mm)
    true = labels > 0
    assert 2 * (mask & true).sum() / (mask.sum() + true.sum()) > 0.99
    assert mask[31, 35, 29]
    assert not mask[:6, :6, :6].any()
    assert not mask[32, 36, 58:].any()
    assert not inside_skull(np.zeros_like(labels), voxel_size_mm=grid.voxel_size_mm).any()


def test_narrow_clefts_belong_to_the_brain_and_wide_fluid_does_not():
    labels, grid = shells()
    cleft = labels.copy()
    cleft[31:33, 40:, 30:] = np.where(cleft[31:33, 40:, 30:] > 0, c.SULCAL, 0)
    mask = brain_with_folds(cleft, voxel_size_mm=grid.voxel_size_mm)
    assert mask[31, 55, 31]
    assert mask[32, 36, 30], "ventricle"
    wide = labels.copy()
    wide[:, :, 42:] = np.where(wide[:, :, 42:] > 0, c.SULCAL, 0)
    away = brain_with_folds(wide, voxel_size_mm=grid.voxel_size_mm)
    assert not away[32, 36, 46]
    assert not brain_with_folds(np.zeros_like(labels), voxel_size_mm=grid.voxel_size_mm).any()


def test_volume_is_in_millilitres():
    _, grid = shells()
    assert volume_ml(np.ones(grid.shape, np.bool_), grid) == pytest.approx(64 * 72 * 60 * 8 / 1000)
