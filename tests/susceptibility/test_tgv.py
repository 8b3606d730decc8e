from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.morphology import erode
from arteriole.numerics.threads import set_threads, threads
from arteriole.susceptibility.tgv import invert_tgv
from simulated_fields import nrmse, positions, slope, sphere, sphere_field, textured_head, turned

SHAPE, VOXEL = (60, 60, 52), (1.5, 1.5, 1.5)
RADIANS = 2 * np.pi * 127.7 * 0.02  # one ppm at 3 T and 20 ms


@pytest.fixture(autouse=True)
def one_thread():
    """Two threads wait for each other at every step: on a busy machine small volumes crawl."""
    before = threads()
    set_threads(1)
    yield
    set_threads(before)


@pytest.fixture(scope="module")
def head():
    return textured_head(SHAPE, VOXEL, (0, 0, 1))


@pytest.fixture(scope="module")
def inner(head):
    return erode(head.mask, 4.5, voxel_size_mm=VOXEL)


def ball(shape, voxel):
    x, y, z = positions(shape, voxel)
    return np.asarray(x**2 + y**2 + z**2 < 18**2)


@pytest.mark.parametrize("degrees", [0, 35])
@pytest.mark.parametrize(
    ("shape", "voxel"), [((48, 45, 40), (1.0, 1.0, 1.0)), ((52, 52, 15), (0.8, 0.8, 3.0))]
)
def test_sphere_from_its_closed_form_field(shape, voxel, degrees):
    """A sphere's contrast is right within 20 % whatever the voxels and the field's direction."""
    b0 = turned(degrees)
    field = sphere_field(shape, voxel, b0, radius_mm=7, chi_ppm=0.1)
    mask = ball(shape, voxel)
    chi = invert_tgv(field, mask, voxel_size_mm=voxel, b0_direction=b0)
    inside = sphere(shape, voxel, radius_mm=7) > 0.99
    ring = mask & (sphere(shape, voxel, radius_mm=10) == 0)
    assert (chi[inside].mean() - chi[ring].mean()) / 0.1 == pytest.approx(1, abs=0.2)


def test_background_of_any_strength_changes_nothing():
    """A harmonic field 100 times as strong; the rest is rounding."""
    shape, voxel = (48, 45, 40), (1.0, 1.0, 1.0)
    field = sphere_field(shape, voxel, (0, 0, 1), radius_mm=7, chi_ppm=0.1)
    mask = ball(shape, voxel)
    x, y, z = positions(shape, voxel)
    rest = 0.01 * (x**2 + y**2 - 2 * z**2) + 0.1 * x
    near, far = (
        invert_tgv(f, mask, voxel_size_mm=voxel, noise_factor=0, iterations=200)
        for f in (field, field + rest)
    )
    assert nrmse(far, near, mask) < 0.02


def test_accuracy_from_the_total_field(head, inner):
    """In one step from the field of the whole head with air: the rim is poor, the rest is not."""
    chi = invert_tgv(head.total_ppm, head.mask, voxel_size_mm=VOXEL)
    assert nrmse(chi, head.chi_ppm, head.mask) < 0.52
    assert nrmse(chi, head.chi_ppm, inner) < 0.42
    assert slope(chi, head.chi_ppm, inner) > 0.8


def test_wrapped_phase_is_enough(head):
    """The phase of 20 ms, wrapped, over radians per ppm, gives what the unwrapped field gives."""
    wrapped = np.angle(np.exp(1j * RADIANS * head.total_ppm)) / RADIANS
    assert np.abs(wrapped - head.total_ppm)[head.mask].max() > 0.1
    given = {"voxel_size_mm": VOXEL, "iterations": 100, "noise_factor": 0}
    plain = invert_tgv(head.total_ppm, head.mask, **given)
    found = invert_tgv(wrapped.astype(np.float32), head.mask, radians_per_ppm=RADIANS, **given)
    assert nrmse(found, plain, head.mask) < 0.05


def test_twice_the_field_and_weight_is_twice_the_susceptibility(head):
    one, two = (
        invert_tgv(
            n * head.total_ppm, head.mask, voxel_size_mm=VOXEL, weight=n * 1e-4, iterations=100
        )
        for n in (1, 2)
    )
    np.testing.assert_allclose(two, 2 * one, atol=1e-4)


def test_scaled_millimetres_scale_the_weights(head):
    one, large = (
        invert_tgv(
            head.total_ppm,
            head.mask,
            voxel_size_mm=(1.5 * n, 1.5 * n, 1.5 * n),
            weight=n * 1e-4,
            ratio_mm=n * 2.0,
            iterations=100,
        )
        for n in (1, 2)
    )
    np.testing.assert_allclose(large, one, atol=1e-5)


def test_same_for_float64_place_and_any_threads(head):
    given = {"voxel_size_mm": VOXEL, "iterations": 30}
    chi = invert_tgv(head.total_ppm, head.mask, **given)
    double = invert_tgv(head.total_ppm.astype(float), head.mask, **given)
    np.testing.assert_allclose(double, chi, atol=1e-6)
    wide = ((5, 0), (0, 9), (3, 4))
    far = invert_tgv(np.pad(head.total_ppm, wide), np.pad(head.mask, wide), **given)
    np.testing.assert_array_equal(far[5:, :-9, 3:-4], chi)
    hidden = invert_tgv(np.where(head.mask, head.total_ppm, np.nan), head.mask, **given)
    np.testing.assert_array_equal(hidden, chi)
    set_threads(2)
    np.testing.assert_array_equal(invert_tgv(head.total_ppm, head.mask, **given), chi)
    assert chi.dtype == np.float32
    assert not chi[~head.mask].any()


def test_noisy_voxels_count_less(head, inner, rng):
    """Random phase in a ball: told so, less of it is seen around it."""
    x, y, z = positions(SHAPE, VOXEL)
    distance = (x - 6) ** 2 + (y + 9) ** 2 + (z - 3) ** 2
    bad, around = distance < 4**2, inner & (distance > 6**2) & (distance < 16**2)
    field = np.where(bad, rng.uniform(-0.1, 0.1, SHAPE), head.total_ppm).astype(np.float32)
    noise = np.where(bad, 0.2, 1e-3).astype(np.float32)
    plain, told = (
        nrmse(invert_tgv(field, head.mask, voxel_size_mm=VOXEL, **kw), head.chi_ppm, around)
        for kw in ({"noise_ppm": np.full(SHAPE, 1e-3, np.float32)}, {"noise_ppm": noise})
    )
    assert told < 0.8 * plain


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": 0.0}, "weights are positive"),
        ({"noise_factor": -1.0}, "weights are positive"),
        ({"ratio_mm": 0.0}, "ratio of the weights"),
        ({"radians_per_ppm": 0.0}, "radians per ppm are positive"),
        ({"iterations": 0}, "at least one step"),
        ({"noise_ppm": np.ones((3, 3, 3))}, "share one shape"),
        ({"voxel_size_mm": (1, -1, 1)}, "positive lengths"),
        ({"mask": np.zeros(SHAPE, bool)}, "empty"),
    ],
)
def test_refuses(head, change, message):
    given = {"mask": head.mask, "voxel_size_mm": VOXEL} | change
    with pytest.raises(ValueError, match=message):
        invert_tgv(head.total_ppm, given.pop("mask"), **given)


def test_field_without_laplacian_is_empty():
    mask = np.ones((20, 20, 20), bool)
    assert not invert_tgv(np.full(mask.shape, 0.5), mask, voxel_size_mm=VOXEL).any()
