from __future__ import annotations

import numpy as np

from arteriole.io.dicom_acquisitions import sort_acquisitions
from synthetic_frames import volume

EVEN = tuple(np.arange(8) * 3.0)


def gre(part="M", te=20.0, series=3, time="100000", places=EVEN, **facts):
    return volume(
        places,
        ImageType=["ORIGINAL", "PRIMARY", part],
        EchoTime=te,
        SeriesNumber=series,
        SeriesInstanceUID=f"1.{series}",
        AcquisitionTime=time,
        **facts,
    )


def slots(volumes):
    return [sorted(a.slots) for a in sort_acquisitions(volumes).acquisitions]


def test_magnitude_and_phase_in_two_series_are_one_acquisition():
    assert slots([gre(), gre("P", series=4)]) == [[("mag", 20.0), ("phase", 20.0)]]


def test_echoes_in_series_of_their_own_join_by_time():
    assert len(slots([gre(te=10.0), gre(te=20.0, series=4)])) == 1
    assert len(slots([gre(te=10.0), gre(te=20.0, series=4, time="101000")])) == 2


def test_two_runs_keep_their_own_phase_in_any_order():
    first, second = [gre(), gre("P", series=4)], [
        gre(series=5, time="110000"), gre("P", series=6, time="110000"),
    ]  # fmt: skip
    paired = [*first, *second]
    parts_apart = [first[0], second[0], first[1], second[1]]
    for order in (paired, parts_apart):
        found = sort_acquisitions(order).acquisitions
        assert [[v.first.number("SeriesNumber") for v in a.volumes] for a in found] == [
            [3, 4],
            [5, 6],
        ]


def test_phase_without_a_time_joins_the_only_one_that_lacks_it():
    assert len(slots([gre(time=None), gre("P", series=4, time=None)])) == 1
    lonely = [gre(), gre(series=5, time="110000"), gre("P", series=6, time=None)]
    assert len(slots(lonely)) == 3


def test_another_matrix_or_repetition_time_is_another_acquisition():
    assert len(slots([gre(), gre("P", series=4, Rows=16)])) == 2
    assert len(slots([gre(), gre("P", series=4, RepetitionTime=40.0)])) == 2


def test_a_short_lone_magnitude_is_t1_by_name_or_unused():
    plain = sort_acquisitions([gre(te=3.0)])
    assert plain.acquisitions == []
    assert "gradient echo of 3 ms without phase" in plain.unused[0][1]
    named = sort_acquisitions([gre(te=3.0, SeriesDescription="SAG MPRAGE")])
    assert [a.kind for a in named.acquisitions] == ["T1w"]
    field_map = sort_acquisitions([gre(te=3.0), gre(te=5.0, series=3)])
    assert [a.kind for a in field_map.acquisitions] == ["gre"]


def test_phase_of_a_t1_is_not_used():
    found = sort_acquisitions([gre("P", te=3.0, InversionTime=900.0)])
    assert found.acquisitions == []
    assert found.unused[0][1] == "phase of a T1w image"


def test_a_missing_part_is_named():
    (found,) = sort_acquisitions(
        [gre(te=10.0), gre(te=20.0, series=3), gre("P", te=10.0, series=4)]
    ).acquisitions
    assert found.gaps == ["echo 2 (20 ms) has no phase image, other echoes do"]


def test_a_slice_that_only_one_echo_lacks_is_named_with_its_echo():
    (found,) = sort_acquisitions([gre(te=10.0), gre(te=20.0, places=EVEN[:-1])]).acquisitions
    (fault,) = found.faults
    assert fault == "mag of echo 2: 1 slice is missing: 8 of 8 at (5.0, 6.0, 21.0) mm"
