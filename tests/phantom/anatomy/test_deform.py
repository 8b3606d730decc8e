from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.anatomy.deform import (
    Deformation,
    checked,
    deformed,
    draw_affine,
    draw_elastic,
)
from arteriole.phantom.anatomy.structure import Structure

ORIGIN = (-60.0, -60.0, -60.0)


def elastic(rng, amplitude_mm: float) -> Deformation:
    axes = np.ix_(*[(o + 3.0 * np.arange(41)).astype(np.float32) for o in ORIGIN])
    shift = draw_elastic(rng, axes, amplitude_mm=amplitude_mm, wavelength_mm=75.0)
    matrix = draw_affine(rng, scale=0.03, shear=0.015, centre_mm=np.zeros(3))
    return Deformation(matrix, shift.astype(np.float32), ORIGIN, 3.0)


def still(matrix=None) -> Deformation:
    shift = np.zeros((3, 3, 3, 3), dtype=np.float32)
    return Deformation(np.eye(3, 4) if matrix is None else matrix, shift, ORIGIN, 60.0)


def ball(radius_mm: float) -> Structure:
    at = np.arange(-25, 26, dtype=np.float32)
    distance = np.sqrt(at[:, None, None] ** 2 + at[:, None] ** 2 + at**2)
    return Structure("ball", 1, (radius_mm - distance).astype(np.float32), (-25.0,) * 3, 1.0)


def volume(solid: Structure) -> float:
    return float(np.clip(0.5 + solid.level / solid.spacing_mm, 0, 1).sum() * solid.spacing_mm**3)


def test_there_and_back(rng):
    change = elastic(rng, 2.0)
    points = rng.uniform(-50, 50, (300, 3))
    there = np.stack(change(*points.T), axis=1)
    assert np.abs(there - points).max() > 1.0
    np.testing.assert_allclose(change.inverse(there), points, atol=1e-3)


def test_shifts_have_the_size_asked_for(rng):
    axes = np.ix_(*[4.0 * np.arange(40)] * 3)
    shift = draw_elastic(rng, axes, amplitude_mm=2.0, wavelength_mm=75.0)
    assert shift.std() == pytest.approx(2.0, rel=0.3)


def test_jacobian_of_a_scaling_is_its_cube():
    change = still(np.concatenate([1.1 * np.eye(3), np.zeros((3, 1))], axis=1))
    np.testing.assert_allclose(change.jacobian(), 1.1**3)


def test_nothing_changed_is_the_same_solid():
    same = deformed(ball(15.0), still(), 1.0)
    points = np.random.default_rng(0).uniform(-20, 20, (100, 3))
    np.testing.assert_allclose(same.depth(points), ball(15.0).depth(points), atol=1e-4)


@pytest.mark.parametrize("spacing_mm", [1.0, 1.5])
def test_volume_follows_the_scale(spacing_mm):
    shrink = still(np.concatenate([1.25 * np.eye(3), np.zeros((3, 1))], axis=1))
    small = deformed(ball(15.0), shrink, spacing_mm)
    assert small.spacing_mm == spacing_mm
    assert volume(small) == pytest.approx(4 / 3 * np.pi * 12.0**3, rel=0.02)


def test_affine_keeps_its_centre(rng):
    centre = np.array([3.0, -20.0, 10.0])
    matrix = draw_affine(rng, scale=0.05, shear=0.03, centre_mm=centre)
    np.testing.assert_allclose(matrix[:, :3] @ centre + matrix[:, 3], centre)


def test_mild_changes_are_one_to_one(rng):
    assert checked(elastic(rng, 2.0)).jacobian().min() > 0.3


def test_folding_is_refused(rng):
    with pytest.raises(ValueError, match="folds tissue: its least volume ratio is -"):
        checked(elastic(rng, 40.0))
