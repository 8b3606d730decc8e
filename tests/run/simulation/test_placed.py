"""Lesions at places of the template: as words, and in a head."""

from __future__ import annotations

import numpy as np
import pytest

from arteriole.errors import CommandError
from arteriole.phantom.head import Head
from arteriole.run.simulation.placed import Placed, parse_placed, with_placed
from bare_head import bare_head


@pytest.fixture(scope="module")
def head() -> Head:
    return bare_head()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("microbleed,24,-2,1,2.5", Placed("microbleed", (24.0, -2.0, 1.0), 2.5)),
        ("flow void, 1,2,3,4,-0.02", Placed("flow void", (1.0, 2.0, 3.0), 4.0, -0.02)),
        (
            "calcification,1,2,3,4,midbrain",
            Placed("calcification", (1.0, 2.0, 3.0), 4.0, None, "midbrain"),
        ),
        ("microbleed,1,2,3,4,2,insula", Placed("microbleed", (1.0, 2.0, 3.0), 4.0, 2.0, "insula")),
    ],
)
def test_words(text, expected):
    assert parse_placed(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "lacune,1,2,3,4", "microbleed,1,2,3", "microbleed,1,2,nan,4"],
)
def test_refuses_words(text):
    with pytest.raises(
        CommandError, match=r"KIND,X,Y,Z,D\[,CHI\]\[,REGION\] with KIND one of micr"
    ):
        parse_placed(text)


@pytest.mark.parametrize("region", ["knee", "6"])
def test_refuses_an_unknown_region(region):
    with pytest.raises(CommandError, match=f"no region is called '{region}'; frontal lobe, pari"):
        parse_placed(f"microbleed,1,2,3,4,5,{region}")


def test_it_lies_where_the_heads_own_frame_says(head):
    wanted = (Placed("microbleed", (-12.0, -18.0, 8.0), 2.0, 1.2, "thalamus"),)
    (lesion,) = with_placed(head, wanted).lesions
    back = head.anatomy.frame.to_template(*np.array(lesion.truth.centre_mm)[:, None])
    np.testing.assert_allclose(np.ravel(back), wanted[0].template_mm, atol=0.1)
    assert (lesion.truth.side, lesion.truth.chi_ppm) == ("left", 1.2)
    assert with_placed(head, ()) is head


def test_refuses_a_lesion_outside_its_region(head):
    wanted = (Placed("microbleed", (-12.0, -18.0, 8.0), 2.0, None, "frontal lobe"),)
    words = "--at microbleed,-12,-18,8,2,frontal lobe: .* outside the frontal lobe: the left thala"
    with pytest.raises(CommandError, match=words):
        with_placed(head, wanted)
