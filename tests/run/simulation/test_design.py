from __future__ import annotations

from pathlib import Path

import pytest

from arteriole.phantom.scanner.protocol import DEMO, UKB_SWI
from arteriole.run.simulation.design import Design, acquisition_label
from arteriole.run.simulation.placed import Placed


def test_labels_count_from_one_with_two_digits_or_more():
    assert Design(subjects=2).subject_labels == ("01", "02")
    assert Design(subjects=2, sessions=100).subject_labels == ("001", "002")


def test_label_maps_are_taken_in_turn():
    maps = (Path("a.nii.gz"), Path("b.nii.gz"))
    design = Design(subjects=3, label_maps=maps)
    assert [design.label_map(s) for s in design.subject_labels] == [maps[0], maps[1], maps[0]]
    assert Design().label_map("01") is None


def test_acquisition_label_is_one_of_bids():
    assert acquisition_label(UKB_SWI) == "UKBiobankSWI"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subjects": 0}, "count from one, not 0, 1"),
        ({"sessions": 0}, "count from one, not 1, 0"),
        ({"protocols": (DEMO, DEMO)}, "names of their own"),
        ({"protocols": ()}, "names of their own"),
        ({"age_y": (80.0, 60.0)}, "youngest first"),
        ({"severity": 4.0}, r"severity lies in \[0, 3\], not 4.0"),
        (
            {"placed": (Placed("microbleed", (24.0, 2.0, 1.0), 1.0),), "protocols": (UKB_SWI,)},
            r"a lesion of 1 mm .* is smaller than a voxel of 'UK Biobank SWI'",
        ),
        ({"dicom": "acme"}, "siemens, philips, ge, not 'acme'"),
    ],
)
def test_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        Design(**change)
