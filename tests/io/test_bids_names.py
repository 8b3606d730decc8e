from __future__ import annotations

import pytest

from arteriole.io.bids_names import parse_name


def test_a_name_is_taken_apart_and_put_together():
    name = parse_name("sub-01_ses-a_echo-2_part-phase_MEGRE.nii.gz")
    assert name.entities == {"sub": "01", "ses": "a", "echo": "2", "part": "phase"}
    assert (name.suffix, name.extension) == ("MEGRE", ".nii.gz")
    assert name.text == "sub-01_ses-a_echo-2_part-phase_MEGRE"
    assert name.without("echo", "part").text == "sub-01_ses-a_MEGRE"


@pytest.mark.parametrize(
    "name", ["._sub-01_MEGRE.nii", "sub-01_echo_MEGRE.nii", "sub-01.nii", "sub-_MEGRE.nii", ".nii"]
)
def test_what_is_no_bids_name(name):
    assert parse_name(name) is None
