from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import irfft, rfft
from arteriole.susceptibility.tv import invert_tv
from arteriole.susceptibility.weak_harmonic import invert_weak_harmonic
from simulated_fields import nrmse, positions, slope, textured_head, turned

SHAPE, VOXEL = (60, 60, 52), (1.5, 1.5, 1.5)
RADIANS = 2 * np.pi * 127.7 * 0.02  # one ppm at 3 T and 20 ms


@pytest.fixture(scope="module")
def head():
    return textured_head(SHAPE, VOXEL, (0, 0, 1))


def harmonic(field, mask, times):
    """A field of sources outside the mask, so many times as strong as the given one."""
    x, y, z = positions(SHAPE, VOXEL)
    rest = np.asarray(x**2 + y**2 - 2 * z**2 + 20 * z - 15 * x, np.float32)
    return rest * np.float32(times * field[mask].std() / rest[mask].std())


def test_smooth_susceptibility_comes_back_from_its_own_kernel():
    """Noise-free, smooth, periodic, all of it known: within 12 %."""
    shape = (48, 48, 48)
    x, y, z = positions(shape, (1, 1, 1))
    chi = 0.1 * np.exp(-(x**2 + y**2 + 1.5 * z**2) / (2 * 6**2)).astype(np.float32)
    field = irfft(rfft(chi) * dipole_kernel(shape, voxel_size_mm=(1, 1, 1)), shape)
    mask = np.ones(shape, bool)
    found = invert_weak_harmonic(
        field, mask, voxel_size_mm=(1, 1, 1), weight=1e-6, pad_mm=0, iterations=200, tolerance=1e-4
    )
    assert nrmse(found, chi, mask) < 0.12


def test_harmonic_rest_is_absorbed(head):
    """Three times as strong as the local field, it costs less than 0.1 of error; TV more."""
    field = head.local_ppm + harmonic(head.local_ppm, head.mask, 3)
    cost = [
        nrmse(invert(field, head.mask, voxel_size_mm=VOXEL), head.chi_ppm, head.mask)
        - nrmse(invert(head.local_ppm, head.mask, voxel_size_mm=VOXEL), head.chi_ppm, head.mask)
        for invert in (invert_weak_harmonic, invert_tv)
    ]
    assert cost[0] < 0.1
    assert cost[0] < 0.5 * cost[1]


def test_accuracy_on_a_textured_head(head):
    """From the true local field: 0.06 worse than TV at most, which knows that nothing is left."""
    found, plain = (
        nrmse(
            invert(head.local_ppm, head.mask, voxel_size_mm=VOXEL, **more), head.chi_ppm, head.mask
        )
        for invert, more in ((invert_weak_harmonic, {}), (invert_tv, {"outside": 0}))
    )
    assert found < 0.47
    assert found < plain + 0.06


def test_phase_is_the_line_when_it_is_small(head):
    """A thousandth of the phase of 20 ms: linear and nonlinear agree."""
    line, phase = (
        invert_weak_harmonic(head.local_ppm, head.mask, voxel_size_mm=VOXEL, radians_per_ppm=p)
        for p in (None, RADIANS / 1000)
    )
    np.testing.assert_allclose(phase, line, atol=1e-4)


def test_whole_turns_do_not_matter_to_the_phase(head, rng):
    """Random turns in a tenth of the voxels: nonlinear as without them, linear lost."""
    turns = np.where(rng.random(SHAPE) < 0.1, rng.choice([-1, 1], SHAPE), 0)
    wrapped = (head.local_ppm + 2 * np.pi / RADIANS * turns).astype(np.float32)
    level = np.full(SHAPE, 1e-3, np.float32)
    errors = [
        nrmse(
            invert_weak_harmonic(
                f, head.mask, voxel_size_mm=VOXEL, noise_ppm=level, radians_per_ppm=p
            ),
            head.chi_ppm,
            head.mask,
        )
        for f, p in ((head.local_ppm, RADIANS), (wrapped, RADIANS), (wrapped, None))
    ]
    assert errors[1] == pytest.approx(errors[0], abs=1e-4)
    assert errors[2] > 2 * errors[0]


def test_oblique_is_as_accurate_as_axial(head):
    b0 = turned(35)
    oblique = textured_head(SHAPE, VOXEL, b0)
    errors = [
        nrmse(
            invert_weak_harmonic(h.local_ppm, h.mask, voxel_size_mm=VOXEL, b0_direction=b),
            h.chi_ppm,
            h.mask,
        )
        for h, b in ((head, (0.0, 0.0, 1.0)), (oblique, b0))
    ]
    assert errors[1] == pytest.approx(errors[0], rel=0.05)


def test_twice_the_field_and_weight_is_twice_the_susceptibility(head):
    one = invert_weak_harmonic(head.local_ppm, head.mask, voxel_size_mm=VOXEL, weight=2e-4)
    two = invert_weak_harmonic(2 * head.local_ppm, head.mask, voxel_size_mm=VOXEL, weight=4e-4)
    np.testing.assert_allclose(two, 2 * one, atol=1e-4)


def test_scaled_millimetres_scale_the_weights(head):
    """The same voxels called 3 mm: the same chi at 2 and 16 times the weights."""
    one = invert_weak_harmonic(head.local_ppm, head.mask, voxel_size_mm=VOXEL, weight=2e-4)
    large = invert_weak_harmonic(
        head.local_ppm,
        head.mask,
        voxel_size_mm=(3.0, 3.0, 3.0),
        weight=4e-4,
        harmonic_mm4=16 * 500,
        pad_mm=40,
    )
    np.testing.assert_allclose(large, one, atol=1e-4)


def test_stiff_harmonic_field_is_total_variation_alone(head):
    stiff = invert_weak_harmonic(head.local_ppm, head.mask, voxel_size_mm=VOXEL, harmonic_mm4=1e7)
    plain = invert_tv(head.local_ppm, head.mask, voxel_size_mm=VOXEL, outside=0, tolerance=5e-3)
    assert slope(stiff, plain, head.mask) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": 0.0}, "weights are positive"),
        ({"noise_factor": -1.0}, "weights are positive"),
        ({"harmonic_mm4": 0.0}, "harmonic weight is positive"),
        ({"radians_per_ppm": 0.0}, "radians per ppm are positive"),
        ({"pad_mm": -1.0}, "pad is not negative"),
        ({"noise_ppm": np.ones((3, 3, 3))}, "share one shape"),
        ({"noise_ppm": np.full(SHAPE, np.nan)}, "finite"),
    ],
)
def test_refuses(head, change, message):
    with pytest.raises(ValueError, match=message):
        invert_weak_harmonic(head.local_ppm, head.mask, voxel_size_mm=VOXEL, **change)


def test_empty_field_is_empty():
    mask = np.ones((20, 20, 20), bool)
    assert not invert_weak_harmonic(np.full(mask.shape, 0.5), mask, voxel_size_mm=VOXEL).any()
