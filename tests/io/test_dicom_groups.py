from __future__ import annotations

import numpy as np
import pytest

from arteriole.io.dicom_groups import group_volumes, has_geometry
from synthetic_frames import frame, frames, volume

EVEN = tuple(np.arange(8) * 3.0)
PHASE = {"ImageType": ["ORIGINAL", "PRIMARY", "P"]}


def described(volumes):
    return [(v.first.number("SeriesNumber"), v.part, v.te_ms, len(v.frames)) for v in volumes]


def test_parts_and_echoes_of_one_series_become_volumes_in_order():
    mixed = [
        *frames(EVEN, EchoTime=40.0, **PHASE), *frames(EVEN), *frames(EVEN, EchoTime=40.0),
        *frames(EVEN, **PHASE),
    ]  # fmt: skip
    assert described(group_volumes(mixed)) == [
        (3, "mag", 20.0, 8), (3, "mag", 40.0, 8), (3, "phase", 20.0, 8), (3, "phase", 40.0, 8),
    ]  # fmt: skip


def test_slices_are_sorted_along_the_normal_whatever_their_order(rng):
    shuffled = rng.permutation(EVEN)
    (found,) = group_volumes(frames(shuffled))
    assert found.depths_mm.tolist() == list(EVEN)


def test_sagittal_slices_are_sorted_along_x():
    sagittal = {"ImageOrientationPatient": [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]}
    slices = [frame(ImagePositionPatient=[x, 0.0, 0.0], **sagittal) for x in (6.0, 0.0, 3.0)]
    (found,) = group_volumes(slices)
    assert np.diff(found.depths_mm).tolist() == [3.0, 3.0]


def test_sop_class_and_stack_divide_a_series():
    mixed = [
        *frames(EVEN), *frames(EVEN, SOPClassUID="1.2.840.10008.5.1.4.1.1.4.1"),
        *frames(EVEN, Rows=16), *frames(EVEN, ImageOrientationPatient=[0, 1, 0, 0, 0, -1]),
    ]  # fmt: skip
    assert len(group_volumes(mixed)) == 4


def test_repetitions_become_volumes_of_their_own():
    repeated = [f for t in (1, 2, 3) for f in frames(EVEN, TemporalPositionIdentifier=t)]
    assert [len(v.frames) for v in group_volumes(repeated)] == [8, 8, 8]


def test_positions_twice_without_a_reason_stay_together_for_the_check():
    assert [len(v.frames) for v in group_volumes(frames((*EVEN, 6.0)))] == [9]


def test_ct_is_not_divided_by_image_type_as_ge_changes_it_midway():
    ct = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "ConvolutionKernel": "STD+"}
    head = [*frames(EVEN[:4], **ct), *frames(EVEN[4:], **(ct | {"ImageType": ["ORIGINAL"]}))]
    assert len(group_volumes(head)) == 1
    kernels = [*frames(EVEN, **ct), *frames(EVEN, **(ct | {"ConvolutionKernel": "BONE"}))]
    assert len(group_volumes(kernels)) == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"ImagePositionPatient": None},
        {"PixelSpacing": [0.0, 1.0]},
        {"Rows": None},
        {"ImageOrientationPatient": [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]},
        {"ImageOrientationPatient": [0.0] * 6},
    ],
)
def test_a_frame_without_its_place_is_told(facts):
    assert has_geometry(frame())
    assert not has_geometry(frame(**facts))


def test_time_of_day_is_read_from_classic_and_multi_frame_headers():
    assert volume(AcquisitionTime="101530.50").time_s == pytest.approx(36930.5)
    assert volume(FrameAcquisitionDateTime="20200102101530.50").time_s == pytest.approx(36930.5)
    assert volume(AcquisitionTime="noon").time_s is None
    assert volume().time_s is None
