from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.anatomy.label_divisions import label_divisions
from arteriole.phantom.anatomy.label_lattice import LabelLattice

GRID = Grid((30, 30, 30), np.diag([-1.0, 1.0, 1.0, 1.0]))
SPACE = LabelLattice(np.zeros((40, 40, 40), dtype=np.uint8), (-34.0, -5.0, -5.0), 1.0, True)


def blocks() -> np.ndarray:
    """Third ventricle above the fourth, diencephalon above the brainstem."""
    labels = np.zeros(GRID.shape, dtype=np.int32)
    labels[4:9, 10:16, 5:15], labels[4:9, 10:16, 15:25] = 15, 14
    labels[15:25, 10:20, 5:12], labels[15:25, 10:20, 12:25] = 16, 28
    return labels


def test_each_part_is_told_half_way_from_the_other():
    fourth, diencephalon = label_divisions(blocks(), GRID, SPACE)
    assert (fourth.name, diencephalon.name) == ("fourth ventricle", "ventral diencephalon")
    # voxel x becomes world -x; the border of 15 and 14 lies at z 14.5, of 16 and 28 at 11.5
    along = np.array([[-6.0, 13.0, z] for z in (12.5, 14.5, 16.5)])
    assert fourth.depth(along) == pytest.approx((2.0, 0.0, -2.0), abs=0.3)
    along = np.array([[-20.0, 15.0, z] for z in (9.5, 11.5, 13.5)])
    assert diencephalon.depth(along) == pytest.approx((-2.0, 0.0, 2.0), abs=0.3)


def test_a_map_without_a_part_has_no_division():
    labels = blocks()
    labels[labels == 15] = 14
    assert [d.name for d in label_divisions(labels, GRID, SPACE)] == ["ventral diencephalon"]
    assert label_divisions(np.zeros_like(labels), GRID, SPACE) == ()


def test_a_part_alone_is_all_of_its_solid():
    labels = np.where(blocks() == 15, 15, 0).astype(np.int32)
    (fourth,) = label_divisions(labels, GRID, SPACE)
    assert (fourth.level > 0).all()
