from __future__ import annotations

import numpy as np
import pytest

from arteriole.phantom.anatomy.label_table import BRAIN, CEREBRUM, NAMES, chosen, code, named


def row(*labels: int) -> np.ndarray:
    return np.array(labels, dtype=np.int32).reshape(1, 1, -1)


def names_of(labels, **extra):
    marked, _ = named(labels, extra=extra.get("extra", {}))
    return [NAMES[c] for c in marked.ravel()]


def test_both_sides_have_one_name():
    assert names_of(row(2, 41, 3, 42, 17, 53)) == [
        "white matter", "white matter", "cortex", "cortex", "hippocampus", "hippocampus",
    ]  # fmt: skip


def test_parcels_of_the_cortex_and_lesions_are_known():
    assert names_of(row(1001, 2035, 25, 57, 77, 251)) == ["cortex"] * 2 + ["white matter"] * 4


def test_small_vessels_take_their_neighbours_name():
    marked, fill = named(row(12, 30, 12), extra={})
    assert fill
    assert marked.ravel().tolist() == [code("putamen"), 255, code("putamen")]
    assert not named(row(12, 12), extra={})[1]


def test_extra_names_further_labels():
    assert names_of(row(900, 2), extra={900: "thalamus"}) == ["thalamus", "white matter"]
    assert names_of(row(502), extra={502: "csf"}) == ["csf"]


def test_unknown_labels_are_refused_with_their_counts():
    with pytest.raises(ValueError, match=r"unknown labels: 900 \(2 voxels\), 901 \(1 voxels\)"):
        named(row(900, 901, 900, 2), extra={})
    with pytest.raises(ValueError, match=r"extra=\{label: name\}"):
        named(row(900), extra={})


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"extra names \['brian'\]"):
        named(row(2), extra={900: "brian"})


def test_labels_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"not \[-1, 2\]"):
        named(row(-1, 2), extra={})


def test_a_table_of_names():
    assert chosen(("cortex",)).sum() == 1
    assert set(CEREBRUM) < set(BRAIN) < set(NAMES)
    assert "brainstem" not in CEREBRUM
