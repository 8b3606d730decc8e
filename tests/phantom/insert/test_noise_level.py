from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.insert.kspace_support import Support
from arteriole.phantom.insert.noise_level import noise_level, noise_of_echoes


@pytest.mark.parametrize("sigma", [2.0, 10.0])
def test_known_noise_on_a_smooth_head(rng, sigma):
    """Within 5 % in smooth signal, whatever the air around holds."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, 40)] * 3, indexing="ij")
    head = (x**2 + y**2 + z**2 < 0.8) * (300 + 50 * x)
    noisy = np.hypot(head + rng.normal(0, sigma, head.shape), rng.normal(0, sigma, head.shape))
    assert noise_level(noisy) == pytest.approx(sigma, rel=0.05)
    assert noise_level(np.where(head > 0, noisy, 0)) == pytest.approx(sigma, rel=0.05)


def test_no_noise_no_signal():
    assert noise_level(np.full((20, 20, 20), 7.0)) == 0
    assert noise_level(np.zeros((20, 20, 20))) == 0


def test_scales_with_the_image(rng):
    image = 100 + rng.normal(0, 3, (30, 30, 30))
    assert noise_level(1000 * image) == pytest.approx(1000 * noise_level(image), rel=1e-4)


def test_refuses_several_volumes():
    with pytest.raises(ValueError, match="one volume"):
        noise_level(np.zeros((2, 4, 4, 4)))


@pytest.mark.parametrize(
    "support",
    [Support(share=(0.5, 0.5, 1.0)), Support(share=(0.7, 1.0, 1.0), edge=(0.3, 0.3, 1.0))],
)
def test_zero_filled_and_tapered_images(rng, support):
    """The noise that is there, within 8 %; taken for a full image it would be too small."""
    noise = rng.normal(size=(64, 60, 30)) + 1j * rng.normal(size=(64, 60, 30))
    space = np.fft.fftn(noise)
    for axis, n in enumerate(noise.shape):
        weight = support.weight(np.fft.fftfreq(n), axis)
        space *= weight.reshape([-1 if a == axis else 1 for a in range(3)])
    noise = np.fft.ifftn(space)
    magnitude = np.abs(300 + 5 * noise)
    assert noise_level(magnitude, support) == pytest.approx(5 * noise.real.std(), rel=0.08)
    assert noise_level(magnitude) < 0.8 * 5 * noise.real.std()


def test_texture_that_echoes_share_is_no_noise(rng):
    """Texture ten times the noise: one echo takes it for noise, two do not, to 10 %."""
    texture = 300 + rng.normal(0, 20, (40, 40, 30))
    echoes = np.stack(
        [texture * decay + rng.normal(0, 2, texture.shape) for decay in (1, 0.8, 0.5)]
    )
    assert noise_level(echoes[0]) > 15
    np.testing.assert_allclose(noise_of_echoes(echoes), 2, rtol=0.1)
    assert noise_of_echoes(echoes[:1]) == [noise_level(echoes[0])]
