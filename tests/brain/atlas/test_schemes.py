"""MARS and BOMBS over all regions of the atlas."""

from __future__ import annotations

import pytest

from arteriole.brain.atlas.names import region_names
from arteriole.brain.atlas.schemes import BOMBS_ITEMS, MARS_ITEMS, bombs_place, mars_place
from arteriole.brain.region_map import Region

FLUID = ("lateral ventricle", "third ventricle", "fourth ventricle", "sulcal csf")


@pytest.mark.parametrize(
    ("scheme", "items"), [(mars_place, MARS_ITEMS), (bombs_place, BOMBS_ITEMS)]
)
def test_every_region_has_a_place_and_every_item_a_region(scheme, items):
    places = {region: scheme(region) for region in region_names().values()}
    assert {r.name for r, place in places.items() if place is None} == set(FLUID)
    found = {(p.group, p.item) for p in places.values() if p}
    assert found == {(group, item) for group, row in items.items() for item in row}
    assert all(place.side == region.side for region, place in places.items() if place)


def test_mars_has_thirteen_items():
    assert sum(map(len, MARS_ITEMS.values())) == 13


@pytest.mark.parametrize(
    ("name", "mars", "bombs"),
    [
        ("frontal cortex", ("frontal", "lobar"), "lobar"),
        ("insular cortex", ("insula", "lobar"), "lobar"),
        ("anterior cingulate cortex", ("frontal", "lobar"), "lobar"),
        ("posterior cingulate cortex", ("parietal", "lobar"), "lobar"),
        ("hippocampus", ("temporal", "lobar"), "lobar"),
        ("temporal white matter, subcortical", ("temporal", "lobar"), "lobar"),
        ("temporal white matter, deep", ("temporal", "lobar"), "lobar"),
        ("putamen", ("basal ganglia", "deep"), "deep"),
        ("thalamus", ("thalamus", "deep"), "deep"),
        ("internal capsule", ("internal capsule", "deep"), "deep"),
        ("corpus callosum, body", ("corpus callosum", "deep"), "lobar"),
        ("pons", ("brainstem", "infratentorial"), "posterior fossa"),
        ("cerebellar white matter", ("cerebellum", "infratentorial"), "posterior fossa"),
    ],
)
def test_places(name, mars, bombs):
    place = mars_place(Region(name, "left"))
    assert (place.item, place.group, place.side) == (*mars, "left")
    assert bombs_place(Region(name, "left")).group == bombs


@pytest.mark.parametrize(
    ("depth", "by_ventricle", "by_cortex"),
    [
        ("subcortical", "lobar", "lobar"),
        ("deep", "lobar", "deep"),
        ("periventricular", "deep", "deep"),
    ],
)
def test_depth_of_white_matter_follows_the_rule(depth, by_ventricle, by_cortex):
    region = Region(f"occipital white matter, {depth}", "right")
    assert mars_place(region).group == by_ventricle
    assert mars_place(region, deep_by="cortex").group == by_cortex


def test_refusals():
    with pytest.raises(ValueError, match="'claustrum' is no region of the atlas"):
        mars_place(Region("claustrum"))
    with pytest.raises(ValueError, match="'claustrum' is no region of the atlas"):
        bombs_place(Region("claustrum"))
    with pytest.raises(ValueError, match="'ventricle' or 'cortex', not 'depth'"):
        mars_place(Region("pons"), deep_by="depth")
