from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.phantom.head import Head
from arteriole.phantom.painting.parts import CLASSES
from arteriole.phantom.scanner.acquire_ct import CtScan, acquire_ct, slab_weights
from arteriole.phantom.scanner.ct_protocol import CT_THICK, CT_THIN, TINY_CT

COARSE = replace(
    TINY_CT, shape=(56, 64, 36), pixel_mm=4.0, spacing_mm=5.0, slice_mm=5.0, cell_mm=2.5,
    bar_hu_per_mm=0.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def ct(head: Head) -> CtScan:
    return acquire_ct(head.with_lesions(), COARSE, seed=2, noise=False, keep_shares=True)


def test_numbers_of_large_parts(ct):
    truth = ct.truth
    inner = truth.fraction(CLASSES.index("cerebral white matter")) == 1.0
    assert np.median(ct.data_hu[inner]) == pytest.approx(30.0, abs=2.0)
    fluid = truth.fraction(CLASSES.index("lateral ventricles")) == 1.0
    assert np.median(ct.data_hu[fluid]) < 16.0
    assert np.percentile(ct.data_hu, 5) == pytest.approx(-1000.0, abs=2.0)
    # compact bone with its texture: 1350 HU give or take 6 per cent
    assert 900.0 < np.percentile(ct.data_hu[ct.data_hu > 700.0], 90) < 1500.0


def test_slices_do_not_depend_on_how_they_are_grouped(head, ct, monkeypatch):
    monkeypatch.setattr("arteriole.phantom.scanner.acquire_ct.AT_ONCE_MM", 40.0)
    again = acquire_ct(head.with_lesions(), COARSE, seed=2, noise=False)
    assert again.truth.shares is None
    np.testing.assert_allclose(again.data_hu, ct.data_hu, atol=0.5)
    np.testing.assert_array_equal(again.truth.labels, ct.truth.labels)


def test_voltage_changes_bone_and_noise_has_its_size(head, ct):
    other = acquire_ct(head.with_lesions(), replace(COARSE, kvp=80.0, noise_hu=6.0), seed=2)
    bone = ct.data_hu > 800.0
    assert (other.data_hu[bone] / ct.data_hu[bone]).mean() == pytest.approx(1.42, abs=0.06)
    soft = ct.truth.fraction(CLASSES.index("cerebral white matter")) == 1.0
    assert (other.data_hu - ct.data_hu)[soft].std() == pytest.approx(6.0, rel=0.15)


def test_headrest_lies_behind_the_head(head, ct):
    bare = acquire_ct(head.with_lesions(), replace(COARSE, headrest=False), seed=2, noise=False)
    more = np.argwhere(ct.data_hu - bare.data_hu > 20.0)
    assert len(more) > 200
    assert more[:, 1].mean() < np.argwhere(bare.data_hu > 0)[:, 1].mean()
    assert np.abs((ct.data_hu - bare.data_hu)[ct.truth.brain_mask]).max() < 0.5


def test_weights_of_a_slice_are_its_thickness():
    weights = slab_weights(3, 10, 20, replace(CT_THIN, spacing_mm=5.0, slice_mm=4.0))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, rtol=1e-5)
    assert weights[1].max() * 8 == pytest.approx(1.0, rel=0.02)
    assert float((weights[1] * np.arange(weights.shape[1])).sum()) == pytest.approx(34.5, abs=1e-3)


def test_gantry_tilt_shears_the_grid():
    affine = CT_THICK.grid.affine
    np.testing.assert_allclose(affine[:3, 2], (0.0, 0.0, 5.0))
    assert affine[2, 1] / affine[1, 1] == pytest.approx(np.tan(np.radians(15.0)))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"slice_mm": 0.2}, "0.5 to 10 mm thick, not 0.2"),
        ({"kvp": 40.0}, "not 40.0"),
        ({"kernel": "sharp"}, "soft or bone, not 'sharp'"),
        ({"gantry_tilt_deg": 45.0}, "at most 30 degrees"),
        ({"noise_hu": -1.0}, "noise lies in"),
        ({"pixel_mm": 0.0}, "impossible matrix"),
    ],
)
def test_refusals(changed, words):
    with pytest.raises(ValueError, match=words):
        replace(CT_THIN, **changed)
