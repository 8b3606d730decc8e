from __future__ import annotations

import numpy as np
import pytest
from simulated_head import simulate_head, wrap

from arteriole.phase.filtered import FilteredPhase, detect_filtered_phase


def homodyne(magnitude, phase, width):
    """Divide each slice by its own low-pass, a Hanning window of ``width`` samples."""
    image = magnitude * np.exp(1j * phase)
    spectrum = np.fft.fft2(image, axes=(-3, -2))
    windows = []
    for n in image.shape[-3:-1]:
        k = np.fft.fftfreq(n, 1 / n)
        inside = np.abs(k) <= width / 2
        windows.append(np.where(inside, 0.5 + 0.5 * np.cos(2 * np.pi * k / width), 0))
    low = np.fft.ifft2(spectrum * np.multiply.outer(*windows)[..., None], axes=(-3, -2))
    return np.angle(image * np.conj(low)).astype(np.float32)


def judged(head, phase, **options) -> FilteredPhase:
    given = {"te_s": head.te_s, "b0_tesla": 3.0, "voxel_size_mm": head.voxel_size_mm} | options
    return detect_filtered_phase(phase, head.magnitude, **given)


# A sinus of 40 ppm stands for all the air of a head: half of the brain is then within 0.034 ppm.
# The committed table of benchmarks/filtered_phase.py has 200 scans with the anatomy of a head.
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_filtered_is_told_from_unfiltered(seed, masked):
    head = simulate_head(np.random.default_rng(seed), coil=0.5 * seed, sinus_ppm=40.0)
    mask = head.mask if masked else None
    as_it_is = judged(head, head.phase, mask=mask)
    assert not as_it_is.filtered
    for width in (16, 24, 32, 48):
        filtered = judged(head, homodyne(head.magnitude, head.phase, width), mask=mask)
        assert filtered.filtered
        assert filtered.score < 0.7 * as_it_is.score


def test_other_high_passes_are_found(rng):
    from arteriole.numerics.smooth import gaussian

    head = simulate_head(rng)
    image = head.magnitude[2] * np.exp(1j * head.phase[2])
    smooth = gaussian(image, 6.0, voxel_size_mm=head.voxel_size_mm)
    phase = np.angle(image * np.conj(smooth))
    found = detect_filtered_phase(
        phase,
        head.magnitude[2],
        te_s=(0.015,),
        b0_tesla=3.0,
        voxel_size_mm=head.voxel_size_mm,
    )
    assert found.filtered


def test_the_sign_and_the_unit_of_the_magnitude_do_not_matter(rng):
    head = simulate_head(rng)
    score = judged(head, head.phase).score
    assert judged(head, -head.phase).score == pytest.approx(score, rel=1e-5)
    head.magnitude *= 1e6
    assert judged(head, head.phase).score == pytest.approx(score, rel=1e-3)


def test_little_time_to_gather_phase_is_allowed_for(rng):
    """The threshold is on phase per time and field below 33 ms T."""
    head = simulate_head(rng, te_s=(0.004,), sinus_ppm=80.0)
    short = judged(head, head.phase, te_s=(0.004,))
    long = judged(head, head.phase, te_s=(0.040,))
    assert short.score == pytest.approx(long.score * 33 / 12, rel=1e-6)
    assert not short.filtered


def test_voxels_that_are_not_finite_are_left_out(rng):
    head = simulate_head(rng)
    phase = head.phase.copy()
    phase[:, 30, 30, :] = np.nan
    assert np.isfinite(judged(head, phase).score)


def test_a_single_slice_and_a_series_of_one_are_taken(rng):
    head = simulate_head(rng, te_s=(0.02,))
    one = judged(head, head.phase)
    volume = detect_filtered_phase(
        head.phase[0],
        head.magnitude[0],
        te_s=(0.02,),
        b0_tesla=3.0,
        voxel_size_mm=head.voxel_size_mm,
    )
    assert one == volume
    head.magnitude, head.phase = head.magnitude[..., 24:25], head.phase[..., 24:25]
    assert not judged(head, head.phase).filtered


@pytest.mark.real_data
def test_real_phase_is_not_refused_and_filtered_real_phase_is(real_data):
    nibabel = pytest.importorskip("nibabel")
    folder = real_data / "gre_three_echo_crop"
    magnitude = np.moveaxis(nibabel.load(folder / "Mag.nii").get_fdata(), -1, 0)
    counts = np.moveaxis(nibabel.load(folder / "Phase.nii").get_fdata(), -1, 0)
    phase = wrap(counts / 0.003674377 * np.pi)
    options = {"te_s": (0.004, 0.008, 0.012), "b0_tesla": 7.0, "voxel_size_mm": (0.47, 0.47, 1.0)}
    assert not detect_filtered_phase(phase, magnitude, **options).filtered
    filtered = homodyne(magnitude, phase, 16)
    assert detect_filtered_phase(filtered, magnitude, **options).filtered


@pytest.mark.real_data
def test_real_phase_of_a_whole_head_is_not_refused(real_data):
    nibabel = pytest.importorskip("nibabel")
    name = "2001_WIP_fcMRI_Field_Mapping_cl_e{}{}.nii.gz"
    folder = real_data / "gre_philips_3t_dual_echo_dicom" / "nifti_reference"
    for echo, te in ((1, 0.0023), (2, 0.0046)):
        magnitude = nibabel.load(folder / name.format(echo, "")).get_fdata()
        phase = nibabel.load(folder / name.format(echo, "_ph")).get_fdata()
        options = {"te_s": (te,), "b0_tesla": 3.0, "voxel_size_mm": (3.0, 3.0, 3.0)}
        assert not detect_filtered_phase(phase, magnitude, **options).filtered
        filtered = homodyne(magnitude, phase, 32)
        assert detect_filtered_phase(filtered, magnitude, **options).filtered


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"magnitude": np.ones((4, 4, 4))}, r"magnitude has shape \(4, 4, 4\)"),
        ({"mask": np.ones((4, 4, 5), bool)}, r"mask has shape \(4, 4, 5\)"),
        ({"te_s": (0.01,)}, r"1 echo times do not fit phase of shape \(2, 4, 4, 4\)"),
        ({"b0_tesla": 0.0}, "field strength are positive"),
        ({"magnitude": np.zeros((2, 4, 4, 4))}, "no signal in the mask"),
    ],
)
def test_refuses(change, message):
    given = {
        "magnitude": np.ones((2, 4, 4, 4)),
        "te_s": (0.01, 0.02),
        "b0_tesla": 3.0,
        "voxel_size_mm": (1.0, 1.0, 1.0),
    } | change
    magnitude = given.pop("magnitude")
    with pytest.raises(ValueError, match=message):
        detect_filtered_phase(np.zeros((2, 4, 4, 4)), magnitude, **given)
