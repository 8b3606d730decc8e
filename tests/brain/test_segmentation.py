from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain import classes as c
from arteriole.brain.atlas_prior import head_parts, is_stripped
from arteriole.brain.registration.resample import NEAREST, resample
from arteriole.brain.registration.transforms import transform_points
from arteriole.brain.segmentation import segment_head
from arteriole.grid import Grid

T2_LEVELS = {c.SULCAL: 1.0, c.LATERAL: 1.0, c.THIRD: 1.0, c.FOURTH: 1.0}
AROUND = (0.02, 0.08, 0.35, 0.75)
"""Air, bone, dark and bright soft tissue."""


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


@pytest.fixture(scope="module")
def turned():
    """Return the average head as a T2w image of 3 mm slices, turned, 6 % larger, with noise."""
    parts, template = head_parts()
    hard = parts.argmax(axis=0).astype(np.uint8)
    table = np.zeros(22)
    for part in range(1, 18):
        grey = part in c.GREY
        table[part] = T2_LEVELS.get(part, 0.55 if grey else 0.35)
    table[18:] = AROUND
    angle = np.deg2rad(12)
    pose = np.eye(4)
    pose[:3, :3] = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    pose[:3, :3] /= 1.06
    pose[:3, 3] = (6.0, -14.0, 9.0)
    grid = Grid.from_voxel_size((116, 140, 70), (2.0, 2.0, 3.0))
    labels = resample(hard, template, onto=grid, transforms=pose, order=NEAREST, outside=18)
    noise = 0.02 * np.random.default_rng(0).standard_normal(labels.shape)
    image = (table[labels] + noise).astype(np.float32)
    return image, np.where(labels < 18, labels, 0), grid, pose


def test_parts_and_the_way_to_the_template_are_found_in_a_turned_head(turned):
    image, truth, grid, pose = turned
    got = segment_head(image, grid)
    assert dice(got.intracranial_mask, truth > 0) > 0.96
    for part in (c.CORTEX, c.WHITE, c.LATERAL, c.THALAMUS, c.CEREBELLAR_CORTEX):
        assert dice(got.labels == part, truth == part) > 0.85, c.CLASSES[part]
    inside = grid.to_world(np.argwhere(truth > 0)[::500])
    found = transform_points(got.to_template.transform, inside)
    apart = np.linalg.norm(found - transform_points(pose, inside), axis=1)
    assert np.median(apart) < 2
    assert got.to_template.assessable
    assert ((got.labels > 0) == got.intracranial_mask).all()
    assert not (got.brain_mask & ~got.intracranial_mask).any()


def test_a_stripped_brain_is_known_by_its_empty_surroundings(turned):
    image, truth, _, _ = turned
    assert is_stripped(np.where(truth > 0, image, 0))
    assert not is_stripped(image)


def test_images_without_a_head_are_refused(turned):
    image, _, grid, _ = turned
    with pytest.raises(ValueError, match=r"the image is 3\.0 everywhere"):
        segment_head(np.full(grid.shape, 3.0), grid)
    with pytest.raises(ValueError, match="the image has shape"):
        segment_head(image[1:], grid)
