from __future__ import annotations

import numpy as np
import pytest

from arteriole.contrast.noise import noise_sigma

SHAPE = (48, 48, 32)


def head(sigma, rng, *, level=100.0):
    """A ball of smoothly varying signal in air, with Rician noise."""
    x, y, z = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij")
    inside = x**2 + y**2 + z**2 < 0.6
    clean = np.where(inside, level * (1 + 0.3 * x + 0.2 * np.sin(4 * y)), 0)
    noise = rng.normal(0, sigma, (2, *SHAPE))
    return np.abs(clean + noise[0] + 1j * noise[1]), inside


@pytest.mark.parametrize("sigma", [0.5, 2.0, 10.0])
def test_air_gives_the_noise_within_two_per_cent(sigma, rng):
    magnitude, inside = head(sigma, rng)
    assert noise_sigma(magnitude, mask=inside) == pytest.approx(sigma, rel=0.02)
    assert noise_sigma(magnitude) == pytest.approx(sigma, rel=0.02)


@pytest.mark.parametrize("sigma", [1.0, 4.0])
def test_zeroed_air_gives_the_noise_within_eight_per_cent(sigma, rng):
    magnitude, inside = head(sigma, rng)
    zeroed = np.where(inside, magnitude, 0)
    assert noise_sigma(zeroed, mask=inside) == pytest.approx(sigma, rel=0.08)
    assert noise_sigma(zeroed) == pytest.approx(sigma, rel=0.08)


def test_volume_full_of_tissue_gives_the_noise(rng):
    volume = np.abs(100 + rng.normal(0, 3, SHAPE))
    assert noise_sigma(volume) == pytest.approx(3, rel=0.03)


def test_scales_with_the_unit_and_takes_the_last_echo(rng):
    magnitude, inside = head(2.0, rng)
    echoes = np.stack([np.ones(SHAPE), magnitude * 8])
    assert noise_sigma(echoes, mask=inside) == pytest.approx(
        8 * noise_sigma(magnitude, mask=inside), rel=1e-5
    )


def test_image_without_noise_has_none():
    assert noise_sigma(np.full((8, 8, 8), 5.0)) == 0


@pytest.mark.parametrize(
    ("magnitude", "mask", "message"),
    [
        (np.zeros((4, 4, 4)), None, "zero everywhere"),
        (np.ones((4, 4)), None, "3 or 4 axes"),
        (np.ones((4, 4, 4)), np.ones((4, 4, 5), dtype=bool), "3 or 4 axes"),
        (np.ones((4, 4, 4)), np.zeros((4, 4, 4), dtype=bool), "neither air nor tissue"),
    ],
)
def test_refuses(magnitude, mask, message):
    with pytest.raises(ValueError, match=message):
        noise_sigma(magnitude, mask=mask)
