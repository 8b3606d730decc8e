from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import label

from arteriole.phase.quality_mask import phase_quality_mask

SHAPE = (60, 60, 60)
X, Y, Z = np.meshgrid(*[np.arange(n) - 29.5 for n in SHAPE], indexing="ij")
BRAIN = X**2 + Y**2 + Z**2 < 25**2
GOOD, BAD = 0.85, 0.1


def ball(x, y, z, radius):
    return (X - x) ** 2 + (Y - y) ** 2 + (Z - z) ** 2 < radius**2


def quality_with_bad(*parts):
    quality = np.where(BRAIN, GOOD, BAD)
    for part in parts:
        quality = np.where(part, BAD, quality)
    return quality.astype(np.float32)


def kept(quality, voxel=(1.0, 1.0, 1.0), **options):
    return phase_quality_mask(quality, mask=BRAIN, voxel_size_mm=voxel, **options)


def test_good_phase_everywhere_keeps_the_brain():
    assert (kept(quality_with_bad()) != BRAIN).sum() <= 0.005 * BRAIN.sum()


@pytest.mark.parametrize(
    "lesion",
    [
        ball(5, 5, 5, 2.5),
        ball(0, 0, 10, 10),
        (X**2 + Y**2 < 2.5**2) & (np.abs(Z) < 18),
        ball(0, 24, 0, 2.5),
        (np.abs(Y) < 1.6) & (np.abs(Z) < 1.6) & (X > 5),
    ],
    ids=["microbleed", "20 mm haemorrhage", "deep vein", "cortical microbleed", "vein to rim"],
)
def test_lesions_and_veins_leave_no_hole(lesion):
    mask = kept(quality_with_bad(lesion))
    assert (mask & lesion & BRAIN).sum() >= 0.9 * (lesion & BRAIN).sum()
    assert label(~mask)[1] == 1


def test_an_unreliable_rim_over_a_sinus_is_cut():
    rim = BRAIN & ball(0, 25, -12, 12)
    mask = kept(quality_with_bad(rim))
    deep = BRAIN & ball(0, 25, -12, 9)
    assert not (mask & deep).any()
    far = BRAIN & ~ball(0, 25, -12, 15)
    assert (mask & far).sum() >= 0.99 * far.sum()


def test_voxels_whose_echoes_disagree_are_cut_too():
    reliable = ~ball(0, -25, 0, 9)
    mask = kept(quality_with_bad(), reliable=reliable)
    assert not (mask & ball(0, -25, 0, 6)).any()


def test_a_separate_island_and_thin_spurs_go():
    wall = np.abs(X - 15) < 4.5
    spur = (np.abs(X - 15) < 5) & (np.abs(Y) < 1.1) & (np.abs(Z) < 1.1)
    mask = kept(np.where(spur & BRAIN, GOOD, quality_with_bad(wall)).astype(np.float32))
    assert label(mask)[1] == 1
    assert not mask[X > 20].any()


def test_distances_are_in_millimetres():
    """A gap of four voxels closes at 1 mm and not at 3 mm, at the surface."""
    slit = (np.abs(Y) < 2.1) & (X > 5)
    assert (kept(quality_with_bad(slit)) & slit).sum() > 0.8 * (slit & BRAIN).sum()
    wide = kept(quality_with_bad(slit), voxel=(3.0, 3.0, 3.0))
    assert (wide & slit & (X < 20) & (X > 8)).sum() < 0.1 * (slit & BRAIN).sum()


def test_the_face_of_the_volume_is_not_a_rim():
    full = np.ones((20, 20, 20), bool)
    mask = phase_quality_mask(
        np.full(full.shape, GOOD, np.float32), mask=full, voxel_size_mm=(1, 1, 1)
    )
    assert mask.all()


def test_nothing_good_gives_nothing():
    assert not kept(np.zeros(SHAPE, np.float32)).any()


def test_refuses_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"reliable has shape \(3, 3, 3\), quality \(60, 60, 60\)"):
        kept(quality_with_bad(), reliable=np.ones((3, 3, 3), bool))
