from __future__ import annotations

import numpy as np
import pytest

from arteriole.io.dicom_checks import fault_of
from synthetic_frames import volume

EVEN = np.arange(8) * 3.0
CT = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "ScanningSequence": None}


def fault(places, stack=None, **facts):
    checked = volume(places, **facts)
    return fault_of(checked, checked.depths_mm if stack is None else np.asarray(stack))


def test_a_whole_stack_has_no_fault():
    assert fault(EVEN) == ""


def test_one_slice_short_names_its_number_and_place():
    assert fault(np.delete(EVEN, 4)) == "1 slice is missing: 5 of 8 at (5.0, 6.0, 12.0) mm"


def test_several_slices_short_names_the_first_three():
    text = fault(np.delete(np.arange(12) * 3.0, [2, 4, 6, 8]))
    assert text.startswith("4 slices are missing: 3 of 12 at (5.0, 6.0, 6.0) mm, 5 of 12")
    assert text.endswith("and 1 more")


def test_a_slice_missing_at_the_end_shows_by_the_other_echoes():
    assert fault(EVEN[:-1], stack=EVEN) == "1 slice is missing: 8 of 8 at (5.0, 6.0, 21.0) mm"


@pytest.mark.parametrize("said", [{"PhilipsSlices": 8}, {"GeLocations": 8}])
def test_a_slice_missing_at_the_end_shows_by_the_vendor_s_number(said):
    assert fault(EVEN[:-1], **said) == "7 of 8 slices are there: slices at an end are missing"
    assert fault(EVEN, **said) == ""


def test_philips_counts_all_stacks_together():
    assert fault(EVEN, PhilipsSlices=24, PhilipsStacks=3) == ""


def test_a_slice_twice_is_named():
    assert "1 slices are there more than once" in fault(np.sort([*EVEN, 6.0]))


def test_uneven_slices_are_refused_for_mr_and_kept_for_ct():
    places = [0.0, 4.0, 8.0, 12.0, 19.0, 26.0, 33.0]
    assert "4.00 to 7.00 mm apart" in fault(places)
    assert fault(places, **CT) == ""


def test_a_ct_gap_of_twice_its_neighbours_is_a_missing_slice():
    text = fault(np.delete(np.arange(8) * 5.0, 3), **CT)
    assert text.startswith("1 slice is missing: 4 of 8")


def test_small_jitter_of_positions_is_no_fault():
    assert fault(EVEN + np.array([0, 0.02, -0.02, 0.01, 0, 0.02, 0, 0])) == ""


def test_mixed_scaling_is_refused():
    slices = volume(EVEN, RescaleSlope=2.0)
    other = volume(EVEN[:1], RescaleSlope=3.0)
    mixed = type(slices)((other.frames[0], *slices.frames[1:]), "mag")
    assert fault_of(mixed, mixed.depths_mm) == "slices have 2 different rescale slopes"


def test_a_header_that_claims_too_much_is_refused_before_memory_is_taken():
    assert "GiB are more" in fault(EVEN, Rows=65535, Columns=65535)


def test_a_leaning_mr_stack_is_refused():
    slices = [volume([z], ImagePositionPatient=[0.0, z / 10, z]).frames[0] for z in EVEN]
    leaning = type(volume())(tuple(slices), "mag")
    assert "sideways" in fault_of(leaning, leaning.depths_mm)
