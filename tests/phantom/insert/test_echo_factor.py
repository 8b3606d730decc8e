"""The factor of a small source against closed forms, hand values and the whole simulation."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.numerics.threads import set_threads, threads
from arteriole.phantom.insert import echo_factor as module
from arteriole.phantom.insert.echo_factor import echo_factor
from arteriole.phantom.insert.source import FieldSource, sphere_source, tube_source
from arteriole.phantom.scanner.dipole_field import cylinder_field, sphere_field
from arteriole.units import hz_per_ppm

SHAPE = (32, 32, 32)
TE_S, B0_TESLA = (0.01, 0.02), 3.0
OBLIQUE = (0.36, -0.48, 0.8)


def ball(size=(1.0, 1.0, 1.0), *, diameter_mm=2.5, contrast_ppm=1.0, ratio=(0.4, 0.3), at=None):
    at = (16.2, 15.7, 16.4) if at is None else at
    return sphere_source(
        at, diameter_mm=diameter_mm, contrast_ppm=contrast_ppm, ratio=ratio, voxel_size_mm=size
    )


def factor_of(source, size=(1.0, 1.0, 1.0), direction=(0.0, 0.0, 1.0), shape=SHAPE, **more):
    return echo_factor(
        source, shape, voxel_size_mm=size, b0_direction=direction, te_s=TE_S, b0_tesla=B0_TESLA,
        margin=32, smallest_rad=1e-5, **more,
    )  # fmt: skip


def wide(monkeypatch, *args, **more):
    """The factor with fine cells nearly everywhere."""
    with monkeypatch.context() as patch:
        patch.setattr(module, "NEAR_RADII", 5.0)
        patch.setattr(module, "NEAR_VOXELS", 8.0)
        return factor_of(*args, **more)


@pytest.mark.parametrize("direction", [(0.0, 0.0, 1.0), OBLIQUE])
@pytest.mark.parametrize("size", [(1.0, 1.0, 1.0), (0.8, 1.1, 2.0)])
def test_far_phase_is_the_dipole_field(size, direction):
    """Beyond the near zone, without ringing, phase is that of the closed form."""
    found = factor_of(ball(size), size, direction, point_spread="box")
    axes = [(np.arange(n) - c) * d for n, c, d in zip(SHAPE, (16.2, 15.7, 16.4), size, strict=True)]
    offset = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    field = sphere_field(offset, radius_mm=1.25, chi_ppm=1.0, b0_direction=direction)
    phase = 2 * np.pi * TE_S[1] * hz_per_ppm(B0_TESLA) * field
    half = 2.5 * 1.25 + 3.0 * np.asarray(size)
    away = np.sum((offset / half) ** 2, axis=-1) > 1
    assert found.box == (slice(0, 32),) * 3
    assert np.abs(np.angle(found.factor[1]) - phase)[away].max() < 2e-3
    np.testing.assert_allclose(np.abs(found.factor[1])[away], 1.0, atol=1e-4)


@pytest.mark.parametrize("size", [(1.0, 1.0, 1.0), (0.8, 0.8, 3.0)])
def test_the_near_zone_is_wide_enough(monkeypatch, size):
    """Fine cells nearly everywhere change the factor by less than 2 % of its effect."""
    found = factor_of(ball(size), size, OBLIQUE)
    full = wide(monkeypatch, ball(size), size, OBLIQUE)
    apart = np.linalg.norm(found.factor - full.factor) / np.linalg.norm(full.factor - 1)
    assert apart < 0.02


def test_finer_cells_change_little():
    found, finer = factor_of(ball()), factor_of(ball(), cell_mm=0.125)
    apart = np.linalg.norm(found.factor - finer.factor) / np.linalg.norm(finer.factor - 1)
    assert apart < 0.01


def test_a_source_without_field_takes_its_share_of_the_signal():
    """No chi: the sum of F - 1 is (ratio - 1) times the source's volume, by either sampling."""
    for point_spread in ("sinc", "box"):
        found = factor_of(ball(contrast_ppm=0.0), point_spread=point_spread)
        lost = (found.factor - 1).sum(axis=(1, 2, 3))
        volume = np.pi / 6 * 2.5**3
        assert lost.real == pytest.approx([-0.6 * volume, -0.7 * volume], rel=0.02)
        assert found.cover.sum() == pytest.approx(volume, rel=0.02)
        assert np.abs(found.factor.imag).max() < 1e-5


