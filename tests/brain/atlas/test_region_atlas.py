"""The carried atlas: whole, symmetric, named, where it should be."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from arteriole.brain.atlas.names import PAIRED, TERRITORIES, region_names, territory_names
from arteriole.brain.atlas.packed import packed
from arteriole.brain.atlas.priors import tissue_priors
from arteriole.brain.atlas.regions import region_atlas, territory_atlas
from arteriole.brain.atlas.template import mni152
from arteriole.brain.classes import CLASSES
from arteriole.brain.region_map import Region

once = functools.cache


@once
def regions():
    return region_atlas()


@once
def territories():
    return territory_atlas()


@once
def priors():
    return tissue_priors()


def volume_ml(name, side=None):
    found, grid = regions()
    mask = found.where(lambda r: r.name == name and side in (None, r.side))
    return mask.sum() * grid.voxel_volume_mm3 / 1000


def centre_mm(name, side):
    found, grid = regions()
    where = np.argwhere(found.where(lambda r: r == Region(name, side)))
    return grid.to_world(where).mean(axis=0)


def test_template_is_on_the_grid_of_the_atlas():
    for kind in ("t1", "gm", "wm"):
        data, grid = mni152(kind)
        assert data.dtype == np.uint8
        assert grid.fits(regions()[1])
        assert np.array_equal(data, data[::-1])
    assert grid.to_world([98, 134, 72]).tolist() == [0, 0, 0]


def test_template_refuses_other_kinds():
    with pytest.raises(ValueError, match="t1, gm and wm, not 'csf'"):
        mni152("csf")


def test_priors_are_probabilities_on_every_second_voxel():
    classes, shares, grid = priors()
    assert classes == CLASSES
    assert shares.shape == (len(CLASSES), *grid.shape)
    assert np.allclose(shares.sum(axis=0), 1, atol=1e-6)
    assert shares.min() >= 0
    assert grid.voxel_size_mm == (2, 2, 2)
    assert grid.to_world([49, 67, 36]).tolist() == [0, 0, 0]
    assert np.array_equal(shares, shares[:, ::-1])


def test_priors_agree_with_the_template():
    classes, shares, _ = priors()
    brain = mni152("t1")[0][::2, ::2, ::2] > 0
    assert shares[0][brain].mean() < 0.02
    white, grey = (mni152(kind)[0][::2, ::2, ::2] > 200 for kind in ("wm", "gm"))
    assert shares[classes.index("cerebral white matter")][white].mean() > 0.6
    likely = shares[[classes.index("cerebral cortex"), classes.index("cerebral white matter")]]
    assert likely[0][grey].sum() > 2 * likely[1][grey].sum()


def test_every_voxel_of_the_brain_has_a_region():
    brain = mni152("t1")[0] > 0
    assert (regions()[0].labels[brain] > 0).all()


def test_every_label_is_named_and_every_name_is_there():
    assert np.unique(regions()[0].labels).tolist() == [0, *region_names()]
    assert np.unique(territories()[0].labels).tolist() == [0, *territory_names()]
    names = list(region_names().values())
    assert len(set(names)) == len(names)
    assert [r.side for r in names[:4]] == ["left", "right", "left", "right"]


@pytest.mark.parametrize(
    ("atlas", "paired"), [(regions, len(PAIRED)), (territories, len(TERRITORIES))]
)
def test_left_mirrors_right(atlas, paired):
    labels = atlas()[0].labels
    paired *= 2
    exchanged = np.arange(labels.max() + 1)
    exchanged[1 : paired + 1] = exchanged[1 : paired + 1].reshape(-1, 2)[:, ::-1].ravel()
    middle = labels.shape[0] // 2
    assert np.array_equal(labels[:middle], exchanged[labels[::-1][:middle]])
    left = (labels % 2 == 1) & (labels <= paired)
    right = (labels % 2 == 0) & (labels > 0) & (labels <= paired)
    assert not left[middle + 1 :].any()
    assert not right[: middle + 1].any()


def test_fluid_has_no_territory_and_tissue_has_one():
    found, _ = regions()
    fluid = found.where(lambda r: "ventricle" in r.name or "csf" in r.name)
    tissue = (found.labels > 0) & ~fluid
    assert np.array_equal(territories()[0].labels > 0, tissue)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("thalamus", 9, 22), ("caudate", 5, 13), ("putamen", 7, 16), ("pallidum", 2, 6),
        ("hippocampus", 5, 13), ("midbrain", 5, 14), ("pons", 11, 24), ("medulla", 3, 10),
        ("lateral ventricle", 8, 40), ("corpus callosum, genu", 2, 15),
        ("internal capsule", 4, 25), ("external capsule", 2, 20), ("insular cortex", 8, 25),
    ],
)  # fmt: skip
def test_volumes_are_those_of_a_large_adult_brain(name, least, most):
    assert least < volume_ml(name) < most


def test_places_are_in_anatomical_order():
    side = "right"
    front = [f"corpus callosum, {part}" for part in ("splenium", "body", "genu")]
    places = [centre_mm(name, side)[1] for name in front]
    assert places == sorted(places)
    up = [centre_mm(name, side)[2] for name in ("medulla", "pons", "midbrain")]
    assert up == sorted(up)
    out = ["thalamus", "internal capsule", "putamen", "external capsule", "insular cortex"]
    lateral = [centre_mm(name, side)[0] for name in out]
    assert lateral == sorted(lateral)
    assert centre_mm("frontal cortex", "left")[1] > centre_mm("parietal cortex", "left")[1]
    assert centre_mm("occipital cortex", "left")[1] < centre_mm("temporal cortex", "left")[1]


def test_packed_files_hold_no_pickles():
    assert all(array.dtype != object for array in packed("regions.npz").values())
