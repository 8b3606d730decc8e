from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain import classes as c
from arteriole.brain.tissue import GROUPS, segment_tissue
from arteriole.grid import Grid
from arteriole.numerics.threads import set_threads, threads
from brain.painted_head import blurred_prior, painted, shells


@pytest.fixture(scope="module")
def head():
    labels, grid = shells()
    return labels, grid, blurred_prior(labels, grid)


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


def test_intensity_draws_the_borders_that_the_prior_blurs(head):
    labels, grid, prior = head
    got = segment_tissue(painted(labels), grid, prior, grid)
    before = prior.argmax(axis=0)
    for part in (c.CORTEX, c.WHITE, c.LATERAL):
        assert dice(got.labels == part, labels == part) > 0.97
        assert dice(got.labels == part, labels == part) > dice(before == part, labels == part)


def test_means_are_those_of_the_tissues_and_the_bias_comes_out(head):
    labels, grid, prior = head
    ramp = np.exp(0.3 * np.linspace(-1, 1, grid.shape[1])).astype(np.float32)[None, :, None]
    got = segment_tissue(painted(labels) * ramp, grid, prior, grid)
    grey = next(n for n, parts in enumerate(GROUPS) if c.CORTEX in parts)
    white = next(n for n, parts in enumerate(GROUPS) if c.WHITE in parts)
    assert got.model.mean[grey] / got.model.mean[white] == pytest.approx(0.6, abs=0.02)
    inside = labels == c.WHITE
    flat = (got.bias / ramp)[inside]
    assert flat.std() / flat.mean() < 0.03


def test_a_lesion_in_white_matter_stays_white_matter(head):
    labels, grid, prior = head
    image = painted(labels)
    spot = np.zeros(labels.shape, np.bool_)
    spot[29:35, 20:24, 28:32] = True
    assert (labels[spot] == c.WHITE).all()
    for level in (0.8, 2.0):
        image[spot] = level
        got = segment_tissue(image, grid, prior, grid)
        assert (got.labels[spot] == c.WHITE).mean() > 0.9


def test_scale_and_offset_of_threads_change_nothing(head):
    labels, grid, prior = head
    image = painted(labels)
    one = segment_tissue(image, grid, prior, grid, iterations=3)
    scaled = segment_tissue(image * np.float32(512), grid, prior, grid, iterations=3)
    assert (one.labels == scaled.labels).mean() > 0.9999
    before = threads()
    try:
        set_threads(1)
        again = segment_tissue(image, grid, prior, grid, iterations=3)
    finally:
        set_threads(before)
    assert np.array_equal(one.shares, again.shares)


def test_shares_add_up_to_the_head(head):
    labels, grid, prior = head
    got = segment_tissue(painted(labels), grid, prior, grid, iterations=4)
    total = got.shares.sum(axis=0)
    assert total.max() <= 1 + 1e-5
    assert total[labels == c.WHITE].mean() > 0.999
    assert total[labels == 0].mean() < 0.02


def test_thick_slices_use_the_prior_of_another_grid(head):
    labels, grid, prior = head
    image, thick = painted(labels)[:, :, ::3], grid.affine.copy()
    thick[:, 2] *= [3, 3, 3, 1]
    got = segment_tissue(image, Grid(image.shape, thick), prior, grid)
    assert dice(got.labels == c.CORTEX, labels[:, :, ::3] == c.CORTEX) > 0.95


def test_what_does_not_fit_is_refused(head):
    labels, grid, prior = head
    with pytest.raises(ValueError, match="do not fit their grids"):
        segment_tissue(painted(labels)[1:], grid, prior, grid)
    far = grid.affine.copy()
    far[:3, 3] += 1000
    with pytest.raises(ValueError, match="leaves no brain inside"):
        segment_tissue(painted(labels), grid, prior, Grid(grid.shape, far))
