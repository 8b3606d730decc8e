from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.registration.intensities import matched_intensities


def test_another_scale_of_the_same_brain_becomes_the_same():
    rng = np.random.default_rng(0)
    reference = rng.gamma(4.0, 20.0, (20, 20, 20))
    mask = reference > 15
    same, other = (
        matched_intensities(image, mask, reference, mask)
        for image in (reference, 3 * reference**1.3 + 5)
    )
    np.testing.assert_allclose(other[mask], same[mask], atol=0.02)
    assert not other[~mask].any()
    assert np.quantile(other[mask], 0.99) == pytest.approx(1.0, abs=0.01)


def test_refusals():
    image, mask = np.arange(8.0).reshape(2, 2, 2), np.ones((2, 2, 2), bool)
    with pytest.raises(ValueError, match="share a shape"):
        matched_intensities(image, mask[:1], image, mask)
    with pytest.raises(ValueError, match="empty"):
        matched_intensities(image, ~mask, image, mask)
    with pytest.raises(ValueError, match="nearly everywhere"):
        matched_intensities(image, mask, 0 * image, mask)
