from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.insert.noise_level import noise_level


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
