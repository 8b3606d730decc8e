"""Lesions in images: consistent over echoes, magnitude, phase and SWI; floors and types kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.grid import Grid
from arteriole.phantom.insert.insert import insert_lesions
from arteriole.phantom.insert.kspace_support import FULL
from arteriole.phantom.insert.positions import CLUSTER
from arteriole.phantom.insert.source import lesion_source, signal_ratio
from arteriole.phantom.lesions.lesion import LesionTruth
from arteriole.phantom.scanner.vendor_swi import vendor_swi
from arteriole.phantom.tissue import MICROBLEED, TISSUES, WHITE

TE_S, B0_TESLA, SIGMA = (0.008, 0.02), 3.0, 5.0
TURN = np.array([[0.96, 0.0, 0.28], [0.0, 1.0, 0.0], [-0.28, 0.0, 0.96]])
GRID = Grid.from_voxel_size((44, 42, 26), (1.0, 1.0, 1.6), TURN)


def truth(kind="microbleed", centre=(2.0, -3.0, 1.0), diameter=3.0, chi=1.2):
    return LesionTruth(kind, centre, diameter, chi, "", "left")


@pytest.fixture
def scan(rng):
    """Even tissue with a phase ramp that wraps, and noise."""
    x, y, _ = np.indices(GRID.shape)
    echoes = np.stack(
        [300 * np.exp(-20 * te) * np.exp(1j * (0.5 + 2 * np.pi * te * (4 * x - 3 * y)))
         for te in TE_S]
    )  # fmt: skip
    noise = rng.normal(0, SIGMA, (2, *echoes.shape))
    image = echoes + noise[0] + 1j * noise[1]
    return np.abs(image).astype(np.float32), np.angle(image).astype(np.float32)


def put(magnitude, phase, *lesions, seed=1, **more):
    return insert_lesions(
        magnitude, phase, TE_S, B0_TESLA, GRID, lesions, rng=np.random.default_rng(seed), **more
    )


def middle(lesion):
    return tuple(np.rint(GRID.to_voxel(lesion.centre_mm)).astype(int))


def pole_phase(after, before, lesion):
    """Change of phase 6 mm up the field from the lesion."""
    at = np.rint(GRID.to_voxel(np.add(lesion.centre_mm, (0, 0, 6.0)))).astype(int)
    return np.angle(np.exp(1j * (after[1][tuple(at)] - before[1][tuple(at)])))


@pytest.mark.parametrize(("kind", "chi"), [("microbleed", 1.2), ("calcification", -1.5)])
@pytest.mark.parametrize("sign", [1, -1])
def test_phase_has_the_sign_of_chi(scan, kind, chi, sign):
    magnitude, phase = scan
    lesion = truth(kind, chi=chi)
    found = put(magnitude, sign * phase, lesion, phase_sign=sign)
    change = pole_phase(found.phase, sign * phase, lesion)
    expected = 2 * np.pi * 0.02 * 127.73 * (chi + 0.03) * 1.5**3 / 3 * 2 / 6.0**3
    assert sign * change == pytest.approx(expected, rel=0.25)


def test_the_core_sits_at_the_noise_floor(scan):
    """A long echo's void is Rayleigh noise of the image's own level, not 0."""
    magnitude, phase = scan
    found = put(magnitude, phase, truth(diameter=7.0, chi=1.5), point_spread="box")
    at = middle(truth())
    core = found.magnitude[1][tuple(slice(a - 1, a + 2) for a in at)]
    assert 0.6 * SIGMA < core.mean() < 2.5 * SIGMA
    assert core.std() > 0.2 * SIGMA
    assert magnitude[1].mean() > 30 * SIGMA


def test_nothing_changes_out_of_reach(scan):
    magnitude, phase = scan
    lesion = truth(diameter=1.0, chi=0.2)
    found = put(magnitude, phase, lesion)
    away = np.linalg.norm(np.indices(GRID.shape).reshape(3, -1).T - middle(lesion), axis=1) > 36
    np.testing.assert_array_equal(
        found.magnitude.reshape(2, -1)[:, away], magnitude.reshape(2, -1)[:, away]
    )
    np.testing.assert_array_equal(found.phase.reshape(2, -1)[:, away],
                                  phase.reshape(2, -1)[:, away])  # fmt: skip


def test_magnitude_alone_darkens_alike(scan):
    magnitude, phase = scan
    both, alone = put(magnitude, phase, truth()), put(magnitude, None, truth())
    assert alone.phase is None
    difference = np.abs(both.magnitude - alone.magnitude)
    assert np.median(difference) < SIGMA
    assert alone.magnitude[1][middle(truth())] < 0.5 * magnitude[1].mean()


def test_types_and_ranges_are_kept(scan):
    magnitude, phase = scan
    counts = np.rint(magnitude).astype(np.int16)
    found = put(counts, phase, truth())
    assert found.magnitude.dtype == np.int16
    assert found.phase.dtype == np.float32
    assert np.abs(found.phase).max() <= np.float32(np.pi)
    assert found.magnitude.min() >= 0
    assert put(magnitude.astype(np.float64), phase, truth()).magnitude.dtype == np.float64


def test_given_swi_follows_magnitude_and_phase(scan):
    """It becomes what the same recipe makes of the changed images."""
    magnitude, phase = scan
    swi = 0.5 * vendor_swi(magnitude[1], phase[1])
    found = put(magnitude, phase, truth(), swi=swi)
    expected = 0.5 * vendor_swi(found.magnitude[1], found.phase[1])
    np.testing.assert_allclose(found.swi, expected, atol=0.01 * swi.mean())


@pytest.mark.parametrize("with_magnitude", [True, False])
def test_swi_without_phase_darkens(scan, with_magnitude):
    magnitude, phase = scan
    swi = np.rint(vendor_swi(magnitude[1], phase[1])).astype(np.uint16)
    found = put(magnitude if with_magnitude else None, None, truth(), swi=swi)
    assert found.swi.dtype == np.uint16
    at = middle(truth())
    assert found.swi[at] < 0.4 * np.median(swi)
    # The mask darkens the poles, where the field is above B0, beyond what the magnitude shows.
    pole = tuple(np.rint(GRID.to_voxel(np.add(truth().centre_mm, (0, 0, 3.2)))).astype(int))
    around = tuple(slice(p - 1, p + 2) for p in pole)
    alone = put(magnitude, None, truth()).magnitude[1]
    magnitude_alone = alone[around].mean() / np.median(magnitude[1])
    assert found.swi[around].mean() / np.median(swi) < magnitude_alone


def test_a_cluster_keeps_volume_and_says_its_extent(scan):
    lesion = replace(truth(), form=CLUSTER)
    found, ball = put(*scan, lesion), put(*scan, truth())
    volume = lesion.volume_mm3
    assert found.cover.sum() * GRID.voxel_volume_mm3 == pytest.approx(volume, rel=0.02)
    length, _, height = found.lesions[0].extent_mm
    assert length > max(3.0, height)
    assert np.abs(found.magnitude[1] - ball.magnitude[1]).max() > 10 * SIGMA


def zero_filled(rng, share=0.6):
    """Even tissue sampled in the middle of k-space along the first axis."""
    shape = GRID.shape
    noise = rng.normal(0, SIGMA, (len(TE_S), *shape)) + 1j * rng.normal(0, SIGMA, (2, *shape))
    space = np.fft.fft(200 + noise, axis=1)
    space *= (np.abs(np.fft.fftfreq(shape[0])) < share / 2)[:, None, None]
    image = np.fft.ifft(space, axis=1)
    return np.abs(image).astype(np.float32), np.angle(image).astype(np.float32)


def test_a_zero_filled_image_stays_zero_filled(rng):
    """Lesion and noise leave empty what k-space had empty: below a hundredth of the inside."""
    magnitude, phase = zero_filled(rng)
    found = put(magnitude, phase, truth(diameter=4.0))
    change = found.magnitude * np.exp(1j * found.phase) - magnitude * np.exp(1j * phase)
    power = np.abs(np.fft.fft(change[1], axis=0)) ** 2
    k = np.abs(np.fft.fftfreq(GRID.shape[0]))
    assert power[k > 0.36].mean() < 0.01 * power[(k > 0.15) & (k < 0.25)].mean()
    full = put(magnitude, phase, truth(diameter=4.0), support=FULL)
    depth = [f.magnitude[1].min(axis=(1, 2)) < 120 for f in (found, full)]
    assert depth[0].sum() >= depth[1].sum()


def test_what_a_scanner_set_to_zero_stays(scan):
    magnitude, phase = scan[0].copy(), scan[1].copy()
    magnitude[:, :18] = 0
    found = put(magnitude, phase, truth(diameter=6.0))
    assert (found.magnitude[:, :18] == 0).all()
    np.testing.assert_array_equal(found.phase[:, :18], phase[:, :18])


def test_same_seed_same_images(scan):
    first, second = (put(*scan, truth(), seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.magnitude, second.magnitude)
    np.testing.assert_array_equal(first.phase, second.phase)
    assert (first.magnitude != put(*scan, truth(), seed=6).magnitude).any()


def test_given_images_stay_as_they_are(scan):
    magnitude, phase = scan[0].copy(), scan[1].copy()
    put(magnitude, phase, truth())
    np.testing.assert_array_equal(magnitude, scan[0])
    np.testing.assert_array_equal(phase, scan[1])


def test_truth_says_what_is_seen(scan):
    found = put(*scan, truth(), truth("calcification", (-9.0, 8.0, -5.0), 2.0, -1.0))
    small, large = found.lesions[1], found.lesions[0]
    assert large.apparent_diameter_mm > large.source_diameter_mm
    assert small.apparent_diameter_mm < large.apparent_diameter_mm
    volume = sum(lesion.volume_mm3 for lesion in found.lesions)
    assert found.cover.sum() * GRID.voxel_volume_mm3 == pytest.approx(volume, rel=0.02)


def test_source_of_a_truth_row():
    source = lesion_source(truth(), GRID, te_s=TE_S, b0_tesla=3.0)
    np.testing.assert_allclose(source.spheres[0, 3:], [1.5, 1.23])
    np.testing.assert_allclose(
        source.spheres[0, :3] / GRID.voxel_size_mm, GRID.to_voxel(truth().centre_mm), rtol=1e-5
    )
    inside, white = TISSUES[MICROBLEED], TISSUES[WHITE]
    excess = inside.r2star_hz - white.r2star_hz
    expected = [inside.density / white.density * np.exp(-te * excess) for te in TE_S]
    assert max(expected) < 0.3
    np.testing.assert_allclose(source.ratio, expected, rtol=1e-5)
    assert signal_ratio(TISSUES[MICROBLEED], te_s=(0.01,), b0_tesla=3, start=1.0)[0] < 1


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda m, p: put(m, p[:1], truth()), r"phase has shape \(1, 44, 42, 26\)"),
        (lambda m, p: put(m, p, truth(), mask=np.ones((3, 3, 3), bool)), "mask has shape"),
        (lambda m, p: put(m, p, truth(centre=(90.0, 0, 0))), "lies outside the image"),
        (
            lambda m, p: put(m, p, truth(), mask=np.zeros(GRID.shape, bool)),
            r"microbleed at \(2.0, -3.0, 1.0\) mm lies outside the mask",
        ),
        (lambda m, p: put(m, p, truth("lacune")), "a lacune is no sphere"),
        (lambda m, p: put(None, p, truth()), "neither a magnitude nor a SWI"),
        (
            lambda m, p: insert_lesions(
                m, p, (0.02, 0.008), 3.0, GRID, [truth()], rng=np.random.default_rng(0)
            ),
            "must be positive and increase",
        ),
    ],
)
def test_refuses(scan, work, message):
    with pytest.raises(ValueError, match=message):
        work(*scan)
