from __future__ import annotations

import numpy as np
import pytest

from arteriole.field.pdf import remove_background_pdf
from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import good_shape, irfft, rfft
from arteriole.numerics.morphology import dilate, erode
from arteriole.numerics.threads import set_threads, threads
from simulated_fields import nrmse, positions, slope, sphere_field, textured_head, turned

SHAPE, VOXEL = (48, 49, 40), (1.5, 1.5, 2.0)


def brain(shape=SHAPE, voxel=VOXEL, radius=30.0):
    x, y, z = positions(shape, voxel)
    return np.asarray(x**2 + y**2 + z**2 < radius**2)


@pytest.mark.parametrize("voxel", [(1.5, 1.5, 2.0), (0.8, 0.8, 3.0), (3.0, 0.7, 1.1)])
@pytest.mark.parametrize("tilt", [0, 35])
def test_harmonic_fields_vanish(voxel, tilt):
    """Polynomials that solve Laplace's equation are background: in 40 steps 99 % goes."""
    shape = (60, 61, 24)
    x, y, z = positions(shape, voxel)
    mask = brain(shape, voxel, 22.0)
    core = brain(shape, voxel, 19.0)
    for field in (0 * x + 0 * y + z, x**2 + y**2 - 2 * z**2, x**3 - 3 * x * y**2 + 0 * z):
        field = (field + np.zeros(shape)).astype(np.float32)
        local, _ = remove_background_pdf(
            field, mask, voxel_size_mm=voxel, b0_direction=turned(tilt), iterations=40
        )
        assert np.std(local[core]) < 0.01 * np.std(field[mask])


def test_constant_vanishes():
    local, kept = remove_background_pdf(
        np.full(SHAPE, 300.0, np.float32), brain(), voxel_size_mm=VOXEL
    )
    assert np.abs(local[kept]).max() < 1e-3


@pytest.mark.parametrize(("centre", "tilt"), [((0, 42.0, 0), 0), ((25.0, 0, 33.0), 35)])
def test_source_outside_the_mask_vanishes(centre, tilt):
    """Air beside the brain: in 40 steps 99 % of its field goes, whatever the direction of B0."""
    field = sphere_field(SHAPE, VOXEL, turned(tilt), radius_mm=9, chi_ppm=9.4, centre_mm=centre)
    mask = brain()
    local, _ = remove_background_pdf(
        field, mask, voxel_size_mm=VOXEL, b0_direction=turned(tilt), iterations=40
    )
    core = brain(radius=27.0)
    assert np.std(local[core]) < 0.01 * np.std(field[mask])


@pytest.mark.parametrize("tilt", [0, 35])
def test_source_inside_stays(tilt):
    field = sphere_field(SHAPE, VOXEL, turned(tilt), radius_mm=4, chi_ppm=1)
    local, kept = remove_background_pdf(
        field, brain(), voxel_size_mm=VOXEL, b0_direction=turned(tilt)
    )
    x, y, z = positions(SHAPE, VOXEL)
    near = kept & (x**2 + y**2 + z**2 < 14**2)
    assert 0.95 < slope(local, field, near) < 1.02


def test_field_of_one_dipole_outside_vanishes_whole():
    """The identity of the method: what is in the span of its own dipoles goes, edge and all."""
    mask = brain()
    shape = good_shape(SHAPE, 40)
    source = np.zeros(shape, np.float32)
    source[24:27, 47:49, 20:23] = 5.0
    kernel = dipole_kernel(shape, voxel_size_mm=VOXEL, b0_direction=turned(20))
    field = irfft(rfft(source) * kernel, shape, SHAPE)
    assert not mask[source[:48, :49, :40] > 0].any()
    local, kept = remove_background_pdf(
        field,
        mask,
        voxel_size_mm=VOXEL,
        b0_direction=turned(20),
        pad_mm=60,
        tolerance=1e-5,
        iterations=100,
    )
    assert np.std(local[kept]) < 0.01 * np.std(field[mask])


