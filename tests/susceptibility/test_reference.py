from __future__ import annotations

import numpy as np
import pytest

from arteriole.susceptibility.reference import Reference, reference_chi

SHAPE = (6, 7, 8)


@pytest.fixture
def chi(rng):
    return rng.normal(0.02, 0.05, SHAPE).astype(np.float32)


@pytest.fixture
def mask():
    inside = np.zeros(SHAPE, bool)
    inside[1:-1, 1:-1, 1:-1] = True
    return inside


def test_whole_brain_has_mean_zero_and_can_be_undone(chi, mask):
    referenced, reference = reference_chi(chi, mask)
    assert abs(referenced[mask].mean()) < 1e-7
    assert not referenced[~mask].any()
    np.testing.assert_allclose(referenced[mask] + reference.mean_ppm, chi[mask], atol=1e-7)
    mean, std = map(pytest.approx, (chi[mask].mean(), chi[mask].std()))
    assert reference == Reference("brain", mean, std, int(mask.sum()))


def test_fluid_has_mean_zero_and_only_counts_inside_the_mask(chi, mask):
    fluid = np.zeros(SHAPE, bool)
    fluid[:3, 2:4, 2:5] = True
    referenced, reference = reference_chi(chi, mask, region="csf", fluid=fluid, source="a map")
    both = fluid & mask
    assert abs(referenced[both].mean()) < 1e-7
    assert (reference.region, reference.source) == ("csf", "a map")
    assert reference.voxels == both.sum() == 12
    assert reference.mean_ppm == pytest.approx(chi[both].mean(), abs=1e-7)
    assert reference.std_ppm == pytest.approx(chi[both].std(), rel=1e-5)


def test_over_one_mask_two_visits_are_compared(chi, mask):
    """A bleed that is left out of the common mask does not move the rest."""
    later = chi.copy()
    later[1, 1, 1] += 5.0
    common = mask.copy()
    common[1, 1, 1] = False
    first, second = (reference_chi(visit, common)[0] for visit in (chi, later))
    np.testing.assert_array_equal(first, second)


def test_none_changes_nothing_inside(chi, mask):
    same, reference = reference_chi(chi, mask, region="none")
    np.testing.assert_array_equal(same[mask], chi[mask])
    assert reference.region == "none"
    assert reference.mean_ppm == pytest.approx(chi[mask].mean(), abs=1e-7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mask": np.zeros(SHAPE, bool)}, "empty"),
        ({"mask": np.ones((2, 2, 2), bool)}, "share one shape"),
        ({"chi": np.full(SHAPE, np.nan)}, "not finite"),
        ({"region": "white matter"}, "not 'white matter'"),
        ({"region": "csf"}, "needs a mask of fluid"),
        ({"region": "csf", "fluid": np.zeros(SHAPE, bool)}, "no fluid inside the mask"),
    ],
)
def test_refuses(chi, mask, change, message):
    given = {"chi": chi, "mask": mask} | change
    with pytest.raises(ValueError, match=message):
        reference_chi(given.pop("chi"), given.pop("mask"), **given)
