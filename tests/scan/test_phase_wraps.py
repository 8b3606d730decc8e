from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage as nd

from arteriole.scan.phase_wraps import observe

SHAPE = (48, 48, 16)


def smooth(rng, shape=SHAPE, sigma=2.0):
    field = nd.gaussian_filter(rng.normal(size=shape), sigma)
    return field / field.std()


def wrapped(rng, *, turns=2.0, noise=0.02, shape=SHAPE):
    """Return phase over the circle, in turns from -0.5 to 0.5."""
    x = np.linspace(-1, 1, shape[0])[:, None, None]
    phase = turns * x + 0.1 * smooth(rng, shape) + noise * rng.normal(size=shape)
    return phase - np.rint(phase)


def magnitude(rng, kind):
    """Images that are no phase: objects with sharp or soft edges, textures, clipped, masked."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    ball = (x**2 + y**2 + z**2 < 0.6).astype(float)
    noise = np.abs(rng.normal(size=SHAPE) + 1j * rng.normal(size=SHAPE))
    return {
        "two levels": ball,
        "two noisy levels": np.abs(1000 * ball + 10 * noise),
        "soft edges": nd.gaussian_filter(ball, 1.0) * 100 + noise,
        "texture": np.abs(ball * (1 + 0.3 * smooth(rng))) + 0.02 * noise,
        "masked texture": np.where(ball > 0, 2 + 0.3 * smooth(rng), 0),
        "clipped": np.clip(ball * (1 + 0.5 * smooth(rng)), 0, 1) + 0.0,
        "noise": noise,
        "ramp": x + 1,
        "unwrapped phase": 0.4 * smooth(rng),
        "stripes": np.round(4 * x) % 2 + 0.01 * noise,
        "labels": np.floor(3 * smooth(rng)) - 3.0,
    }[kind].astype(np.float32)


@pytest.mark.parametrize("period", [2 * np.pi, 4096.0, 0.00735, 1.0])
@pytest.mark.parametrize("noise", [0.005, 0.03])
def test_jumps_tell_the_period_to_4_percent(rng, period, noise):
    seen = observe([(period * wrapped(rng, noise=noise)).astype(np.float32)])
    assert seen.period == pytest.approx(period, rel=0.04)


def test_period_is_seen_where_the_range_is_longer(rng):
    """Phase with values beyond plus and minus pi, unwrapped in a part of the image."""
    phase = wrapped(rng, turns=4, noise=0.01)
    phase[40:] += 0.6
    seen = observe([phase.astype(np.float32)])
    assert seen.span > 1.4
    assert seen.period == pytest.approx(1.0, rel=0.03)


def test_noise_alone_tells_the_period(rng):
    seen = observe([rng.uniform(-3, 3, SHAPE).astype(np.float32)])
    assert seen.period == pytest.approx(6.0, rel=0.002)


def test_noise_around_an_object_without_a_wrap(rng):
    phase = 0.05 * smooth(rng)
    phase[:, :10] = rng.uniform(-0.5, 0.5, (48, 10, 16))
    seen = observe([(4096 * phase).astype(np.float32)])
    assert seen.period == pytest.approx(4096, rel=0.002)


def test_part_of_the_range_without_a_wrap_tells_nothing(rng):
    phase = np.clip(0.1 * smooth(rng), -0.4, 0.3)
    assert observe([phase.astype(np.float32)]).period is None


@pytest.mark.parametrize(
    "kind",
    ["two levels", "two noisy levels", "soft edges", "texture", "masked texture", "clipped",
     "noise", "ramp", "unwrapped phase", "stripes", "labels"],
)  # fmt: skip
def test_magnitude_shows_no_period(rng, kind):
    assert observe([magnitude(rng, kind)]).period is None


def test_mask_edges_of_unsigned_phase_are_no_wraps(rng):
    """A brain of 2048 +- 200 in zeros jumps by about 2048 at its edge."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    phase = np.where(x**2 + y**2 + z**2 < 0.6, 2048 + 100 * smooth(rng), 0).astype(np.float32)
    assert observe([phase]).period is None


@pytest.mark.parametrize("bits", [8, 12])
def test_step_of_coarse_values(rng, bits):
    stored = np.floor((wrapped(rng) + 0.5) * 2**bits)
    seen = observe([(stored * 0.25).astype(np.float32)])
    assert seen.quantum == 0.25
    assert seen.span + seen.quantum == pytest.approx(2**bits * 0.25, rel=0.01)
    assert observe([wrapped(rng)]).quantum == 0.0


def test_nan_is_no_data(rng):
    phase = wrapped(rng).astype(np.float32)
    phase[:10] = np.nan
    seen = observe([phase])
    assert seen.period == pytest.approx(1.0, rel=0.03)
    assert np.isfinite([seen.low, seen.high]).all()
    with pytest.raises(ValueError, match="no voxel holds a number"):
        observe([np.full(SHAPE, np.nan, np.float32)])


def test_several_echoes_are_looked_at_together(rng):
    few, many = 0.05 * smooth(rng), wrapped(rng)
    seen = observe([few.astype(np.float32), many.astype(np.float32)])
    assert seen.period == pytest.approx(1.0, rel=0.03)


@pytest.mark.parametrize("shape", [(3, 3, 2), (1, 40, 40), (5, 40, 1), (33, 7, 3)])
def test_small_and_odd_shapes(rng, shape):
    seen = observe([rng.normal(size=shape).astype(np.float32)])
    assert seen.low < seen.high


def test_large_volumes_are_thinned_evenly(rng, monkeypatch):
    monkeypatch.setattr("arteriole.scan.phase_wraps._ENOUGH", 10_000)
    phase = wrapped(rng, shape=(48, 48, 40)).astype(np.float32)
    phase[0, 0, 1] = 0.7
    seen = observe([phase])
    assert seen.high == np.float32(0.7)
    assert seen.period == pytest.approx(1.0, rel=0.03)


def test_real_magnitudes_show_no_period(real_data):
    from arteriole.io.nifti import read_image

    folder = real_data / "gre_philips_3t_dual_echo_dicom" / "nifti_reference"
    files = [*sorted(folder.glob("*_e[12].nii.gz")), real_data / "gre_three_echo_crop/Mag.nii"]
    for path in files:
        data = read_image(path).data
        volumes = [data] if data.ndim == 3 else list(np.moveaxis(data, -1, 0))
        assert observe(volumes).period is None
