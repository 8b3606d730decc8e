from __future__ import annotations

import numpy as np
import pytest

from arteriole.susceptibility.splitting import (
    border_differences,
    fit_field,
    fit_phase,
    free_differences,
    pose,
    shrink_gradient,
)

SHAPE = (5, 6, 7)
MU, RADIANS = np.float32(0.2), np.float32(16)


@pytest.fixture
def volumes(rng):
    """Model, field and dual of one wrap's size, and trust between 0 and 4."""
    model, field, dual = (rng.normal(0, 0.1, SHAPE).astype(np.float32) for _ in range(3))
    return model, field, dual, rng.uniform(0, 4, SHAPE).astype(np.float32)


def copy_of(aim, dual):
    """The copy that a fit chose: what it aimed at less the new dual."""
    return aim - dual


def test_field_fit_is_the_weighted_mean(volumes):
    model, field, dual, trust = volumes
    aim, right = model + dual, np.empty(SHAPE, np.float32)
    fit_field(model, field, trust, MU, dual, right)
    expected = (trust * field + MU * aim) / (trust + MU)
    np.testing.assert_allclose(copy_of(aim, dual), expected, atol=1e-6)
    np.testing.assert_allclose(right, expected - dual, atol=1e-6)


def test_phase_fit_has_no_slope_left(volumes):
    """Newton's steps end where the cost's derivative is zero, on the branch near the model."""
    model, field, dual, trust = volumes
    aim, right = model + dual, np.empty(SHAPE, np.float32)
    fit_phase(model, field, trust, MU, RADIANS, dual, right)
    copy = copy_of(aim, dual)
    slope = trust * np.sin(RADIANS * (copy - field)) / RADIANS + MU * (copy - aim)
    before = trust * np.sin(RADIANS * (aim - field)) / RADIANS
    assert np.median(np.abs(slope)) < 1e-5
    assert np.abs(slope).mean() < 0.1 * np.abs(before).mean()


def test_phase_fit_of_whole_turns_is_the_same(volumes):
    model, field, dual, trust = volumes
    found = []
    for turns in (0, 2):
        own, right = dual.copy(), np.empty(SHAPE, np.float32)
        shifted = field + np.float32(turns * 2 * np.pi / RADIANS)
        fit_phase(model, shifted, trust, MU, RADIANS, own, right)
        found.append(right)
    np.testing.assert_allclose(found[1], found[0], atol=1e-5)


def test_free_differences_leave_the_mask():
    mask = np.zeros(SHAPE, bool)
    mask[1:4, 1:4, 1:4] = True
    bits = free_differences(mask)
    assert (bits[~mask] == 7).all()
    assert bits[2, 2, 2] == 0
    assert (bits[3, 2, 2], bits[2, 3, 2], bits[2, 2, 3]) == (1, 2, 4)


def test_border_differences_cross_the_border_and_mark_the_outside():
    mask = np.zeros(SHAPE, bool)
    mask[1:4, 1:4, 1:4] = True
    bits = border_differences(mask)
    assert ((bits & 8 > 0) == ~mask).all()
    assert (bits[2, 2, 2], bits[3, 2, 2], bits[2, 3, 2], bits[2, 2, 3]) == (0, 1, 2, 4)
    assert (bits[0, 2, 2], bits[0, 0, 0]) == (9, 8)


def test_the_outside_is_shrunk_by_its_share(rng):
    chi = rng.normal(0, 1, SHAPE).astype(np.float32)
    inverse, found = np.ones(3, np.float32), []
    for bits, step in ((8, 1.0), (0, 0.25)):
        dual, split = (np.zeros((3, *SHAPE), np.float32) for _ in range(2))
        free = np.full(SHAPE, bits, np.uint8)
        shrink_gradient(chi, free, inverse, np.float32(step), np.float32(0.25), dual, split)
        found.append((dual, split))
    np.testing.assert_array_equal(found[0], found[1])


def test_shrinking_shortens_what_is_not_free(rng):
    chi = rng.normal(0, 1, SHAPE).astype(np.float32)
    free = np.zeros(SHAPE, np.uint8)
    free[:, :, ::2] = 7
    dual, split = (np.zeros((3, *SHAPE), np.float32) for _ in range(2))
    inverse = np.ones(3, np.float32)
    shrink_gradient(chi, free, inverse, np.float32(0.5), np.float32(1), dual, split)
    gradient = np.stack([np.roll(chi, -1, axis) - chi for axis in range(3)])
    copy = split + dual
    np.testing.assert_allclose(copy[..., ::2], gradient[..., ::2], atol=1e-6)
    lengths = [np.linalg.norm(v[..., 1::2], axis=0) for v in (gradient, copy)]
    np.testing.assert_allclose(lengths[1], np.maximum(lengths[0] - 0.5, 0), atol=1e-5)


def test_posed_problem_goes_back_to_its_place(rng):
    mask = np.zeros((9, 10, 11), bool)
    mask[2:7, 3:8, 1:9] = True
    field = np.where(mask, rng.normal(3, 1, mask.shape), np.nan)
    problem = pose(field, mask, None, voxel_size_mm=(1, 1, 2), b0_direction=(0, 0, 1), pad_mm=3)
    assert all(n >= m + p for n, m, p in zip(problem.shape, (5, 5, 8), (3, 3, 2), strict=True))
    back = problem.restored(problem.field, mask)
    np.testing.assert_allclose(back[mask], field[mask] - field[mask].mean(), atol=1e-5)
    assert not back[~mask].any()
    assert problem.weight(1.0, 0.5) == pytest.approx(1 + 0.5 * problem.noise_ppm * 2 ** (1 / 3))