def test_noise_map_spares_the_rest_from_bad_voxels(rng):
    """A rim of phase noise ruins the field 3 mm and more inside it, unless it is known as noise."""
    voxel = (1.5, 1.5, 1.5)
    head = textured_head((64, 64, 56), voxel, (0, 0, 1))
    mask = dilate(head.mask, 2.0, voxel_size_mm=voxel)
    noise = np.where(head.mask, 0.01, 2.0)
    field = head.total_ppm + noise * rng.standard_normal(mask.shape)
    core = erode(head.mask, 3.0, voxel_size_mm=voxel)
    given = {"voxel_size_mm": voxel}
    plain, _ = remove_background_pdf(field, mask, **given)
    known, _ = remove_background_pdf(field, mask, noise=noise, **given)
    found, _ = remove_background_pdf(field, mask, outlier_sigmas=3, **given)
    errors = [nrmse(local, head.local_ppm, core) for local in (plain, known, found)]
    assert errors[1] < 0.55 * errors[0]
    assert errors[2] < 0.9 * errors[0]


def test_textured_head():
    """Local field within the stated error from 3 mm inside, all of the mask kept."""
    head = textured_head((64, 64, 56), (1.5, 1.5, 1.5), (0, 0, 1))
    voxel = (1.5, 1.5, 1.5)
    local, kept = remove_background_pdf(head.total_ppm, head.mask, voxel_size_mm=voxel)
    core = erode(head.mask, 3.0, voxel_size_mm=voxel)
    assert (kept == head.mask).all()
    assert nrmse(local, head.local_ppm, core) < 0.40
    assert slope(local, head.local_ppm, core) > 0.85


def test_is_linear_and_blind_to_what_lies_outside(rng):
    mask = brain()
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, kept = remove_background_pdf(field, mask, voxel_size_mm=VOXEL)
    other, _ = remove_background_pdf(np.where(mask, 2 * field, np.nan), mask, voxel_size_mm=VOXEL)
    np.testing.assert_allclose(other, 2 * local, atol=2e-5)
    assert not local[~kept].any()
    assert (kept <= mask).all()
    assert local.dtype == np.float32


def test_place_in_the_volume_does_not_matter(rng):
    """A mask that touches the volume's edge has room for sources beside it."""
    mask = brain(radius=80.0)
    assert mask.all()
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, _ = remove_background_pdf(field, mask, voxel_size_mm=VOXEL)
    wide = ((5, 0), (0, 9), (3, 4))
    far, _ = remove_background_pdf(np.pad(field, wide), np.pad(mask, wide), voxel_size_mm=VOXEL)
    inner = (slice(5, None), slice(0, -9), slice(3, -4))
    np.testing.assert_array_equal(far[inner], local)


def test_same_for_float64_and_any_threads(rng):
    field = rng.standard_normal(SHAPE).astype(np.float32)
    local, _ = remove_background_pdf(field, brain(), voxel_size_mm=VOXEL)
    double, _ = remove_background_pdf(field.astype(float), brain(), voxel_size_mm=VOXEL)
    np.testing.assert_allclose(double, local, atol=2e-5)
    before = threads()
    try:
        set_threads(1)
        single, _ = remove_background_pdf(field, brain(), voxel_size_mm=VOXEL)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(single, local)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pad_mm": -1}, "not negative"),
        ({"iterations": 0}, "steps are positive"),
        ({"tolerance": 0.0}, "tolerance in"),
        ({"outlier_sigmas": -1.0}, "not negative"),
        ({"noise": np.ones((2, 2, 2))}, "field's shape"),
        ({"noise": np.full(SHAPE, np.inf)}, "finite"),
        ({"noise": np.full(SHAPE, -1.0)}, "not negative in the mask"),
        ({"noise": np.zeros(SHAPE)}, "zero in half"),
        ({"mask": np.zeros(SHAPE, bool)}, "empty"),
        ({"mask": np.ones((4, 4, 4), bool)}, "share one 3-D shape"),
        ({"mask": np.ones(SHAPE)}, "boolean"),
        ({"field": np.full(SHAPE, np.nan)}, "not finite"),
        ({"voxel_size_mm": (1, 0, 1)}, "positive lengths"),
    ],
)
def test_refuses(change, message):
    given = {"field": np.zeros(SHAPE), "mask": brain(), "voxel_size_mm": VOXEL} | change
    with pytest.raises(ValueError, match=message):
        remove_background_pdf(given.pop("field"), given.pop("mask"), **given)
