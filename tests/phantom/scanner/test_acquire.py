from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.ndimage

from arteriole.grid import Grid
from arteriole.numerics.dipole import dipole_kernel
from arteriole.numerics.fft import irfft, rfft
from arteriole.numerics.threads import set_threads, threads
from arteriole.phantom.lesions.lesion import Lesion, LesionTruth
from arteriole.phantom.painting.scene import paint_scene
from arteriole.phantom.scanner.acquire import acquire
from arteriole.phantom.scanner.dipole_field import free_field
from arteriole.phantom.scanner.noise import noise_sigma
from arteriole.phantom.scanner.shim import polynomial
from arteriole.units import hz_per_ppm

CELL_MM = 1.4


def inside(truth, millimetres: float) -> np.ndarray:
    return scipy.ndimage.binary_erosion(truth.brain_mask, iterations=round(millimetres / 2.4))


def test_scan_fits_its_protocol(scanned, protocol):
    scan, truth = scanned
    assert scan.te_s == protocol.te_s
    assert scan.grid.fits(protocol.grid)
    assert scan.magnitude.dtype == scan.phase.dtype == np.float32
    assert np.abs(scan.phase).max() <= np.float32(np.pi)
    for name in ("chi_ppm", "r2star_hz", "total_field_hz", "local_field_hz"):
        volume = getattr(truth, name)
        assert volume.dtype == np.float32
        assert volume.shape == protocol.shape
        assert np.isfinite(volume).all()


def test_same_seed_same_bytes_for_any_number_of_threads(head, protocol, scanned):
    before = threads()
    try:
        set_threads(1)
        scan, truth = acquire(head, protocol, seed=4, cell_mm=CELL_MM)
    finally:
        set_threads(before)
    np.testing.assert_array_equal(scan.magnitude, scanned[0].magnitude)
    np.testing.assert_array_equal(scan.phase, scanned[0].phase)
    np.testing.assert_array_equal(truth.chi_ppm, scanned[1].chi_ppm)
    np.testing.assert_array_equal(truth.local_field_hz, scanned[1].local_field_hz)


def test_phase_turns_with_the_true_field(scanned):
    """Phase between echoes is 2 pi times the field times the time between them."""
    scan, truth = scanned
    turned = np.angle(np.exp(1j * (scan.phase[1] - scan.phase[0])))
    expected = 2 * np.pi * (scan.te_s[1] - scan.te_s[0]) * truth.total_field_hz
    apart = np.abs(np.angle(np.exp(1j * (turned - expected))))[inside(truth, 10)]
    assert np.median(apart) < 0.05
    assert np.percentile(apart, 95) < 0.25


def test_magnitude_decays_with_the_true_r2star(scanned):
    scan, truth = scanned
    rate = np.log(scan.magnitude[0] / scan.magnitude[2]) / (scan.te_s[2] - scan.te_s[0])
    within = inside(truth, 12)
    assert np.median(rate[within] - truth.r2star_hz[within]) == pytest.approx(0.0, abs=2.0)


def test_noise_is_rician_in_air(scanned, bare, protocol):
    sigma = noise_sigma(protocol)
    air = bare[0].magnitude < 0.1 * sigma
    assert air.sum() > 5000
    noise = scanned[0].magnitude[air]
    assert noise.mean() == pytest.approx(sigma * np.sqrt(np.pi / 2), rel=0.03)
    assert noise.std() == pytest.approx(sigma * np.sqrt(2 - np.pi / 2), rel=0.03)


def test_noise_is_white_gaussian_in_both_channels(scanned, bare, protocol):
    clear, noisy = (s.magnitude[0] * np.exp(1j * s.phase[0]) for s in (bare[0], scanned[0]))
    quiet = ~scipy.ndimage.binary_dilation(bare[1].brain_mask, iterations=1)
    noise = (noisy - clear)[quiet]
    sigma = noise_sigma(protocol)
    assert noise.real.std() == pytest.approx(sigma, rel=0.02)
    assert noise.imag.std() == pytest.approx(sigma, rel=0.02)
    assert abs(np.mean(noise[1:] * np.conj(noise[:-1]))) < 0.03 * sigma**2


