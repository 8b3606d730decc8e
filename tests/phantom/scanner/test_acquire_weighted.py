from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from arteriole.phantom.head import Head
from arteriole.phantom.painting.parts import CLASSES
from arteriole.phantom.scanner.acquire_weighted import WeightedScan, acquire_weighted
from arteriole.phantom.scanner.head_truth import HeadTruth
from arteriole.phantom.scanner.pose import rigid_pose
from arteriole.phantom.scanner.weighted_protocol import FLAIR_1MM, FLAIR_THICK, T1W_1MM

COARSE = {"shape": (48, 60, 56), "voxel_size_mm": (4.2, 4.1, 4.3), "cell_mm": 2.2}
FLAIR = replace(FLAIR_1MM, name="coarse FLAIR", **COARSE)
T1W = replace(T1W_1MM, name="coarse T1w", **COARSE, bias=0.0)
LATERAL, WHITE, GREY = 4, 3, 2


@pytest.fixture(scope="module")
def flair(head: Head) -> WeightedScan:
    return acquire_weighted(head, FLAIR, seed=3, noise=False)


def test_shares_add_up_and_labels_are_the_largest(flair):
    truth = flair.truth
    shares = truth.shares.astype(int)
    assert np.abs(shares.sum(axis=0) - 255).max() <= len(CLASSES) // 2
    chosen = np.take_along_axis(shares, truth.labels[None].astype(int), axis=0)[0]
    assert (chosen == shares.max(axis=0)).all()
    np.testing.assert_allclose(truth.fraction(1, 2), (shares[1] + shares[2]) / 255.0, rtol=1e-6)


def test_volumes_of_classes_are_those_of_the_solids(head, flair):
    voxel = flair.grid.voxel_volume_mm3
    for name in ("thalamus", "putamen", "caudate"):
        solid = head.anatomy[name]
        points = np.argwhere(solid.level > -4.0) * solid.spacing_mm + solid.origin_mm
        depth = head.anatomy.visible_depth(name, points)
        true = np.clip(0.5 + depth / solid.spacing_mm, 0, 1).sum() * solid.spacing_mm**3
        measured = flair.truth.fraction(CLASSES.index(name)).sum() * voxel
        assert measured == pytest.approx(true, rel=0.06), name


def test_brain_mask_is_inside_the_skull_and_holds_the_brain(flair):
    truth = flair.truth
    assert (truth.intracranial_mask | ~truth.brain_mask).mean() > 0.999
    assert truth.brain_mask[truth.labels >= 2].mean() > 0.99


def test_third_and_fourth_ventricle_are_told_apart(head, flair):
    for name, high in (("third ventricle", True), ("fourth ventricle", False)):
        share = flair.truth.fraction(CLASSES.index(name))
        assert share.sum() > 1.0
        middle = (np.argwhere(share > 0.2)).mean(axis=0)
        _, _, z = head.anatomy.frame.to_template(
            *flair.grid.to_world(middle)[:, None].astype(np.float32)
        )
        assert (z[0] > -14.0) == high


def test_tissue_has_the_signal_of_its_equation(head):
    scan = acquire_weighted(head.with_lesions(), T1W, seed=1, noise=False)
    pure = scan.truth.fraction(WHITE) == 1.0
    assert np.median(scan.data[pure]) == pytest.approx(1000.0, rel=0.04)
    assert np.median(scan.data[scan.truth.fraction(LATERAL) > 0.95]) < 450.0


def test_same_seed_same_image_and_noise_in_air_is_that_of_a_magnitude(head):
    noisy = replace(T1W, snr=20.0)
    scan, again = (acquire_weighted(head, noisy, seed=4) for _ in range(2))
    np.testing.assert_array_equal(scan.data, again.data)
    corner = scan.data[:6, :6, -12:]
    # mean of a Rayleigh: 1.2533 sigma, sigma = 1000 / 20
    assert corner.mean() == pytest.approx(1.2533 * 50.0, rel=0.08)


def test_moved_head_is_the_same_head_elsewhere(head, flair):
    pose = rigid_pose(turn_deg=(0.0, 0.0, 0.0), shift_mm=(8.4, 0.0, 0.0))
    moved = acquire_weighted(head, FLAIR, seed=3, noise=False, pose=pose)
    shifted = flair.truth.labels[:-2]
    same = moved.truth.labels[2:] == shifted
    assert same[shifted > 0].mean() > 0.97
    first, second = flair.truth.lesions[0], moved.truth.lesions[0]
    assert np.subtract(second.centre_mm, first.centre_mm) == pytest.approx((8.4, 0.0, 0.0))


def test_stripped_image_is_empty_outside_the_brain(flair):
    bare = flair.stripped()
    assert not bare.data[~flair.truth.brain_mask].any()
    np.testing.assert_array_equal(
        bare.data[flair.truth.brain_mask], flair.data[flair.truth.brain_mask]
    )


def test_thick_slices_keep_volumes(head, flair):
    thick = replace(
        FLAIR_THICK, shape=(56, 64, 26), voxel_size_mm=(3.8, 3.8, 7.5), slice_mm=6.0, cell_mm=2.0
    )
    scan = acquire_weighted(head, thick, seed=3)
    assert scan.data.shape == scan.truth.labels.shape == (56, 64, 26)
    volume = scan.truth.fraction(WHITE, GREY).sum() * scan.grid.voxel_volume_mm3
    whole = flair.truth.fraction(WHITE, GREY).sum() * flair.grid.voxel_volume_mm3
    assert volume == pytest.approx(whole, rel=0.02)


def test_shares_that_were_not_kept_are_missed_by_name(flair):
    bare = HeadTruth(
        None,
        flair.truth.labels,
        flair.truth.brain_mask,
        flair.truth.intracranial_mask,
        flair.truth.lesion_labels,
        (),
        np.eye(4),
    )
    with pytest.raises(ValueError, match="were not kept"):
        bare.fraction(1)
