from __future__ import annotations

import numpy as np
import pytest
from simulated_head import simulate_head

from arteriole.phase.romeo_quality import romeo_quality


def test_even_phase_is_best_and_noise_is_worst(rng):
    flat = np.zeros((10, 10, 10), dtype=np.float32)
    noise = rng.uniform(-np.pi, np.pi, (20, 20, 20)).astype(np.float32)
    assert romeo_quality(flat)[5, 5, 5] == pytest.approx(1.0)
    assert romeo_quality(noise).mean() < 0.25


def test_quality_tells_brain_from_air(rng):
    head = simulate_head(rng)
    quality = romeo_quality(head.phase, magnitude=head.magnitude, te_s=head.te_s)
    assert quality.dtype == np.float32
    assert quality.min() >= 0
    assert quality.max() <= 1
    assert np.median(quality[head.mask]) > 0.75
    assert np.median(quality[~head.mask]) < 0.2


def test_more_noise_means_less_quality(rng):
    means = []
    for sigma in (0.01, 0.05, 0.2):
        head = simulate_head(np.random.default_rng(1), sigma=sigma)
        quality = romeo_quality(head.phase, magnitude=head.magnitude, te_s=head.te_s)
        means.append(quality[head.mask].mean())
    assert means[0] > means[1] > means[2]


def test_one_echo_of_a_volume_or_a_series_is_the_same(rng):
    phase = rng.uniform(-np.pi, np.pi, (6, 7, 8))
    np.testing.assert_array_equal(romeo_quality(phase), romeo_quality(phase[None]))


def test_the_mask_chooses_where_and_changes_nothing_there(rng):
    phase = rng.uniform(-np.pi, np.pi, (6, 7, 8)).astype(np.float32)
    mask = np.asfortranarray(rng.uniform(size=phase.shape) < 0.5)
    inside = romeo_quality(phase, mask=mask)
    np.testing.assert_array_equal(inside[mask], romeo_quality(phase)[mask])
    assert not inside[~mask].any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phase": np.zeros((4, 4))}, "three or four dimensions"),
        ({"magnitude": np.ones((4, 4, 4))}, r"magnitude has shape \(4, 4, 4\)"),
        ({"mask": np.ones((4, 4, 5), bool)}, r"mask has shape \(4, 4, 5\)"),
        ({"te_s": None}, "2 echoes need as many echo times, got None"),
    ],
)
def test_refuses(change, message):
    given = {"phase": np.zeros((2, 4, 4, 4)), "te_s": (0.01, 0.02)} | change
    phase = given.pop("phase")
    with pytest.raises(ValueError, match=message):
        romeo_quality(phase, **given)