def scanned_with(head, protocol, *lesions):
    added = head.with_lesions(*map(Lesion, lesions))
    return acquire(added, protocol, seed=1, cell_mm=CELL_MM, noise=False)


def test_lesion_is_found_dark_where_the_table_says(head, protocol, bare):
    """On an oblique, turned, anisotropic slab; a sphere of 5 mm kills the late echo."""
    places = [(28.0, -20.0, 32.0), (-34.0, 14.0, 26.0), (26.0, -50.0, 24.0)]
    bleeds = [LesionTruth("microbleed", p, 5.0, 2.0, "lobar white matter", "right") for p in places]
    scan, truth = scanned_with(head, protocol, *bleeds)
    before = bare[0].magnitude[-1]
    loss = before - scan.magnitude[-1]
    assert [t.centre_mm for t in truth.lesions] == places
    assert all(t.apparent_diameter_mm > 5.0 for t in truth.lesions)
    for place in places:
        cell = np.round(protocol.grid.to_voxel(place)).astype(int)
        assert loss[tuple(cell)] > 0.4 * before[tuple(cell)]
        near = tuple(slice(c - 4, c + 5) for c in cell)
        weight = np.maximum(loss[near], 0)
        middle = np.array(scipy.ndimage.center_of_mass(weight)) + cell - 4
        assert np.linalg.norm(protocol.grid.to_world(middle) - place) < 1.5


def moment(field_hz, protocol, place, low_mm, high_mm) -> float:
    """Fit the dipole of a unit moment, chi a^3 / 3, to a shell around a place."""
    cells = np.argwhere(np.ones(protocol.shape, dtype=bool))
    away = protocol.grid.to_world(cells) - np.array(place)
    distance = np.linalg.norm(away, axis=1)
    shell = (distance > low_mm) & (distance < high_mm)
    dipole = (3 * (away[shell, 2] / distance[shell]) ** 2 - 1) / distance[shell] ** 3
    dipole *= hz_per_ppm(3.0)
    return float((field_hz.ravel()[shell] * dipole).sum() / (dipole**2).sum())


@pytest.mark.parametrize(("kind", "chi"), [("microbleed", 4.0), ("calcification", -4.0)])
def test_small_lesion_has_its_moment_and_sign(head, protocol, bare, kind, chi):
    """Below three cells the field is the closed form, here against white matter's chi."""
    place = (28.0, -20.0, 32.0)
    lesion = LesionTruth(kind, place, 3.0, chi, "lobar white matter", "right")
    _, truth = scanned_with(head, protocol, lesion)
    field = truth.local_field_hz - bare[1].local_field_hz
    expected = (chi + 0.03) * 1.5**3 / 3
    assert moment(field, protocol, place, 6, 9) == pytest.approx(expected, rel=0.03)
    chi_gained = (truth.chi_ppm - bare[1].chi_ppm).sum() * protocol.grid.voxel_volume_mm3
    assert chi_gained == pytest.approx((chi + 0.03) * np.pi / 6 * 27, rel=0.05)


def test_painted_lesion_has_its_moment(head, protocol, bare):
    """The field's is that of the chi that was painted; which is the table's, against its tissue."""
    place = (28.0, -20.0, 32.0)
    lesion = LesionTruth("microbleed", place, 6.0, 1.0, "lobar white matter", "right")
    truth = scanned_with(head, protocol, lesion)[1]
    gained = (truth.chi_ppm - bare[1].chi_ppm).sum() * protocol.grid.voxel_volume_mm3
    field = truth.local_field_hz - bare[1].local_field_hz
    assert moment(field, protocol, place, 9, 13) == pytest.approx(gained / (4 * np.pi), rel=0.03)
    assert gained == pytest.approx(lesion.moment_ppm_mm3, rel=0.1)


