from __future__ import annotations

from arteriole.brain.freesurfer import PARCELS, freesurfer_lobes, freesurfer_regions
from arteriole.brain.region_map import Region, is_ventricle


def test_well_known_labels():
    regions = freesurfer_regions()
    assert regions[12] == Region("putamen", "left")
    assert regions[52] == Region("pallidum", "right")
    assert regions[16] == Region("brainstem")
    assert regions[1028] == Region("superior frontal cortex", "left")
    assert regions[2035] == Region("insula cortex", "right")
    assert regions[4011] == Region("lateral occipital white matter", "right")


def test_sides_mirror_each_other():
    regions = freesurfer_regions()
    left = sorted(r.name for r in regions.values() if r.side == "left")
    right = sorted(r.name for r in regions.values() if r.side == "right")
    assert left == right
    assert len(set(regions.values())) == len(regions)


def test_ventricles_are_the_lateral_and_the_third():
    found = {label for label, region in freesurfer_regions().items() if is_ventricle(region)}
    assert found == {4, 5, 14, 43, 44}


def test_each_parcel_lies_in_one_lobe():
    """All but the corpus callosum, which is no cortex."""
    assert len(PARCELS) == 35
    lobes = freesurfer_lobes()
    left = [
        label
        for lobe, labels in lobes.items()
        if lobe.side == "left" and "cortex" in lobe.name
        for label in labels
    ]
    assert sorted(left) == [label for label in range(1001, 1036) if label != 1004]
    assert 1024 in lobes[Region("frontal cortex", "left")]
    assert 2022 in lobes[Region("parietal cortex", "right")]
    assert 3005 in lobes[Region("occipital white matter", "left")]
