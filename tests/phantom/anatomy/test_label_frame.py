from __future__ import annotations

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.anatomy.label_frame import LabelFrame, fit_frame, landmark_error
from arteriole.phantom.anatomy.label_lattice import lay_out
from arteriole.phantom.anatomy.label_map import label_map_anatomy
from arteriole.phantom.anatomy.label_table import named


@pytest.fixture(scope="module")
def space(written):
    labels, grid = written
    marked, fill = named(labels, extra={})
    return lay_out(marked, grid, fill=fill)


def places(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform((-45, -75, -30), (45, 45, 55), (400, 3))


def test_frame_of_a_generated_head_is_its_own(space, head, rng):
    template = places(rng)
    world = head.anatomy.frame.to_world(template)
    found = np.stack(fit_frame(space)(*world.T), axis=1)
    off = np.linalg.norm(found - template, axis=1)
    assert np.median(off) < 3.0
    assert np.quantile(off, 0.95) < 6.0


def test_landmarks_lie_where_they_belong(space):
    off = landmark_error(space, fit_frame(space))
    assert np.median(off) < 2.5
    assert off.max() < 5.0


def test_smooth_part_improves_on_the_affine(space):
    fit = fit_frame(space)
    affine = type(fit)(fit.matrix, 0 * fit.shift_mm, fit.origin_mm, fit.spacing_mm)
    assert np.median(landmark_error(space, fit)) < np.median(landmark_error(space, affine))


def test_there_and_back_through_a_change_of_shape(coarse, rng):
    anatomy = label_map_anatomy(*coarse, seed=3, atrophy=0.7, spacing_mm=3.0)
    template = places(rng)
    back = np.stack(anatomy.frame.to_template(*anatomy.frame.to_world(template).T), axis=1)
    assert isinstance(anatomy.frame, LabelFrame)
    np.testing.assert_allclose(back, template, atol=0.05)


def test_maps_without_nuclei_are_refused():
    grid = Grid.from_voxel_size((40, 40, 40), (4.0, 4.0, 4.0))
    labels = np.zeros(grid.shape, dtype=np.int32)
    labels[4:36, 4:36, 4:36] = 511
    labels[8:32, 8:32, 8:32] = 3
    marked, fill = named(labels, extra={})
    with pytest.raises(ValueError, match="only 0 of 16 landmarks are labelled"):
        fit_frame(lay_out(marked, grid, fill=fill))