def test_an_empty_voxel_for_a_box():
    """A cube of cells far inside a large void is 0; the box knows no ringing."""
    found = factor_of(ball(diameter_mm=9.0, contrast_ppm=0.0, ratio=(0, 0)), point_spread="box")
    assert np.abs(found.factor[:, 15:18, 15:18, 15:18]).max() < 1e-6
    assert np.abs(found.factor).max() <= 1 + 1e-5


def test_sign_of_chi_turns_the_phase():
    up, down = factor_of(ball()), factor_of(ball(contrast_ppm=-1.0))
    np.testing.assert_allclose(up.factor, down.factor.conj(), atol=1e-6)
    assert np.angle(up.factor[1, 16, 16, 26]) > 0


def test_blooming_grows_with_echo_time():
    found = factor_of(ball(diameter_mm=1.5))
    dark = [(np.abs(f) < 0.7).sum() for f in found.factor]
    assert dark[1] > dark[0] > 0


@pytest.mark.parametrize("slope", [0.0, 0.7])
def test_a_tube_has_the_field_of_a_cylinder(slope):
    axis = np.array([1.0, 0.0, slope]) / np.hypot(1, slope)
    line = (np.array([16.0, 15.3, 16.2]) + np.linspace(-60, 60, 7)[:, None] * axis).astype("f4")
    source = tube_source(line, radius_mm=0.7, contrast_ppm=0.4, ratio=(0.8, 0.7))
    found = factor_of(source, direction=OBLIQUE, point_spread="box")
    offset = np.stack(np.meshgrid(*[np.arange(32.0)] * 3, indexing="ij"), -1) - [16, 15.3, 16.2]
    field = cylinder_field(offset, radius_mm=0.7, chi_ppm=0.4, axis=axis, b0_direction=OBLIQUE)
    phase = 2 * np.pi * TE_S[1] * hz_per_ppm(B0_TESLA) * field
    rho = np.linalg.norm(offset - (offset @ axis)[..., None] * axis, axis=-1)
    assert np.abs(np.angle(found.factor[1]) - phase)[rho > 5].max() < 5e-4
    # A section through the middle, so that the ends play no part.
    assert found.cover[16].sum() == pytest.approx(np.pi * 0.49 / axis[0], rel=0.03)


def test_threads_do_not_change_it():
    before = threads()
    try:
        made = []
        for count in (1, 2):
            set_threads(count)
            made.append(factor_of(ball()).factor)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(made[0], made[1])


def test_a_source_at_the_edge_is_as_inside():
    """What lies beyond the image is not lost: the voxels at the edge see the same source."""
    edge, middle = factor_of(ball(at=(0.0, 15.0, 31.0))), factor_of(ball(at=(16.0, 15.0, 15.0)))
    assert edge.box == middle.box
    np.testing.assert_allclose(
        edge.factor[:, :12, 8:24, -12:], middle.factor[:, 16:28, 8:24, 4:16], atol=1e-5
    )
    np.testing.assert_allclose(edge.cover[:12, :, -12:], middle.cover[16:28, :, 4:16], atol=1e-6)


def test_odd_and_small_shapes():
    found = factor_of(ball(at=(3, 4, 2)), shape=(7, 9, 5))
    assert found.factor.shape == (2, 7, 9, 5)
    assert found.factor.dtype == np.complex64


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: factor_of(ball(ratio=(0.5,))), "2 echo times for 1 signal ratios"),
        (lambda: factor_of(ball(at=(80, 3, 3))), "outside the image"),
        (lambda: factor_of(ball(), cell_mm=0.0), "positive"),
        (lambda: ball(diameter_mm=0.0), "radii are positive"),
        (lambda: ball(ratio=(-0.1, 0.2)), "not negative"),
        (
            lambda: FieldSource(np.empty((0, 5), "f4"), np.ones(2, "f4"), np.empty((0, 3), "f4")),
            "a sphere or a line",
        ),
        (
            lambda: FieldSource(np.empty((2, 4), "f4"), np.ones(2, "f4"), np.empty((0, 3), "f4")),
            "five numbers",
        ),
    ],
)
def test_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make()
