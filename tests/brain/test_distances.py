from __future__ import annotations

import numpy as np

from arteriole.brain import classes as c
from arteriole.brain.distances import cortex_distance, distance_to, ventricle_distance
from brain.painted_head import shells


def test_distance_along_an_axis_counts_millimetres():
    labels = np.zeros((5, 9, 4), np.uint8)
    labels[2, 4, 1] = c.LATERAL
    distance = ventricle_distance(labels, voxel_size_mm=(1.0, 0.5, 5.0))
    assert distance[2, 4, 1] == 0
    assert distance[2, 8, 1] == 2.0
    assert distance[2, 4, 3] == 10.0
    assert np.isclose(distance[4, 4, 0], np.hypot(2, 5))


def test_other_ventricles_and_the_cerebellum_do_not_count():
    labels = np.zeros((9, 9, 9), np.uint8)
    labels[1, 1, 1], labels[7, 7, 7] = c.THIRD, c.CEREBELLAR_CORTEX
    assert np.isinf(ventricle_distance(labels, voxel_size_mm=(1.0, 1.0, 1.0))).all()
    assert np.isinf(cortex_distance(labels, voxel_size_mm=(1.0, 1.0, 1.0))).all()


def test_ventricle_and_cortex_of_a_head_lie_the_white_matter_apart():
    labels, grid = shells()
    size = grid.voxel_size_mm
    gap = cortex_distance(labels, voxel_size_mm=size)[labels == c.LATERAL].min()
    assert 19 < gap < 24
    both = distance_to(labels, (c.LATERAL, c.CORTEX), voxel_size_mm=size)
    assert both.max() <= cortex_distance(labels, voxel_size_mm=size).max()
