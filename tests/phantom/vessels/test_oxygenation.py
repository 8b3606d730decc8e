from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.vessels.oxygenation import Blood, chi_of_blood, draw_blood


def test_chi_by_hand():
    four_pi = 4 * np.pi
    assert chi_of_blood(0.0, haematocrit=0.4) == pytest.approx(0.4 * four_pi * 0.265)
    assert chi_of_blood(0.65, haematocrit=0.42) == pytest.approx(0.462, abs=0.001)
    assert chi_of_blood(0.98, haematocrit=0.42) == pytest.approx(-0.0134, abs=0.0005)


def test_chi_is_linear_in_both_and_keeps_shape():
    y = np.linspace(0, 1, 6).reshape(2, 3)
    chi = chi_of_blood(y, haematocrit=0.3)
    assert chi.shape == (2, 3)
    np.testing.assert_allclose(chi_of_blood(y, haematocrit=0.6), 2 * chi)
    np.testing.assert_allclose(np.diff(chi.ravel()), chi[0, 1] - chi[0, 0])


def test_drawn_blood_is_a_persons_and_loses_oxygen_with_age(rng):
    young = [draw_blood(rng, age_y=50.0) for _ in range(400)]
    old = [draw_blood(rng, age_y=85.0) for _ in range(400)]
    fall = np.mean([b.oxygenation for b in young]) - np.mean([b.oxygenation for b in old])
    assert fall == pytest.approx(0.035, abs=0.008)
    assert np.mean([b.haematocrit for b in young]) == pytest.approx(0.41, abs=0.006)
    chi = [chi_of_blood(b.oxygenation, haematocrit=b.haematocrit) for b in young]
    assert 0.25 < np.min(chi) < np.mean(chi) < 0.5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Blood(1.2, 0.6), r"haematocrit lies within \(0, 1\), not 1.2"),
        (lambda: Blood(0.4, 1.2), r"oxygenation lies within \[0, 1\], not 1.2"),
        (lambda: chi_of_blood(0.6, haematocrit=0.0), "haematocrit lies within"),
        (lambda: chi_of_blood(-0.1, haematocrit=0.4), "not -0.1 to -0.1"),
    ],
)
def test_refuses(make, message):
    with pytest.raises(ValueError, match=message):
        make()