def test_field_does_not_depend_on_where_the_slab_ends(head, protocol):
    """Against one padded field of head and trunk; <= 2 % of the field's spread in the brain."""
    quiet = {"seed": 1, "noise": False, "shim_order": 0}
    plain = replace(
        protocol, tilt_deg=0.0, turn_deg=0.0, shape=(40, 48, 24), voxel_size_mm=(4.0, 4.0, 4.0)
    )
    _, truth = acquire(head.with_lesions(), plain, cell_mm=2.0, **quiet)
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[:3, 3] = plain.grid.to_world([-0.25] * 3) - 2.0 * np.array([80, 27, 140])
    whole = replace(
        head.with_lesions(),
        anatomy=replace(head.anatomy, structures=(head.anatomy.trunk, *head.anatomy.structures)),
    )
    canvas = paint_scene(whole, plain, Grid((240, 150, 200), affine)).canvas
    slab = (slice(80, 160), slice(27, 123), slice(140, 188))
    field = free_field(canvas.chi_ppm, cell_mm=(2, 2, 2), b0_direction=(0, 0, 1), keep=slab)
    part = field.reshape(40, 2, 48, 2, 24, 2).mean(axis=(1, 3, 5))
    within = scipy.ndimage.binary_erosion(truth.brain_mask, iterations=2)
    expected = part[within] * hz_per_ppm(3.0)
    got = truth.total_field_hz[within]
    error = (got - got.mean()) - (expected - expected.mean())
    assert np.sqrt(np.mean(error**2)) <= 0.02 * expected.std()


def test_finer_cells_change_less_and_less(head, protocol):
    small = replace(protocol, shape=(40, 48, 10), voxel_size_mm=(4.0, 4.0, 4.0), te_s=(0.02,))
    bare = head.with_lesions()
    echoes = []
    for cell in (2.0, 1.34, 1.0):
        scan, truth = acquire(bare, small, seed=1, cell_mm=cell, noise=False)
        echoes.append(scan.magnitude[0])
    within = scipy.ndimage.binary_erosion(truth.brain_mask, iterations=2)
    rough = np.abs(echoes[0] - echoes[2])[within].mean()
    fine = np.abs(echoes[1] - echoes[2])[within].mean()
    assert fine < 0.6 * rough
    assert fine < 0.03 * echoes[2][within].mean()


def test_inversion_cannot_be_right_by_construction(scanned, protocol):
    """The package's own kernel on the sampled chi does not give the sampled field exactly."""
    _, truth = scanned
    shape = tuple(2 * n for n in truth.chi_ppm.shape)
    kernel = dipole_kernel(
        shape, voxel_size_mm=protocol.voxel_size_mm, b0_direction=protocol.grid.b0_direction
    )
    again = irfft(rfft(truth.chi_ppm, shape) * kernel, shape, truth.chi_ppm.shape)
    again *= hz_per_ppm(protocol.b0_tesla)
    within = truth.brain_mask
    error = np.linalg.norm((again - truth.local_field_hz)[within])
    share = error / np.linalg.norm(truth.local_field_hz[within])
    assert 0.01 < share < 0.5


def test_truth_has_iron_where_iron_is(scanned):
    _, truth = scanned
    from arteriole.phantom import tissue

    for row, low, high in (
        (tissue.PALLIDUM, 0.06, 0.2),
        (tissue.PUTAMEN, 0.02, 0.12),
        (tissue.WHITE, -0.06, 0.0),
    ):
        here = truth.labels == row
        assert here.sum() > 20
        assert low < np.median(truth.chi_ppm[here]) < high


@pytest.mark.usefixtures("painted_once")
def test_truth_tells_what_the_shim_took(head, protocol):
    """Between frequency only and second order; means over voxels, so to 0.1 Hz."""
    small = replace(protocol, shape=(40, 48, 10), voxel_size_mm=(4.0, 4.0, 4.0), te_s=(0.02,))
    bare = head.with_lesions()
    fields = []
    for order in (0, 2):
        truth = acquire(bare, small, seed=1, cell_mm=2.0, noise=False, shim_order=order)[1]
        taken = polynomial(truth.disturbance.shim_hz, small.grid)
        fields.append(truth.total_field_hz + taken)
    np.testing.assert_allclose(fields[1], fields[0], atol=0.1)


def test_refuses_cells_of_no_size(head, protocol):
    with pytest.raises(ValueError, match="positive size"):
        acquire(head, protocol, seed=1, cell_mm=0.0)
