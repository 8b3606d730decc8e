from __future__ import annotations

import numpy as np
import pytest

from arteriole.brain.region_map import Region, RegionMap, is_ventricle, region_called


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Left-Lateral-Ventricle", Region("lateral ventricle", "left")),
        ("Right_Caudate", Region("caudate", "right")),
        ("ctx-lh-superiorfrontal", Region("superiorfrontal", "left")),
        ("rh insula", Region("insula", "right")),
        ("Brain-Stem", Region("brain stem")),
        ("CSF", Region("CSF")),
        ("leftover", Region("leftover")),
    ],
)
def test_names_of_tables(text, region):
    assert region_called(text) == region


def test_ventricles_are_told_by_name():
    yes = ("lateral ventricle", "inferior lateral ventricle", "third ventricle", "ventricular csf")
    no = ("fourth ventricle", "4th ventricle", "choroid plexus of ventricle", "csf", "putamen")
    assert all(is_ventricle(Region(name)) for name in yes)
    assert not any(is_ventricle(Region(name)) for name in no)


def test_where_takes_the_labels_of_the_regions_asked_for():
    labels = np.array([[[0, 4, 43, 14, 15]]], np.int32)
    names = {4: Region("lateral ventricle", "left"), 43: Region("lateral ventricle", "right")}
    regions = RegionMap(labels, names)
    np.testing.assert_array_equal(
        regions.where(is_ventricle), [[[False, True, True, False, False]]]
    )
    assert not regions.where(lambda region: region.name == "nothing").any()
    assert regions.region(14) == Region("label 14")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((2, 2), np.int32), "2-D int32"),
        (np.zeros((2, 2, 2), np.float32), "3-D float32"),
        (np.full((2, 2, 2), -1, np.int32), "0 or more, not -1"),
    ],
)
def test_refuses(labels, message):
    with pytest.raises(ValueError, match=message):
        RegionMap(labels, {})
