from __future__ import annotations

import numpy as np
import pytest
from simulated_head import simulate_head, wrap

from arteriole.phase.laplacian import unwrap_laplacian


def bump(shape, height):
    """A smooth bump whose slope is 0 at the faces of the volume."""
    axes = [np.cos(np.pi * (np.arange(n) + 0.5) / n) for n in shape]
    x, y, z = np.ix_(*axes)
    return (height * (x + y * z)).astype(np.float32)


@pytest.mark.parametrize("shape", [(64, 64, 64), (65, 51, 33)])
@pytest.mark.parametrize("voxel", [(1.0, 1.0, 1.0), (0.5, 0.7, 2.0)])
def test_gentle_phase_comes_back(shape, voxel):
    """A range of 24 rad with at most 0.5 rad a voxel: within 0.2 rad, up to a constant."""
    truth = bump(shape, 6.0)
    unwrapped = unwrap_laplacian(wrap(truth), voxel_size_mm=voxel)
    apart = unwrapped - truth
    assert np.ptp(truth) > 20
    assert apart.std() < 0.2


def test_its_error_grows_with_the_slope():
    """sin(d) is not d: the known failure, so that nobody takes it for exact."""
    errors = []
    for height in (2.0, 6.0, 12.0):
        truth = bump((48, 48, 48), height)
        apart = unwrap_laplacian(wrap(truth), voxel_size_mm=(1, 1, 1)) - truth
        errors.append(apart.std() / truth.std())
    assert errors[0] < errors[1] < errors[2]
    assert errors[2] > 0.02


def test_no_wraps_are_left_in_a_head_and_the_field_is_near(rng):
    head = simulate_head(rng)
    unwrapped = unwrap_laplacian(head.phase, voxel_size_mm=head.voxel_size_mm, mask=head.mask)
    apart = (unwrapped[1] - head.truth[1])[head.mask]
    assert np.median(np.abs(apart - np.median(apart))) < 0.5
    assert not unwrapped[:, ~head.mask].any()


def test_the_constant_is_that_of_the_wrapped_phase():
    phase = np.full((8, 8, 8), 2.5, dtype=np.float32)
    np.testing.assert_allclose(unwrap_laplacian(phase, voxel_size_mm=(1, 1, 1)), 2.5, atol=1e-5)


def test_doubles_are_taken_and_floats_returned(rng):
    phase = rng.uniform(-1, 1, (8, 9, 10))
    double = unwrap_laplacian(phase, voxel_size_mm=(1, 1, 1))
    single = unwrap_laplacian(phase.astype(np.float32), voxel_size_mm=(1, 1, 1))
    assert double.dtype == np.float32
    np.testing.assert_array_equal(double, single)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phase": np.zeros((4, 4))}, "three or four dimensions"),
        ({"mask": np.ones((4, 4, 5), bool)}, r"mask has shape \(4, 4, 5\)"),
        ({"voxel_size_mm": (1, 1, 0)}, "voxel sizes are positive"),
    ],
)
def test_refuses(change, message):
    given = {"phase": np.zeros((4, 4, 4)), "voxel_size_mm": (1.0, 1.0, 1.0)} | change
    phase = given.pop("phase")
    with pytest.raises(ValueError, match=message):
        unwrap_laplacian(phase, **given)
